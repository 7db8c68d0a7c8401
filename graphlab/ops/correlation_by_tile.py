"""Correlation with 3×3 filters tile by tile: 16 multiplications for every four windows in the place of 36.

Four neighbouring windows look at one tile of 4×4 pixels. Sums and differences of its numbers (BᵀdB) and such of the
filter's (GgGᵀ) are multiplied number by number, summed over the channels by products of matrices, one for each of the
16 places in a tile, and sums and differences of these (AᵀmA) are what the four windows come to. (Winograd 1980;
Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural Networks", F(2×2, 3×3).)

It comes as near to the true result as the product with neighbourhoods does. But a window that sees nothing but zeros
may come to some 1e-8 of what its neighbours see. So it is for large layers alone, which take 55 to 85 % of the time
then, and for float32 alone. (One core with AVX-512.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .base import Array, Context
from .neighbourhoods import Sizes, by_group, portions

TILE = 4  # pixels on each side of a tile; the next one begins half of it further
AT_ONCE = 4  # tiles that are worked on at a time, for each channel: enough for BLAS, few for the cache
ROOM = 1 << 22  # numbers that they may be
SAVED = 0.1  # nanoseconds that each window saves for each weight
FOR_WEIGHT, FOR_PIXEL = (
    25.0,
    1.5,
)  # nanoseconds that a weight takes more, and a channel of a window, before and after


def is_worth_it(it: Sizes, count: int, dtype: Any) -> bool:
    """Whether the multiplications that are saved take longer than all the sums and differences."""
    window = it.window
    fits = window.kernel == (3, 3) and window.stride == window.dilation == (1, 1) and max(window.padding) < 3
    if not fits or dtype != np.float32:
        return False
    weights, windows = it.channels * it.filters, count * it.windows[0] * it.windows[1]
    spent = FOR_PIXEL * (it.channels + it.filters)
    return windows * (SAVED * weights - spent) > FOR_WEIGHT * weights


def turned(it: Sizes) -> Sizes:
    """The correlation of the windows with the turned filters that gives what they say about the image."""
    ph, pw = it.window.padding
    window = it.window._replace(padding=(2 - ph, 2 - pw))
    return Sizes(window, it.groups, it.filters, it.channels, it.windows, it.image)


def correlate(ctx: Context, it: Sizes, x: Array, weight: Array, y: Array) -> None:
    """y = weight ∗ x."""
    _correlate(ctx, it, x, by_group(it, weight), y)


def spread(ctx: Context, it: Sizes, weight: Array, dy: Array, dx: Array) -> None:
    """dx = for every pixel, the sum of what its windows say: the correlation of dy with the turned filters."""
    _correlate(ctx, turned(it), dy, by_group(it, weight)[..., ::-1, ::-1].swapaxes(1, 2), dx)


def workspace(it: Sizes, count: int) -> int:
    """How many numbers of scratch space that takes."""
    together = len(range(count)[_portions(it, count)[0]])
    (high, wide), channels = _tiles(it), it.channels + it.filters
    tiles = min(
        together * high * wide, ROOM // (TILE * TILE * it.groups * max(it.channels, it.filters)) + wide
    )
    pixels = together * it.groups * it.channels * 4 * (high + 1) * (wide + 1)
    return pixels + 2 * TILE * TILE * it.groups * (it.channels * it.filters + channels * tiles)


def _correlate(ctx: Context, it: Sizes, x: Array, weight: Array, y: Array) -> None:
    """`weight` is g × O/g × C/g × 3 × 3."""
    filters, (high, wide) = _filters(ctx, weight), _tiles(it)
    for part in _portions(it, len(x)):
        halves = _halves(ctx, it, x[part].swapaxes(0, 1))
        count = halves.shape[3]
        for some in portions(high, high if count > 1 else _tiles_at_once(it) // wide):
            shape = (TILE, TILE, it.groups, it.channels, count * (some.stop - some.start) * wide)
            tiles = ctx.passing("tiles", shape)
            _transform(ctx, halves[..., some.start : some.stop + 1, :], tiles)
            products = ctx.passing("products", (*shape[:3], it.filters, shape[4]))
            np.matmul(filters, tiles, products)
            _put_back(ctx, products, y[part, :, 2 * some.start : 2 * some.stop].swapaxes(0, 1))


def _tiles(it: Sizes) -> tuple[int, int]:
    """Rows and columns of tiles."""
    return -(-it.windows[0] // 2), -(-it.windows[1] // 2)


def _tiles_at_once(it: Sizes) -> int:
    channels = max(it.channels, it.filters)
    return min(AT_ONCE * channels, ROOM // (TILE * TILE * it.groups * channels))


def _portions(it: Sizes, count: int) -> list[slice]:
    """As many images as make enough tiles; of one that has more, some rows of tiles are taken at a time."""
    high, wide = _tiles(it)
    return portions(count, _tiles_at_once(it) // (high * wide))


def _filters(ctx: Context, weight: Array) -> Array:
    """GgGᵀ of every filter, 4 × 4 × g × O/g × C/g."""
    shape = weight.shape[:3]
    whole = ctx.passing("whole filters", (3, 3, *shape))
    np.copyto(whole, weight.transpose(3, 4, 0, 1, 2))
    half = ctx.passing("half filters", (TILE, 3, *shape))
    found = ctx.passing("filters of tiles", (TILE, TILE, *shape))
    _spread_filter(ctx, whole, half)
    _spread_filter(ctx, half.swapaxes(0, 1), found.swapaxes(0, 1))
    return found


def _spread_filter(ctx: Context, three: Array, four: Array) -> None:
    """G along the first axis: g0, (g0 + g1 + g2) / 2, (g0 − g1 + g2) / 2, g2."""
    np.copyto(four[0], three[0])
    np.copyto(four[3], three[2])
    np.add(three[0], three[2], four[2])
    np.add(four[2], three[1], four[1])
    np.subtract(four[2], three[1], four[2])
    np.multiply(four[1:3], ctx.half, four[1:3])


def _halves(ctx: Context, it: Sizes, images: Array) -> Array:
    """The padded images C×n×H×W by even and odd rows and columns, 2 × 2 × C × n × rows × columns.

    So what is at one place in all tiles lies together.
    """
    (ph, pw), (high, wide) = it.window.padding, _tiles(it)
    halves = ctx.passing("halves", (2, 2, *images.shape[:2], high + 1, wide + 1))
    np.copyto(halves, 0)
    for i in range(2):
        for j in range(2):
            top, left = (i - ph) % 2, (j - pw) % 2
            row, column = (top + ph) // 2, (left + pw) // 2
            source = images[:, :, top::2, left::2][:, :, : high + 1 - row, : wide + 1 - column]
            rows, columns = source.shape[2:]
            np.copyto(halves[i, j, :, :, row : row + rows, column : column + columns], source)
    return halves


def _transform(ctx: Context, halves: Array, tiles: Array) -> None:
    """BᵀdB of every tile of those rows, whose first and third row (and column) are even, second and fourth odd."""
    *lead, lines, columns = halves.shape[2:]
    down = ctx.passing("rows of tiles", (TILE, 2, *lead, lines - 1, columns))
    _differences([halves[i % 2, ..., i // 2 : lines - 1 + i // 2, :] for i in range(TILE)], down)
    for i in range(TILE):
        parts = [down[i, j % 2, ..., j // 2 : columns - 1 + j // 2] for j in range(TILE)]
        _differences(parts, tiles[i].reshape(TILE, *lead, lines - 1, columns - 1))


def _differences(four: Sequence[Array], out: Array) -> None:
    """Bᵀ along an axis: a − c, b + c, c − b, b − d."""
    a, b, c, d = four
    np.subtract(a, c, out[0])
    np.add(b, c, out[1])
    np.subtract(c, b, out[2])
    np.subtract(b, d, out[3])


def _put_back(ctx: Context, products: Array, y: Array) -> None:
    """AᵀmA of every tile, into O × n × rows × columns of the result."""
    *lead, rows, columns = y.shape
    shape = (*lead, -(-rows // 2), -(-columns // 2))
    down, across = ctx.passing("sums of rows", (2, TILE, *shape)), ctx.passing("sums", (2, *shape))
    _sums(products.reshape(TILE, TILE, *shape), down)
    for i in range(2):
        _sums(down[i], across)
        for j in range(2):
            target = y[..., i::2, j::2]
            np.copyto(target, across[j, ..., : target.shape[-2], : target.shape[-1]])


def _sums(four: Array, two: Array) -> None:
    """Aᵀ along the first axis: m0 + m1 + m2, m1 − m2 − m3."""
    np.add(four[1], four[2], two[0])
    np.add(two[0], four[0], two[0])
    np.subtract(four[1], four[2], two[1])
    np.subtract(two[1], four[3], two[1])
