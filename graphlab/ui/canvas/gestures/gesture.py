"""The life of a gesture: a press starts it, moves feed it, a release ends it; Esc takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPainter

from ..draw_wires import Emphasis

if TYPE_CHECKING:
    from ..view import CanvasView


class Pointer(NamedTuple):
    """Where the pointer is, in pixels and in canvas units, and which modifier keys are down."""

    screen: QPointF
    world: QPointF
    modifiers: Qt.KeyboardModifier

    def has(self, modifier: Qt.KeyboardModifier) -> bool:
        return bool(self.modifiers & modifier)


class Gesture:
    """One drag. The document changes at the release at the earliest, so that Esc leaves no trace."""

    cursor: Qt.CursorShape | None = None
    scrolls = False  # whether the canvas moves along when the pointer nears its edge
    by_keys = False  # whether keys lead it, not the mouse: a press of the mouse then ends it

    def __init__(self, view: CanvasView, at: Pointer) -> None:
        self.view = view
        self.start = self.at = at

    def move(self, at: Pointer) -> None:
        self.at = at

    def release(self, at: Pointer) -> None:
        self.at = at

    def cancel(self) -> None:
        """Esc, or the thing that was dragged is gone."""

    def takes(self, event: QKeyEvent) -> bool:
        """Whether a key means something to it, and so nothing to the window."""
        return False

    def key(self, event: QKeyEvent) -> bool:
        """A key was pressed meanwhile; whether it meant something."""
        return False

    def document_changed(self) -> None:
        """Somebody changed the document meanwhile (an undo by keyboard, a notebook)."""

    def paint(self, painter: QPainter) -> None:
        """Draws over everything, in screen units."""

    def emphasis(self, plain: Emphasis) -> Emphasis:
        """How wires stand out while this lasts."""
        return plain
