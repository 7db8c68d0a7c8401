"""Pooling down to a given size: windows that share a sequence or an image among them, whatever its size.

Averaging to a size is a product with a small matrix, so AdaptiveAvgPool2d stands in resampling.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from ..errors import ShapeError
from . import recipe_windows
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .explaining import Call, Place, picked
from .explanation import Term, extreme
from .footprint import Footprint, by_weights
from .recipe_windows import shares
from .registry import register
from .sliding import Sliding
from .windows import across, image_size

PLANE = (
    Example(x=(2, 3, 4, 5)),
    Example({"output_size": (2, 3)}, x=(2, 1, 4, 6)),
    Example({"output_size": 3}, x=(1, 2, 5, 4)),
    Example({"output_size": (4, 1)}, x=(1, 2, 2, 3)),
    Example(x=(1, 1, 1, 1)),
    Example({"output_size": 2}, x=(0, 2, 3, 3)),
)
LINE = (
    Example(x=(2, 3, 5)),
    Example({"output_size": 3}, x=(2, 1, 7)),
    Example({"output_size": 4}, x=(1, 2, 2)),
    Example(x=(1, 1, 1)),
    Example({"output_size": 2}, x=(0, 2, 3)),
)


class _AdaptiveMaxPool(Op):
    """Keeps the largest value of each of a given number of windows."""

    category = "Layer"
    inputs = (Socket("x"),)
    field: ClassVar[int] = 2
    output_size = Param(
        1, kind="ints", low=1, high=4096, help="The size of the result, on both axes or on each."
    )

    def check(self) -> None:
        self.size()

    def size(self) -> tuple[int, int]:
        """The size of the result: (rows, columns)."""
        return across(self.output_size, "output_size", self.field, 1)

    def infer(self, x: Spec) -> Spec:
        if 0 in image_size(x, self.field):
            raise ShapeError(f"x ({x}) holds nothing to choose from.", hint="Feed longer ones.", socket="x")
        return x.with_shape(*x.shape[:2], *self.size()[-self.field :])

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        tools = (recipe_windows.adaptive_maxima, recipe_windows.adaptive_maxima_gradient)
        return Recipe(
            f"y = adaptive_maxima(x, {shapes['y'][2:]})", "dx = adaptive_maxima_gradient(dy, x)", tools
        )

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        x, y = self._as_image(x), self._as_image(y)
        rows = self._rows(ctx, x)
        for i, window in enumerate(shares(y.shape[2], x.shape[2])):
            np.maximum.reduce(rows[:, :, window], axis=2, out=y[:, :, i])

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        """First to the row that holds the maximum, then along it: the first winner in reading order, as PyTorch."""
        if dx is None:
            return
        dy, x, dx = self._as_image(dy), self._as_image(x), self._as_image(dx)
        rows = self._rows(ctx, x)
        drows = ctx.scratch("drows", rows.shape)
        _to_winner(dy, rows, drows, 2)
        _to_winner(drows, x, dx, 3)

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        return by_weights(recipe_windows.averaging(y[axis], x[axis]))

    def workspace(self, x: tuple[int, ...]) -> int:
        return 2 * int(np.prod(x[:-1])) * self.size()[1]

    def apart(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> Sequence[Mapping[str, int]]:
        return [{"x": axis, "y": axis} for axis in (0, 1)]

    def explain(self, call: Call, output: str, at: Place) -> Term:
        x, y = call.array("x"), call.outputs[output]
        windows = [shares(y.shape[axis], x.shape[axis])[at[axis]] for axis in range(2, x.ndim)]
        return extreme(call.elements("x", picked(x.shape, (*at[:2], *windows))), keep=call.keep)

    def sliding(self, x: tuple[int, ...]) -> Sliding:
        return Sliding.sharing("max", self.size(), x)

    def _rows(self, ctx: Context, x: Array) -> Array:
        """The maximum along each row of each window, N×C×H×W'."""
        columns = self.size()[1]
        rows = ctx.scratch("rows", (*x.shape[:3], columns))
        for j, window in enumerate(shares(columns, x.shape[3])):
            np.maximum.reduce(x[..., window], axis=3, out=rows[..., j])
        return rows

    def _as_image(self, x: Array) -> Array:
        return x.reshape(*x.shape[:2], 1, x.shape[2]) if x.ndim == 3 else x


def _to_winner(dy: Array, x: Array, dx: Array, axis: int) -> None:
    """dx = each window's dy along that axis, given to the first of its largest elements."""
    np.copyto(dx, 0)
    before: tuple[slice, ...] = (slice(None),) * axis
    for i, window in enumerate(shares(dy.shape[axis], x.shape[axis])):
        part, target = x[(*before, window)], dx[(*before, window)]
        winner = np.argmax(part, axis=axis, keepdims=True)
        upstream = dy[(*before, slice(i, i + 1))]
        np.put_along_axis(target, winner, np.take_along_axis(target, winner, axis) + upstream, axis)


@register
class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """Keeps the largest value of each of so many windows of a sequence, however long it is.

    N×C×L becomes N×C×L'. Window i reaches from ⌊i·L/L'⌋ to ⌈(i+1)·L/L'⌉ − 1. Only the winner gets the gradient.
    (torch.nn.AdaptiveMaxPool1d)
    """

    formula = "y = max of each of L' windows"
    latex = r"y_i = \max\, \{\, x_u : \lfloor iL/L' \rfloor \leq u < \lceil (i+1)L/L' \rceil \,\}"
    derivative = r"\frac{\partial y_i}{\partial x_u} = [u\ \mathrm{wins}]"
    field = 1
    examples = LINE
    torch = "F.adaptive_max_pool1d({x}, {output_size})"


@register
class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """Keeps the largest value of each of H'×W' windows, whatever the size of the image. (torch.nn.AdaptiveMaxPool2d)

    N×C×H×W becomes N×C×H'×W'. Row i of windows reaches from ⌊i·H/H'⌋ to ⌈(i+1)·H/H'⌉ − 1. Only the winner gets the
    gradient, the first one where several are equal.
    """

    formula = "y = max of each of H'×W' windows"
    latex = (
        r"y_{ij} = \max\, \{\, x_{uv} : \lfloor iH/H' \rfloor \leq u < \lceil (i+1)H/H' \rceil, \ldots \,\}"
    )
    derivative = r"\frac{\partial y_{ij}}{\partial x_{uv}} = [(u,v)\ \mathrm{wins}]"
    examples = PLANE
    torch = "F.adaptive_max_pool2d({x}, {output_size})"
