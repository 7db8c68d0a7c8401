"""A trial as its fits tell of it: mean and spread over seeds and folds, cost, and which of two is better."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from ...engine.stopping import RISING
from .records import Fit, number

TrialState = Literal["waiting", "running", "done", "pruned", "failed"]


def rises(metric: str) -> bool:
    """Whether more of it is better."""
    return metric.rpartition(" ")[2] in RISING


@dataclass(frozen=True)
class Trial:
    """One setting. `fits`: those there are yet, each once, by key; cut ones left out. expected: how many there
    will be.
    """

    number: int
    values: Mapping[str, Any]
    fits: tuple[Fit, ...]
    expected: int
    metric: str

    @cached_property
    def state(self) -> TrialState:
        states = {fit.state for fit in self.fits}
        if "failed" in states:
            return "failed"
        if "pruned" in states:
            return "pruned"
        if len(self.fits) >= self.expected:
            return "done"
        return "running" if self.fits else "waiting"

    @property
    def done(self) -> tuple[Fit, ...]:
        return tuple(fit for fit in self.fits if fit.state == "done")

    @cached_property
    def scores(self) -> tuple[float, ...]:
        """Of the fits that were judged, by key; NaN for one that gave no number."""
        return tuple(number(fit.score) for fit in self.fits)

    @cached_property
    def score(self) -> float:
        """Their mean on held-out rows; NaN while there is none, and of a failed trial."""
        return math.nan if self.state == "failed" else _mean(self.scores)

    @cached_property
    def spread(self) -> float:
        """The standard deviation over fits (n − 1); NaN of fewer than two."""
        return _spread(self.scores)

    @cached_property
    def train_score(self) -> float:
        return _mean([number(fit.train_score) for fit in self.fits])

    @cached_property
    def seconds(self) -> float:
        """Of training, all fits together."""
        return sum(fit.cost.seconds for fit in self.fits)

    @cached_property
    def flops(self) -> float:
        """Of one fit, the mean."""
        return _mean([fit.cost.flops for fit in self.fits])

    @property
    def parameters(self) -> int:
        return max((fit.cost.parameters for fit in self.fits), default=0)

    @property
    def epochs(self) -> int:
        """Done by the fit that came farthest."""
        return max((fit.epochs[-1].epoch for fit in self.fits if fit.epochs), default=0)

    @property
    def error(self) -> str:
        return next((fit.error for fit in self.fits if fit.error), "")


def _mean(values: Sequence[float]) -> float:
    """Plain Python: of a few numbers NumPy takes ten times as long, and a table has thousands of trials."""
    return math.fsum(values) / len(values) if values else math.nan


def _spread(values: Sequence[float]) -> float:
    if len(values) < 2:
        return math.nan
    mean = _mean(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def ranked(trials: Iterable[Trial], metric: str) -> list[Trial]:
    """Those that are done, the best first; of equals the earlier. What has no number is left out."""
    found = [trial for trial in trials if trial.state == "done" and trial.score == trial.score]
    sign = -1 if rises(metric) else 1
    return sorted(found, key=lambda trial: (sign * trial.score, trial.number))


def best_so_far(trials: Iterable[Trial], metric: str) -> list[tuple[int, float]]:
    """(number, score) of each trial that was better than all with lower numbers."""
    found: list[tuple[int, float]] = []
    up = rises(metric)
    for trial in trials:
        if trial.state == "done" and trial.score == trial.score:
            better = not found or (trial.score > found[-1][1] if up else trial.score < found[-1][1])
            if better:
                found.append((trial.number, trial.score))
    return found
