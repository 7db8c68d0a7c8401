"""Correlation row by row: for every row of windows one product of matrices, with the images side by side in it.

Every row of the padded images is copied once for each column of the filter. Then the k rows that a row of windows looks
at lie together in memory and are its matrix of neighbourhoods as they stand: k times the image is copied, not k·k times
as by im2col. Backward, the k rows of windows that look at a row of pixels are one matrix in the same way, so that of
the k·k additions for every pixel (col2im) k are left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .base import Array, Context
from .blas import LIGHT
from .neighbourhoods import Sizes, by_group, cleared_once, grouped, portions, shifted, spread_columns

PORTION = 1 << 18  # numbers that are worked on at a time, so that they stay in the second cache
ENOUGH = 128  # windows in a product from which on BLAS multiplies well


def correlate(ctx: Context, it: Sizes, x: Array, weight: Array, y: Array) -> None:
    """y = weight ∗ x."""
    (kh, kw), (rows, columns) = it.window.kernel, it.windows
    filters = ctx.scratch("filters", (it.groups, it.filters, kh, it.channels, kw))
    np.copyto(filters, by_group(it, weight).swapaxes(2, 3))
    matrices = filters.reshape(it.groups, 1, it.filters, it.field)
    for part in _portions(it, len(x)):
        fields = _fields(it, _rows(ctx, it, x[part]))
        pixels = ctx.scratch(f"pixels of {len(x[part])}", (it.groups, it.filters, rows, fields.shape[3]))
        np.matmul(matrices, fields, pixels.swapaxes(1, 2))
        np.copyto(grouped(it, y[part]), it.apart(pixels, columns).transpose(3, 0, 1, 2, 4))


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
    parts = _portions(it, len(dy))
    turned = list(_turned(ctx, it, weight)) if dx is not None else []
    for part in parts:
        if dweight is not None and x is not None:
            rows = ctx.kept(f"rows of {len(x)}") if keeps and len(parts) == 1 else None
            rows = _rows(ctx, it, x[part]) if rows is None else rows
            _weigh(ctx, it, _fields(it, rows), dy[part], dweight, first=part.start == 0)
        if dx is not None:
            _spread(ctx, it, turned, _surrounded(ctx, it, dy[part]), dx[part])


def workspace(it: Sizes, count: int) -> int:
    """How many numbers of scratch space that takes, forward and backward together."""
    weights = it.groups * it.filters * it.field
    return 2 * len(range(count)[_portions(it, count)[0]]) * _numbers(it) + weights * (3 + it.windows[0])


def _portions(it: Sizes, count: int) -> list[slice]:
    """The batch in portions that stay in the cache, with products that are light, or else have enough windows."""
    columns, light = it.windows[1], LIGHT // (it.filters * it.field)
    at_once = max(PORTION // _numbers(it), ENOUGH // columns)
    return portions(count, min(light // columns, at_once) if light >= ENOUGH else at_once)


def _numbers(it: Sizes) -> int:
    """How many numbers of scratch space an image takes forward; backward it takes as many again."""
    (height, width), (rows, columns) = it.padded, it.windows
    pixels = it.channels * height * (width + it.window.kernel[1] * columns)
    return it.groups * (pixels + (rows + _steps(it)) * it.filters * columns)


def _steps(it: Sizes) -> int:
    """How many rows of windows look at one row of pixels, at most."""
    return -(-it.window.kernel[0] // it.window.stride[0])


# Forward


def _rows(ctx: Context, it: Sizes, x: Array) -> Array:
    """Every row of the padded images once for each column of the filter, g × H+2p × C/g·k × W'·n."""
    source, kw = shifted(ctx, it, x), it.window.kernel[1]
    _, _, height, count, columns = source.shape
    rows = ctx.scratch(f"rows of {count}", (it.groups, height, it.channels * kw, columns * count))
    target = rows.reshape(it.groups, height, it.channels, kw, columns * count)
    by_channel = source.reshape(it.groups, it.channels, *source.shape[1:]).transpose(0, 3, 1, 2, 4, 5)
    np.copyto(it.apart(target, columns), by_channel)
    return rows


def _fields(it: Sizes, rows: Array) -> Array:
    """For each row of windows its matrix of neighbourhoods, g × H' × k·C/g·k × W'·n. They overlap."""
    group, row, channel, pixel = rows.strides
    shape = (it.groups, it.windows[0], it.field, rows.shape[3])
    return as_strided(rows, shape, (group, row * it.window.stride[0], channel, pixel), subok=True)


# Backward


