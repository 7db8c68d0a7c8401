"""How products explain their numbers: rows times columns, and filters times windows.

A sequence N×C×L has windows along its one axis, an image N×C×H×W along both; `Taps` tells which numbers meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .explaining import Call, Influence, Place, picked, spread
from .explanation import Array, Elements, Term, plain, sum_of_products
from .windows import Window

ALL = slice(None)
Index = Sequence[int | slice]


def weighted(call: Call, *lines: tuple[str, Index], bias: Place | None = None) -> Term:
    """The sum of the products of lines of elements, element by element, plus a bias if there is one."""
    plus = [call.at("bias", *bias)] if bias is not None and call.has("bias") else []
    return sum_of_products(tuple(call.line(*line) for line in lines), plus=plus, keep=call.keep)


def reaches(call: Call, output: str, index: Index, *lines: tuple[str, Index]) -> list[Influence]:
    """What an element changes at that index of an output, by the product of the elements of those lines."""
    places = picked(call.outputs[output].shape, index)
    return [Influence(output, places, tuple(call.line(*line) for line in lines))]


# Rows and columns


def linear(call: Call, at: Place) -> Term:
    """y[…, u] = Σⱼ x[…, j] · weight[u, j] + bias[u]"""
    *row, unit = at
    return weighted(call, ("x", (*row, ALL)), ("weight", (unit, ALL)), bias=(unit,))


def linear_influence(call: Call, socket: str, at: Place) -> list[Influence]:
    rows = (ALL,) * (call.outputs["y"].ndim - 1)
    if socket == "x":
        return reaches(call, "y", (*at[:-1], ALL), ("weight", (ALL, at[-1])))
    if socket == "weight":
        return reaches(call, "y", (*rows, at[0]), ("x", (*rows, at[1])))
    return reaches(call, "y", (*rows, at[0]))


def matrices(call: Call, at: Place) -> Term:
    """y[…, i, j] = Σₖ a[…, i, k] · b[…, k, j]; of a vector there is no i, or no j."""
    a, b = call.array("a"), call.array("b")
    columns = at[-1:] if b.ndim > 1 else ()
    rows = at[: len(at) - len(columns)]
    row, batch = (rows[-1:], rows[:-1]) if a.ndim > 1 else ((), rows)
    first = _places(batch, a.shape[:-2]) + row
    second = _places(batch, b.shape[:-2])
    return weighted(call, ("a", (*first, ALL)), ("b", (*second, ALL, *columns)))


def matrices_influence(call: Call, socket: str, at: Place) -> list[Influence]:
    a, b, y = call.array("a"), call.array("b"), call.outputs["y"]
    rows, columns = min(a.ndim, 2) - 1, min(b.ndim, 2) - 1  # how many axes of y are rows and columns
    batches = y.ndim - rows - columns
    own = call.array(socket).shape
    batch: list[int | slice] = [ALL] * (batches - max(0, len(own) - 2))
    batch += [ALL if size == 1 else i for i, size in zip(at[: max(0, len(own) - 2)], own, strict=False)]
    row: Index = (ALL,) * rows
    column: Index = (ALL,) * columns
    if socket == "a":
        k, row = at[-1], at[-2:-1] if rows else ()
    else:
        k, column = at[-2] if columns else at[-1], at[-1:] if columns else ()
    places = picked(y.shape, (*batch, *row, *column))
    heads, row_of, column_of = (
        places[:, :batches],
        places[:, batches : batches + rows],
        places[:, batches + rows :],
    )
    inner = np.full((len(places), 1), k)
    if socket == "a":
        factor = call.elements("b", np.hstack([spread(heads, b.shape[:-2]), inner, column_of]))
    else:
        factor = call.elements("a", np.hstack([spread(heads, a.shape[:-2]), row_of, inner]))
    return [Influence("y", places, (factor,))]


def _places(batch: Place, shape: Place) -> Place:
    own = batch[len(batch) - len(shape) :] if shape else ()
    return tuple(0 if size == 1 else i for i, size in zip(own, shape, strict=True))


def bilinear(call: Call, at: Place) -> Term:
    """y[…, u] = Σᵢⱼ x1[…, i] · weight[u, i, j] · x2[…, j] + bias[u]"""
    *row, unit = at
    _, left, right = call.array("weight").shape
    grid = picked((left, right), (ALL, ALL))
    lead = np.tile(np.array(row, np.int64), (len(grid), 1))
    columns = (
        call.elements("x1", np.hstack([lead, grid[:, :1]])),
        call.line("weight", (unit, ALL, ALL)),
        call.elements("x2", np.hstack([lead, grid[:, 1:]])),
    )
    plus = [call.at("bias", unit)] if call.has("bias") else []
    return sum_of_products(columns, plus=plus, keep=call.keep)


# Windows


class Taps(NamedTuple):
    """Which numbers of an axis pair meet in a filter: the place in the kernel, and both ends, side by side."""

    kernel: Array
    small: Array
    large: Array
    outside: Array

    @classmethod
    def of_window(cls, window: Window, axis: int, start: int, size: int) -> Taps:
        """The taps of the window at `start` of the axis of windows, on an axis that is `size` long."""
        kernel = np.arange(window.kernel[axis])
        large = start * window.stride[axis] - window.padding[axis] + window.dilation[axis] * kernel
        outside = (large < 0) | (large >= size)
        return cls(kernel, np.full(len(kernel), start), np.clip(large, 0, max(size - 1, 0)), outside)

    @classmethod
    def of_pixel(cls, window: Window, axis: int, place: int, count: int) -> Taps:
        """The taps by which `count` windows see that place."""
        kernel = np.arange(window.kernel[axis])
        steps = place + window.padding[axis] - window.dilation[axis] * kernel
        small = steps // window.stride[axis]
        seen = (steps % window.stride[axis] == 0) & (small >= 0) & (small < count)
        return cls(
            kernel[seen], small[seen], np.full(int(seen.sum()), place), np.zeros(int(seen.sum()), bool)
        )

    @classmethod
    def of_weight(cls, window: Window, axis: int, tap: int, count: int, size: int) -> Taps:
        """The meetings of one place of the kernel with an axis of that size, in `count` windows."""
        small = np.arange(count)
        large = small * window.stride[axis] - window.padding[axis] + window.dilation[axis] * tap
        outside = (large < 0) | (large >= size)
        return cls(np.full(count, tap), small, np.clip(large, 0, max(size - 1, 0)), outside)


class Meetings(NamedTuple):
    """Which channels and which pixels meet: one row each. `outside`: where the window lies on padding."""

    channels: Array
    kernel: Array
    small: Array
    large: Array
    outside: Array

    @classmethod
    def of(cls, channels: Array, rows: Taps, columns: Taps) -> Meetings:
        c, r, k = (
            grid.reshape(-1)
            for grid in np.meshgrid(
                np.arange(len(channels)),
                np.arange(len(rows.kernel)),
                np.arange(len(columns.kernel)),
                indexing="ij",
            )
        )
        pairs = [
            np.stack([getattr(rows, end)[r], getattr(columns, end)[k]], 1)
            for end in ("kernel", "small", "large")
        ]
        return cls(channels[c], pairs[0], pairs[1], pairs[2], rows.outside[r] | columns.outside[k])


class Filtering(NamedTuple):
    """A convolution or its transpose at work. `small` is the array with one place for each window, `large` the other.

    A convolution makes small of large; weight is small's channel × large's channel of the group × kernel. The transpose
    makes large of small, with the same weight.
    """

    call: Call
    window: Window
    groups: int
    field: int
    small: str
    large: str

    def size(self, name: str) -> tuple[int, int]:
        shape = self.call.array(name).shape
        return (shape[2], shape[3]) if self.field == 2 else (1, shape[2])

    def pair(self, at: Place) -> tuple[int, int]:
        """The place in the picture, (row, column)."""
        return (at[-2], at[-1]) if self.field == 2 else (0, at[-1])

    def channels(self, name: str) -> int:
        return int(self.call.array(name).shape[1])

    def group_of(self, name: str, channel: int, other: str) -> tuple[Array, int]:
        """(the channels of the other array in the group of that channel, the first of them)"""
        each = self.channels(name) // self.groups
        count = self.channels(other) // self.groups
        first = channel // each * count
        return np.arange(first, first + count), first

    def _axes(self, pairs: Array) -> Array:
        return pairs[:, 2 - self.field :]

    def place(self, n: int | Array, channel: int | Array, pairs: Array) -> Array:
        """Places in small or large."""
        count = len(pairs)
        heads = [np.broadcast_to(np.asarray(i), (count,)) for i in (n, channel)]
        return np.column_stack([*heads, self._axes(pairs)])

    def weight(self, small: int | Array, large: int | Array, kernel: Array) -> Array:
        """Places in weight, for channels of small and large."""
        each = self.channels(self.large) // self.groups
        return self.place(small, np.asarray(large) % each, kernel)

    def window_of(self, at: Place) -> Meetings:
        """What an element of small sees of large."""
        group, _ = self.group_of(self.small, at[1], self.large)
        taps = [
            Taps.of_window(self.window, axis, self.pair(at)[axis], self.size(self.large)[axis])
            for axis in (0, 1)
        ]
        return Meetings.of(group, *taps)

    def seen_by(self, at: Place) -> Meetings:
        """Which elements of small see an element of large."""
        group, _ = self.group_of(self.large, at[1], self.small)
        taps = [
            Taps.of_pixel(self.window, axis, self.pair(at)[axis], self.size(self.small)[axis])
            for axis in (0, 1)
        ]
        return Meetings.of(group, *taps)

    def met_by(self, at: Place) -> tuple[Meetings, int, int]:
        """(the meetings in which an element of weight takes part, its channel of small, and of large)"""
        each = self.channels(self.small) // self.groups
        large = at[0] // each * (self.channels(self.large) // self.groups) + at[1]
        count = int(self.call.array(self.small).shape[0])
        taps = [
            Taps.of_weight(
                self.window,
                axis,
                self.pair(at)[axis],
                self.size(self.small)[axis],
                self.size(self.large)[axis],
            )
            for axis in (0, 1)
        ]
        return Meetings.of(np.arange(count), *taps), at[0], large

    # What operations ask

    def explain(self, at: Place) -> Term:
        """An element of the result."""
        if self.large == "x":
            met = self.window_of(at)
            x = self.call.elements("x", self.place(at[0], met.channels, met.large))
            weight = self.call.elements("weight", self.weight(at[1], met.channels, met.kernel))
            x = x._replace(outside=met.outside, values=np.where(met.outside, 0.0, x.values))
        else:
            met = self.seen_by(at)
            x = self.call.elements("x", self.place(at[0], met.channels, met.small))
            weight = self.call.elements("weight", self.weight(met.channels, at[1], met.kernel))
        plus = [self.call.at("bias", at[1])] if self.call.has("bias") else []
        return sum_of_products((x, weight), plus=plus, keep=self.call.keep)

    def influence(self, socket: str, at: Place) -> list[Influence]:
        if socket == "bias":
            y = self.call.outputs["y"]
            return reaches(self.call, "y", (ALL, at[0], *(ALL,) * (y.ndim - 2)))
        return [self._of_weight(at) if socket == "weight" else self._of_x(at)]

    def _of_x(self, at: Place) -> Influence:
        if self.large == "x":
            met = self.seen_by(at)
            weight = self.weight(met.channels, at[1], met.kernel)
            places = self.place(at[0], met.channels, met.small)
            return Influence("y", places, (self.call.elements("weight", weight),))
        met = self.window_of(at)
        weight = self.weight(at[1], met.channels, met.kernel)
        places = self.place(at[0], met.channels, met.large)
        return _without(met.outside, Influence("y", places, (self.call.elements("weight", weight),)))

    def _of_weight(self, at: Place) -> Influence:
        met, small, large = self.met_by(at)
        small_places = self.place(met.channels, small, met.small)
        large_places = self.place(met.channels, large, met.large)
        x, y = (large_places, small_places) if self.large == "x" else (small_places, large_places)
        return _without(met.outside, Influence("y", y, (self.call.elements("x", x),)))


def _without(outside: Array, found: Influence) -> Influence:
    """Only what does not fall on padding."""
    if not outside.any():
        return found
    return Influence(found.output, found.places[~outside], tuple(f.take(~outside) for f in found.factors))


def windowed(call: Call, window: Window, field: int, at: Place) -> Elements:
    """The elements of x in the window of one element of y, and padding."""
    filtering = Filtering(call, window, call.array("x").shape[1], field, "y", "x")
    met = filtering.window_of(at)
    x = call.elements("x", filtering.place(at[0], met.channels, met.large))
    return x._replace(outside=met.outside, values=np.where(met.outside, 0.0, x.values))


__all__ = [
    "ALL",
    "Filtering",
    "bilinear",
    "linear",
    "linear_influence",
    "matrices",
    "plain",
    "reaches",
    "weighted",
]
