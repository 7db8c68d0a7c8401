"""Footprints: which places of an input a place of the result looks at, along one axis of pictures or sequences."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .windows import Window

Bools = npt.NDArray[np.bool_]


class Step(NamedTuple):
    """In the midst of an endless picture, place i looks at `extent` places from i·stride + first on."""

    stride: int = 1
    first: int = 0
    extent: int = 1


class Footprint(NamedTuple):
    """taps: (places of the result, places of the input), whether the one looks at the other.

    step: the rule behind that, None where there is none that holds for every place.
    """

    taps: Bools
    step: Step | None = None


def itself(size: int) -> Footprint:
    """Each place looks at the same place alone."""
    return Footprint(np.eye(size, dtype=bool), Step())


def shifted(before: int, after: int, by: int) -> Footprint:
    """Place i looks at i + by, where there is such a place."""
    return Footprint(np.eye(after, before, k=by, dtype=bool), Step(first=by))


def moving(window: Window, axis: int, before: int, after: int) -> Footprint:
    """Place i looks at what lies in window i; axis 0 is the vertical one of the window."""
    stride, padding, spacing = window.stride[axis], window.padding[axis], window.dilation[axis]
    starts = np.arange(after)[:, None] * stride - padding
    places = starts + np.arange(window.kernel[axis])[None, :] * spacing
    taps = np.zeros((after, before), bool)
    unit, tap = np.nonzero((places >= 0) & (places < before))
    taps[unit, places[unit, tap]] = True
    return Footprint(taps, Step(stride, -padding, window.extent[axis]))


def spreading(window: Window, axis: int, before: int, after: int) -> Footprint:
    """The other way round: each place of the input is written where the window lies."""
    whole = moving(window, axis, after, before)
    return Footprint(whole.taps.T.copy(), Step() if window.kernel[axis] == window.stride[axis] == 1 else None)


def by_weights(matrix: npt.NDArray[np.floating]) -> Footprint:
    """The result is the product of a matrix and the input; rounding makes weights that are none."""
    return Footprint(np.abs(np.asarray(matrix, np.float64)) > 1e-12)
