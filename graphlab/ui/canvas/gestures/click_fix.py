"""Press on a chip that offers a fix, and release on it: the fix is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from ..mender import Chip
from .gesture import Gesture, Pointer

if TYPE_CHECKING:
    from ..view import CanvasView


class ClickFix(Gesture):
    """Nothing happens when the pointer leaves the chip before the release."""

    cursor = Qt.CursorShape.PointingHandCursor

    def __init__(self, view: CanvasView, at: Pointer, chip: Chip) -> None:
        super().__init__(view, at)
        self._chip = chip

    def release(self, at: Pointer) -> None:
        self.at = at
        if self._chip.rect.contains(at.screen) and self._chip in self.view.mender.chips:
            self.view.mender.take(self._chip, at.screen)
