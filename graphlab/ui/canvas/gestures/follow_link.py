"""Ctrl+click on a link in a note opens it in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from .gesture import Gesture, Pointer

if TYPE_CHECKING:
    from ..view import CanvasView


class FollowLink(Gesture):
    """Nothing happens when the pointer leaves the link before the release."""

    cursor = Qt.CursorShape.PointingHandCursor

    def __init__(self, view: CanvasView, at: Pointer, address: str) -> None:
        super().__init__(view, at)
        self._address = address

    def release(self, at: Pointer) -> None:
        self.at = at
        if self.view.link_under(at.world) == self._address:
            self.view.open_link(self._address)
