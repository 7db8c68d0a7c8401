"""A part of the plane with axes, a picture, lines and points by class; a hand moves and magnifies it.

Knows nothing of networks. Where things are and what the hand does stand here, painting in `plane_paint`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..painting import painting
from ..theme import theme_changed

LEFT, BOTTOM, EDGE = 46.0, 34.0, 8.0
NEAR = 9.0  # pixels within which the pointer is on something
ZOOM = 1.25
STEP = 0.1  # of the view that an arrow key goes
TURN = 0.01  # radians a pixel
LEAST, MOST = 1e-9, 1e9  # widths that a view may have

HANDS = (
    "Drag moves what is seen, the wheel magnifies it; so do the arrows, + and −. Double click or Home goes back. "
    "N and P go from point to point, Enter chooses one. In 3-D dragging and the arrows turn; with Shift arrows move."
)

Floats = NDArray[np.float64]
View = tuple[float, float, float, float]


@dataclass
class Stroke:
    """Lines of one kind: `pieces` (n, 2, 2) in the plane. `name` is written beside it, `key` says what it is of."""

    pieces: Floats
    colour: QColor
    width: float = 1.2
    dashed: bool = False
    name: str = ""
    key: object = None


@dataclass
class Dots:
    """Points (n, 2) with the class of each (−1: none), which of them are hollow, and colours in place of classes."""

    points: Floats = field(default_factory=lambda: np.zeros((0, 2)))
    labels: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    hollow: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    colours: list[QColor] | None = None
    depth: Floats | None = None  # the greater, the nearer to the eye


def around(points: Floats, room: float = 0.08) -> View:
    """A view that holds all these points with some room; of none, or of one place, a unit around it."""
    good = points[np.isfinite(points).all(axis=1)]
    if not len(good):
        return (-1.0, -1.0, 1.0, 1.0)
    low, high = good.min(axis=0), good.max(axis=0)
    span = np.where(high - low > 1e-12 * np.maximum(np.abs(high), 1e-300), high - low, 1.0)
    flat = span > high - low
    low, high = low - np.where(flat, 0.5, room * span), high + np.where(flat, 0.5, room * span)
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))


@dataclass
class Facets:
    """Pieces of a surface, the farthest first: corners (n, 4, 2) in the plane, and colours (n, 3) of red, green, blue.

    Those that are `broken` are hatched.
    """

    corners: Floats
    colours: NDArray[np.uint8]
    broken: NDArray[np.bool_]


class PlaneView(QWidget):
    """Set `picture`, `strokes`, `dots` and call `update`. `fit` is what double click and Home go back to.

    equal: a unit is as long upwards as to the right. turns: dragging turns (see `turned_by`) instead of moving.
    """

    pointed = Signal(object)  # the point under the pointer, None for none
    moved_over = Signal(object)  # where in the plane the pointer is, as (x, y); None for nowhere
    line_pointed = Signal(object)  # the key of the line under the pointer, None for none
    chosen = Signal(int)  # a point was clicked
    view_changed = Signal()
    turned_by = Signal(float, float)  # radians: about the upright axis, and up

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view: View = (-1.0, -1.0, 1.0, 1.0)
        self.home: View = self.view
        self.is_moved = False
        self.equal = self.turns = False
        self.picture: QImage | None = None
        self.extent: View = self.view
        self.facets: Facets | None = None  # a surface in space, in place of the picture
        self.strokes: Sequence[Stroke] = ()
        self.dots = Dots()
        self.axes = ("", "")
        self.numbered = True
        self.note = ""
        self.thumbnail: QImage | None = None  # what the point under the pointer is of
        self.hover: int | None = None
        self.lit: object = None
        self._dragged_from: QPointF | None = None
        self._pressed = QPointF()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)
        self.setWhatsThis(HANDS)
        theme_changed.connect(self._dress)

    def _dress(self, *_: object) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(150, 110)

    def fit(self, view: View) -> None:
        """What is seen unless a hand has moved the view."""
        self.home = view
        if not self.is_moved:
            self.view = view
        self.update()

    def go_home(self) -> None:
        """Back to all there is."""
        self.is_moved = False
        self.view = self.home
        self._moved()

    # Where things are

    @property
    def frame(self) -> QRectF:
        """Where the plane lies in the widget."""
        left, bottom = (LEFT, BOTTOM) if self.numbered else (EDGE, EDGE + 16)
        wide, tall = self.width() - left - EDGE, self.height() - EDGE - bottom
        return QRectF(left, EDGE, max(wide, 1.0), max(tall, 1.0))

    @property
    def seen(self) -> View:
        """The part of the plane in the frame: the view, widened one way where units are to be equal."""
        x0, y0, x1, y1 = self.view
        if not self.equal:
            return self.view
        frame = self.frame
        unit = max((x1 - x0) / frame.width(), (y1 - y0) / frame.height())
        x, y, wide, tall = (x0 + x1) / 2, (y0 + y1) / 2, unit * frame.width() / 2, unit * frame.height() / 2
        return (x - wide, y - tall, x + wide, y + tall)

    def pixels(self, points: Floats) -> Floats:
        """Points (…, 2) of the plane as places in the widget."""
        frame, (x0, y0, x1, y1) = self.frame, self.seen
        scale = np.array([frame.width() / (x1 - x0), -frame.height() / (y1 - y0)])
        places = (points - [x0, y0]) * scale + [frame.left(), frame.bottom()]
        return np.clip(np.nan_to_num(places, nan=-1e6), -1e6, 1e6)  # a painter has no place for more

    def point(self, place: QPointF) -> tuple[float, float]:
        """The point of the plane at a place in the widget."""
        frame, (x0, y0, x1, y1) = self.frame, self.seen
        across = (place.x() - frame.left()) / frame.width()
        return x0 + across * (x1 - x0), y0 + (frame.bottom() - place.y()) / frame.height() * (y1 - y0)

    def nearest(self, place: QPointF) -> int | None:
        """The point that the pointer is on."""
        if not len(self.dots.points):
            return None
        away = np.hypot(*(self.pixels(self.dots.points) - [place.x(), place.y()]).T)
        found = int(away.argmin())
        return found if away[found] <= NEAR else None

    def line_at(self, place: QPointF) -> object:
        """The key of the line that the pointer is on."""
        best, nearest = None, NEAR / 2
        for stroke in self.strokes:
            if stroke.key is None or not len(stroke.pieces):
                continue
            ends = self.pixels(stroke.pieces)
            start, way = ends[:, 0], ends[:, 1] - ends[:, 0]
            from_start = np.array([place.x(), place.y()]) - start
            length = np.maximum((way**2).sum(axis=1), 1e-12)
            share = np.clip((from_start * way).sum(axis=1) / length, 0, 1)[:, None]
            away = float(np.hypot(*(from_start - share * way).T).min())
            if away < nearest:
                best, nearest = stroke.key, away
        return best

    # Hands

    def wheelEvent(self, event: QWheelEvent) -> None:
        turns = event.angleDelta().y() / 120
        if turns:
            self.magnify(ZOOM**turns, event.position())
        event.accept()

    def magnify(self, factor: float, place: QPointF | None = None) -> None:
        """Nearer by a factor, so that what is at a place (the middle, without one) stays there."""
        x, y = self.point(place or self.frame.center())
        x0, y0, x1, y1 = self.seen
        wide, tall = (x1 - x0) / factor, (y1 - y0) / factor
        if not (LEAST < wide < MOST and LEAST < tall < MOST):
            return
        left, low = x - (x - x0) / factor, y - (y - y0) / factor
        self._show((left, low, left + wide, low + tall))

    def move_by(self, across: float, up: float) -> None:
        """Moves what is seen, in the units of the plane."""
        x0, y0, x1, y1 = self.seen
        self._show((x0 + across, y0 + up, x1 + across, y1 + up))

    def _show(self, view: View) -> None:
        self.view, self.is_moved = view, True
        self._moved()

    def _moved(self) -> None:
        self.update()
        self.view_changed.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._dragged_from = self._pressed = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        here, start = event.position(), self._dragged_from
        if start is None:
            self.point_at(self.nearest(here), here)
            return
        if (here - self._pressed).manhattanLength() < 4 and start is self._pressed:
            return
        self._dragged_from = QPointF(here)
        way = here - start
        if self.turns and event.buttons() & Qt.MouseButton.LeftButton:
            self.turned_by.emit(way.x() * TURN, way.y() * TURN)
            return
        frame, (x0, y0, x1, y1) = self.frame, self.seen
        self.move_by(-way.x() / frame.width() * (x1 - x0), way.y() / frame.height() * (y1 - y0))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        stayed = self._dragged_from is self._pressed
        self._dragged_from = None
        if stayed and event.button() == Qt.MouseButton.LeftButton:
            found = self.nearest(event.position())
            if found is not None:
                self.chosen.emit(found)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.nearest(event.position()) is None:
            self.go_home()

    def leaveEvent(self, event: QEvent) -> None:
        self.point_at(None)

    def point_at(self, index: int | None, place: QPointF | None = None) -> None:
        """Rings a point, or none; where there is none, a line may be pointed at."""
        if index != self.hover:
            self.hover = index
            self.pointed.emit(index)
            self.update()
        self.moved_over.emit(self.point(place) if place is not None and self.frame.contains(place) else None)
        line = self.line_at(place) if place is not None and index is None else None
        if line != self.lit:
            self.lit = line
            self.line_pointed.emit(line)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, (x0, y0, x1, y1) = Qt.Key(event.key()), self.seen
        ways = {
            Qt.Key.Key_Left: (-STEP, 0.0),
            Qt.Key.Key_Right: (STEP, 0.0),
            Qt.Key.Key_Up: (0.0, STEP),
            Qt.Key.Key_Down: (0.0, -STEP),
        }
        if key in ways and self.turns and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.turned_by.emit(*ways[key])
        elif key in ways:
            self.move_by(ways[key][0] * (x1 - x0), ways[key][1] * (y1 - y0))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.magnify(ZOOM)
        elif key == Qt.Key.Key_Minus:
            self.magnify(1 / ZOOM)
        elif key == Qt.Key.Key_Home:
            self.go_home()
        elif key in (Qt.Key.Key_N, Qt.Key.Key_P) and len(self.dots.points):
            step = 1 if key == Qt.Key.Key_N else -1
            self.point_at(((-1 if self.hover is None else self.hover) + step) % len(self.dots.points))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.hover is not None:
            self.chosen.emit(self.hover)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        from .plane_paint import paint_plane

        with painting(self) as painter:
            paint_plane(self, painter)
