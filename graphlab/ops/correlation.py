"""How a convolution is computed: the product of the filters with a matrix of neighbourhoods, and its two adjoints.

Everything here works on images N×C×H×W (x), filters O×C/g×k×k (weight) and O channels of windows N×O×H'×W' (y), where
g is the number of groups. Three ways, by what is fastest at that size:

* a 1×1 filter needs no neighbourhoods: the images themselves are the matrix;
* image by image, when an image fills a matrix of its own, a few at a time so that the matrix stays in the cache;
* all images in one matrix, with the batch as the last axis, when each has only few windows: long runs lie together in
  memory, and one large product is up to twice as fast as many small ones.
"""

from __future__ import annotations

import numpy as np

from .base import Array, Context
from .neighbourhoods import gather, inside, kept, neighbourhoods, padded_shape, surrounded, surroundings
from .windows import Window

MANY = 512  # windows in an image from which on it has a matrix of its own
CACHE = 1 << 23  # bytes of neighbourhoods that are made at a time


def correlate(ctx: Context, window: Window, groups: int, x: Array, weight: Array, y: Array) -> None:
    """y = weight ∗ x."""
    if not y.size:
        return
    if _is_pointwise(window):
        _multiply(_filters(weight, groups), _grouped(x, groups), _grouped(y, groups))
    elif _by_image(y):
        _images(ctx, window, groups, x, weight, y)
    else:
        _batch(ctx, window, groups, x, weight, y)


def correlate_back(
    ctx: Context,
    window: Window,
    groups: int,
    x: Array | None,
    weight: Array,
    dy: Array,
    dx: Array | None,
    dweight: Array | None,
    keeps: bool,
) -> None:
    """The gradients of `correlate`: what dy says about x, into dx, and about the weight, into dweight.

    keeps: the last `correlate` in this context was that of the same x, so that its neighbourhoods may be used again.
    """
    if not dy.size:
        for gradient in (dx, dweight):
            if gradient is not None:
                np.copyto(gradient, 0)
    elif _is_pointwise(window):
        _back_pointwise(ctx, groups, x, weight, dy, dx, dweight)
    elif _by_image(dy):
        _back_images(ctx, window, groups, x, weight, dy, dx, dweight, keeps)
    else:
        _back_batch(ctx, window, groups, x, weight, dy, dx, dweight, keeps)


