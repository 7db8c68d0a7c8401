"""Histograms over the steps of a training, of several arrays: kept without loss of a count, drawn as densities.

Each stands on bins as wide as a power of two (see `engine.spreads`), so two become one by taking the coarser of their
widths, coarser still until one range holds both, and adding up.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..engine.spreads import BINS, ZERO
from .thinned import Thinned

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
MOST = 512  # readings
LIE = 0.998  # of the elements of every reading lie in the range that is drawn
NOTHING = 2.0 ** (ZERO + 1)  # a range so narrow is that of zeros
_PLACES = np.arange(BINS)


class Histograms(NamedTuple):
    """One for each array. exponents, firsts, bad: (n,). counts: (n, BINS); see `engine.spreads.Spread`."""

    exponents: Indices
    firsts: Indices
    counts: Indices
    bad: Indices

    @staticmethod
    def nothing(n: int) -> Histograms:
        none = np.zeros(n, np.int64)
        return Histograms(none, none, np.zeros((n, BINS), np.int64), none)


def merged(a: Histograms, b: Histograms) -> Histograms:
    """Both together, array by array."""
    exponents, spans = _in_common(a, b)
    low = np.minimum(spans[0], spans[2])
    firsts = np.where(low == np.iinfo(np.int64).max, 0, low)
    counts = np.zeros_like(a.counts)
    for each in (a, b):
        places = (each.firsts[:, None] + _PLACES) >> (exponents - each.exponents).clip(0, 62)[:, None]
        places = (places - firsts[:, None]).clip(0, BINS - 1)  # outside lie only empty bins
        np.add.at(counts, (np.arange(len(counts))[:, None], places), each.counts)
    return Histograms(exponents, firsts, counts, a.bad + b.bad)


def _in_common(a: Histograms, b: Histograms) -> tuple[Indices, tuple[Indices, ...]]:
    """The exponents at which both find room in one range, and there (lowest, highest) bin of a, and of b."""
    ends = [_ends(each) for each in (a, b)]
    is_empty = [low > high for low, high in ends]
    own = (np.where(is_empty[0], b.exponents, a.exponents), np.where(is_empty[1], a.exponents, b.exponents))
    exponents = np.maximum(*own)
    while True:
        spans = [
            _moved(bin_, exponents - e, empty)
            for (low, high), e, empty in zip(ends, own, is_empty, strict=True)
            for bin_, empty in ((low, empty), (high, empty))
        ]
        apart = np.maximum(spans[1], spans[3]) - np.minimum(spans[0], spans[2])
        tight = (apart >= BINS) & ~(is_empty[0] | is_empty[1])
        if not tight.any():
            return exponents, tuple(spans)
        exponents = exponents + tight


def _moved(bins: Indices, by: Indices, is_empty: npt.NDArray[np.bool_]) -> Indices:
    """The bins at a coarser width; what says that there are none stays."""
    return np.where(is_empty, bins, bins >> by.clip(0, 62))


def _ends(each: Histograms) -> tuple[Indices, Indices]:
    """The lowest and the highest bin that is not empty; the greatest and the least number where all are."""
    used = each.counts > 0
    there, ends = used.any(axis=1), np.iinfo(np.int64)
    low = np.where(there, each.firsts + used.argmax(axis=1), ends.max)
    high = np.where(there, each.firsts + BINS - 1 - used[:, ::-1].argmax(axis=1), ends.min)
    return low, high


class History(Thinned):
    """The histograms of `arrays` arrays over the steps, in bounded memory."""

    def __init__(self, arrays: int, most: int = MOST) -> None:
        super().__init__(most)
        self._exponents, self._firsts, self._bad = (np.zeros((most, arrays), np.int64) for _ in range(3))
        self._counts = np.zeros((most, arrays, BINS), np.uint32)

    def put(self, at: int, values: Histograms) -> None:
        self._exponents[at], self._firsts[at], self._counts[at], self._bad[at] = values

    def mix(self, at: int, values: Histograms) -> None:
        self.put(at, merged(self.at(at), values))

    def join(self, half: int) -> None:
        arrays = self._bad.shape[1]
        for column in range(arrays):
            pair = merged(self._of(column, slice(0, None, 2)), self._of(column, slice(1, None, 2)))
            self._exponents[:half, column], self._firsts[:half, column] = pair.exponents, pair.firsts
            self._counts[:half, column], self._bad[:half, column] = pair.counts, pair.bad

    def at(self, place: int) -> Histograms:
        """Those of one reading."""
        return Histograms(
            self._exponents[place],
            self._firsts[place],
            self._counts[place].astype(np.int64),
            self._bad[place],
        )

    def _of(self, array: int, places: Indices | slice) -> Histograms:
        return Histograms(
            self._exponents[places, array],
            self._firsts[places, array],
            self._counts[places, array].astype(np.int64),
            self._bad[places, array],
        )

    def of(self, array: int, places: Indices | None = None) -> Histograms:
        """Those of one array, at these readings or at all."""
        return self._of(array, np.arange(self.size) if places is None else places)

    def evenly(self, amount: int) -> Indices:
        """Places of readings that lie evenly over the steps, the first and the newest among them."""
        if not self.size:
            return np.zeros(0, np.int64)
        wanted = np.linspace(self._steps[0], self._steps[self.size - 1], amount)
        return np.unique(np.searchsorted(self.steps, wanted, side="right") - 1)


def bounds(found: Histograms, share: float = LIE) -> tuple[float, float]:
    """The range in which so much of each histogram lies, its outermost elements left out evenly on both sides.

    Never empty: around a single number it has some width.
    """
    totals = found.counts.sum(axis=1)
    there = totals > 0
    if not there.any():
        return -0.5, 0.5
    counts, width = found.counts[there], np.ldexp(1.0, found.exponents[there])
    sums, left = counts.cumsum(axis=1), totals[there, None] * (1 - share) / 2
    low = (sums > left).argmax(axis=1)
    high = (sums >= totals[there, None] - left).argmax(axis=1) + 1
    first = found.firsts[there]
    least, greatest = float(((first + low) * width).min()), float(((first + high) * width).max())
    middle, reach = (least + greatest) / 2, (greatest - least) / 2
    if reach < NOTHING:
        return -0.5, 0.5
    if reach < 1e-3 * abs(middle):
        reach = abs(middle) * 0.05
        return middle - reach, middle + reach
    return least, greatest


def densities(found: Histograms, low: float, high: float, bins: int) -> Floats:
    """(n, bins): what share of each array's elements lies in each of equal bins from `low` to `high`.

    Elements are taken to lie evenly within the bin that they were counted in.
    """
    width = np.ldexp(1.0, found.exponents)[:, None]
    edges = np.linspace(low, high, bins + 1)[None, :] / width - found.firsts[:, None]
    edges = edges.clip(0, BINS)
    sums = np.concatenate([np.zeros((len(found.counts), 1)), found.counts.cumsum(axis=1)], axis=1)
    below = np.floor(edges).astype(np.int64)
    part = edges - below
    upper = np.take_along_axis(sums, np.minimum(below + 1, BINS), axis=1)
    lower = np.take_along_axis(sums, below, axis=1)
    share = np.diff(lower + part * (upper - lower), axis=1)
    return np.asarray(share / np.maximum(sums[:, -1:], 1))