def _weigh(ctx: Context, it: Sizes, fields: Array, dy: Array, dweight: Array, first: bool) -> None:
    """Adds what a portion says about the weights to dweight, or puts it there when it is the first."""
    each = ctx.scratch("dfilters", (*fields.shape[:3], it.filters))
    np.matmul(fields, _filters_last(ctx, it, dy), each)
    total = ctx.scratch("dfilters together", (it.groups, it.field, it.filters))
    np.add.reduce(each, axis=1, out=total)
    (kh, kw), target = it.window.kernel, by_group(it, dweight)
    by_filter = total.reshape(it.groups, kh, it.channels, kw, it.filters).transpose(0, 4, 2, 1, 3)
    if first:
        np.copyto(target, by_filter)
    else:
        np.add(target, by_filter, target)


def _filters_last(ctx: Context, it: Sizes, dy: Array) -> Array:
    """dy row by row of windows, g × H' × W'·n × O/g: in that order in memory where that takes no longer."""
    rows, columns = it.windows
    windows = grouped(it, dy).transpose(1, 3, 2, 0, 4)
    if it.is_narrow:
        found = ctx.scratch(f"windows of {len(dy)}", (it.groups, rows, columns * len(dy), it.filters))
        np.copyto(it.apart(found.swapaxes(2, 3), columns), windows)
        return found
    lying = ctx.scratch(f"windows of {len(dy)}", (it.groups, rows, it.filters, columns * len(dy)))
    np.copyto(it.apart(lying, columns), windows)
    return lying.swapaxes(2, 3)


def _surrounded(ctx: Context, it: Sizes, dy: Array) -> Array:
    """dy row by row of windows, g × rows × O/g × W'·n, with rows of zeros before and after.

    So every row of pixels meets as many rows of windows.
    """
    (rows, columns), count = it.windows, len(dy)
    last = (it.image[0] - 1 + it.window.padding[0]) // it.window.stride[0]
    above, below = _steps(it) - 1, max(0, last - (rows - 1))
    shape = (it.groups, above + rows + below, it.filters, columns * count)
    surrounded = cleared_once(ctx, f"surrounded windows of {count}", shape)
    target = it.apart(surrounded, columns)[:, above : above + rows]
    np.copyto(target, grouped(it, dy).transpose(1, 3, 2, 0, 4))
    return surrounded


class Turned(NamedTuple):
    """Those rows of the filters that meet every stride-th row of pixels, from `first` on, upside down."""

    first: int
    steps: int  # how many rows of the filters
    matrices: Array  # g × C/g·k × steps·O/g


def _turned(ctx: Context, it: Sizes, weight: Array) -> Iterator[Turned]:
    """The filters upside down, with the channels before them as rows."""
    stride, (kh, kw) = it.window.stride[0], it.window.kernel
    for first in range(min(stride, kh)):
        rows = by_group(it, weight)[:, :, :, first:kh:stride]
        steps = rows.shape[3]
        turned = ctx.scratch(f"turned from {first}", (it.groups, it.channels, kw, steps, it.filters))
        np.copyto(turned, rows[:, :, :, ::-1].transpose(0, 2, 4, 3, 1))
        yield Turned(first, steps, turned.reshape(it.groups, it.channels * kw, steps * it.filters))


def _spread(ctx: Context, it: Sizes, turned: list[Turned], surrounded: Array, dx: Array) -> None:
    """dx = for every pixel, the sum of what its windows say."""
    (_, kw), (height, _), (_, columns), (_, width) = it.window.kernel, it.image, it.windows, it.padded
    count, lead = len(dx), (it.groups, height, it.channels)
    drows = ctx.scratch(f"drows of {count}", (*lead[:2], it.channels * kw, columns * count))
    if len(turned) < it.window.stride[0]:  # some rows are in no window
        np.copyto(drows, 0)
    for filters in turned:
        _spread_rows(it, filters, surrounded, drows)
    pixels = it.apart(ctx.scratch(f"dpadded of {count}", (*lead, width * count)), width)
    parts = it.apart(drows.reshape(*lead, kw, columns * count), columns).transpose(3, 0, 1, 2, 4, 5)
    spread_columns(it, parts, pixels)
    pw = it.window.padding[1]
    np.copyto(grouped(it, dx), pixels[..., pw : width - pw].transpose(3, 0, 2, 1, 4))


def _spread_rows(it: Sizes, filters: Turned, surrounded: Array, drows: Array) -> None:
    """The rows of drows that these rows of the filters meet."""
    stride, padding = it.window.stride[0], it.window.padding[0]
    begin = padding + (filters.first - padding) % stride  # the first of them that is no padding
    rows = drows[:, begin - padding :: stride]
    group, row, channel, pixel = surrounded.strides
    start = begin // stride + _steps(it) - filters.steps
    shape = (it.groups, rows.shape[1], filters.steps * it.filters, surrounded.shape[3])
    fields = as_strided(surrounded[:, start:], shape, (group, row, channel, pixel), subok=True)
    np.matmul(filters.matrices[:, None], fields, rows)
