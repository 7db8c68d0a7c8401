"""The boards on which a window is played, with their numbers and places. It knows where things are, and no widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from ...lab.windows import Floats, Look, Place, Scene
from ...lab.windows_back import banded
from .. import numbers
from ..colour import magnitude
from ..window_words import Line, index, lines, sent_lines
from .board import Board
from .window_layout import Places, Shape, arranged, fitting_channels

LARGEST_MATRIX = 40  # rows or columns of a banded matrix that is still drawn
Element = tuple[int, int, int]  # channel, row and column of the input


@dataclass(frozen=True)
class Act:
    """What is played.

    out, channel: of the result, and of the input; None for all of its group. upstream: (outputs, rows, columns), the
    gradients of the result, where windows send them back instead of gathering. names: of input, filter and result.
    ahead: the indices of an element of the result before its place, where they are not the channel.
    """

    scene: Scene
    out: int
    channel: int | None = None
    upstream: Floats | None = None
    names: tuple[str, str, str] = ("x", "filter", "y")
    ahead: tuple[int, ...] | None = None

    @cached_property
    def result(self) -> Floats:
        """What windows make: of the chosen channel of the input alone, where one is chosen."""
        return self.scene.output(self.out, self.channel if self.scene.weight is not None else None)

    @cached_property
    def scales(self) -> tuple[float, float, float]:
        """Full colour of the input, of the products, and of the gradient of the result."""
        largest = magnitude(self.scene.x[list(self.channels)])
        back = 0.0 if self.upstream is None else magnitude(self.upstream[self.out])
        filters = 1.0 if self.filters is None else magnitude(self.filters)
        return largest, (back if self.is_back else largest) * filters, back

    @property
    def channels(self) -> tuple[int, ...]:
        return tuple(self.scene.sliding.group(self.out)) if self.channel is None else (self.channel,)

    @property
    def filters(self) -> Floats | None:
        """(channels, rows, columns) of those channels."""
        if self.scene.weight is None:
            return None
        first = self.scene.sliding.group(self.out).start
        return self.scene.weight[self.out][[channel - first for channel in self.channels]]

    @property
    def is_back(self) -> bool:
        return self.upstream is not None

    def result_at(self, row: int, column: int) -> str:
        """What an element of the result is called."""
        ahead = (self.out,) if self.ahead is None else self.ahead
        sign = "∂" if self.is_back else ""
        return f"{sign}{self.names[2]}{index(self.scene.sliding.field, ahead, row, column)}"

    def input_at(self, channel: int, row: int, column: int) -> str:
        """What an element of the input is called."""
        sign = "∂" if self.is_back else ""
        return f"{sign}{self.names[0]}{index(self.scene.sliding.field, (channel,), row, column)}"


class WindowBoards:
    """One act on boards that fill an area.

    shown: the channels of the input that have room, from the one at place `first` on. left, filters, products: a board
    for each of them. look: the window where it is now; over: (row, column) of the windows that a picked element lies
    in.
    """

    def __init__(self, act: Act, area: QRectF, first: int = 0) -> None:
        self.act = act
        sliding, channels = act.scene.sliding, act.channels
        room = fitting_channels(area, sliding.field == 1)
        self.first = max(0, min(first, len(channels) - room))
        self.shown = channels[self.first : self.first + room]
        self.left = [Board() for _ in self.shown]
        self.products = [Board() for _ in self.shown]
        self.filters = [Board() for _ in self.shown] if act.scene.weight is not None else []
        self.right, self.matrix = Board(), Board()
        self.lines: Sequence[Line] = ()
        self.over: Any = np.zeros((0, 2), np.int64)
        self._landed: int | None = None
        self._whole: list[Floats] = []  # all that comes back, once it was worked out
        self._fill_ends()
        self._fill_filters()
        self._fill_matrix()
        self.places = self._stand(area)
        self.look: Look = self._look((0, 0))

    @property
    def all(self) -> list[Board]:
        """Every board that there is."""
        found = [*self.left, *self.filters, *self.products, self.right]
        return [*found, self.matrix] if self.has_matrix else found

    @property
    def has_matrix(self) -> bool:
        return self.matrix.values.size > 0

    @property
    def more_told(self) -> str:
        """Which of many channels are shown: "[0…2] of 6"; "" when all are."""
        count = len(self.act.channels)
        return "" if count == len(self.shown) else f"[{self.shown[0]}…{self.shown[-1]}] of {count}"

    # Numbers that do not change with the window

    def _stand(self, area: QRectF) -> Places:
        sliding = self.act.scene.sliding
        kernel = sliding.rows.longest, sliding.columns.longest
        whole = self.left[0].rows, self.left[0].columns
        shape = Shape(len(self.shown), whole, kernel, sliding.size, bool(self.filters), self.has_matrix)
        places = arranged(area, shape)
        for boards, areas in ((self.left, places.left), (self.filters, places.filters)):
            for board, where in zip(boards, areas, strict=True):
                board.fit(where)
        self.right.fit(places.right)
        if self.has_matrix:
            self.matrix.fit(places.matrix)
            if places.matrix.isEmpty():
                self.matrix = Board()
        return places

    def _fill_ends(self) -> None:
        """Input and result, or what has come back to the one from the other."""
        act, sliding = self.act, self.act.scene.sliding
        x, _, y = act.names
        out = _of(act.out, sliding.outputs)
        margins = (*sliding.rows.margins(), *sliding.columns.margins())
        if act.upstream is not None:
            self.right.show(act.upstream[act.out], act.scales[2])
            self.right.title = f"∂{y}{out}"
            title, behind = f"∂{x}", f" ← ∂{y}{out}" if sliding.outputs > sliding.groups else ""
            self._fill_back()
        else:
            for board, channel in zip(self.left, self.shown, strict=True):
                board.show(act.scene.x[channel], act.scales[0], margins)
            self.right.show(act.result, magnitude(act.result))
            is_part = act.channel is not None and act.scene.weight is not None
            self.right.title = f"{y}{out}" + (f", what channel {act.channel} adds" if is_part else "")
            title, behind = x, ""
        one = _of(self.shown[0], sliding.channels) if len(act.channels) == 1 else ""
        for board in self.left:
            board.title = f"{title}{one}{self.more_told}{behind}"

    def _fill_back(self) -> None:
        """What windows have sent back until now."""
        act, dy = self.act, self.act.upstream
        assert dy is not None
        sliding = act.scene.sliding
        if not self._whole:
            self._whole = [act.scene.input_gradient(channel, dy, act.out) for channel in self.shown]
        scale, parts = max(map(magnitude, self._whole), default=0.0), self._whole
        if self._landed is not None:
            played = np.zeros(sliding.size)
            played.reshape(-1)[: self._landed] = 1
            parts = [act.scene.input_gradient(channel, dy * played, act.out) for channel in self.shown]
        margins = (*sliding.rows.margins(), *sliding.columns.margins())
        for board, found in zip(self.left, parts, strict=True):
            board.show(found, scale, margins)

    def _fill_filters(self) -> None:
        chosen = self.act.filters
        if chosen is None:
            return
        scale = magnitude(chosen)
        for board, values in zip(self.filters, chosen[self.first :], strict=False):
            board.show(values, scale)
            board.title = self.act.names[1]

    def _fill_matrix(self) -> None:
        act, sliding = self.act, self.act.scene.sliding
        fits = max(sliding.size[1], sliding.image[1]) <= LARGEST_MATRIX and len(act.channels) == 1
        if sliding.field == 1 and fits and act.scene.weight is not None:
            found = banded(act.scene, act.out, self.shown[0])
            self.matrix.show(found, magnitude(found))
            x, y = act.names[0], act.names[2]
            self.matrix.title = f"∂{x} = Mᵀ·∂{y}" if act.is_back else f"{y} = M·{x}"
            if not act.is_back and act.scene.bias is not None:
                self.matrix.title += " + bias"

    # Numbers that do

    def go(self, at: Place, landed: int | None) -> None:
        """Puts the window there; `landed`: how many windows have been played, None for all."""
        act = self.act
        if landed != self._landed:
            self._landed = landed
            if act.is_back:
                self._fill_back()
        self.look = look = self._look(at)
        scale = act.scales[1]
        if act.upstream is not None:
            parts = [act.scene.sent_by(look.at, act.upstream, channel) for channel in self.shown]
            title, kind = "sent back", act.scene.sliding.kind
            scale /= look.count
            self.lines = sent_lines(float(act.upstream[look.at]), kind, look.count)
        else:
            parts = list(look.products[self.first : self.first + len(self.shown)])
            title = "window" if look.weights is None else "products"
            self.lines = lines(look, act.scene.sliding.kind)
        for board, area, part in zip(self.products, self.places.products, parts, strict=True):
            board.show(part, scale)
            board.fit(area)
            board.title = title

    def _look(self, at: Place) -> Look:
        return self.act.scene.look((self.act.out, *at), self.act.channel)

    def pick(self, element: Element | None) -> None:
        """An element of the input: every window that it lies in is to be lit."""
        found: Any = np.zeros((0, 2), np.int64)
        self.over = found if element is None else self.act.scene.windows_over(element[1:])

    # Under a point

    def window_at(self, point: QPointF) -> Place | None:
        """The window of an element of the result, or of a row of the matrix."""
        if (cell := self.right.at(point)) is not None:
            return cell
        cell = self.matrix.at(point) if self.has_matrix else None
        return None if cell is None else (0, cell[0])

    def element_at(self, point: QPointF) -> Element | None:
        """The element of the input there."""
        for board, channel in zip(self.left, self.shown, strict=True):
            if (cell := board.at(point)) is not None:
                return channel, *cell
        return None

    def told_at(self, point: QPointF) -> str:
        """The number under a point, with its place; "" where there is none."""
        act = self.act
        if (cell := self.right.at(point)) is not None:
            return f"{act.result_at(*cell)} = {numbers.number(float(self.right.values[cell]), 6)}"
        if (element := self.element_at(point)) is not None:
            board = self.left[self.shown.index(element[0])]
            return f"{act.input_at(*element)} = {numbers.number(float(board.values[element[1:]]), 6)}"
        return ""


def _of(channel: int, count: int) -> str:
    return f"[{channel}]" if count > 1 else ""
