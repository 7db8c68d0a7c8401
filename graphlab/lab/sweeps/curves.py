"""The curves of all trials of a sweep as one matrix: the metric on held-out rows after each epoch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from .records import Epoch, number
from .trials import Trial

Floats = NDArray[np.float64]


class Curves:
    """Remembers the curves of trials that have not changed. A curve is the mean over the fits that came so far."""

    def __init__(self, metric: str) -> None:
        self.metric = metric
        self._known: dict[int, tuple[Trial, Floats]] = {}

    def of(self, trial: Trial) -> Floats:
        """(epochs,): NaN where no fit has measured."""
        found = self._known.get(trial.number)
        if found is None or found[0] is not trial:
            found = self._known[trial.number] = trial, _curve(trial, self.metric)
        return found[1]

    def matrix(self, trials: Iterable[Trial]) -> Floats:
        """(trials, epochs), from the first epoch to the last that any came to; NaN beyond the end of each.

        Epochs that were not measured lie on the line between those that were.
        """
        curves = [self.of(trial) for trial in trials]
        found = np.full((len(curves), max(map(len, curves), default=0)), np.nan)
        for row, curve in zip(found, curves, strict=True):
            row[: len(curve)] = _joined(curve)
        return found


def _joined(curve: Floats) -> Floats:
    """Without the gaps between what was measured."""
    there = np.flatnonzero(np.isfinite(curve))
    if not len(there):
        return curve
    places = np.arange(len(curve))
    return np.interp(places, there, curve[there], left=np.nan, right=np.nan)


def _curve(trial: Trial, metric: str) -> Floats:
    last = max((fit.epochs[-1].epoch for fit in trial.fits if fit.epochs), default=0)
    total, count = np.zeros(last), np.zeros(last)
    for fit in trial.fits:
        at, values = _measured(fit.epochs, metric)
        total[at] += values
        count[at] += 1
    with np.errstate(invalid="ignore"):
        found: Floats = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return found


def _measured(epochs: Sequence[Epoch], metric: str) -> tuple[NDArray[np.int64], Floats]:
    """Places and values of the epochs that were measured and gave a number."""
    values = np.array([number(held_out(epoch, metric)) for epoch in epochs], np.float64)
    at = np.array([epoch.epoch - 1 for epoch in epochs], np.int64)
    good = np.isfinite(values) & (at >= 0)
    return at[good], values[good]


def held_out(epoch: Epoch, metric: str) -> float | None:
    """The metric on held-out rows after an epoch; None where it was not taken."""
    return epoch.validation_loss if metric == "loss" else epoch.validation_metrics.get(metric)
