"""What the gradients of a convolution are: convolutions again. And the banded matrix that a 1-D convolution is.

Each is a `Scene` of its own, so that it can be watched window by window like any other.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..ops.sliding import Axis, Sliding
from .windows import Floats, Scene


def as_correlation(scene: Scene, dy: Floats) -> Scene:
    """The gradient of the input as a convolution of dy (outputs, rows, columns).

    Between the gradients stand as many zeros as the stride leaves out, and around them so many that every element of
    the input gets a window (a full convolution). The filters are flipped, and from and to are exchanged.
    """
    sliding, weight = scene.sliding, _filters(scene)
    window = sliding.window
    assert window is not None
    spread = _spread_out(dy, window.stride)
    rows, columns = (
        _full(axis, size, window.extent[k], window.padding[k])
        for k, (axis, size) in enumerate(
            ((sliding.rows, spread.shape[1]), (sliding.columns, spread.shape[2]))
        )
    )
    each = sliding.outputs // sliding.groups
    grouped = weight[..., ::-1, ::-1].reshape(sliding.groups, each, *weight.shape[1:])
    flipped = grouped.swapaxes(1, 2).reshape(sliding.channels, each, *weight.shape[2:])
    turned = Sliding("sum", rows, columns, sliding.field, sliding.outputs, sliding.channels, sliding.groups)
    return Scene(turned, spread, flipped)


def _full(axis: Axis, size: int, extent: int, padding: int) -> Axis:
    """A window for every element of what `axis` looked at."""
    starts = tuple(range(padding - extent + 1, padding - extent + 1 + axis.size))
    return replace(axis, size=size, starts=starts, lengths=(axis.longest,) * axis.size)


def _spread_out(dy: Floats, stride: tuple[int, int]) -> Floats:
    """With zeros between neighbours, so that they are as far apart as the windows were."""
    channels, rows, columns = dy.shape
    (down, across) = stride
    found = np.zeros((channels, (rows - 1) * down + 1, (columns - 1) * across + 1))
    found[:, ::down, ::across] = dy
    return found


def weight_correlation(scene: Scene, dy: Floats, out: int, channel: int) -> Scene:
    """The gradient of the filter from a channel of the input to one of the result: dy goes over x as a filter.

    Stride and dilation change places: dy is spread by the stride, and moves by the dilation.
    """
    sliding = scene.sliding
    window, (height, width) = sliding.window, sliding.size
    assert window is not None
    rows, columns = (
        Axis(
            axis.size,
            tuple(tap * window.dilation[k] - window.padding[k] for tap in range(window.kernel[k])),
            (count,) * window.kernel[k],
            window.stride[k],
        )
        for k, (axis, count) in enumerate(((sliding.rows, height), (sliding.columns, width)))
    )
    turned = Sliding("sum", rows, columns, sliding.field, 1, 1, 1)
    return Scene(turned, scene.x[channel : channel + 1], dy[out][None, None])


def banded(scene: Scene, out: int, channel: int) -> Floats:
    """The matrix M with which M·x is what a 1-D convolution makes of a channel: a row for each window.

    The same weights stand in every row, moved on by the stride; a weight on padding is left out.
    """
    weight, axis = _filters(scene), scene.sliding.columns
    filter_ = weight[out, channel - scene.sliding.group(out).start, 0]
    found = np.zeros((axis.count, axis.size))
    places, inside = axis.grid()
    rows, taps = np.nonzero(inside)
    found[rows, places[inside]] = filter_[taps]
    return found


def _filters(scene: Scene) -> Floats:
    if scene.weight is None:
        raise TypeError("pooling has no filter")
    return scene.weight
