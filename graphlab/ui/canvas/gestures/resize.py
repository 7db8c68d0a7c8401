"""Drag the corner of a note: its size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from ....graph import edits
from .gesture import Gesture, Pointer

if TYPE_CHECKING:
    from ..view import CanvasView

LEAST = 60.0, 36.0


class ResizeNote(Gesture):
    """Edits of one drag are one undo entry; Esc puts the former size back."""

    cursor = Qt.CursorShape.SizeFDiagCursor

    def __init__(self, view: CanvasView, at: Pointer, note: str) -> None:
        super().__init__(view, at)
        self._note = note
        self._size = view.session.document.notes[note].size
        self._new = self._size

    def move(self, at: Pointer) -> None:
        self.at = at
        step: QPointF = at.world - self.start.world
        self._new = max(self._size[0] + step.x(), LEAST[0]), max(self._size[1] + step.y(), LEAST[1])
        self.view.scene.note_sizes[self._note] = self._new
        self.view.update()

    def release(self, at: Pointer) -> None:
        self.move(at)
        self.view.scene.note_sizes.clear()
        if self._new != self._size and self._note in self.view.session.document.notes:
            self.view.session.attempt(self._commit)

    def _commit(self) -> None:
        graph = self.view.session.graph
        graph.replace(edits.edit_note(graph.document, self._note, size=self._new), "Resize note")

    def cancel(self) -> None:
        self.view.scene.note_sizes.clear()
        self.view.update()

    def document_changed(self) -> None:
        if self._note not in self.view.session.document.notes:
            self.view.end_gesture()
