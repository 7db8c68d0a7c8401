"""Sliding windows over images: how many fit, and which pixels each position inside the window meets.

Rows and columns are treated one after the other: k + k passes over the image instead of k·k. For one position inside
the window, all windows at once are one strided slice of the image. Padding is not stored anywhere: a position simply
meets fewer windows.
"""

from __future__ import annotations

import functools
from types import EllipsisType
from typing import NamedTuple

from ..errors import ParamError, ShapeError
from .spec import Spec

Pair = tuple[int, int]
Part = tuple[EllipsisType | slice, ...]

ROWS, COLUMNS = 0, 1


class Window(NamedTuple):
    """A window's size, step and padding, each (vertical, horizontal)."""

    kernel: Pair
    stride: Pair
    padding: Pair

    def output_size(self, image: tuple[int, ...]) -> Pair:
        """How many windows fit into an image of that size (Dumoulin and Visin 2016, relationship 6)."""
        rows, columns = (
            (size + 2 * p - k) // s + 1
            for size, k, s, p in zip(image, self.kernel, self.stride, self.padding, strict=True)
        )
        return rows, columns


class Meeting(NamedTuple):
    """What happens at one position inside the window: `windows` is the part of the output whose windows lie on the
    image there, `pixels` the part of the image that they meet."""

    windows: Part
    pixels: Part


class Passage(NamedTuple):
    """The window moving along one axis.

    complete: every window meets a pixel at every position (there is no padding).
    apart: no pixel lies in two windows. covering: every pixel lies in one.
    """

    meetings: tuple[Meeting, ...]
    complete: bool
    apart: bool
    covering: bool


@functools.lru_cache(maxsize=1024)
def passage(window: Window, axis: int, size: int) -> Passage:
    """The window moving along `axis` (ROWS or COLUMNS) of an image that is `size` long there."""
    kernel, stride, padding = window.kernel[axis], window.stride[axis], window.padding[axis]
    count = (size + 2 * padding - kernel) // stride + 1
    after: Part = (slice(None),) * (COLUMNS - axis)
    meetings = []
    for position in range(kernel):
        windows, pixels = _meeting(position, stride, padding, size, count)
        meetings.append(Meeting((..., windows, *after), (..., pixels, *after)))
    apart = stride >= kernel and not padding
    return Passage(tuple(meetings), not padding, apart, apart and stride == kernel and count * kernel == size)


def _meeting(position: int, stride: int, padding: int, size: int, count: int) -> tuple[slice, slice]:
    """The windows whose `position` lies inside the image, and the pixels they meet."""
    first = max(0, -(-(padding - position) // stride))
    last = min(count - 1, (size - 1 + padding - position) // stride)
    if last < first:
        return slice(0, 0), slice(0, 0)
    start = first * stride + position - padding
    return slice(first, last + 1), slice(start, start + (last - first) * stride + 1, stride)


def pair(value: int | tuple[int, ...], name: str) -> Pair:
    """One number for both axes, or two. ParamError for any other count."""
    if isinstance(value, int):
        return value, value
    if len(value) != 2:
        raise ParamError(f"{name} has {len(value)} sizes.", hint="Give one, or two (vertical, horizontal).")
    return value[0], value[1]


def image_size(x: Spec) -> Pair:
    """Height and width of images N×C×H×W. ShapeError when x is no such batch or its size is open."""
    if x.ndim != 4:
        raise ShapeError(
            f"x ({x}) is not a batch of images N×C×H×W.",
            hint="Set layout of the data set to image, or put a Reshape before this node.",
            socket="x",
        )
    channels, height, width = x.shape[1:]
    if isinstance(channels, int) and isinstance(height, int) and isinstance(width, int):
        return height, width
    raise ShapeError(
        f"x ({x}) needs fixed channels, height and width.", hint="Only N may be open.", socket="x"
    )


def windows_in(x: Spec, window: Window) -> Pair:
    """How many windows fit into the images of x, (rows, columns). ShapeError when none does."""
    image = image_size(x)
    out = window.output_size(image)
    if min(out) < 1:
        (kh, kw), (ph, pw) = window.kernel, window.padding
        padded = f" (padded to {image[0] + 2 * ph}×{image[1] + 2 * pw})" if ph or pw else ""
        raise ShapeError(
            f"A {kh}×{kw} window does not fit into images of {image[0]}×{image[1]}{padded}.",
            hint=f"Set kernel_size to {min(image) + 2 * min(ph, pw)} or less, or use more padding.",
            socket="x",
        )
    return out
