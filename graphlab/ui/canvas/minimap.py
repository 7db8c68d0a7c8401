"""The whole graph in small, in a corner of the canvas, with the view as a rectangle. Shown while not all is in view."""

from __future__ import annotations

from collections.abc import Iterable
from operator import is_
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, QVariantAnimation, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from ...ops import CATEGORIES
from .. import settings
from ..colour import alpha, mix
from ..icons import icon
from ..painting import painting
from ..theme import theme, theme_changed
from .batches import draw_lines, draw_rects
from .ink import inks, take_pen

if TYPE_CHECKING:
    from .view import CanvasView

_SHARE, _LEAST, _MOST = 0.22, 150, 220  # its width: of the canvas, and in pixels
_FLAT, _ASPECT = 0.34, 0.62  # its height: of its width, at least and at most
_PAD, _EDGE, _TABS = 7.0, 12, 46  # inside, to the canvas's edge, and to it where port tabs are
_ROOM_X, _ROOM_Y = 520, 340  # on a smaller canvas it would be in the way
_BLOCK = 2.0  # pixels of a node, at least
_WIRES = 4000  # beyond that they would be a grey cloud
_MARKS = 300  # of one kind
_AFTER = 50  # milliseconds: while nodes are dragged it is drawn anew no more often
_FADE = 140
_STEP = 0.15  # of the view: by an arrow key
_WHEEL = 1.0016