def workspace(window: Window, channels: int, x: tuple[int, ...], y: tuple[int, ...]) -> int:
    """How many numbers of scratch space forward and backward take together, for `channels` in a filter's group."""
    if _is_pointwise(window):
        return 0
    count, pixels, windows = x[0], y[2] * y[3], x[1] * window.kernel[0] * window.kernel[1]
    (ph, pw) = window.padding
    padded = 2 * count * x[1] * (x[2] + 2 * ph) * (x[3] + 2 * pw)
    if count == 1 or pixels >= MANY:
        at_once = min(count, max(1, CACHE // max(1, 4 * windows * pixels)))
        return (
            padded
            + 2 * at_once * windows * pixels
            + 2 * y[1] * channels * window.kernel[0] * window.kernel[1]
        )
    return padded + count * pixels * (2 * windows + y[1])


def _is_pointwise(window: Window) -> bool:
    return window.kernel == (1, 1) and window.stride == (1, 1) and window.padding == (0, 0)


def _by_image(y: Array) -> bool:
    return len(y) == 1 or y.shape[2] * y.shape[3] >= MANY


def _filters(weight: Array, groups: int) -> Array:
    """The filters as one matrix a group, g × O/g × C/g·k·k."""
    count, *field = weight.shape
    return weight.reshape(groups, count // groups, int(np.prod(field)))


def _grouped(images: Array, groups: int) -> Array:
    """N×C×H×W as N × g × C/g × H·W."""
    count, channels, height, width = images.shape
    return images.reshape(count, groups, channels // groups, height * width)


def _multiply(a: Array, b: Array, out: Array) -> None:
    """Matrix products; a single one without np.matmul, which takes longer to begin."""
    if out.size == out.shape[-2] * out.shape[-1]:
        a.reshape(a.shape[-2:]).dot(b.reshape(b.shape[-2:]), out.reshape(out.shape[-2:]))
    else:
        np.matmul(a, b, out)


# 1×1: no neighbourhoods


def _back_pointwise(
    ctx: Context,
    groups: int,
    x: Array | None,
    weight: Array,
    dy: Array,
    dx: Array | None,
    dweight: Array | None,
) -> None:
    upstream = _grouped(dy, groups)
    if dx is not None:
        _multiply(_filters(weight, groups).swapaxes(1, 2), upstream, _grouped(dx, groups))
    if dweight is not None and x is not None:
        _weigh(ctx, upstream, _grouped(x, groups), _filters(dweight, groups), first=True)


def _weigh(ctx: Context, dy: Array, columns: Array, dfilters: Array, first: bool) -> None:
    """Adds dy·columnsᵀ of every image (n × g × …) to dfilters, or puts it there when it is the first."""
    turned = columns.swapaxes(2, 3)
    if first and len(dy) == 1:
        _multiply(dy, turned, dfilters[None])
        return
    each = ctx.scratch(f"dfilters of {len(dy)}", (len(dy), *dfilters.shape))
    _multiply(dy, turned, each)
    if first:
        np.add.reduce(each, axis=0, out=dfilters)
        return
    for one in range(len(dy)):
        np.add(dfilters, each[one], dfilters)


# Image by image: columns n × C·k·k × H'·W'


def _images(ctx: Context, window: Window, groups: int, x: Array, weight: Array, y: Array) -> None:
    around = neighbourhoods(window, surrounded(ctx, window, x), y.shape[2:])
    filters, result = _filters(weight, groups), _grouped(y, groups)
    for part in _portions(around):
        _multiply(filters, _columns(ctx, around, part, groups), result[part])


def _back_images(
    ctx: Context,
    window: Window,
    groups: int,
    x: Array | None,
    weight: Array,
    dy: Array,
    dx: Array | None,
    dweight: Array | None,
    keeps: bool,
) -> None:
    upstream = _grouped(dy, groups)
    if dweight is not None and x is not None:
        around = neighbourhoods(window, surrounded(ctx, window, x), dy.shape[2:])
        portions, dfilters = _portions(around), _filters(dweight, groups)
        keeps = keeps and len(portions) == 1 and kept(ctx, "columns", _column_shape(around)) is not None
        for part in portions:
            columns = _columns(ctx, around, part, groups, fill=not keeps)
            _weigh(ctx, upstream[part], columns, dfilters, first=part.start == 0)
    if dx is not None:
        dpadded = surroundings(ctx, window, dx)
        along = neighbourhoods(window, dpadded, dy.shape[2:])
        turned = _filters(weight, groups).swapaxes(1, 2)
        for part in _portions(along):
            dcolumns = _room(ctx, "dcolumns", along, part)
            _multiply(turned, upstream[part], _by_group(dcolumns, groups))
            parts = dcolumns.reshape(along[part].shape)
            gather(ctx, window, parts.transpose(2, 3, 0, 1, 4, 5), dpadded[part], batch_last=False)
        if dpadded is not dx:
            np.copyto(dx, inside(window, dpadded))


def _portions(around: Array) -> list[slice]:
    """The batch in portions whose columns fit into the cache."""
    each = max(1, around[:1].size * around.itemsize)
    step = max(1, CACHE // each)
    return [slice(start, min(start + step, len(around))) for start in range(0, len(around), step)]


def _columns(ctx: Context, around: Array, part: slice, groups: int, fill: bool = True) -> Array:
    """The neighbourhoods of those images as matrices, n × g × C/g·k·k × H'·W' (im2col)."""
    some = around[part]
    columns = _room(ctx, "columns", around, part)
    if fill:
        np.copyto(columns.reshape(some.shape), some)
    return _by_group(columns, groups)


def _room(ctx: Context, name: str, around: Array, part: slice) -> Array:
    """Scratch space for the columns of a portion; the first portion is the largest."""
    _, *matrix = _column_shape(around)
    return ctx.scratch(name, (_portions(around)[0].stop, *matrix))[: part.stop - part.start]


def _column_shape(around: Array) -> tuple[int, ...]:
    count, channels, kh, kw, rows, columns = around.shape
    return count, channels * kh * kw, rows * columns


def _by_group(columns: Array, groups: int) -> Array:
    count, field, pixels = columns.shape
    return columns.reshape(count, groups, field // groups, pixels)


# The whole batch at once: columns C·k·k × H'·W'·N


def _batch(ctx: Context, window: Window, groups: int, x: Array, weight: Array, y: Array) -> None:
    columns = _batch_columns(ctx, window, x, y.shape[2:])
    pixels = ctx.scratch("pixels", (y.shape[1], columns.shape[1]))
    _multiply(_filters(weight, groups), _rows(columns, groups), _rows(pixels, groups))
    np.copyto(y.reshape(len(y), -1), pixels.reshape(-1, len(y)).T)


def _back_batch(
    ctx: Context,
    window: Window,
    groups: int,
    x: Array | None,
    weight: Array,
    dy: Array,
    dx: Array | None,
    dweight: Array | None,
    keeps: bool,
) -> None:
    count, channels, *size = dy.shape
    dpixels = ctx.scratch("pixels", (channels, size[0] * size[1] * count))
    np.copyto(dpixels.reshape(-1, count), dy.reshape(count, -1).T)
    field = (weight.shape[1] * groups) * weight.shape[2] * weight.shape[3]
    if dweight is not None and x is not None:
        columns = kept(ctx, "columns", (field, dpixels.shape[1])) if keeps else None
        if columns is None:
            columns = _batch_columns(ctx, window, x, dy.shape[2:])
        turned = _rows(columns, groups).swapaxes(1, 2)
        _multiply(_rows(dpixels, groups), turned, _filters(dweight, groups))
    if dx is not None:
        dcolumns = ctx.scratch("dcolumns", (field, dpixels.shape[1]))
        turned = _filters(weight, groups).swapaxes(1, 2)
        _multiply(turned, _rows(dpixels, groups), _rows(dcolumns, groups))
        dpadded = ctx.scratch("dpadded", _batch_shape(window, dx))
        parts = dcolumns.reshape(-1, *window.kernel, *size, count)
        images = dpadded.transpose(3, 0, 1, 2)
        gather(ctx, window, parts.transpose(1, 2, 5, 0, 3, 4), images, batch_last=True)
        np.copyto(dx, inside(window, images))


def _batch_columns(ctx: Context, window: Window, x: Array, size: tuple[int, ...]) -> Array:
    """The matrix whose columns are the neighbourhoods of all windows of all images, C·k·k × H'·W'·N (im2col)."""
    shape = _batch_shape(window, x)
    padded = kept(ctx, "padded", shape)
    if padded is None:
        padded = ctx.scratch("padded", shape)
        np.copyto(padded, 0)
    images = padded.transpose(3, 0, 1, 2)
    np.copyto(inside(window, images), x)
    around = neighbourhoods(window, images, size).transpose(1, 2, 3, 4, 5, 0)
    channels, kh, kw, rows, columns, count = around.shape
    matrix = ctx.scratch("columns", (channels * kh * kw, rows * columns * count))
    np.copyto(matrix.reshape(around.shape), around)
    return matrix


def _batch_shape(window: Window, x: Array) -> tuple[int, ...]:
    count, channels, height, width = padded_shape(window, x.shape)
    return channels, height, width, count


def _rows(matrix: Array, groups: int) -> Array:
    """The rows of a matrix in groups."""
    return matrix.reshape(groups, len(matrix) // groups, matrix.shape[1])
