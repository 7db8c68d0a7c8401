"""Scores by the values of one hyperparameter, on training and on held-out rows: learning curves, bias and variance.

Geman, Bienenstock and Doursat 1992, "Neural networks and the bias/variance dilemma"; how the words come about is told
in Goodfellow, Bengio and Courville 2016, "Deep Learning", section 5.2.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...graph.sweep import ROWS
from .axes import Axis, search_axes, value_text
from .kept import KeptSweep
from .records import CAPACITY, LEARNING_CURVE, Head, number
from .statistics import amount
from .trials import Trial, rises

FLAT = 0.1  # of what all rows gained over the fewest, that a last step which hardly helps gains at most


@dataclass(frozen=True)
class Mean:
    """Over fits. spread: the standard deviation (n − 1), NaN of fewer than two."""

    value: float
    spread: float
    count: int

    @property
    def ends(self) -> tuple[float, float]:
        """A spread below and above; the mean twice where there is none."""
        wide = self.spread if self.spread == self.spread else 0.0
        return self.value - wide, self.value + wide


@dataclass(frozen=True)
class AtValue:
    """What trials with one value came to. place: of the value on its axis. rows: that were trained on, the mean."""

    value: Any
    place: float
    held_out: Mean
    train: Mean
    rows: float
    trials: tuple[int, ...]

    @property
    def gap(self) -> float:
        """By how much training rows do better; positive for accuracy and loss alike, when they do."""
        return self.train.value - self.held_out.value


def by_value(trials: Iterable[Trial], axis: Axis, metric: str) -> list[AtValue]:
    """For each value that trials which are done have, in the order of the axis."""
    together: dict[float, list[Trial]] = {}
    for trial in trials:
        place = float(axis.places([trial.values.get(axis.name)])[0])
        if trial.state == "done" and place == place and math.isfinite(trial.score):
            together.setdefault(place, []).append(trial)
    return [_at(place, together[place], axis.name) for place in sorted(together)]


def _at(place: float, trials: Sequence[Trial], name: str) -> AtValue:
    fits = [fit for trial in trials for fit in trial.done]
    rows = float(np.mean([fit.train_rows for fit in fits]))
    held_out, train = ([number(score) for score in scores] for scores in _scores(fits))
    numbers = tuple(trial.number for trial in trials)
    return AtValue(trials[0].values[name], place, _mean(held_out), _mean(train), rows, numbers)


def _scores(fits: Sequence[Any]) -> tuple[list[float | None], list[float | None]]:
    return [fit.score for fit in fits], [fit.train_score for fit in fits]


def _mean(scores: Sequence[float]) -> Mean:
    good = [score for score in scores if math.isfinite(score)]
    if not good:
        return Mean(math.nan, math.nan, 0)
    spread = float(np.std(good, ddof=1)) if len(good) > 1 else math.nan
    return Mean(float(np.mean(good)), spread, len(good))


def error_of(mean: Mean, metric: str) -> Mean:
    """As an error: 1 − accuracy, or the loss itself."""
    return Mean(1 - mean.value, mean.spread, mean.count) if rises(metric) else mean


def capacity_words(found: Sequence[AtValue], metric: str) -> str:
    """What errors say of capacity: where held-out error is least, and whether it learns by heart beyond."""
    if len(found) < 2:
        return "Two values or more tell how capacity matters."
    held_out = [error_of(at.held_out, metric) for at in found]
    best = min(range(len(found)), key=lambda k: held_out[k].value)
    told = f"held-out error is least at {value_text(found[best].value)}"
    gap = f"gap to training error there {amount(abs(found[best].gap), metric)}"
    if best == len(found) - 1:
        if _differs(held_out[best - 1], held_out[best]):
            return (
                f"{_capital(told)}, the largest tried: it still falls, more may do better. {_capital(gap)}."
            )
        return f"{_capital(told)}, the largest tried, and hardly falls any more. {_capital(gap)}."
    if not _differs(held_out[-1], held_out[best]):
        return f"{_capital(told)}; beyond, it changes by less than the seeds do. {_capital(gap)}."
    train = [error_of(at.train, metric).value for at in found]
    if train[-1] <= train[best]:
        return f"{_capital(told)}; from there on it learns by heart. {_capital(gap)}."
    return f"{_capital(told)}; beyond, training error rises, too: it is harder to train. {_capital(gap)}."


def learning_words(found: Sequence[AtValue], metric: str) -> str:
    """What a learning curve says: whether more rows would help, and how far training and held-out rows are apart."""
    if len(found) < 2:
        return "Two shares of the rows or more tell whether more would help."
    last, before = found[-1], found[-2]
    gap = f"training rows do better by {amount(abs(last.gap), metric)}"
    errors = error_of(before.held_out, metric), error_of(last.held_out, metric)
    fallen = errors[0].value - errors[1].value
    if _differs(*errors) and fallen > 0:
        grown = last.rows / before.rows if before.rows else math.nan
        more = f" for {grown:.2g} times the rows" if math.isfinite(grown) else ""
        gain = amount(fallen, metric)
        return f"Held-out rows still gain {gain}{more}: more rows would help; {gap}."
    if fallen > FLAT * (error_of(found[0].held_out, metric).value - errors[1].value) and len(found) > 2:
        step = f"The last step, {amount(fallen, metric)}, is within the seeds' spread"
        return f"{step}: train more seeds to tell whether more rows would help; {gap}."
    return f"More rows hardly help any more: the last step is within the seeds' spread; {gap}."


def kind_of(head: Head) -> str:
    """LEARNING_CURVE, CAPACITY, or "sweep". Whoever searches the rows alone wants a learning curve."""
    return LEARNING_CURVE if list(head.searches) == [ROWS] else head.kind


def words_of(sweep: KeptSweep) -> str:
    """What a ready-made sweep says in words; "" for any other."""
    axes, kind = search_axes(sweep), kind_of(sweep.head)
    if kind not in (LEARNING_CURVE, CAPACITY) or len(axes) != 1:
        return ""
    found = by_value(sweep.trials.values(), axes[0], sweep.metric)
    return (learning_words if kind == LEARNING_CURVE else capacity_words)(found, sweep.metric)


def _differs(a: Mean, b: Mean) -> bool:
    """Whether two means are apart by more than their spreads; without spreads, by anything."""
    spreads = [mean.spread for mean in (a, b) if mean.spread == mean.spread]
    spread = math.sqrt(sum(s * s for s in spreads) / len(spreads)) if spreads else 0.0
    return abs(a.value - b.value) > spread


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
