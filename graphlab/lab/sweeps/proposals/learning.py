"""Ways to choose trials that learn from results, both Optuna's: TPE and CMA-ES. Imported only when asked for."""

from __future__ import annotations

import math
from typing import Any

import optuna
from optuna.trial import TrialState

from ..trials import Trial
from . import cube
from .proposer import Spaces, Values
from .study import Learning, Outcome


class Tpe(Learning):
    """Tree-structured Parzen estimator of all hyperparameters together, with trials that go on counted as bad ones so
    that others are proposed (Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization"; Watanabe 2023,
    "Tree-Structured Parzen Estimator"). The first ten are at random.
    """

    def sampler(self, seed: int) -> Any:
        return optuna.samplers.TPESampler(seed=seed)


class CmaEs(Learning):
    """Covariance matrix adaptation (Hansen 2016, "The CMA Evolution Strategy: A Tutorial"), after a first trial at
    random. All of a generation are judged before the next is proposed; it has at least `ahead` trials. What was pruned
    counts as it was then; in place of what failed there come others.

    Optuna keeps the state of CMA-ES pickled, so that a journal is only written, and what it has is worked out again
    from the results. Spaces are of numbers, and two or more.
    """

    keeps_journal = False

    def __init__(self, spaces: Spaces, *more: Any, **named: Any) -> None:
        super().__init__(spaces, *more, **named)
        sides = sum(space.size > 1 for space in spaces.values())
        self._population = max(4 + int(3 * math.log(sides)), self._ahead)
        self._asked = self._told = self._good = 0  # trials in all; _good: of this generation, with a score
        self._scores: dict[bytes, float] = {}  # by setting
        self._others: set[int] = set()  # trials that are not of a generation

    def needs(self, k: int) -> int:
        """All before it where a generation is full, or the first has not come."""
        is_full = self._good + self._asked - self._told >= self._population
        return k if is_full or not self._scores else self._told

    def sampler(self, seed: int) -> Any:
        if self._good >= self._population:
            self._good = 0  # it begins another generation
        return optuna.samplers.CmaEsSampler(
            seed=seed, popsize=self._population, warn_independent_sampling=False
        )

    def outcome(self, trial: Trial) -> Outcome:
        state, value = super().outcome(trial)
        return (TrialState.COMPLETE, value) if state == TrialState.PRUNED else (state, value)

    def propose(self, k: int, known: Values | None = None) -> Values | None:
        self._asked = k + 1
        return super().propose(k, known)

    def again(self, k: int, known: Values) -> None:
        """The sampler is gone through once more, to come to the state that it had."""
        values = self._ask(k)
        if cube.mark(values) != cube.mark(known):
            self.finish(self.idents.pop(k), TrialState.FAIL)
            self.add(k, known)

    def add(self, k: int, values: Values) -> None:
        self._others.add(k)
        super().add(k, values)

    def repeat(self, ident: int, values: Values) -> None:
        """Its score is the one it had, where that may be known already."""
        score = self._scores.get(cube.mark(values))
        if score is None:
            super().repeat(ident, values)
        else:
            self.finish(ident, TrialState.COMPLETE, score)
            self._good += 1

    def tell(self, trial: Trial) -> None:
        super().tell(trial)
        self._told += 1
        _, score = self.outcome(trial)
        if score is not None:
            self._good += bool(self._scores) and trial.number not in self._others
            self._scores[cube.mark(trial.values)] = score
