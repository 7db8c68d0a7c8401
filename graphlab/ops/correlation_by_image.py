"""Correlation image by image: the filters times the neighbourhoods of all windows as one large matrix (im2col).

The neighbourhoods are copied in two steps. First every row of the padded images once for each column of the filter;
then, for each row of the filter, all of these rows that it meets at once, which lie together: long runs, and not k·k
times a row of one window after the other. Backward, the same two steps are additions (col2im). As many images are taken
together as fit into the cache, or some rows of windows of one image.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .base import Array, Context
from .neighbourhoods import Sizes, matrices, portions, shifted, spread_columns

CACHE = 1 << 20  # numbers in a matrix of neighbourhoods, so that it stays in the third cache
MANY = 1500  # windows in a product from which on more of them make it no faster
TURN = 1000  # windows in the batch from which on the gradient of the filters is summed up in columns


class Portions(NamedTuple):
    """The batch in portions; where one image is too much already, the rows of windows as well."""

    images: list[slice]
    rows: list[slice]

    @property
    def is_one(self) -> bool:
        return len(self.images) == len(self.rows) == 1

    @classmethod
    def of(cls, it: Sizes, count: int) -> Portions:
        rows, columns = it.windows
        each = it.groups * it.field * rows * columns
        at_once = max(CACHE // each, MANY // (rows * columns))
        return cls(portions(count, at_once), portions(rows, rows if at_once else rows // -(-each // CACHE)))


def correlate(ctx: Context, it: Sizes, x: Array, weight: Array, y: Array) -> None:
    """y = weight ∗ x."""
    filters, parts = matrices(it, weight), Portions.of(it, len(x))
    for part in parts.images:
        rows = _rows(ctx, it, x[part])
        for some in parts.rows:
            columns, target = _columns(ctx, it, rows, some, parts.is_one), y[part, :, some]
            pixels = _pixels(ctx, it, target)
            np.matmul(filters, columns, pixels)
            if len(target) > 1:
                np.copyto(target, _apart(it, pixels, target.shape))


def correlate_back(
    ctx: Context,
    it: Sizes,
    x: Array | None,
    weight: Array,
    dy: Array,
    dx: Array | None,
    dweight: Array | None,
    keeps: bool,
) -> None:
    if dweight is not None and x is not None:
        _weigh(ctx, it, x, dy, dweight, keeps)
    if dx is not None:
        _spread(ctx, it, weight, dy, dx)


def workspace(it: Sizes, count: int) -> int:
    """How many numbers of scratch space that takes, forward and backward together."""
    parts = Portions.of(it, count)
    together, rows = len(range(count)[parts.images[0]]), len(range(it.windows[0])[parts.rows[0]])
    columns = together * rows * it.windows[1] * it.groups * (2 * it.field + it.filters)
    images = together * it.groups * it.channels * it.padded[0] * it.padded[1]
    rows_of_images = math.prod(_shape(it, together))
    return columns + 2 * images + int(rows_of_images) + 2 * it.groups * it.filters * it.field


def _shape(it: Sizes, count: int) -> tuple[int, ...]:
    """C × k × stride × H/stride × W'·n: every stride-th row together, as windows one above the other meet them."""
    height, down = it.padded[0], it.window.stride[0]
    return it.groups * it.channels, it.window.kernel[1], down, height // down, it.windows[1] * count


def _met(it: Sizes, rows: Array, position: int, some: slice) -> Array:
    """The rows that those rows of windows meet with that row of the filter, C × k × rows × W'·n."""
    beyond, stride = position * it.window.dilation[0], it.window.stride[0]
    start = beyond // stride + some.start
    return rows[:, :, beyond % stride, start : start + some.stop - some.start]


def _apart(it: Sizes, pixels: Array, shape: tuple[int, ...]) -> Array:
    """g × O/g × rows·W'·n as n×O×rows×W', which is `shape`."""
    count, channels, rows, columns = shape
    return it.apart(pixels.reshape(channels, rows, columns * count), columns).transpose(2, 0, 1, 3)


def _matrix(it: Sizes, columns: Array) -> Array:
    """C×k×k×rows×W'·n as g × C/g·k·k × rows·W'·n."""
    return columns.reshape(it.groups, it.field, columns.shape[3] * columns.shape[4])


# Forward


def _rows(ctx: Context, it: Sizes, x: Array) -> Array:
    """Every row of the padded images once for each column of the filter."""
    source, rows = shifted(ctx, it, x), ctx.passing("rows", _shape(it, len(x)))
    channels, kw, down, lines, _ = rows.shape
    by_step = source.reshape(channels, kw, lines, down, *source.shape[3:]).swapaxes(2, 3)
    np.copyto(it.apart(rows, it.windows[1]), by_step)
    return rows