class Minimap(QWidget):
    """A click jumps, a drag pans, the wheel zooms; arrows, + and − do so by keyboard.

    Nodes are painted into a picture that is kept until they move; over it go the view and what is selected, stopped at
    or computed at the moment.
    """

    switched = Signal()  # somebody wants it, or no longer

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self.wanted = settings.text("minimap", "yes") == "yes"
        self._picture: QPixmap | None = None
        self._rows: NDArray[np.float64] = np.empty((0, 4))  # of the nodes, on the map
        self._faulty: list[QPointF] = []  # where there are faults, on the map
        self._bounds, self._content = QRectF(), QRectF()  # as drawn, and as it is now
        self._values: tuple[object, ...] = ()  # what was told last, compared by value
        self._things: tuple[object, ...] = (None,) * 4  # and by identity
        self._grip: QPointF | None = None  # from the middle of the view to where it was taken hold of
        self._opacity, self._is_coming = 0.0, False
        self._fade = QVariantAnimation(self, duration=_FADE)
        self._fade.valueChanged.connect(self._faded)
        self._redraw = QTimer(self, singleShot=True, interval=_AFTER)
        self._redraw.timeout.connect(self._forget)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Minimap")
        self.setAccessibleDescription(
            "The whole graph in small; the rectangle is what the canvas shows. Arrows move it, + and − zoom."
        )
        theme_changed.connect(self._forget)
        view.session.inference_changed.connect(self._forget)
        self.hide()
        self.lower()  # whatever opens over the canvas lies over this, too

    # When it is there

    def set_wanted(self, on: bool) -> None:
        """Whether it is shown at all; remembered."""
        self.wanted = on
        settings.settings().setValue("minimap", "yes" if on else "no")
        self.follow()
        self.switched.emit()

    def place(self) -> None:
        """In the lower right corner, no higher than what it shows."""
        view, content = self._view, self._content
        width = round(min(max(view.width() * _SHARE, _LEAST), _MOST))
        tall = content.height() / max(content.width(), 1.0) * (width - 2 * _PAD) + 2 * _PAD
        height = round(min(max(tall, width * _FLAT), width * _ASPECT))
        edge = _TABS if view.session.inside else _EDGE
        self.setGeometry(view.width() - width - edge, view.height() - height - _EDGE, width, height)

    def follow(self) -> None:
        """To be called after every frame of the canvas; cheap when nothing is another."""
        view, scene, session = self._view, self._view.scene, self._view.session
        values = scene.version, view.camera.state(), view.size(), view.live.lit, self.wanted
        things = scene.document, session.selection, view.found, session.all_breakpoints
        if values == self._values and all(map(is_, things, self._things)):
            return
        if values[:1] != self._values[:1] or things[0] is not self._things[0]:
            self._content = self._extent()
            if not self._redraw.isActive():
                self._redraw.start()
        self._values, self._things = values, things
        self.place()
        self._come(self._is_needed())
        self.update()

    def _is_needed(self) -> bool:
        view, bounds = self._view, self._content
        if not self.wanted or bounds.isEmpty() or view.width() < _ROOM_X or view.height() < _ROOM_Y:
            return False
        seen = view.camera.world_rect(QRectF(view.rect()).adjusted(-1, -1, 1, 1))
        return not seen.contains(bounds)

    def _come(self, needed: bool) -> None:
        if needed == self._is_coming:
            return
        self._is_coming = needed
        self._fade.stop()
        if needed:
            self.show()
        if not self._view.motion.enabled or not self._view.isVisible():
            self._faded(float(needed))
            return
        self._fade.setStartValue(self._opacity)
        self._fade.setEndValue(float(needed))
        self._fade.start()

    def _faded(self, opacity: float) -> None:
        self._opacity = float(opacity)
        if not self._is_coming and self._opacity <= 0.01:
            if self.hasFocus():
                self._view.setFocus(Qt.FocusReason.OtherFocusReason)
            self.hide()
        self.update()

    # Where things are

    def _extent(self) -> QRectF:
        """All there is, in canvas units: nodes, notes and frames."""
        scene = self._view.scene
        whole = QRectF()
        if len(scene.rects):
            low = scene.rects[:, :2].min(axis=0)
            high = (scene.rects[:, :2] + scene.rects[:, 2:]).max(axis=0)
            whole = QRectF(QPointF(*low.tolist()), QPointF(*high.tolist()))
        for rect in (*self._notes(), *self._frames()):
            whole = whole.united(rect)
        return whole

    def _notes(self) -> list[QRectF]:
        scene = self._view.scene
        return [scene.note_rect(note) for note in scene.document.notes]

    def _frames(self) -> list[QRectF]:
        boards = self._view.scene.boards
        return [boards.rect(frame) for frame in boards.frames]

    def _scale(self) -> tuple[float, float, float]:
        """(factor, x, y): pixel = place · factor + (x, y)."""
        bounds = self._bounds
        width, height = max(bounds.width(), 1.0), max(bounds.height(), 1.0)
        factor = min((self.width() - 2 * _PAD) / width, (self.height() - 2 * _PAD) / height)
        centre = bounds.center()
        return factor, self.width() / 2 - centre.x() * factor, self.height() / 2 - centre.y() * factor

    def pixel(self, place: QPointF) -> QPointF:
        """Where a place of the canvas is on the map."""
        factor, x, y = self._scale()
        return QPointF(place.x() * factor + x, place.y() * factor + y)

    def world(self, pixel: QPointF) -> QPointF:
        """The place of the canvas that a pixel of the map shows."""
        factor, x, y = self._scale()
        return QPointF((pixel.x() - x) / factor, (pixel.y() - y) / factor)

    def _pixels(self, rects: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rows of x, y, width, height on the map, none too small to be seen."""
        factor, x, y = self._scale()
        rows = np.empty_like(rects)
        rows[:, 2:] = np.maximum(rects[:, 2:] * factor, _BLOCK)
        middles = (rects[:, :2] + rects[:, 2:] / 2) * factor + (x, y)
        rows[:, :2] = middles - rows[:, 2:] / 2
        return rows

    def view_rect(self) -> QRectF:
        """What the canvas shows, as a rectangle on the map that can be seen however far away it is."""
        view = self._view
        seen = view.camera.world_rect(QRectF(view.rect()))
        rect = QRectF(self.pixel(seen.topLeft()), self.pixel(seen.bottomRight()))
        room = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        left, top = min(rect.left(), room.right() - 6), min(rect.top(), room.bottom() - 6)
        right, bottom = max(rect.right(), room.left() + 6), max(rect.bottom(), room.top() + 6)
        return QRectF(QPointF(left, top), QPointF(right, bottom)).intersected(room)

    # Painting

    def _forget(self, *_: object) -> None:
        self._picture = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setOpacity(self._opacity)
            painter.drawPixmap(0, 0, self._kept())
            self._moment(painter)

    def _kept(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        made = self._picture
        if made is None or made.size() / ratio != self.size() or made.devicePixelRatio() != ratio:
            self._bounds = self._content
            self._rows = self._pixels(self._view.scene.rects)
            problems = self._view.looks.inference.problems
            self._faulty = self._middles(self._rows, {problem.node_id for problem in problems})
            made = QPixmap(self.size() * ratio)
            made.setDevicePixelRatio(ratio)
            made.fill(Qt.GlobalColor.transparent)
            with painting(made) as painter:
                self._draw(painter)
            self._picture = made
        return made

    def _draw(self, painter: QPainter) -> None:
        """Ground, frames, notes, wires and nodes."""
        now, scene = theme(), self._view.scene
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(now.line)
        painter.setBrush(now.panel)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._cards(painter)
        rows = self._rows
        if 0 < len(scene.sources) <= _WIRES:
            middles = rows[:, :2] + rows[:, 2:] / 2
            take_pen(painter, mix(now.panel, now.line, 0.9))
            draw_lines(painter, np.concatenate([middles[scene.sources], middles[scene.targets]], axis=1))
        painter.setPen(Qt.PenStyle.NoPen)
        for k, category in enumerate((*CATEGORIES, "")):
            mine = scene.families == k
            for muted in (False, True):
                chosen = rows[mine & (scene.muted == muted)]
                colour = inks().family(category)
                painter.setBrush(mix(now.panel, colour, 0.35 if muted else 0.8))
                draw_rects(painter, chosen)

    def _cards(self, painter: QPainter) -> None:
        for rects, fill, edge in (
            (self._frames(), alpha(theme().secondary, 0.10), alpha(theme().secondary, 0.4)),
            (self._notes(), inks().note, inks().note_edge),
        ):
            painter.setPen(edge)
            painter.setBrush(fill)
            draw_rects(painter, self._pixels(np.array([r.getRect() for r in rects]).reshape(-1, 4)))

    def _faults(self, painter: QPainter) -> None:
        """Triangles: they are seen among blocks, whatever their colour."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        take_pen(painter, theme().panel)
        painter.setBrush(theme().error)
        for middle in self._faulty:
            corners = (QPointF(0, -5), QPointF(5, 4), QPointF(-5, 4))
            painter.drawPolygon(QPolygonF([middle + corner for corner in corners]))

    def _middles(self, rows: NDArray[np.float64], ids: Iterable[str]) -> list[QPointF]:
        index = self._view.scene.index
        found = [index[i] for i in ids if i in index][:_MARKS]
        return [QPointF(x + w / 2, y + h / 2) for x, y, w, h in rows[found].tolist()]

    def _moment(self, painter: QPainter) -> None:
        """What changes while nodes stay: hits, selection, stops, what is computed, and the view."""
        view, now = self._view, theme()
        scene, rows = view.scene, self._rows
        if len(rows) != len(scene.ids):  # nodes came or went; a picture of them is on its way
            self._window(painter)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(alpha(now.text, 0.07))
        painter.drawRoundedRect(self.view_rect(), 2, 2)
        if view.found is not None:
            painter.setBrush(now.found)
            draw_rects(painter, rows[view.found.rows(scene)])
        chosen = np.array([scene.index[i] for i in view.session.selection if i in scene.index], dtype=np.intp)
        for colour, rim in (
            (now.text, 2.5),
            (now.accent, 1.0),
        ):  # the rim tells it from a block of that colour
            painter.setBrush(colour)
            draw_rects(painter, rows[chosen] + (-rim, -rim, 2 * rim, 2 * rim))
        self._faults(painter)
        take_pen(painter, now.panel)
        painter.setBrush(now.error)
        for middle in self._middles(rows, {node for node, _ in view.session.breakpoints}):
            painter.drawEllipse(middle, 3.2, 3.2)
        node, phase = view.live.lit
        painter.setBrush(Qt.BrushStyle.NoBrush)
        take_pen(painter, now.phase(phase), 2)
        for middle in self._middles(rows, [node] if phase else []):
            painter.drawEllipse(middle, 6, 6)
        self._window(painter)

    def _window(self, painter: QPainter) -> None:
        now = theme()
        take_pen(painter, now.text, 1.4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.view_rect(), 2, 2)
        if self.hasFocus():
            take_pen(painter, now.accent, 2)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    # The hand

    def _look_at(self, place: QPointF) -> None:
        """Brings a place of the canvas to the middle of the view."""
        view = self._view
        away = view.middle - view.camera.screen(place)
        view.pan_by(away.x(), away.y())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        place, view = self.world(event.position()), self._view
        middle = view.camera.world(view.middle)
        inside = self.view_rect().contains(event.position())
        self._grip = place - middle if inside else QPointF()
        if not inside:
            self._look_at(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self._look_at(self.world(event.position()) - self._grip)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms about what is under the pointer, if that is in view; else about the middle."""
        view = self._view
        at = view.camera.screen(self.world(event.position()))
        if not QRectF(view.rect()).contains(at):
            at = view.middle
        view.zoom_by(_WHEEL ** event.angleDelta().y(), at)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())

    def menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(icon("frame"), "Frame all").triggered.connect(self._view.frame_all)
        hide = menu.addAction(icon("minimap"), "Hide the minimap")
        hide.setToolTip("View → Minimap shows it again")
        hide.triggered.connect(lambda: self.set_wanted(False))
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        view, key = self._view, Qt.Key(event.key())
        if key in _WAYS:
            x, y = _WAYS[key]
            view.pan_by(x * view.width() * _STEP, y * view.height() * _STEP)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            view.zoom_in()
        elif key == Qt.Key.Key_Minus:
            view.zoom_out()
        elif key == Qt.Key.Key_Escape:
            view.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().event(event)


_WAYS = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
