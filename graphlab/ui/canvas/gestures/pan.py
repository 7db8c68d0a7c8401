"""Middle-drag or Space-drag: the plane follows the hand."""

from __future__ import annotations

from PySide6.QtCore import Qt

from .gesture import Gesture, Pointer


class Pan(Gesture):
    """Moves the camera, never the document."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def move(self, at: Pointer) -> None:
        step = at.screen - self.at.screen
        self.at = at
        self.view.pan_by(step.x(), step.y())
