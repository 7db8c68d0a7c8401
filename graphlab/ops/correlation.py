"""How a convolution is computed: the product of the filters with a matrix of neighbourhoods, and its two adjoints.

Everything here works on images N×C×H×W (x), filters O×C/g×k×k (weight) and O channels of windows N×O×H'×W' (y), where
g is the number of groups. Four ways, by what is fastest at that size:

* a 1×1 filter needs no neighbourhoods: the images themselves are the matrix;
* row by row of windows (`correlation_by_row`), several images in each of many small products;
* tile by tile (`correlation_by_tile`), with 3×3 filters in float32 where there are many of them and of windows;
* image by image (`correlation_by_image`), in a few large products with it.

Row by row, LeNet's layers train in 50 and 75 % of the time that they take image by image (with 16 images; their 6 and
16 filters leave little to do for every neighbourhood that is copied). With AlexNet's 192 to 384 filters it would take 6
to 16 % more, because BLAS rearranges the filters for every row. Image by image, those layers reach 170 to 205 of the
230 GFLOP/s of a large product of matrices, and spend nearly nine tenths of their time in it. (One core with AVX-512,
float32, 8 images.)
"""

from __future__ import annotations

import numpy as np

from . import correlation_by_image as by_image
from . import correlation_by_row as by_row
from . import correlation_by_tile as by_tile
from .base import Array, Context
from .matrix import product
from .neighbourhoods import Sizes, matrices
from .windows import Window

FEW = 20_000  # numbers in the filters up to which they are used row by row
WORTH = 400  # numbers in the filters, for every window in a row of all images, up to which BLAS may rearrange them


def correlate(ctx: Context, window: Window, groups: int, x: Array, weight: Array, y: Array) -> None:
    """y = weight ∗ x."""
    if not y.size:
        return
    it = Sizes.of(window, groups, weight.shape, x.shape, y.shape)
    if _is_pointwise(window, x, y):
        _correlate_pointwise(ctx, it, x, weight, y)
    elif _is_by_row(it, len(x)):
        by_row.correlate(ctx, it, x, weight, y)
    elif by_tile.is_worth_it(it, len(x), x.dtype):
        by_tile.correlate(ctx, it, x, weight, y)
    else:
        by_image.correlate(ctx, it, x, weight, y)


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
    images = x if dx is None else dx
    if images is None:
        return
    if not dy.size:
        for gradient in (dx, dweight):
            if gradient is not None:
                np.copyto(gradient, 0)
        return
    it = Sizes.of(window, groups, weight.shape, images.shape, dy.shape)
    if _is_pointwise(window, images, dy):
        _back_pointwise(ctx, it, x, weight, dy, dx, dweight)
    elif _is_by_row(it, len(dy)):
        by_row.correlate_back(ctx, it, x, weight, dy, dx, dweight, keeps)
    elif dx is not None and by_tile.is_worth_it(by_tile.turned(it), len(dy), dy.dtype):
        by_image.correlate_back(ctx, it, x, weight, dy, None, dweight, keeps)
        by_tile.spread(ctx, it, weight, dy, dx)
    else:
        by_image.correlate_back(ctx, it, x, weight, dy, dx, dweight, keeps)


def workspace(window: Window, channels: int, x: tuple[int, ...], y: tuple[int, ...]) -> int:
    """How many numbers of scratch space forward and backward take together, for `channels` in a filter's group."""
    count, weight = x[0], (y[1], channels, *window.kernel)
    if not count:
        return 0
    it = Sizes.of(window, x[1] // channels, weight, x, y)
    if _is_1x1(window) and x[2:] == y[2:]:
        return count * it.groups * it.filters * it.field
    if _is_by_row(it, count):
        return by_row.workspace(it, count)
    by_tiles = by_tile.workspace(it, count) if by_tile.is_worth_it(it, count, np.float32) else 0
    return max(by_image.workspace(it, count), by_tiles)


def _is_by_row(it: Sizes, count: int) -> bool:
    """Every row of windows is a product of its own, for which BLAS may rearrange the filters anew."""
    few = min(FEW, WORTH * count * it.windows[1])
    return count > 1 and it.window.dilation[0] == 1 and it.filters * it.field <= few


def _is_pointwise(window: Window, x: Array, y: Array) -> bool:
    """Every pixel has a window of its own; what a transposed convolution pads its output with has none."""
    return _is_1x1(window) and x.shape[2:] == y.shape[2:]


def _is_1x1(window: Window) -> bool:
    return window.kernel == (1, 1) and window.stride == (1, 1) and window.padding == (0, 0)


# 1×1: no neighbourhoods


def _correlate_pointwise(ctx: Context, it: Sizes, x: Array, weight: Array, y: Array) -> None:
    _multiply(ctx, matrices(it, weight), _flat(it, x), _flat(it, y))


def _back_pointwise(
    ctx: Context,
    it: Sizes,
    x: Array | None,
    weight: Array,
    dy: Array,
    dx: Array | None,
    dweight: Array | None,
) -> None:
    upstream = _flat(it, dy)
    if dx is not None:
        _multiply(ctx, matrices(it, weight).swapaxes(1, 2), upstream, _flat(it, dx))
    if dweight is not None and x is not None:
        each = ctx.scratch("dfilters", (len(dy), it.groups, it.filters, it.field))
        _multiply(ctx, upstream, _flat(it, x).swapaxes(2, 3), each)
        np.add.reduce(each, axis=0, out=matrices(it, dweight))


def _flat(it: Sizes, images: Array) -> Array:
    """N×C×H×W as N × g × C/g × H·W."""
    count, channels, height, width = images.shape
    return images.reshape(count, it.groups, channels // it.groups, height * width)


def _multiply(ctx: Context, a: Array, b: Array, out: Array) -> None:
    """Matrix products; a single one as is quickest."""
    if out.size == out.shape[-2] * out.shape[-1]:
        product(ctx, a.reshape(a.shape[-2:]), b.reshape(b.shape[-2:]), out.reshape(out.shape[-2:]))
    else:
        np.matmul(a, b, out)
