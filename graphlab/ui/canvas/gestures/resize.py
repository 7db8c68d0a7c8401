"""Drag an edge or corner of a note or frame: its size. One undo entry, made at the release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt

from ....graph import edits
from ..cursors import of_side
from ..draw_ground import on_grid
from ..frame_parts import Side
from .gesture import Gesture, Pointer

if TYPE_CHECKING:
    from ..view import CanvasView

LEAST_NOTE, LEAST_FRAME = (60.0, 36.0), (80.0, 56.0)
_THRESHOLD = 3.0  # pixels; less is a click
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class Resize(Gesture):
    """The other edges stay where they are. Esc puts the former size back; Shift keeps to the grid, or does not."""

    scrolls = True

    def __init__(self, view: CanvasView, at: Pointer, item: str, side: Side) -> None:
        super().__init__(view, at)
        self.cursor = of_side(side)
        self._item, self._side = item, side
        self._before = self._now = view.scene.boards.rect(item)

    def move(self, at: Pointer) -> None:
        self.at = at
        if self._now == self._before and (at.screen - self.start.screen).manhattanLength() < _THRESHOLD:
            return
        self._now = self._stretched(at.world - self.start.world, self.view.snap_to_grid != at.has(_SHIFT))
        self.view.scene.boards.stretch(self._item, self._now)
        self.view.update()

    def _stretched(self, step: QPointF, snaps: bool) -> QRectF:
        (x, y), rect = self._side, QRectF(self._before)

        def kept(value: float) -> float:
            return on_grid(value) if snaps else value

        width, height = LEAST_FRAME if self._item in self.view.scene.boards.frames else LEAST_NOTE
        if x > 0:
            rect.setRight(max(kept(rect.right() + step.x()), rect.left() + width))
        elif x < 0:
            rect.setLeft(min(kept(rect.left() + step.x()), rect.right() - width))
        if y > 0:
            rect.setBottom(max(kept(rect.bottom() + step.y()), rect.top() + height))
        elif y < 0:
            rect.setTop(min(kept(rect.top() + step.y()), rect.bottom() - height))
        return rect

    def release(self, at: Pointer) -> None:
        self.move(at)
        if self._now != self._before and self._item in self.view.scene.boards:
            self.view.session.attempt(self._commit)
        self._settle()

    def _commit(self) -> None:
        graph, rect = self.view.session.graph, self._now
        is_note = self._item in graph.document.notes
        edit, what = (edits.edit_note, "note") if is_note else (edits.edit_frame, "frame")
        place, size = (rect.x(), rect.y()), (rect.width(), rect.height())
        graph.replace(edit(graph.document, self._item, position=place, size=size), f"Resize {what}")

    def _settle(self) -> None:
        self.view.scene.boards.settle()
        self.view.update()

    def cancel(self) -> None:
        self._settle()

    def document_changed(self) -> None:
        if self._item not in self.view.scene.boards:
            self.view.end_gesture()
        elif self._now != self._before:
            self.view.scene.boards.stretch(self._item, self._now)