def _columns(ctx: Context, it: Sizes, rows: Array, some: slice, keep: bool) -> Array:
    """The neighbourhoods of those rows of windows as columns, g × C/g·k·k × rows·W'·n.

    They are kept for `correlate_back` while training; otherwise memory is used that other nodes have just used.
    """
    shape = (rows.shape[0], *it.window.kernel, some.stop - some.start, rows.shape[4])
    keep = keep and (ctx.training or ctx.kept("columns") is not None)
    columns = ctx.scratch("columns", shape) if keep else ctx.passing("columns", shape)
    stride, dilation = it.window.stride[0], it.window.dilation[0]
    step = stride // math.gcd(stride, dilation)
    for first in range(min(step, it.window.kernel[0])):  # every step-th row meets rows equally far apart
        met, target = _met(it, rows, first, some), columns[:, first::step]
        channel, column, row, pixel = met.strides
        strides = (channel, row * (step * dilation // stride), column, row, pixel)
        np.copyto(target, as_strided(met, target.shape, strides, subok=True))
    return _matrix(it, columns)


def _pixels(ctx: Context, it: Sizes, images: Array) -> Array:
    """n×O×rows×W' as g × O/g × rows·W'·n: a view of a single image, room for several."""
    count, _, rows, columns = images.shape
    if count == 1:
        down, right = images.strides[1], images.strides[3]
        shape = (it.groups, it.filters, rows * columns)
        return as_strided(images, shape, (down * it.filters, down, right), subok=True)
    return ctx.passing("pixels", (it.groups, it.filters, rows * columns * count))


# Backward


def _upstream(ctx: Context, it: Sizes, dy: Array) -> Array:
    """n×O×rows×W' as g × O/g × rows·W'·n."""
    if len(dy) == 1:
        return dy.reshape(it.groups, it.filters, dy.shape[2] * dy.shape[3])
    pixels = _pixels(ctx, it, dy)
    np.copyto(_apart(it, pixels, dy.shape), dy)
    return pixels


def _weigh(ctx: Context, it: Sizes, x: Array, dy: Array, dweight: Array, keeps: bool) -> None:
    """dweight = dy·neighbourhoodsᵀ, summed over the portions.

    Where windows are many, each filter's gradient is summed up as a column and turned into a row at the end. Then the
    product turns dy, the smaller factor, and not the neighbourhoods, and is up to a third faster.
    """
    turns, target = dy.size >= TURN * dy.shape[1], matrices(it, dweight)
    dfilters = _as_columns(ctx, it, "dfilters") if turns else target
    for number, (upstream, columns) in enumerate(_pairs(ctx, it, x, dy, keeps)):
        if number:
            more = np.matmul(upstream, columns.swapaxes(1, 2), _as_columns(ctx, it, "more"))
            np.add(dfilters, more, dfilters)
        else:
            np.matmul(upstream, columns.swapaxes(1, 2), dfilters)
    if turns:
        _turn(dfilters, target)


def _pairs(ctx: Context, it: Sizes, x: Array, dy: Array, keeps: bool) -> Iterator[tuple[Array, Array]]:
    """The upstream gradient and the neighbourhoods of each portion."""
    parts = Portions.of(it, len(x))
    kept = ctx.kept("columns") if keeps and parts.is_one else None
    if kept is not None:
        yield _upstream(ctx, it, dy), _matrix(it, kept)
        return
    for part in parts.images:
        rows = _rows(ctx, it, x[part])
        for some in parts.rows:
            columns = _columns(ctx, it, rows, some, keep=False)
            yield _upstream(ctx, it, dy[part, :, some]), columns


def _as_columns(ctx: Context, it: Sizes, name: str) -> Array:
    """Room for the filters g × O/g × C/g·k·k, each in a column."""
    return ctx.passing(name, (it.groups, it.field, it.filters)).swapaxes(1, 2)


def _turn(columns: Array, rows: Array) -> None:
    """Copies to another order of axes, so many numbers of a row at a time that what is read stays in the cache."""
    for part in portions(rows.shape[2], 64):
        np.copyto(rows[:, :, part], columns[:, :, part])


def _spread(ctx: Context, it: Sizes, weight: Array, dy: Array, dx: Array) -> None:
    """dx = for every pixel, the sum of what its windows say."""
    turned, parts = matrices(it, weight).swapaxes(1, 2), Portions.of(it, len(dy))
    for part in parts.images:
        drows = ctx.passing("rows", _shape(it, len(dx[part])))
        np.copyto(drows, 0)
        for some in parts.rows:
            _spread_rows(ctx, it, turned, _upstream(ctx, it, dy[part, :, some]), drows, some)
        _spread_columns(ctx, it, drows, dx[part])


def _spread_rows(ctx: Context, it: Sizes, turned: Array, dy: Array, drows: Array, some: slice) -> None:
    """Adds what those rows of windows say to the rows they meet."""
    shape = (drows.shape[0], *it.window.kernel, some.stop - some.start, drows.shape[4])
    dcolumns = ctx.passing("columns", shape)
    np.matmul(turned, dy, _matrix(it, dcolumns))
    for position in range(it.window.kernel[0]):
        target = _met(it, drows, position, some)
        np.add(target, dcolumns[:, position], target)


def _spread_columns(ctx: Context, it: Sizes, drows: Array, dx: Array) -> None:
    """dx = for every pixel, the sum of what the rows say that have it."""
    channels, _, down, lines, _ = drows.shape
    (ph, pw), (height, width), (_, padded), count = it.window.padding, it.image, it.padded, len(dx)
    room = ctx.passing("dpadded", (channels, lines, down, padded * count))
    parts = it.apart(drows, it.windows[1]).transpose(1, 0, 2, 3, 4, 5)
    spread_columns(it, parts, it.apart(room, padded).swapaxes(1, 2))
    pixels = it.apart(room.reshape(channels, lines * down, padded * count), padded)
    np.copyto(dx, pixels[:, ph : ph + height, :, pw : pw + width].transpose(2, 0, 1, 3))
