"""What the ways of correlating share: the sizes, padded images lying side by side, and the columns of the filter.

Images of a portion of the batch lie side by side in every row, …×(n·W) in one of two orders: pixel by pixel where rows
are short (all images' first pixels, then all their second ones), so that long runs can be copied and added at once;
else image by image.
"""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .base import Array, Context
from .windows import Pair, Window

WIDE = 16  # windows in a row from which on a row's pixels lie together, and not the images' pixels


class Sizes(NamedTuple):
    """What is correlated: groups, a group's channels before and after, and the rows and columns of either side."""

    window: Window
    groups: int
    channels: int
    filters: int
    image: Pair
    windows: Pair

    @classmethod
    def of(
        cls, window: Window, groups: int, weight: tuple[int, ...], x: tuple[int, ...], y: tuple[int, ...]
    ) -> Self:
        """From the shapes of filters O×C/g×k×k, images N×C×H×W and windows N×O×H'×W'."""
        return cls(window, groups, weight[1], weight[0] // groups, (x[2], x[3]), (y[2], y[3]))

    @property
    def padded(self) -> Pair:
        """Rows and columns with the padding, and rows enough to be divided by the stride."""
        (height, width), (ph, pw), down = self.image, self.window.padding, self.window.stride[0]
        return -(-(height + 2 * ph) // down) * down, width + 2 * pw

    @property
    def field(self) -> int:
        """How many numbers a filter has."""
        return self.channels * self.window.kernel[0] * self.window.kernel[1]

    @property
    def is_narrow(self) -> bool:
        """Whether images lie side by side pixel by pixel."""
        return self.windows[1] < WIDE

    def apart(self, side_by_side: Array, width: int) -> Array:
        """…×(n·width) as …×n×width."""
        lead, count = side_by_side.shape[:-1], side_by_side.shape[-1] // width
        if self.is_narrow:
            return side_by_side.reshape(*lead, width, count).swapaxes(-1, -2)
        return side_by_side.reshape(*lead, count, width)


def portions(count: int, at_once: int) -> list[slice]:
    """`count` things in even portions of at most so many."""
    size = -(-count // -(-count // max(1, at_once)))
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


def matrices(it: Sizes, weight: Array) -> Array:
    """The filters as one matrix a group, g × O/g × C/g·k·k."""
    return weight.reshape(it.groups, it.filters, it.field)


def grouped(it: Sizes, images: Array) -> Array:
    """N×C×H×W as N × g × C/g × H × W."""
    count, channels, *size = images.shape
    return images.reshape(count, it.groups, channels // it.groups, *size)


def by_group(it: Sizes, weight: Array) -> Array:
    """The filters as g × O/g × C/g × k × k."""
    return weight.reshape(it.groups, it.filters, *weight.shape[1:])


def cleared_once(ctx: Context, name: str, shape: tuple[int, ...]) -> Array:
    """Scratch space that was filled with zeros when it was made: what is never written to stays so."""
    found = ctx.kept(name)
    if found is None or found.shape != shape:
        found = ctx.scratch(name, shape)
        np.copyto(found, 0)
    return found


def shifted(ctx: Context, it: Sizes, x: Array) -> Array:
    """A view of the images with their padding that has every row once for each column of the filter.

    C × k × H+2p × n × W': the k pixels that a window meets in a row stand one below the other.
    """
    count, kw, (height, _), (_, columns) = len(x), it.window.kernel[1], it.padded, it.windows
    lies_apart = it.is_narrow and count > 1
    images = _padded(ctx, it, x) if it.padded != it.image or lies_apart else x.transpose(1, 2, 0, 3)
    channel, row, image, pixel = images.strides
    strides = (channel, pixel * it.window.dilation[1], row, image, pixel * it.window.stride[1])
    return as_strided(images, (len(images), kw, height, count, columns), strides, subok=True)


def _padded(ctx: Context, it: Sizes, x: Array) -> Array:
    """The images with their padding, C × H+2p × n × W+2p, lying side by side."""
    (ph, pw), (height, width), padded = it.window.padding, it.image, it.padded
    shape = (it.groups * it.channels, padded[0], padded[1] * len(x))
    images = it.apart(cleared_once(ctx, f"padded of {len(x)}", shape), padded[1])
    np.copyto(images[:, ph : ph + height, :, pw : pw + width], x.transpose(1, 2, 0, 3))
    return images


def spread_columns(it: Sizes, parts: Array, pixels: Array) -> None:
    """The way back: pixels = for each, the sum of what the windows of its row say.

    parts is k × …×n×W', one for each column of the filter, and pixels …×n×W+2p.
    """
    np.copyto(pixels, 0)
    step, count = it.window.stride[1], it.windows[1]
    for position in range(len(parts)):
        start = position * it.window.dilation[1]
        met = pixels[..., start : start + (count - 1) * step + 1 : step]
        np.add(met, parts[position], met)
