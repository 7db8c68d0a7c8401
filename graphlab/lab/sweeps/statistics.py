"""What the scores of a sweep's trials say: which differences may be chance, and who is good for what it costs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import SettingsError
from .intervals import Interval, difference, interval, score_interval
from .kept import KeptSweep
from .records import number
from .trials import Trial, ranked, rises

COSTS = ("seconds", "flops", "parameters")

Floats = NDArray[np.float64]


def compare(sweep: KeptSweep, a: Trial, b: Trial) -> Interval:
    """By how much the score of trial a is above that of b, over the seeds that both have, and over held-out rows where
    those were kept of both.

    FileError, BrokenFileError: of the files of rows. SettingsError: none was trained to its end.
    """
    rows_a, rows_b = rows_of(sweep, a), rows_of(sweep, b)
    both = [k for k in rows_a if k in rows_b and rows_a[k].shape == rows_b[k].shape]
    sizes = {rows_a[k].shape for k in both}
    if both and len(sizes) == 1:
        return difference(np.stack([rows_a[k] for k in both]), np.stack([rows_b[k] for k in both]))
    scores_a, scores_b = _scores(a), _scores(b)
    apart = [scores_a[k] - scores_b[k] for k in scores_a if k in scores_b]
    return score_interval(apart)


def rows_of(sweep: KeptSweep, trial: Trial) -> dict[int, Floats]:
    """By the number of the seed: how each held-out row did, those of all folds one after the other. Only seeds of which
    all folds are there.
    """
    found: dict[int, list[Floats]] = {}
    for fit in trial.done:
        rows = sweep.rows(fit.key) if fit.rows else None
        if rows is not None:
            found.setdefault(fit.key.repeat, []).append(rows.astype(np.float64))
    folds = max(1, int(sweep.head.sweep.get("folds", 0)))
    return {repeat: np.concatenate(parts) for repeat, parts in found.items() if len(parts) == folds}


def _scores(trial: Trial) -> dict[int, float]:
    """By the number of the seed, the mean over its folds; what gave no number is left out."""
    found: dict[int, list[float]] = {}
    for fit in trial.done:
        found.setdefault(fit.key.repeat, []).append(number(fit.score))
    means = {repeat: float(np.mean(scores)) for repeat, scores in found.items()}
    return {repeat: mean for repeat, mean in means.items() if math.isfinite(mean)}


@dataclass(frozen=True)
class Setting:
    """Trials of the same values but for the seed, where that was searched; scores: of each training that counts."""

    first: Trial
    scores: tuple[float, ...]
    seeds: int

    @property
    def score(self) -> float:
        return float(np.mean(self.scores))


def settings(trials: Iterable[Trial], metric: str) -> list[Setting]:
    """The settings that are done, the best first."""
    together: dict[tuple[tuple[str, str], ...], list[Trial]] = {}
    for trial in ranked(trials, metric):
        values = tuple(sorted((name, repr(value)) for name, value in trial.values.items() if name != "seed"))
        together.setdefault(values, []).append(trial)
    found = [_setting(group) for group in together.values()]
    sign = -1 if rises(metric) else 1
    return sorted(found, key=lambda setting: (sign * setting.score, setting.first.number))


def _setting(group: Sequence[Trial]) -> Setting:
    scores = tuple(score for trial in group for score in trial.scores)
    seeds = sum(len({fit.key.repeat for fit in trial.fits}) for trial in group)
    return Setting(group[0], scores, seeds)


def spread_warning(trials: Iterable[Trial], metric: str) -> str:
    """What is to be said against the best trial: that it is better than the next by less than its seeds differ, or that
    one seed tells nothing of that. "" where nothing is.
    """
    found = settings(trials, metric)
    if len(found) < 2:
        return ""
    best, other = found[:2]
    first, second = f"#{best.first.number}", f"#{other.first.number}"
    gain = abs(best.score - other.score)
    if not gain:
        return f"{first} and {second} are equally good. Train more seeds, or take the cheaper one."
    told = f"{first} is better than {second} by {amount(gain, metric)}"
    if min(len(best.scores), len(other.scores)) < 2:
        return f"{told}, but one seed says nothing of the spread over seeds. Train more seeds."
    spread = math.sqrt((np.var(best.scores, ddof=1) + np.var(other.scores, ddof=1)) / 2)
    if gain >= spread:
        return ""
    whose = "seeds'" if min(best.seeds, other.seeds) > 1 else "folds'"
    return f"{told}, less than the {whose} spread of {amount(spread, metric)}: that may be chance. Train more seeds."


def amount(size: float, metric: str) -> str:
    """A difference of scores: "0.4 points" of a share in per cent, else the number itself."""
    if rises(metric):
        return f"{100 * size:.2g} points"
    return f"{size:.2g}"


def pareto(trials: Iterable[Trial], cost: str, metric: str) -> list[Trial]:
    """The trials that none beats in both: better score, or less of `cost` (in COSTS). The cheapest first.

    Of equals the earlier. SettingsError: no such cost.
    """
    if cost not in COSTS:
        raise SettingsError(f"There is no cost '{cost}'.", hint=f"Choose {', '.join(COSTS)}.")
    up = rises(metric)
    good = [trial for trial in ranked(trials, metric) if math.isfinite(cost_of(trial, cost))]
    good.sort(key=lambda trial: (cost_of(trial, cost), -trial.score if up else trial.score, trial.number))
    front: list[Trial] = []
    for trial in good:
        if not front or (trial.score > front[-1].score if up else trial.score < front[-1].score):
            front.append(trial)
    return front


def cost_of(trial: Trial, cost: str) -> float:
    """Seconds of training (all fits), FLOPs of one fit, or learnt parameters."""
    return float(getattr(trial, cost))


__all__ = [
    "COSTS",
    "Interval",
    "Setting",
    "amount",
    "compare",
    "cost_of",
    "difference",
    "interval",
    "pareto",
    "rows_of",
    "score_interval",
    "settings",
    "spread_warning",
]
