"""One window of a convolution or a pooling at a time: what it sees, what becomes of it, and what comes back.

A `Scene` is one sample with the filters that go over it. All numbers are float64; sequences are images of one row.
What the gradients are as convolutions stands in `windows_back`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..ops.sliding import Axis, Sliding

Floats = npt.NDArray[np.float64]
Place = tuple[int, int]


@dataclass(frozen=True)
class Look:
    """One window at work.

    at: (channel of the result, row, column). rows, columns: where it looks, padding included. channels: those of the
    input that it looks at. values, weights, products: (channels, rows, columns); weights None where there is no filter,
    products what is added up, for a maximum the values themselves. outside: (rows, columns) on padding. sums: of each
    channel. count: by how much a mean is divided. winner: (row, column) in the window of the first largest value.
    """

    at: tuple[int, int, int]
    channels: tuple[int, ...]
    rows: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    outside: npt.NDArray[np.bool_]
    values: Floats
    weights: Floats | None
    products: Floats
    sums: Floats
    bias: float | None
    count: int
    winner: Place | None
    result: float


@dataclass(frozen=True)
class Sent:
    """What windows send back to one element of the input, a row for each window that it lies in.

    windows: (channel of the result, row, column). taps: the place in the window. upstream: the gradient of the window's
    result. factors: the weight; 1 or 0 for who won or lost a maximum; 1/count of a mean. terms: their products.
    """

    windows: npt.NDArray[np.int64]
    taps: npt.NDArray[np.int64]
    upstream: Floats
    factors: Floats

    @property
    def terms(self) -> Floats:
        return self.upstream * self.factors

    @property
    def total(self) -> float:
        return float(self.terms.sum())


@dataclass(frozen=True)
class Scene:
    """x: (channels, height, width) of one sample. weight: (outputs, channels of a group, kernel rows, kernel columns).

    bias: one for each output. weight and bias are None where there are none.
    """

    sliding: Sliding
    x: Floats
    weight: Floats | None = None
    bias: Floats | None = None

    @staticmethod
    def of(sliding: Sliding, x: Any, weight: Any = None, bias: Any = None) -> Scene:
        """From arrays as an operation has them, of one sample: x is C×H×W or C×L."""
        x = np.asarray(x, np.float64)
        filters = None if weight is None else as_images(np.asarray(weight, np.float64))
        offsets = None if bias is None else np.asarray(bias, np.float64)
        return Scene(sliding, x.reshape(x.shape[0], *sliding.image), filters, offsets)

    # Forward

    def output(self, out: int, channel: int | None = None) -> Floats:
        """A channel of the result; with `channel`, what that channel of the input adds to it, without the bias."""
        if self.sliding.kind == "sum":
            return self._correlated(out, channel)
        patches, _ = self._patches(out, -np.inf if self.sliding.kind == "max" else 0.0)
        found: Floats = (
            patches.max(axis=(2, 3))
            if self.sliding.kind == "max"
            else patches.sum(axis=(2, 3)) / self.counts()
        )
        return found

    def counts(self) -> Floats:
        """How many numbers each window averages."""
        return np.multiply.outer(*(_counted(axis) for axis in (self.sliding.rows, self.sliding.columns)))

    def _correlated(self, out: int, channel: int | None) -> Floats:
        assert self.weight is not None
        group = self.sliding.group(out)
        chosen = [channel] if channel is not None else list(group)
        found = np.zeros(self.sliding.size)
        filters = self.weight[out, [c - group.start for c in chosen]]
        padded = self._padded(chosen)
        for u, v in np.ndindex(*filters.shape[1:]):
            part = padded[:, _met(self.sliding.rows, u), _met(self.sliding.columns, v)]
            found += np.einsum("c,chw->hw", filters[:, u, v], part)
        if self.bias is not None and channel is None:
            found += self.bias[out]
        return found

    def _padded(self, channels: list[int]) -> Floats:
        """Those channels with zeros as far as windows reach."""
        rows, columns = self.sliding.rows, self.sliding.columns
        return np.pad(self.x[channels], ((0, 0), rows.margins(), columns.margins()))

    def _patches(self, channel: int, fill: float) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """(windows down × windows across × rows × columns) of a channel, and which of them are on the input."""
        (rows, on_rows), (columns, on_columns) = self.sliding.rows.grid(), self.sliding.columns.grid()
        inside = on_rows[:, None, :, None] & on_columns[None, :, None, :]
        height, width = self.sliding.image
        r, c = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
        found = self.x[channel][r[:, None, :, None], c[None, :, None, :]]
        return np.where(inside, found, fill), inside

    def look(self, at: tuple[int, int, int], channel: int | None = None) -> Look:
        """The window of an element of the result; with `channel`, what it sees of that channel alone."""
        out, row, column = at
        rows, columns = self.sliding.rows.places(row), self.sliding.columns.places(column)
        height, width = self.sliding.image
        outside = ((rows < 0) | (rows >= height))[:, None] | ((columns < 0) | (columns >= width))
        group = self.sliding.group(out)
        channels = tuple(group) if channel is None else (channel,)
        there = np.ix_(np.array(channels), np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1))
        values = np.where(outside, 0.0, self.x[there])
        weights, bias = None, None
        if self.weight is not None:
            weights = self.weight[out][[c - group.start for c in channels]]
        if self.bias is not None and channel is None:
            bias = float(self.bias[out])
        products = values if weights is None else values * weights
        sums = products.sum(axis=(1, 2))
        count, winner, result = self._comes_to(at, values[0], outside, float(sums.sum()) + (bias or 0.0))
        return Look(
            at, channels, rows, columns, outside, values, weights, products, sums, bias, count, winner, result
        )

    def _comes_to(
        self, at: tuple[int, int, int], values: Floats, outside: npt.NDArray[np.bool_], total: float
    ) -> tuple[int, Place | None, float]:
        """By how much a mean is divided, which place is the maximum, and the number that the window becomes."""
        if self.sliding.kind == "max":
            winner = first_largest(values, outside)
            return 1, winner, float(values[winner])
        if self.sliding.kind == "mean":
            down, right = _counted(self.sliding.rows), _counted(self.sliding.columns)
            count = int(down[at[1]] * right[at[2]])
            return count, None, total / count
        return 1, None, total

    def windows_over(self, place: Place) -> npt.NDArray[np.int64]:
        """(row, column) of every window that an element of the input lies in."""
        found = [
            (i, j)
            for i, _ in self.sliding.rows.seen_by(place[0])
            for j, _ in self.sliding.columns.seen_by(place[1])
        ]
        return np.array(found, np.int64).reshape(-1, 2)

    # Back

    def sent_to(self, channel: int, place: Place, dy: Floats) -> Sent:
        """What comes back to an element of the input; dy (outputs, rows, columns) is the gradient of the result."""
        met = [
            (out, i, j, u, v)
            for out in self.sliding.made_of(channel)
            for i, u in self.sliding.rows.seen_by(place[0])
            for j, v in self.sliding.columns.seen_by(place[1])
        ]
        found = np.array(met, np.int64).reshape(-1, 5)
        windows, taps = found[:, :3], found[:, 3:]
        upstream = dy[windows[:, 0], windows[:, 1], windows[:, 2]]
        return Sent(windows, taps, upstream, self._factors(channel, windows, taps))

    def _factors(self, channel: int, windows: npt.NDArray[np.int64], taps: npt.NDArray[np.int64]) -> Floats:
        if self.weight is not None:
            local = channel % (self.sliding.channels // self.sliding.groups)
            weights: Floats = self.weight[windows[:, 0], local, taps[:, 0], taps[:, 1]]
            return weights
        if self.sliding.kind == "mean":
            shares: Floats = 1.0 / self.counts()[windows[:, 1], windows[:, 2]]
            return shares
        winners = [self.look((int(o), int(i), int(j))).winner for o, i, j in windows]
        return np.array([float(w == tuple(t)) for w, t in zip(winners, taps.tolist(), strict=True)])

    def sent_by(self, at: tuple[int, int, int], dy: Floats, channel: int) -> Floats:
        """What one window sends back to each of its places in a channel of the input, (rows, columns); 0 on padding."""
        look = self.look(at, channel)
        upstream = float(dy[at])
        if look.weights is not None:
            found = upstream * look.weights[0]
        elif look.winner is not None:
            found = np.zeros(look.outside.shape)
            found[look.winner] = upstream
        else:
            found = np.full(look.outside.shape, upstream / look.count)
        return np.where(look.outside, 0.0, found)

    def input_gradient(self, channel: int, dy: Floats, out: int | None = None) -> Floats:
        """The gradient of a channel of the input; with `out`, the part that a channel of the result sends."""
        outs = self.sliding.made_of(channel) if out is None else [out]
        if self.weight is not None:
            return self._spread(channel, dy, list(outs))
        patches, inside = self._patches(channel, -np.inf)
        if self.sliding.kind == "max":
            flat = patches.reshape(*patches.shape[:2], -1)
            wins = np.arange(flat.shape[2]) == flat.argmax(axis=2)[..., None]
            parts = dy[channel][..., None, None] * wins.reshape(patches.shape)
        else:
            parts = np.where(inside, (dy[channel] / self.counts())[..., None, None], 0.0)
        found = np.zeros(self.sliding.image)
        (rows, _), (columns, _) = self.sliding.rows.grid(), self.sliding.columns.grid()
        r, c = np.broadcast_arrays(rows[:, None, :, None], columns[None, :, None, :])
        np.add.at(found, (r[inside], c[inside]), parts[inside])
        return found

    def _spread(self, channel: int, dy: Floats, outs: list[int]) -> Floats:
        assert self.weight is not None
        rows, columns = self.sliding.rows, self.sliding.columns
        (above, below), (left, right) = rows.margins(), columns.margins()
        height, width = self.sliding.image
        found = np.zeros((above + height + below, left + width + right))
        filters = self.weight[outs, channel - self.sliding.group(outs[0]).start]
        for u, v in np.ndindex(*filters.shape[1:]):
            part = np.einsum("o,ohw->hw", filters[:, u, v], dy[outs])
            found[_met(rows, u), _met(columns, v)] += part
        return found[above : above + height, left : left + width]


def as_images(weight: Floats) -> Floats:
    """Filters O×C×k as O×C×1×k; those of images as they are."""
    return weight.reshape(*weight.shape[:2], 1, weight.shape[2]) if weight.ndim == 3 else weight


def first_largest(values: Floats, outside: npt.NDArray[np.bool_]) -> Place:
    """The first largest in reading order, as pooling has it; never one on padding."""
    found = int(np.where(outside, -np.inf, values).argmax())
    row, column = divmod(found, values.shape[1])
    return row, column


def _counted(axis: Axis) -> npt.NDArray[np.int64]:
    """How many places of each window a mean counts along an axis."""
    starts, (low, high) = np.array(axis.starts, np.int64), axis.counted
    ends = starts + np.array(axis.lengths, np.int64)
    return np.minimum(ends, high) - np.maximum(starts, low)


def _met(axis: Axis, tap: int) -> slice:
    """Where one place of all windows, which are alike, lies on the padded input."""
    first = axis.starts[0] + axis.margins()[0] + axis.spacing * tap
    step = axis.starts[1] - axis.starts[0] if axis.count > 1 else 1
    return slice(first, first + (axis.count - 1) * step + 1, step)
