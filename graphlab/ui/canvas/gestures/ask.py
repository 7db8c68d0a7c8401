"""Ctrl+click on a number in a node's picture, or on a wire: tell how it, or what comes back, came about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from ..asking import Asked, element_under
from ..scene import Key
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


class AskWire(Gesture):
    """What comes back along a wire: its largest element. Nothing happens when the pointer leaves the wire."""

    cursor = Qt.CursorShape.WhatsThisCursor

    def __init__(self, view: CanvasView, at: Pointer, wire: Key) -> None:
        super().__init__(view, at)
        self._wire = wire

    def release(self, at: Pointer) -> None:
        self.at = at
        if self.view.wire_under(at.world) == self._wire:
            self.view.session.explainer.ask_about_wire(*self._wire)
