"""Alt+drag on a number in the picture of an input, constant or parameter: it follows the hand, and so does the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from ....engine.messages import Tensor
from ...editing import Target
from ...inspector.sockets import places, target
from ...scrubbing import Scrub as Way
from ..asking import Asked, element_under
from .gesture import Gesture, Pointer

if TYPE_CHECKING:
    from ..view import CanvasView


def grip_under(view: CanvasView, at: Pointer) -> tuple[Asked, Target] | None:
    """The number there that can be set, and by what; None where there is none."""
    asked = element_under(view, at.world)
    if asked is None or asked.kind != "value":
        return None
    found = next((p for p in places(view.session, asked.node) if p.socket == asked.socket), None)
    what = None if found is None else target(view.session, found)
    return None if what is None else (asked, what)


class Scrub(Gesture):
    """The release makes one undo entry; Esc brings back what was there."""

    cursor = Qt.CursorShape.SizeHorCursor

    def __init__(self, view: CanvasView, at: Pointer, asked: Asked, what: Target) -> None:
        super().__init__(view, at)
        self._what, self._place = what, asked.place
        self._way: Way | None = None
        tensor = view.session.tensor("value", asked.node, asked.socket)
        self._from = None if tensor is None else _element(tensor, asked.place)

    def move(self, at: Pointer) -> None:
        pixels, self.at = at.screen.x() - self.at.screen.x(), at
        if not pixels or self._from is None:
            return
        if self._way is None:
            self._way = Way((self._from,), self._what.whole)
            self.view.session.editing.begin(self._what, (self._place,))
        self.view.session.editing.move(self._way.move(pixels, at.modifiers))

    def release(self, at: Pointer) -> None:
        self.move(at)
        if self._way is not None:
            self.view.session.editing.finish()

    def cancel(self) -> None:
        if self._way is not None:
            self.view.session.editing.cancel()


def _element(tensor: Tensor, place: tuple[int, ...]) -> float | None:
    inside = len(place) == tensor.array.ndim and all(
        i < n for i, n in zip(place, tensor.array.shape, strict=True)
    )
    return float(tensor.array[place]) if inside else None
