"""How the numbers of parameters, values and gradients are spread: counted after a step, as few bytes.

Bins are as wide as a power of two and begin at a multiple of that, so a histogram becomes a coarser one by adding
neighbours, and two of any ranges become one without a count being lost or guessed (`lab.spreads`). Of a large array a
sample is counted. A step at which nobody looks costs nothing; while training, the first steps are read closely, and
then as often as leaves training its time.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from . import messages as m
from .pacing import Stopwatch
from .survey import sample

if TYPE_CHECKING:
    from .workspace import Workspace

BINS = 64
SAMPLE = 8192  # elements that are counted of an array at most
FINEST = 20  # a bin is no narrower than the largest magnitude over 2 to this
ZERO = -60  # the exponent of the bins of an array of zeros
SHARE = 0.02  # of the time while training
FIRST = 128  # readings of a training that are made whatever they cost
CLOSELY = 32  # the next of these comes after so many steps, and after this fraction of the steps so far
MOST = 256  # readings that may wait to be told
Array = npt.NDArray[np.int64]


class Spread(NamedTuple):
    """counts[k] elements lie from (first + k)·2^exponent up to the next; `bad` are NaN or infinite."""

    exponent: int
    first: int
    counts: Array
    bad: int


def spread_of(array: npt.NDArray[np.generic]) -> Spread:
    """The finest histogram of `BINS` bins that holds all finite elements."""
    values = sample(array, SAMPLE, SAMPLE).astype(np.float64)
    finite = np.isfinite(values)
    bad = int(values.size - np.count_nonzero(finite))
    values = values[finite] if bad else values
    if not values.size:
        return Spread(0, 0, np.zeros(BINS, np.int64), bad)
    low, high = float(values.min()), float(values.max())
    exponent = _finest(low, high)
    while _bin(high, exponent) - _bin(low, exponent) >= BINS:
        exponent += 1
    first = _bin(low, exponent)
    places = np.floor(np.ldexp(values, -exponent)).astype(np.int64) - first
    return Spread(exponent, first, np.bincount(places, minlength=BINS), bad)


def _finest(low: float, high: float) -> int:
    """An exponent that is fine enough, or may be still too fine."""
    largest = max(abs(low), abs(high))
    if not largest:
        return ZERO
    width = max((high - low) / BINS, largest * 2.0**-FINEST)
    return int(np.floor(np.log2(width)))


def _bin(value: float, exponent: int) -> int:
    return int(np.floor(np.ldexp(value, -exponent)))


class Spreads:
    """The histograms of chosen arrays after steps, until they are told."""

    def __init__(self) -> None:
        self._request = 0
        self._keys: tuple[m.TensorKey, ...] = ()
        self._left = FIRST
        self._due = 0.0  # when the next may be read for what it costs
        self._last = -1
        self._drop()

    def set(self, wish: m.WatchSpreads) -> None:
        """From now on those of these arrays, and no others."""
        self._request, self._keys, self._last = wish.request, wish.keys, -1
        self._drop()

    def begin(self) -> None:
        """A training begins."""
        self._left = FIRST

    def __bool__(self) -> bool:
        return bool(self._keys)

    @property
    def reads_closely(self) -> bool:
        """Whether the steps of a training are still to be read as they come."""
        return bool(self._keys) and self._left > 0

    def note(self, space: Workspace, training: bool) -> None:
        """Reads them where a step has just ended, or none has been made; while training, if it is time."""
        run = space.run
        at_end = run.cursor == len(run.schedule)
        if not self._keys or not (at_end or run.steps_done == 0) or len(self._steps) >= MOST:
            return
        if not training:
            self._read(space)
        elif run.steps_done != self._last and self._is_due(run.steps_done):
            watch = Stopwatch()
            self._read(space)
            self._due = time.perf_counter() + watch.seconds / SHARE

    def _is_due(self, step: int) -> bool:
        if self._left > 0:
            if 0 <= step - self._last < max(1, step // CLOSELY):
                return False
            self._left -= 1
            return True
        return time.perf_counter() >= self._due

    def _read(self, space: Workspace) -> None:
        found = spreads_of(space, self._keys)
        if not any(spread.counts.any() or spread.bad for spread in found):
            return
        step = space.run.steps_done
        if step == self._last and self._steps:  # more of this step is known now
            self._steps.pop()
            self._found.pop()
        self._last = step
        self._steps.append(step)
        self._found.append(found)

    def take(self, run_id: int) -> m.Spreads | None:
        """What has been read since the last call; None when nothing was."""
        if not self._steps:
            return None
        found = self._found
        told = m.Spreads(
            run_id,
            self._request,
            np.array(self._steps, np.int64),
            np.array([[each.exponent for each in row] for row in found], np.int16),
            np.array([[each.first for each in row] for row in found], np.int32),
            np.array([[each.counts for each in row] for row in found], np.uint16),
            np.array([[each.bad for each in row] for row in found], np.uint16),
        )
        self._drop()
        return told

    def _drop(self) -> None:
        self._steps: list[int] = []
        self._found: list[list[Spread]] = []


def spreads_of(space: Workspace, keys: Sequence[m.TensorKey]) -> list[Spread]:
    """One for each key; an empty one of what is not there, or not computed in this pass."""
    nothing, made = Spread(0, 0, np.zeros(BINS, np.int64), 0), []
    for key in keys:
        found = space.of_run(key)
        made.append(spread_of(found[0]) if found is not None and found[1] and found[0].size else nothing)
    return made
