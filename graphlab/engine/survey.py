"""What can be said of an array of any size as a whole: statistics, where its extremes and NaN lie, its spread.

It is gone through once, in pieces that stay in the processor's cache; of a very large one a sample tells at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .messages import Stats

Array = npt.NDArray[Any]

LARGE = 1 << 21  # elements from which on a sample speaks for the whole where it has to be quick
SAMPLE = 1 << 16
COUNTED = 1 << 18  # elements up to which bars count each of them: those of a sample look the same
PIECE = 1 << 16
BINS = 48


@dataclass(frozen=True)
class Survey:
    """Of the finite elements, but for the counts. Places are full indices, None where there is no such element.

    nans, infinities: how many there are. bad: the place of the first of either.
    """

    stats: Stats
    nans: int
    infinities: int
    bad: tuple[int, ...] | None
    low: tuple[int, ...] | None
    high: tuple[int, ...] | None


def survey(array: Array) -> Survey:
    """All of it, exactly; about 3 ns an element."""
    tally = _Tally()
    for start, piece in pieces(array):
        tally.take(start, piece)
    return tally.told(array.shape)


def sample(array: Array, large: int = LARGE, amount: int = 0) -> Array:
    """About so many (`SAMPLE`) elements from everywhere; the array itself, flat, where it has no more than `large`."""
    if array.size <= large:
        return array.reshape(-1)
    step = array.size // (amount or SAMPLE) | 1
    while array.ndim and math.gcd(step, array.shape[-1]) > 1:  # else whole columns would never be looked at
        step += 2
    if array.flags.c_contiguous:
        return array.reshape(-1)[::step]
    places = np.unravel_index(np.arange(0, array.size, step), array.shape)
    return array[places]


def spread(array: Array, low: float, high: float, amount: int = BINS) -> tuple[Array, Array]:
    """How many finite elements lie between which edges."""
    borders = edges(low, high, amount)
    first, step = float(borders[0]), float(borders[1] - borders[0])
    counts = np.zeros(len(borders) - 1, np.int64)
    for _, piece in pieces(array):
        values = piece.astype(np.float64)
        values = values[np.isfinite(values)]
        values = (values - first) / step + 1e-9  # what lies on an edge belongs above it, zero above all
        found = np.bincount(values.astype(np.intp).clip(0, len(counts) - 1), minlength=len(counts))
        counts += found
    return counts, borders


def edges(low: float, high: float, amount: int) -> Array:
    """Equal bins from `low` to `high`. Where they differ in sign, zero is an edge, so that no bin mixes signs."""
    if low == high:
        half = abs(low) * 0.05 or 0.5
        return np.array([low - half, high + half])
    if not low < 0 < high:
        return np.linspace(low, high, amount + 1)
    step = (high - low) / (amount - 1)
    return step * np.arange(np.floor(low / step), np.ceil(high / step) + 1)


def pieces(array: Array) -> Iterator[tuple[int, Array]]:
    """Flat pieces of an array in order, each with the number of its first element; nothing is copied in one go."""
    if array.flags.c_contiguous:
        flat = array.reshape(-1)
        for start in range(0, flat.size, PIECE):
            yield start, flat[start : start + PIECE]
        return
    each = array[0].size if len(array) else 0
    if each > PIECE:
        for k in range(len(array)):
            yield from ((k * each + start, piece) for start, piece in pieces(array[k]))
        return
    rows = max(1, PIECE // max(each, 1))
    for k in range(0, len(array), rows):
        yield k * each, np.ascontiguousarray(array[k : k + rows]).reshape(-1)


class _Tally:
    """What has been seen so far."""

    def __init__(self) -> None:
        self.count = self.zeros = self.nans = self.infinities = 0
        self.bad = self.lowest = self.highest = -1
        self.low, self.high = math.inf, -math.inf
        self.good, self.mean, self.squares = 0, 0.0, 0.0  # of the finite: how many, mean, squares around it

    def take(self, start: int, piece: Array) -> None:
        self.count += piece.size
        values = piece.astype(np.float64)
        low, high = float(values.min()), float(values.max())
        if not math.isfinite(low) or not math.isfinite(high):
            finite = np.isfinite(values)
            self._note_bad(start, values, finite)
            if not finite.any():
                return
            low, high = float(values[finite].min()), float(values[finite].max())
            self._note_extremes(start, np.where(finite, values, low), low, high)
            values = values[finite]
        else:
            self._note_extremes(start, values, low, high)
        self.zeros += int(np.count_nonzero(values == 0)) if low <= 0 <= high else 0
        self._add(values)

    def _note_bad(self, start: int, values: Array, finite: Array) -> None:
        nans = int(np.count_nonzero(np.isnan(values)))
        self.nans += nans
        self.infinities += int(values.size - np.count_nonzero(finite)) - nans
        if self.bad < 0:
            self.bad = start + int(finite.argmin())

    def _note_extremes(self, start: int, values: Array, low: float, high: float) -> None:
        if low < self.low:
            self.low, self.lowest = low, start + int((values == low).argmax())
        if high > self.high:
            self.high, self.highest = high, start + int((values == high).argmax())

    def _add(self, values: Array) -> None:
        """Means and squares of pieces are put together without losing digits (Chan, Golub and LeVeque 1983)."""
        mean = float(values.sum()) / values.size
        if self.low == self.high:
            mean = self.low
        values -= mean
        apart, whole = mean - self.mean, self.good + values.size
        np.multiply(values, values, out=values)  # BLAS would start its threads anew for every piece
        self.squares += float(values.sum()) + apart * apart * self.good * values.size / whole
        self.mean += apart * values.size / whole
        self.good = whole

    def told(self, shape: tuple[int, ...]) -> Survey:
        def place(flat: int) -> tuple[int, ...] | None:
            return None if flat < 0 else tuple(int(i) for i in np.unravel_index(flat, shape))

        bad = self.nans + self.infinities
        if not self.good:
            stats = Stats(0.0, 0.0, 0.0, 0.0, 0.0, 0, bad, self.count)
        else:
            std = math.sqrt(self.squares / self.good)
            norm = math.sqrt(self.squares + self.mean * self.mean * self.good)
            stats = Stats(self.low, self.mean, self.high, std, norm, self.zeros, bad, self.count)
        return Survey(
            stats, self.nans, self.infinities, place(self.bad), place(self.lowest), place(self.highest)
        )
