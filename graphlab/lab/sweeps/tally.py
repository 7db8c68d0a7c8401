"""What a sweep has come to so far, kept up as trials change: thousands need not be counted anew for each that ends."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from .trials import Trial, rises

OVER = ("done", "pruned", "failed")


@dataclass(frozen=True, slots=True)
class _Part:
    """What one trial adds."""

    over: int = 0
    failed: int = 0
    fits: int = 0
    seconds: float = 0.0
    epochs: int = 0


class Tally:
    """over, failed: trials that are. fits: trainings there are, those that a pruned or failed trial spares among
    them. best: the best trial that is done, the earlier of equals; second: the best of other values.
    """

    def __init__(self, metric: str, trials: Iterable[Trial] = ()) -> None:
        self._sign = -1.0 if rises(metric) else 1.0
        self._parts: dict[int, _Part] = {}
        self.over = self.failed = self.fits = self._epochs = 0
        self._seconds = 0.0
        self.best: Trial | None = None
        self.second: Trial | None = None
        for trial in trials:
            self.take(trial)

    @property
    def seconds_per_epoch(self) -> float:
        """How long an epoch of a training took, the mean over those that are done; NaN of none."""
        return self._seconds / self._epochs if self._epochs else math.nan

    def take(self, trial: Trial) -> None:
        """A trial is new, or another."""
        before, now = self._parts.get(trial.number, _Part()), _part(trial)
        self._parts[trial.number] = now
        self.over += now.over - before.over
        self.failed += now.failed - before.failed
        self.fits += now.fits - before.fits
        self._seconds += now.seconds - before.seconds
        self._epochs += now.epochs - before.epochs
        if trial.state == "done" and trial.score == trial.score:
            self._rank(trial)

    def _rank(self, trial: Trial) -> None:
        if self.best is None or self._key(trial) < self._key(self.best):
            if self.best is not None and not _same(trial, self.best):
                self.second = self.best
            self.best = trial
        elif not _same(trial, self.best) and (
            self.second is None or self._key(trial) < self._key(self.second)
        ):
            self.second = trial

    def _key(self, trial: Trial) -> tuple[float, int]:
        return self._sign * trial.score, trial.number


def _part(trial: Trial) -> _Part:
    is_over = trial.state in OVER
    done = [fit for fit in trial.done if fit.epochs]
    return _Part(
        int(is_over),
        int(trial.state == "failed"),
        trial.expected if is_over else len(trial.fits),
        sum(fit.cost.seconds for fit in done),
        sum(fit.epochs[-1].epoch for fit in done),
    )


def _same(one: Trial, other: Trial) -> bool:
    """Whether two differ in their seed at most."""
    return one is other or all(
        other.values.get(name) == value for name, value in one.values.items() if name != "seed"
    )
