"""Sequences and images of another size: every row and column of the result is a weighted sum of rows and columns of x.

So each of these is two products with a small matrix, one along the rows and one along the columns. Here what they
share, and averaging; enlarging stands in upsampling.py.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from typing import ClassVar

import numpy as np

from ..errors import ShapeError
from .adaptive_pooling import LINE, PLANE, shares
from .base import Array, Context, Op, Param, Socket, Spec
from .explain_rows import mean_of
from .explaining import Call, Place, picked
from .explanation import Elements, Term, plain, sum_of_products
from .registry import register
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

    def weights(self, size: int, before: int, axis: int, field: int) -> Array:
        """The matrix (size × before) that makes so many rows (axis 0) or columns (1) of so many."""
        raise TypeError(f"{type(self).__name__} has no weights")

    def infer(self, x: Spec) -> Spec:
        field = self.field_of(x.ndim)
        image = image_size(x, field)
        if 0 in image:
            what, least = ("images", "pixels") if field == 2 else ("sequences", "places")
            raise ShapeError(
                f"The {what} of x ({x}) have no {least}.", hint=f"Feed {what} that are not empty.", socket="x"
            )
        return x.with_shape(*x.shape[:2], *self.size_of(image, field)[-field:])

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

    def weights(self, size: int, before: int, axis: int, field: int) -> Array:
        return averaging(size, before)

    def blended(self, found: Elements, weights: Array, keep: int) -> Term:
        """All weigh the same: it is their mean."""
        return mean_of(found, keep)


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
def averaging(size: int, before: int) -> Array:
    """Row i averages the elements from ⌊i·before/size⌋ to ⌈(i+1)·before/size⌉ − 1."""
    matrix = np.zeros((size, before))
    for row, window in zip(matrix, shares(size, before), strict=True):
        row[window] = 1 / (window.stop - window.start)
    return matrix


# The matrices of upsampling.py. `scale`: how many times as many rows; their number may have been rounded down from it.


@functools.lru_cache(maxsize=256)
def repeating(size: int, before: int, scale: float | None, middles: bool) -> Array:
    """Row i takes the element that its edge, or its middle, lies in. Without `scale` it is size/before, exactly."""
    half = 0.5 if middles else 0.0
    if scale is None:
        places = (2 * np.arange(size) + int(middles)) * before // (2 * size)
    else:
        places = np.floor((np.arange(size) + half) / scale).astype(np.int64)
    matrix = np.zeros((size, before))
    matrix[np.arange(size), np.minimum(places, before - 1)] = 1
    return matrix


@functools.lru_cache(maxsize=256)
def blending(size: int, before: int, scale: float | None, corners: bool) -> Array:
    """Row i blends the two elements between which it lies, as PyTorch's (bi)linear mode does."""
    places = np.maximum(_places(size, before, scale, corners), 0)
    first = np.minimum(places.astype(np.int64), before - 1)
    share = places - first
    return _matrix(before, first, [1 - share, share], 0)


@functools.lru_cache(maxsize=256)
def bending(size: int, before: int, scale: float | None, corners: bool) -> Array:
    """Row i weighs the four elements around it by Keys's cubic with a = −0.75, as PyTorch's bicubic mode does.

    Keys 1981, "Cubic convolution interpolation for digital image processing".
    """
    places = _places(size, before, scale, corners)
    first = np.floor(places)
    share = places - first
    weights = [_cubic(share + 1), _cubic(share), _cubic(1 - share), _cubic(2 - share)]
    return _matrix(before, first.astype(np.int64), weights, -1)


def _places(size: int, before: int, scale: float | None, corners: bool) -> Array:
    """Where in x each element of the result lies."""
    if corners:
        return np.arange(size) * ((before - 1) / (size - 1) if size > 1 else 0.0)
    step = before / size if scale is None else 1 / scale
    return (np.arange(size) + 0.5) * step - 0.5


def _cubic(distance: Array, a: float = -0.75) -> Array:
    d = np.abs(distance)
    near: Array = ((a + 2) * d - (a + 3)) * d * d + 1
    far: Array = ((d - 5) * d + 8) * d * a - 4 * a
    return np.where(d <= 1, near, far)


def _matrix(before: int, first: Array, weights: list[Array], offset: int) -> Array:
    """The matrix of rows that give the weights to the elements from `first` + `offset` on; what lies outside counts as
    the border."""
    matrix = np.zeros((len(first), before))
    for k, weight in enumerate(weights):
        np.add.at(matrix, (np.arange(len(first)), np.clip(first + offset + k, 0, before - 1)), weight)
    return matrix
