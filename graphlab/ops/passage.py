"""A window moving along one axis: which pixels each position inside it meets, and passes that use it.

Rows and columns are treated one after the other: k + k passes over the image instead of k·k. For one position inside
the window, all windows at once are one strided slice of the image. Padding is not stored anywhere: a position simply
meets fewer windows.
"""

from __future__ import annotations

import functools
from types import EllipsisType
from typing import NamedTuple

import numpy as np

from .base import Array, Context
from .windows import Window

Part = tuple[EllipsisType | slice, ...]

ROWS, COLUMNS = 0, 1


class Meeting(NamedTuple):
    """What happens at one position inside the window: `windows` is the part of the output whose windows lie on the
    image there, `pixels` the part of the image that they meet."""

    windows: Part
    pixels: Part


class Passage(NamedTuple):
    """The window moving along one axis.

    complete: every window meets a pixel at every position (none reaches beyond the image).
    apart: so far apart that no pixel lies in two windows. covering: every pixel lies in one.
    """

    meetings: tuple[Meeting, ...]
    complete: bool
    apart: bool
    covering: bool


@functools.lru_cache(maxsize=1024)
def passage(window: Window, axis: int, size: int) -> Passage:
    """The window moving along `axis` (ROWS or COLUMNS) of an image that is `size` long there."""
    kernel, stride, padding = window.kernel[axis], window.stride[axis], window.padding[axis]
    count, extent = window.fitting(axis, size), window.extent[axis]
    after: Part = (slice(None),) * (COLUMNS - axis)
    meetings = []
    for position in range(kernel):
        windows, pixels = _meeting(position * window.dilation[axis], stride, padding, size, count)
        meetings.append(Meeting((..., windows, *after), (..., pixels, *after)))
    complete = not padding and (count - 1) * stride + extent <= size
    apart = complete and stride >= extent
    return Passage(tuple(meetings), complete, apart, apart and stride == kernel and count * kernel == size)


def _meeting(position: int, stride: int, padding: int, size: int, count: int) -> tuple[slice, slice]:
    """The windows whose `position` lies inside the image, and the pixels they meet."""
    first = max(0, -(-(padding - position) // stride))
    last = min(count - 1, (size - 1 + padding - position) // stride)
    if last < first:
        return slice(0, 0), slice(0, 0)
    start = first * stride + position - padding
    return slice(first, last + 1), slice(start, start + (last - first) * stride + 1, stride)


def largest(x: Array, y: Array, along: Passage) -> None:
    """y = the maximum of each window."""
    parts = [(y[windows], x[pixels]) for windows, pixels in along.meetings]
    if not along.complete:
        np.copyto(y, -np.inf)
    elif len(parts) == 1:
        np.copyto(y, parts[0][1])
        return
    else:
        np.maximum(parts[0][1], parts[1][1], out=y)
        parts = parts[2:]
    for best, values in parts:
        np.maximum(values, best, out=best)


def total(x: Array, y: Array, along: Passage) -> None:
    """y = the sum of each window."""
    parts = [(y[windows], x[pixels]) for windows, pixels in along.meetings]
    if not along.complete:
        np.copyto(y, 0)
    elif len(parts) == 1:
        np.copyto(y, parts[0][1])
        return
    else:
        np.add(parts[0][1], parts[1][1], y)
        parts = parts[2:]
    for so_far, values in parts:
        np.add(values, so_far, so_far)


def to_all(dy: Array, dx: Array, along: Passage) -> None:
    """dx = each window's dy, given to all its pixels."""
    if not along.covering:
        np.copyto(dx, 0)
    for windows, pixels in along.meetings:
        target = dx[pixels]
        if along.apart:
            np.copyto(target, dy)
        else:
            np.add(target, dy[windows], target)


def to_winner(ctx: Context, name: str, dy: Array, x: Array, y: Array, dx: Array, along: Passage) -> None:
    """dx = each window's dy, given to the first of its pixels that equals the maximum y."""
    if not along.covering:
        np.copyto(dx, 0)
    if along.apart:
        _to_winner_apart(ctx, name, dy, x, y, dx, along)
        return
    won, share = ctx.scratch(f"{name} won", dy.shape, np.bool_), ctx.scratch(f"{name} share", dy.shape)
    left = ctx.scratch(f"{name} left", dy.shape)
    np.copyto(left, dy)
    last = along.meetings[-1]
    for windows, pixels in along.meetings:
        target, here, its = dx[pixels], share[windows], left[windows]
        if pixels is last.pixels:  # the winner wherever none was found before
            here = its
        else:
            hit = won[windows]
            np.equal(x[pixels], y[windows], hit)
            np.multiply(its, hit, here)
            np.subtract(its, here, its)
        np.add(target, here, target)


def _to_winner_apart(
    ctx: Context, name: str, dy: Array, x: Array, y: Array, dx: Array, along: Passage
) -> None:
    """The same where nothing meets: no sums, and the last position of each window takes what is left."""
    *others, last = (pixels for _, pixels in along.meetings)
    left, rest = dy, dx[last]
    for pixels in others:
        won, target = ctx.scratch(f"{name} won", dy.shape, np.bool_), dx[pixels]
        np.equal(x[pixels], y, won)
        np.multiply(left, won, target)
        np.subtract(left, target, rest)
        left = rest
    if not others:
        np.copyto(rest, dy)
