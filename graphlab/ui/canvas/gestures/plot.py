"""Ctrl+Shift+click on a node: its value is watched from now on, and drawn over the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .gesture import Gesture, Pointer

if TYPE_CHECKING:
    from ..view import CanvasView


class Plot(Gesture):
    """Done at the release, if the pointer is still on the node."""

    def __init__(self, view: CanvasView, at: Pointer, node: str) -> None:
        super().__init__(view, at)
        self._node = node

    def release(self, at: Pointer) -> None:
        if self.view.node_under(at.world) == self._node:
            self.view.session.attempt(self.view.session.watches.plot, self._node)
