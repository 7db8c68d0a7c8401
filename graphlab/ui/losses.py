"""Every loss of a training, kept whole and drawn small: envelopes of a million steps in a couple of milliseconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..engine.messages import ReportRecord, Scalars

Floats = NDArray[np.float64]
BLOCK = 64  # steps summed up at once as they arrive


@dataclass(frozen=True)
class Envelope:
    """A stretch of losses drawn small: for each bucket its middle step, least, greatest and mean value.

    Steps without a finite loss do not count; a bucket with none of them is NaN.
    """

    step: Floats
    low: Floats
    high: Floats
    mean: Floats


class _Column:
    """A growing float64 array."""

    def __init__(self) -> None:
        self._store: Floats = np.empty(1024)
        self.size = 0

    def extend(self, values: Floats) -> None:
        need = self.size + len(values)
        if need > len(self._store):
            store = np.empty(max(need, 2 * len(self._store)))
            store[: self.size] = self._store[: self.size]
            self._store = store
        self._store[self.size : need] = values
        self.size = need

    @property
    def values(self) -> Floats:
        return self._store[: self.size]


class Losses:
    """The loss of every step from number `first` on (the first of all is 1), and the report of every epoch."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.first = 1
        self.reports: list[ReportRecord] = []
        self._all = _Column()
        self._low, self._high, self._sum, self._count = (_Column() for _ in range(4))

    def __len__(self) -> int:
        return self._all.size

    @property
    def values(self) -> Floats:
        """The losses, one a step, oldest first. Do not write into them."""
        return self._all.values

    @property
    def last(self) -> float:
        """The newest loss; NaN when there is none."""
        return float(self.values[-1]) if len(self) else float("nan")

    def take(self, scalars: Scalars) -> None:
        """Enters what came. Steps that were taken back and done anew replace their former selves."""
        losses = np.asarray(scalars.losses, dtype=np.float64).reshape(-1)
        if losses.size:
            self._rewind(int(scalars.first) + 1)  # the step that begins after `first` updates
            self._append(losses)
        for report in scalars.reports:
            self.reports = [r for r in self.reports if r.epoch < report.epoch]
            self.reports.append(report)

    def rewind(self, steps: int) -> None:
        """Forgets what came after so many steps."""
        if steps + 1 < self.first + len(self):
            self._rewind(max(steps + 1, self.first))

    def envelope(self, buckets: int = 1000, start: int = 0, stop: int | None = None) -> Envelope:
        """The losses `start` to `stop` (by position) in at most `buckets` buckets."""
        stop = len(self) if stop is None else min(stop, len(self))
        start = min(max(start, 0), stop)
        if stop - start <= buckets * BLOCK:
            values = self.values[start:stop]
            finite = np.isfinite(values)
            parts = (
                _or(values, finite, np.inf),
                _or(values, finite, -np.inf),
                _or(values, finite, 0.0),
                finite,
            )
            return self._reduced(parts, start, stop, 1, buckets)
        columns = (self._low, self._high, self._sum, self._count)
        first, last = (
            start // BLOCK,
            stop // BLOCK,
        )  # what is not yet a whole block is a thousandth of the picture
        return self._reduced(tuple(c.values[first:last] for c in columns), start, stop, BLOCK, buckets)

    def _rewind(self, step: int) -> None:
        if len(self) == 0 or step < self.first or step > self.first + len(self):
            self.clear()
            self.first = step
            return
        kept = step - self.first
        if kept < len(self):
            self._all.size = kept
            for column in (self._low, self._high, self._sum, self._count):
                column.size = kept // BLOCK
            self.reports = [r for r in self.reports if r.step < step]

    def _append(self, losses: Floats) -> None:
        begin = self._low.size * BLOCK
        self._all.extend(losses)
        whole = (len(self) - begin) // BLOCK
        if not whole:
            return
        values = self.values[begin : begin + whole * BLOCK].reshape(whole, BLOCK)
        finite = np.isfinite(values)
        self._low.extend(_or(values, finite, np.inf).min(axis=1))
        self._high.extend(_or(values, finite, -np.inf).max(axis=1))
        self._sum.extend(_or(values, finite, 0.0).sum(axis=1))
        self._count.extend(finite.sum(axis=1).astype(np.float64))

    def _reduced(
        self, parts: tuple[NDArray, ...], start: int, stop: int, size: int, buckets: int
    ) -> Envelope:
        count = len(parts[0])
        if not count:
            none = np.empty(0)
            return Envelope(none, none, none, none)
        edges = np.unique(np.linspace(0, count, min(buckets, count) + 1).astype(np.intp))
        at = edges[:-1]
        low, high = np.minimum.reduceat(parts[0], at), np.maximum.reduceat(parts[1], at)
        total, number = np.add.reduceat(parts[2], at), np.add.reduceat(parts[3].astype(np.float64), at)
        empty = number == 0
        for array in (low, high):
            array[empty] = np.nan
        mean = np.divide(total, number, out=np.full(len(at), np.nan), where=~empty)
        origin = (start // size) * size + self.first
        step = origin + (edges[:-1] + edges[1:] - 1) * size / 2 + (size - 1) / 2
        return Envelope(step, low, high, mean)


def _or(values: Floats, keep: NDArray[np.bool_], other: float) -> Floats:
    return np.where(keep, values, other)


def averaged(values: Floats, window: int) -> Floats:
    """Exponential moving mean that forgets as fast as a mean over `window` values, and skips NaN (which stay NaN).

    Corrected at the beginning, where there is little to take the mean of (as Adam does, Kingma and Ba 2015).
    """
    if window < 2:
        return values
    keep = 1.0 - 2.0 / (window + 1.0)
    mean, weight, found = 0.0, 0.0, []
    for value in values.tolist():
        if value == value and abs(value) != np.inf:
            mean, weight = keep * mean + (1 - keep) * value, keep * weight + (1 - keep)
            found.append(mean / weight)
        else:
            found.append(np.nan)
    return np.array(found)


def smooth(values: Floats, window: int) -> Floats:
    """Centred moving mean over about `window` values that skips NaN; the ends average over what there is."""
    if window < 2 or len(values) < 3:
        return values
    good = np.isfinite(values)
    sums = np.concatenate([[0.0], np.cumsum(np.where(good, values, 0.0))])
    counts = np.concatenate([[0], np.cumsum(good)])
    place = np.arange(len(values))
    left, right = np.maximum(place - window // 2, 0), np.minimum(place + window // 2 + 1, len(values))
    number = counts[right] - counts[left]
    return np.divide(sums[right] - sums[left], number, out=np.full(len(values), np.nan), where=number > 0)
