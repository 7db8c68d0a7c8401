"""Press on a node, note or frame: select it; drag: move the selection. One undo entry, made at the release.

What lies in a frame moves along, unless Alt is held. A free node dropped on a wire is inserted into it; Shift while
dragging keeps to the grid, and else what lines up with a neighbour sticks to it. Alt suspends both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from ....graph import Point, edits
from ... import frame_edits
from ...offers import op_at
from ..draw_ground import on_grid
from ..draw_wires import Emphasis
from ..surgery import Key, insert
from .gesture import Gesture, Pointer
from .guides import Guides

if TYPE_CHECKING:
    from ..view import CanvasView

_THRESHOLD = 4.0  # pixels; less is a click
_SHIFT, _ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


class Move(Gesture):
    """Moves what is selected, the pressed item in the lead."""

    scrolls = True

    def __init__(self, view: CanvasView, at: Pointer, item: str) -> None:
        super().__init__(view, at)
        self.item = item
        self.moving = False
        self._places: dict[str, Point] = {}
        self._carried: set[str] = set()  # what moves because it lies in a frame that does
        self._receiver: Key | None = None
        self._guides: Guides | None = None
        self._deselect_on_click = False
        view.select_wires(())
        selection = view.session.selection
        if at.has(_SHIFT):
            self._deselect_on_click = item in selection
            view.session.select(selection | {item})
        elif item not in selection:
            view.session.select({item})

    def move(self, at: Pointer) -> None:
        self.at = at
        if not self.moving:
            if (at.screen - self.start.screen).manhattanLength() < _THRESHOLD:
                return
            scene, chosen = self.view.scene, self.view.session.selection
            self._carried = frame_edits.content_of(self.view.session, chosen) - chosen
            self._places = {i: scene.place(i) for i in (*chosen, *self._carried)}
            if not self._places:  # deleted, or let go of, between the press and the first move
                self.view.end_gesture()
                return
            self.moving = True
            self._guides = Guides(self.view, self._places)
            scene.lift(self._places)
        lines = self._lines()
        dirty = self.view.scene.displace(self._moved())
        self._find_receiver()
        if self._places.keys() & self.view.scene.boards.frames.keys():
            self.view.update()  # titles of other frames may give way, seen from afar
            return
        self.view.touch(dirty)
        for area in (lines, self._lines()):
            if not area.isNull():
                self.view.touch(area)

    def release(self, at: Pointer) -> None:
        if not self.moving:
            self._click(at)
            return
        self.move(at)
        places, receiver = self._moved(), self._receiver
        self._end()
        self.view.session.attempt(self._commit, places, receiver)
        self.view.scene.settle()

    def cancel(self) -> None:
        if self.moving:
            self._end()
            self.view.scene.settle()
            self.view.update()

    def document_changed(self) -> None:
        """What is left of the selection goes on moving."""
        if not self.moving:
            return
        document = self.view.session.document
        boards = self.view.scene.boards
        self._places = {i: p for i, p in self._places.items() if i in document.nodes or i in boards}
        self._receiver = None
        if not self._places:
            self.view.end_gesture()
            return
        self._guides = Guides(self.view, self._places)
        self.view.scene.displace(self._moved())

    def emphasis(self, plain: Emphasis) -> Emphasis:
        return plain._replace(receiving=self._receiver)

    def paint(self, painter: QPainter) -> None:
        if self._guides is not None:
            self._guides.paint(painter)

    def _lines(self) -> QRectF:
        """What the guides take up of the canvas."""
        return QRectF() if self._guides is None else self._guides.area()

    def _end(self) -> None:
        self.moving = False
        self._receiver = None
        self._guides = None

    def _click(self, at: Pointer) -> None:
        selection = self.view.session.selection
        if self._deselect_on_click:
            self.view.session.select(selection - {self.item})
        elif not at.has(_SHIFT):
            self.view.session.select({self.item})

    def _moved(self) -> dict[str, Point]:
        step = self.at.world - self.start.world
        lead = self._places.get(self.item) or next(iter(self._places.values()))
        dx, dy = step.x(), step.y()
        snaps = self.view.snap_to_grid != self.at.has(_SHIFT)
        if snaps:
            dx, dy = on_grid(lead[0] + dx) - lead[0], on_grid(lead[1] + dy) - lead[1]
        if self._guides is not None:
            sticks = self.view.shows_guides and not snaps and not self.at.has(_ALT)
            dx, dy = self._guides.pulled(dx, dy) if sticks else self._guides.passed(dx, dy)
        moved = {i: (x + dx, y + dy) for i, (x, y) in self._places.items()}
        if self._carried and self.at.has(_ALT):
            moved |= {i: self._places[i] for i in self._carried & moved.keys()}
        return moved

    def _commit(self, places: dict[str, Point], receiver: Key | None) -> None:
        graph = self.view.session.graph
        with graph.edit("Move" if receiver is None else "Insert"):
            graph.replace(edits.move(graph.document, places), "Move")
            if receiver is not None:
                insert(graph, self.item, receiver, self.view.session.inference)

    def _find_receiver(self) -> None:
        """The wire under a single free node."""
        self._receiver = None
        document = self.view.session.document
        node = document.nodes.get(self.item)
        if node is None or len(self._places) > 1 or self.at.has(_ALT) or not node.is_known:
            return
        if document.inputs_of(self.item) or document.consumers(self.item):
            return
        self._receiver = self.view.receiver_under(self.view.scene.rect(self.item), op_at(document, node))
