"""On an Unroll node: a click on the switch, a drag on the slider of T, a drag along the line of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from ....graph.drawn import unrolled as places
from ..folding import Part
from .gesture import Gesture, Pointer

if TYPE_CHECKING:
    from ..view import CanvasView


def on_unroll(view: CanvasView, at: Pointer) -> Gesture | None:
    """What a press on an Unroll node starts, besides moving it; None for nothing."""
    part = view.folding.part_at(at.world)
    if part is None or part.kind == "copy":
        return None
    return {"switch": Switch, "slider": SetSteps, "rail": LookAlong}[part.kind](view, at, part)


class _OnUnroll(Gesture):
    def __init__(self, view: CanvasView, at: Pointer, part: Part) -> None:
        super().__init__(view, at)
        self._node, self._part = part.node, part

    def _x(self, at: Pointer) -> float:
        """How far right of the node's left edge."""
        return at.world.x() - self.view.scene.rect(self._node).left()


class Switch(_OnUnroll):
    """Nothing happens when the pointer leaves the switch before the release."""

    cursor = Qt.CursorShape.PointingHandCursor

    def release(self, at: Pointer) -> None:
        self.at = at
        if self.view.folding.part_at(at.world) == self._part:
            self.view.session.select({self._node})
            self.view.folding.toggle([self._node])


class SetSteps(_OnUnroll):
    """The number is shown while it is dragged and set at the release: to unroll anew at every move would be slow."""

    cursor = Qt.CursorShape.SizeHorCursor

    def __init__(self, view: CanvasView, at: Pointer, part: Part) -> None:
        super().__init__(view, at, part)
        view.session.select({part.node})
        self.move(at)

    def move(self, at: Pointer) -> None:
        self.at = at
        width = self.view.scene.shape(self._node).width
        self.view.live.unrolls.setting = self._node, places.steps_for(width, self._x(at))
        self.view.update()

    def release(self, at: Pointer) -> None:
        self.move(at)
        _, steps = self.view.live.unrolls.setting
        self.cancel()
        if steps != self.view.live.unrolls.rolled(self._node).steps:
            self.view.session.attempt(self.view.folding.set_steps, self._node, steps)

    def cancel(self) -> None:
        self.view.live.unrolls.setting = "", 0
        self.view.update()

    def document_changed(self) -> None:
        self.view.cancel_gesture()


class LookAlong(_OnUnroll):
    """Changes nothing but what is seen; Esc goes back to where one looked."""

    cursor = Qt.CursorShape.SizeHorCursor

    def __init__(self, view: CanvasView, at: Pointer, part: Part) -> None:
        super().__init__(view, at, part)
        self._before = view.live.unrolls.at(part.node)
        self.move(at)

    def move(self, at: Pointer) -> None:
        self.at = at
        rolled = self.view.live.unrolls.rolled(self._node)
        self.view.folding.look_at(self._node, places.step_at(rolled, self._x(at)))

    def cancel(self) -> None:
        self.view.folding.look_at(self._node, self._before)

    def document_changed(self) -> None:
        self.view.cancel_gesture()
