"""Which searched hyperparameters the score depends on most.

Functional ANOVA over a forest of regression trees (Hutter, Hoos and Leyton-Brown 2014, "An efficient approach for
assessing hyperparameter importance") where scikit-learn is there (the extra `sweep`), and else the share of the score's
variance that lies between the values of each by itself: ε² (Kelley 1935), the correlation ratio η² without what chance
adds to it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import SettingsError
from .axes import Axis, rows_of_values
from .fanova import main_effects
from .trials import Trial, ranked

LEAST = 4  # trials that are done
MOST = 5_000  # that a forest is grown of; of more, as many by lot
BINS = 8  # of equal counts that numbers are put into, for ε²

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Importance:
    """shares: by hyperparameter, the greatest first, adding up to 1. method: its name. trials: that it rests on.

    alone: of the score's variance, the share that they make each by itself; the rest is what several do together, and
    chance.
    """

    shares: dict[str, float]
    method: str
    trials: int
    alone: float = 1.0


def importance(trials: Iterable[Trial], metric: str, axes: Sequence[Axis], *, seed: int = 0) -> Importance:
    """Shares of the score's variance, from trials that any method proposed; the same every time.

    SettingsError: fewer than LEAST are done, nothing was varied, or all did equally well.
    """
    done = sorted(ranked(trials, metric), key=lambda trial: trial.number)
    if len(done) < LEAST:
        raise SettingsError(
            f"{len(done)} trials are done: too few to tell what matters.", hint=f"It takes {LEAST} or more."
        )
    if len(done) > MOST:
        chosen = np.random.Generator(np.random.Philox(seed)).choice(len(done), MOST, replace=False)
        done = [done[k] for k in sorted(chosen.tolist())]
    varied = [axis for axis in axes if axis.high > axis.low]
    places, scores = rows_of_values(done, varied), np.array([trial.score for trial in done])
    _check(places, scores)
    by_forest = has_forest()
    raw = main_effects(places, scores, varied, seed) if by_forest else _epsilon(places, scores, varied)
    total = float(raw.sum())
    if not total > 0:
        raise SettingsError(
            "Nothing that was searched explains the scores.", hint="Train more trials or seeds."
        )
    named = {axis.name: 0.0 for axis in axes} | {
        axis.name: float(share) / total for axis, share in zip(varied, raw, strict=True)
    }
    order = sorted(named.items(), key=lambda pair: -pair[1])
    return Importance(
        dict(order), "fANOVA" if by_forest else "ε² (each by itself)", len(done), min(total, 1.0)
    )


def has_forest() -> bool:
    """Whether scikit-learn is installed."""
    return importlib.util.find_spec("sklearn") is not None


def _check(places: Floats, scores: Floats) -> None:
    if not places.shape[1] or not np.ptp(np.nan_to_num(places), axis=0).any():
        raise SettingsError("Nothing was varied.", hint="Search a hyperparameter with two values or more.")
    if np.ptp(scores) == 0:
        raise SettingsError("All trials have the same score.", hint="Search wider, or measure on more rows.")


def _epsilon(places: Floats, scores: Floats, axes: Sequence[Axis]) -> Floats:
    return np.array([_explained(column, scores, axis) for column, axis in zip(places.T, axes, strict=True)])


def _explained(places: Floats, scores: Floats, axis: Axis) -> float:
    """The share of the scores' variance between groups of like values; 0 where chance would do as much."""
    groups = places if axis.is_listed else _binned(places)
    _, which = np.unique(groups, return_inverse=True)
    sizes = np.bincount(which)
    count, kinds = len(scores), len(sizes)
    if kinds < 2 or count <= kinds:
        return 0.0
    means = np.bincount(which, scores) / sizes
    total = float(((scores - scores.mean()) ** 2).sum())
    within = float(((scores - means[which]) ** 2).sum())
    between = total - within - (kinds - 1) * within / (count - kinds)
    return max(between / total, 0.0)


def _binned(places: Floats) -> Floats:
    bins = min(BINS, max(2, len(places) // 4))
    edges = np.quantile(places, np.linspace(0, 1, bins + 1)[1:-1])
    found: Floats = np.searchsorted(edges, places, side="right").astype(np.float64)
    return found
