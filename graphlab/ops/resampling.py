"""Sequences and images of another size: every row and column of the result is a weighted sum of rows and columns of x.

So each of these is two products with a small matrix, one along the rows and one along the columns. Here what they
share, and averaging; enlarging stands in upsampling.py.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar

import numpy as np

from ..errors import ShapeError
from . import recipe_windows
from .adaptive_pooling import LINE, PLANE
from .base import Array, Context, Op, Param, Recipe, Socket, Spec
from .explain_rows import mean_of
from .explaining import Call, Place, picked
from .explanation import Elements, Term, plain, sum_of_products
from .footprint import Footprint, by_weights
from .registry import register
from .sliding import Sliding
from .windows import Pair, across, image_size


class Resampling(Op):
    """N×C×H×W becomes N×C×H'×W': y = A·x·Bᵀ. Sequences N×C×L are images of one row."""

    category = "Layer"
    inputs = (Socket("x"),)
    saved = ()

    def field_of(self, ndim: int) -> int:
        """How many axes are resampled in an x of so many."""
        raise TypeError(f"{type(self).__name__} has no field")

    def size_of(self, image: Pair, field: int) -> Pair:
        """The size of the result for images of that size, (1, length) with a field of 1."""
        raise TypeError(f"{type(self).__name__} has no size")

    def way(
        self, size: int, before: int, axis: int, field: int
    ) -> tuple[Callable[..., Array], tuple[Any, ...]]:
        """The function of recipe_windows.py, and its arguments, that makes so many rows (axis 0) or columns (1) of so
        many."""
        raise TypeError(f"{type(self).__name__} has no weights")

    def weights(self, size: int, before: int, axis: int, field: int) -> Array:
        """The matrix (size × before) that does it."""
        function, args = self.way(size, before, axis, field)
        return made(function, *args)

    def infer(self, x: Spec) -> Spec:
        field = self.field_of(x.ndim)
        image = image_size(x, field)
        if 0 in image:
            what, least = ("images", "pixels") if field == 2 else ("sequences", "places")
            raise ShapeError(
                f"The {what} of x ({x}) have no {least}.", hint=f"Feed {what} that are not empty.", socket="x"
            )
        return x.with_shape(*x.shape[:2], *self.size_of(image, field)[-field:])

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe | None:
        before, field = self._image(shapes["x"])
        sizes, lines, tools = self.size_of(before, field), [], []
        for axis, name in list(enumerate(("down", "right")))[-field:]:
            function, args = self.way(sizes[axis], before[axis], axis, field)
            lines.append(f"{name} = {function.__name__}{args}.astype(dtype)")
            tools.append(function)
        y, dx = ("down @ x @ right.T", "down.T @ dy @ right") if field == 2 else ("x @ right.T", "dy @ right")
        return Recipe("\n".join([*lines, f"y = {y}"]), f"dx = {dx}", tuple(tools))

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        down, right = self._matrices(ctx, x)
        if x.ndim == 3:
            np.matmul(x, right.T, y)
            return
        between = ctx.scratch("between", (*x.shape[:3], y.shape[3]))
        np.matmul(x, right.T, between)
        np.matmul(down, between, y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """The elements that are blended, each with its weight; the one that is repeated."""
        x = call.array("x")
        image, field = self._image(x.shape)
        sizes, place = self.size_of(image, field), at[2:] if field == 2 else (0, at[2])
        down, right = (self.weights(sizes[k], image[k], k, field)[place[k]] for k in (0, 1))
        rows, columns = np.flatnonzero(down), np.flatnonzero(right)
        grid = picked((len(rows), len(columns)), (slice(None), slice(None)))
        u, v = rows[grid[:, 0]], columns[grid[:, 1]]
        lead = np.tile(np.array(at[:2], np.int64), (len(grid), 1))
        found = call.elements("x", np.column_stack([lead, *([u, v] if field == 2 else [v])]))
        return self.blended(found, down[u] * right[v], call.keep)

    def blended(self, found: Elements, weights: Array, keep: int) -> Term:
        return sum_of_products((found, plain(weights, "weight")) if len(weights) > 1 else (found,), keep=keep)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        down, right = self._matrices(ctx, x)
        if x.ndim == 3:
            np.matmul(dy, right, dx)
            return
        between = ctx.scratch("between", (*x.shape[:3], y.shape[3]))
        np.matmul(down.T, dy, between)
        np.matmul(between, right, dx)

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        field = self.field_of(len(x))
        return by_weights(self.weights(y[axis], x[axis], axis - field, field))

    def flops(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> int:
        """A multiply-add for each weight that is not 0: along the rows of x, then along the columns of that."""
        (height, width), field = self._image(x)
        rows, columns = self.size_of((height, width), field)
        used = [
            int(np.count_nonzero(self.weights(after, before, axis, field)))
            for axis, (after, before) in enumerate(((rows, height), (columns, width)))
        ]
        return 2 * x[0] * x[1] * (height * used[1] + columns * used[0])

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        return len(wanted) * Resampling.flops(self, **shapes)

    def workspace(self, **shapes: tuple[int, ...]) -> int:
        count, channels, *_ = shapes["x"]
        (height, width), field = self._image(shapes["x"])
        rows, columns = self.size_of((height, width), field)
        return count * channels * height * columns + rows * height + columns * width

    def _image(self, shape: tuple[int, ...]) -> tuple[Pair, int]:
        """(height and width, the number of axes that are resampled) of an x of that shape."""
        return ((1, shape[2]), 1) if len(shape) == 3 else ((shape[2], shape[3]), 2)

    def _matrices(self, ctx: Context, x: Array) -> tuple[Array, Array]:
        image, field = self._image(x.shape)
        sizes, made = self.size_of(image, field), []
        for axis, name in enumerate(("down", "right")):
            shape = (sizes[axis], image[axis])
            found = ctx.kept(name)
            if found is None or found.shape != shape:
                found = ctx.scratch(name, shape)
                np.copyto(found, self.weights(*shape, axis, field))
            made.append(found)
        return made[0], made[1]


class _AdaptiveAvgPool(Resampling):
    """Averages each of a given number of windows."""

    field: ClassVar[int] = 2
    output_size = Param(
        1, kind="ints", low=1, high=4096, help="The size of the result, on both axes or on each."
    )

    def check(self) -> None:
        self.size_of((1, 1), self.field)

    def field_of(self, ndim: int) -> int:
        return self.field

    def size_of(self, image: Pair, field: int) -> Pair:
        return across(self.output_size, "output_size", self.field, 1)

    def way(
        self, size: int, before: int, axis: int, field: int
    ) -> tuple[Callable[..., Array], tuple[Any, ...]]:
        return recipe_windows.averaging, (size, before)

    def blended(self, found: Elements, weights: Array, keep: int) -> Term:
        """All weigh the same: it is their mean."""
        return mean_of(found, keep)

    def sliding(self, x: tuple[int, ...]) -> Sliding:
        return Sliding.sharing("mean", self.size_of((1, 1), self.field), x)


@register
class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """Averages sequences down to a given length, however long they come in. (torch.nn.AdaptiveAvgPool1d)

    N×C×L becomes N×C×L'. Place i of the result averages places ⌊i·L/L'⌋ to ⌈(i+1)·L/L'⌉ − 1 of x.
    """

    formula = "y = mean of each of L' windows"
    latex = r"y_i = \mathrm{mean}\, \{\, x_u : \lfloor iL/L' \rfloor \leq u < \lceil (i+1)L/L' \rceil \}"
    derivative = r"\frac{\partial y_i}{\partial x_u} = \frac{1}{|\mathrm{window}_i|}"
    field = 1
    examples = LINE
    torch = "F.adaptive_avg_pool1d({x}, {output_size})"


@register
class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """Averages images down to a given size, whatever size they come in. (torch.nn.AdaptiveAvgPool2d)

    N×C×H×W becomes N×C×H'×W'. Row i of the result averages rows ⌊i·H/H'⌋ to ⌈(i+1)·H/H'⌉ − 1 of x; windows differ by
    one where the sizes do not divide, and may overlap.
    """

    formula = "y = mean of each of H'×W' windows"
    latex = r"y_{ij} = \mathrm{mean}\, \{\, x_{uv} : \lfloor iH/H' \rfloor \leq u < \lceil (i+1)H/H' \rceil, \ldots \}"
    derivative = r"\frac{\partial y_{ij}}{\partial x_{uv}} = \frac{1}{|\mathrm{window}_{ij}|}"
    examples = PLANE
    torch = "F.adaptive_avg_pool2d({x}, {output_size})"


@functools.lru_cache(maxsize=256)
def made(way: Callable[..., Array], *args: Any) -> Array:
    """The matrix that a function of recipe_windows.py makes."""
    return way(*args)
