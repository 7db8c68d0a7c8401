"""The pixels around every window of padded images as one view (im2col), and the way back (col2im)."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .base import Array, Context
from .windows import Window


def neighbourhoods(window: Window, padded: Array, size: tuple[int, ...]) -> Array:
    """A view of padded images with the pixels of every window, N×C×k×k×H'×W'."""
    image, channel, row, pixel = padded.strides
    (down, right), (dh, dw) = window.stride, window.dilation
    shape = (*padded.shape[:2], *window.kernel, *size)
    strides = (image, channel, row * dh, pixel * dw, row * down, pixel * right)
    return as_strided(padded, shape, strides, subok=True)


def surrounded(ctx: Context, window: Window, x: Array) -> Array:
    """x with its padding, N×C×(H+2p)×(W+2p); x itself where there is none."""
    if window.padding == (0, 0):
        return x
    shape = padded_shape(window, x.shape)
    padded = kept(ctx, "padded", shape)
    if padded is None:
        padded = ctx.scratch("padded", shape)
        np.copyto(padded, 0)  # once: the padding is never written to
    np.copyto(inside(window, padded), x)
    return padded


def surroundings(ctx: Context, window: Window, dx: Array) -> Array:
    """Room for the gradient of `surrounded`."""
    return dx if window.padding == (0, 0) else ctx.scratch("dpadded", padded_shape(window, dx.shape))


def padded_shape(window: Window, shape: tuple[int, ...]) -> tuple[int, ...]:
    (ph, pw), (height, width) = window.padding, shape[-2:]
    return (*shape[:2], height + 2 * ph, width + 2 * pw)


def inside(window: Window, padded: Array) -> Array:
    """The part of padded images that is not padding."""
    (ph, pw), (height, width) = window.padding, padded.shape[2:4]
    return padded[:, :, ph : height - ph, pw : width - pw]


def kept(ctx: Context, name: str, shape: tuple[int, ...]) -> Array | None:
    found = ctx.kept(name)
    return found if found is not None and found.shape == shape else None


def gather(ctx: Context, window: Window, parts: Array, dpadded: Array, batch_last: bool) -> None:
    """dpadded = for every pixel, the sum of what its windows say (col2im). parts is k×k×N×C×H'×W', dpadded N×C×H×W.

    Rows and columns one after the other: k + k additions, of which the first k take long runs.
    """
    (kh, kw), size = window.kernel, parts.shape[4:]
    np.copyto(dpadded, 0)
    if kh * kw <= 9 and len(dpadded) > 1:
        for i in range(kh):
            for j in range(kw):
                _add(dpadded[:, :, _met(window, 0, i, size), _met(window, 1, j, size)], parts[i, j])
        return
    count, channels, height, _ = dpadded.shape
    if batch_last:
        rows = ctx.scratch("drows", (channels, kw, height, size[1], count)).transpose(1, 4, 0, 2, 3)
    else:
        rows = ctx.scratch(f"drows of {count}", (count, channels, kw, height, size[1])).transpose(
            2, 0, 1, 3, 4
        )
    np.copyto(rows, 0)
    for i in range(kh):
        _add(rows[:, :, :, _met(window, 0, i, size)], parts[i])
    for j in range(kw):
        _add(dpadded[:, :, :, _met(window, 1, j, size)], rows[j])


def _add(target: Array, more: Array) -> None:
    np.add(target, more, target)


def _met(window: Window, axis: int, position: int, size: tuple[int, ...]) -> slice:
    """The rows or columns of the padded image that all windows meet with that position inside them."""
    start, step = position * window.dilation[axis], window.stride[axis]
    return slice(start, start + (size[axis] - 1) * step + 1, step)
