"""Ctrl+click on a number in a node's picture: tell how it came about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from ..asking import Asked, element_under
from .gesture import Gesture, Pointer

if TYPE_CHECKING:
    from ..view import CanvasView


class Ask(Gesture):
    """Nothing happens when the pointer leaves the element before the release."""

    cursor = Qt.CursorShape.WhatsThisCursor

    def __init__(self, view: CanvasView, at: Pointer, asked: Asked) -> None:
        super().__init__(view, at)
        self._asked = asked

    def release(self, at: Pointer) -> None:
        self.at = at
        if element_under(self.view, at.world) == self._asked:
            self.view.session.select({self._asked.node})
            self.view.session.explain(*self._asked)
