"""Alt+drag on a number in the picture of an input, constant or parameter: it follows the hand, and so does the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPen

from ....engine.messages import Tensor
from ... import numbers
from ...editing import Target
from ...inspector.setting import usual_size
from ...inspector.sockets import places, target
from ...scrubbing import Scrub as Way
from ...theme import theme
from ..asking import Asked, element_under
from ..ink import metrics, number_font, text_font
from .gesture import Gesture, Pointer
from .hand import box_beside

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
        self._among = 0.0 if tensor is None else usual_size(tensor)

    def move(self, at: Pointer) -> None:
        pixels, self.at = at.screen.x() - self.at.screen.x(), at
        if not pixels or self._from is None:
            return
        if self._way is None:
            self._way = Way((self._from,), self._what.whole, self._among)
            self.view.session.editing.begin(self._what, (self._place,))
        self.view.session.editing.move(self._way.move(pixels, at.modifiers))
        self.view.update()

    def paint(self, painter: QPainter) -> None:
        """Beside the pointer: which number it is, and what it is now."""
        if self._way is None:
            return
        (value,) = self._way.values()
        text = f"{self._what.title}{numbers.index(self._place)}  {numbers.exact(value)}"
        keys = "Shift finer · Ctrl coarser · Esc back"
        width = max(metrics(12, 600, True).horizontalAdvance(text), metrics(10).horizontalAdvance(keys)) + 20
        box = box_beside(self.at.screen, QSizeF(width, 42), QRectF(self.view.rect()), [self.start.screen])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().accent, 1))
        painter.setBrush(theme().panel)
        painter.drawRoundedRect(box, 6, 6)
        inner = box.adjusted(10, 5, -10, -5)
        painter.setPen(theme().number_colour(value) if value else theme().text)
        painter.setFont(number_font(12, 600))
        painter.drawText(inner, Qt.AlignmentFlag.AlignTop, text)
        painter.setPen(theme().secondary)
        painter.setFont(text_font(10))
        painter.drawText(inner, Qt.AlignmentFlag.AlignBottom, keys)

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
