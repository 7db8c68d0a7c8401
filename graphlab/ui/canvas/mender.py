"""What mends a fault, offered where it is seen: a chip at the faulty wire, a bubble at the pointer, lines of a menu."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QMenu

from ...engine.mending import Fix
from .. import icons
from ..theme import theme
from .bubble import Choice
from .detail import Detail
from .ink import inks, metrics, text_font
from .scene import Key

if TYPE_CHECKING:
    from .surface import Surface

_HEIGHT, _PX, _ICON, _PAD, _MORE = 20.0, 11, 12.0, 7.0, 16.0
_LEAD = 10.0  # pixels between a chip and the nodes below it
_REASON = 16.0  # height of the line under a faulty node that says why


class Chip(NamedTuple):
    """The likeliest fix of a fault, to be clicked; `more`: there are others, behind its right end."""

    rect: QRectF  # in pixels of the canvas
    node: str
    socket: str
    fix: Fix
    more: bool
    wire: QPointF | None = (
        None  # the pixel of the wire that it is about, where it does not lie right below it
    )

    def asks_for_more(self, at: QPointF) -> bool:
        return self.more and at.x() > self.rect.right() - _MORE


class Mender(QObject):
    """Offers fixes on a canvas. `chips` are those that were painted last."""

    def __init__(self, view: Surface) -> None:
        super().__init__(view)
        self._view, self._remedies = view, view.session.remedies
        self.chips: list[Chip] = []
        self._at = QPointF()
        self._remedies.changed.connect(self._found)

    # In a bubble

    def offer(self, wires: Iterable[Key], at: QPointF) -> bool:
        """Says in a bubble at a pixel what is wrong with one of these wires, and what mends it; False if nothing is."""
        for wire in wires:
            problem = self._view.looks.misfit(*wire)
            if problem is not None:
                self._at = at
                choices = self._choices(wire)
                self._view.bubble.say(at.toPoint(), problem.message, problem.hint, choices, wire)
                return True
        return False

    def offer_under(self, at: QPointF) -> bool:
        """The same for what lies under a pixel: a faulty wire, or a node that a faulty wire enters."""
        world = self._view.camera.world(at)
        node, wire = self._view.node_under(world), self._view.wire_under(world)
        if node and self._view.looks.of(node).fault:
            problems = self._view.looks.problems(node)
            return self.offer([(node, problems[0].socket)], at) if problems else False
        return self.offer([wire], at) if wire is not None else False

    def _choices(self, wire: Key) -> list[Choice]:
        return [(str(fix), partial(self._remedies.apply, fix)) for fix in self._remedies.at(*wire)]

    def _found(self) -> None:
        """A search is over: what is on show may have more to offer."""
        wire = self._told
        if wire is not None and not self._view.bubble.buttons:
            self.offer([wire], self._at)
        self._view.update()

    def forget(self) -> None:
        """The document is another: the bubble goes with the fault that it told of."""
        wire = self._told
        problem = self._view.looks.misfit(*wire) if wire is not None else None
        if wire is not None and (problem is None or problem.message != self._view.bubble.text):
            self._view.bubble.hide()

    @property
    def _told(self) -> Key | None:
        """The wire that the bubble is about just now."""
        bubble = self._view.bubble
        return bubble.about if bubble.isVisible() and isinstance(bubble.about, tuple) else None

    # On a menu

    def fill(self, menu: QMenu, node: str, socket: str = "") -> None:
        """Puts the fixes for a node, or for the wire into a socket of it, at the top of a menu."""
        unwell = [] if socket else self._view.session.health.fixes(node)
        for fix in dict.fromkeys([*self._remedies.finish(node, socket), *unwell]):
            menu.addAction(icons.icon("fix"), str(fix), partial(self._remedies.apply, fix))
        if not menu.isEmpty():
            menu.addSeparator()

    def open_menu(self, node: str, socket: str, at: QPointF) -> QMenu | None:
        """A menu of the fixes alone, at a pixel; None when there are none."""
        menu = QMenu(self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill(menu, node, socket)
        lines = [line for line in menu.actions() if not line.isSeparator()]
        if not lines:
            menu.deleteLater()
            return None
        menu.setActiveAction(lines[0])
        menu.popup(self._view.mapToGlobal(at.toPoint()))
        return menu

    # On chips

    def chip_at(self, at: QPointF) -> Chip | None:
        return next((chip for chip in reversed(self.chips) if chip.rect.contains(at)), None)

    def take(self, chip: Chip, at: QPointF) -> None:
        """A chip was clicked there."""
        if chip.asks_for_more(at):
            self.open_menu(chip.node, chip.socket, chip.rect.bottomLeft())
        else:
            self._remedies.apply(chip.fix)

    def paint(self, painter: QPainter) -> None:
        """Draws a chip for each faulty node in view. `painter` is in screen units."""
        self.chips = []
        if self._view.detail < Detail.NEAR or not self._view.looks.inference.problems:
            return
        pointer = self._view.pointer
        for node in self._view.visible_nodes():
            chip = self._chip(node) if self._view.looks.of(node).fault else None
            if chip is not None:
                self.chips.append(chip)
                _paint(painter, chip, pointer is not None and chip.rect.contains(pointer))

    def _chip(self, node: str) -> Chip | None:
        faults = [
            p for p in self._view.looks.problems(node) if p.socket or not self._view.looks.of(node).needs
        ]
        for problem in faults:
            if self._told == (node, problem.socket):
                return None
            fixes = self._remedies.at(node, problem.socket)
            if fixes:
                more = len(fixes) > 1
                width = metrics(_PX).horizontalAdvance(fixes[0].label) + _ICON + 3 * _PAD + _MORE * more
                rect, wire = self._place((node, problem.socket), QSize(round(width), round(_HEIGHT)))
                return Chip(rect, node, problem.socket, fixes[0], more, wire)
        return None

    def _place(self, wire: Key, size: QSize) -> tuple[QRectF, QPointF | None]:
        """Below the middle of the faulty wire where that has room; else above its nodes, with a line to it.

        Where a node stands above them, or no wire is at fault, it is below the reason under the node.
        """
        scene, camera = self._view.scene, self._view.camera
        k = scene.wire_index.get(wire)
        if k is not None:
            left, _, right, _ = scene.wires.boxes[k].tolist()
            middle = camera.screen(scene.middle(k))
            if (right - left) * camera.zoom > size.width() + 40:
                return QRectF(middle + QPointF(-size.width() / 2, 12), QSizeF(size)), None
            tops = (scene.rect(wire[0]).top(), scene.rect(scene.edges[k].source).top())
            above = camera.screen(QPointF(0, min(tops))).y() - size.height() - _LEAD
            rect = QRectF(QPointF(middle.x() - size.width() / 2, above), QSizeF(size))
            if above > 0 and not len(scene.nodes_in(camera.world_rect(rect))):
                return rect, middle
        corner = camera.screen(scene.rect(wire[0]).bottomLeft() + QPointF(12, 6 + _REASON))
        return QRectF(corner, QSizeF(size)), None


def _paint(painter: QPainter, chip: Chip, hovered: bool) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme().accent, 1))
    if chip.wire is not None:
        painter.drawLine(QPointF(chip.rect.center().x(), chip.rect.bottom()), chip.wire)
    painter.setBrush(theme().hover if hovered else inks().body)
    painter.drawRoundedRect(chip.rect, _HEIGHT / 2, _HEIGHT / 2)
    inner = chip.rect.adjusted(_PAD, 0, -_PAD, 0)
    icons.paint(
        painter, "fix", QRectF(inner.left(), inner.center().y() - _ICON / 2, _ICON, _ICON), theme().accent
    )
    painter.setPen(theme().text)
    painter.setFont(text_font(_PX))
    words = inner.adjusted(_ICON + _PAD / 2, 0, 0, 0)
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, chip.fix.label)
    if chip.more:
        end = QRectF(chip.rect.right() - _MORE - 2, chip.rect.center().y() - 6, 12, 12)
        icons.paint(painter, "chevron-down", end, theme().secondary)
