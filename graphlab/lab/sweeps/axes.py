"""What a picture of a sweep measures along an axis: a searched hyperparameter, the score, or what a trial cost.

An axis puts values at places: numbers as they are, those of a log space by their logarithm, listed ones and words one
after the other. Pictures and importance count in places, so that a rate from 1e-4 to 1e-1 has three equal decades.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...errors import SettingsError
from ...graph.spaces import parse_space
from ...graph.sweep import Space
from .kept import KeptSweep
from .trials import Trial, rises

Floats = NDArray[np.float64]
Kind = Literal["linear", "log", "listed", "words"]
FEW = 8  # numbers up to which they are taken for a list, where no space is known
WIDE = 50.0  # times the least that the greatest must be, for numbers to go by their logarithm
COST_WORDS = {"seconds": "seconds of training", "flops": "FLOPs of one training", "parameters": "parameters"}


@dataclass(frozen=True)
class Axis:
    """low, high: places of its ends. values: those of a list or of words, at the places 0, 1, 2 …

    is_share: its numbers are shares, read in per cent.
    """

    name: str
    kind: Kind
    low: float
    high: float
    values: tuple[Any, ...] = ()
    whole: bool = False
    is_share: bool = False

    @property
    def is_listed(self) -> bool:
        return self.kind in ("listed", "words")

    def places(self, values: Iterable[Any]) -> Floats:
        """float64; NaN for what has none: another word, no number, 0 on a logarithmic axis."""
        if self.is_listed:
            at = {_key(value): float(k) for k, value in enumerate(self.values)}
            return np.array([at.get(_key(value), math.nan) for value in values], np.float64)
        numbers = np.array([_number(value) for value in values], np.float64)
        if self.kind != "log":
            return numbers
        with np.errstate(all="ignore"):
            found: Floats = np.where(numbers > 0, np.log10(np.where(numbers > 0, numbers, 1.0)), np.nan)
        return found

    def value(self, place: float) -> Any:
        """The other way round; of a list the nearest."""
        if self.is_listed:
            return self.values[min(max(round(place), 0), len(self.values) - 1)]
        found = 10.0**place if self.kind == "log" else place
        return round(found) if self.whole else found

    def text(self, place: float) -> str:
        """The value at a place, as people write it."""
        return value_text(self.value(place), is_share=self.is_share)

    def ticks(self, most: float) -> list[tuple[float, str]]:
        """Places to mark, at most so many or so, each with its words: round numbers, decades, or each value."""
        if self.is_listed:
            every = max(math.ceil(len(self.values) / max(most, 1)), 1)
            return [(float(k), value_text(value)) for k, value in list(enumerate(self.values))[::every]]
        places = (
            _decades(self.low, self.high, most) if self.kind == "log" else _round(self.low, self.high, most)
        )
        return [(place, self.text(place)) for place in places if not self.whole or _is_whole(self, place)]

    def padded(self, share: float = 0.04) -> Axis:
        """With some air at both ends; one that has a single place gets some around it."""
        wide = self.high - self.low
        single = 0.3 if self.kind == "log" else max(abs(self.low) * 0.05, 1e-3)
        air = 0.4 if self.is_listed else wide * share if wide else single
        return replace(self, low=self.low - air, high=self.high + air)

    def shares(self, values: Iterable[Any]) -> Floats:
        """Places from 0 at the low end to 1 at the high one; one that has a single place has it in the middle."""
        wide = self.high - self.low
        places = self.places(values)
        found: Floats = (places - self.low) / wide if wide else np.where(np.isfinite(places), 0.5, np.nan)
        return found


def _is_whole(axis: Axis, place: float) -> bool:
    number = float(10.0**place if axis.kind == "log" else place)
    return abs(number - round(number)) < 1e-6 * max(abs(number), 1)


def _round(low: float, high: float, most: float) -> list[float]:
    if not high > low:
        return [low]
    raw = (high - low) / max(most, 1.0)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(f * power for f in (1, 2, 5, 10) if f * power >= raw * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{k * step:.12g}") for k in range(first, last + 1)]


def _decades(low: float, high: float, most: float) -> list[float]:
    """1, 2, 5 times powers of ten where there is room, else powers of ten, or every other."""
    first, last = math.floor(low), math.ceil(high)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        found = [k + math.log10(f) for k in range(first, last + 1) for f in factors]
        found = [place for place in found if low - 1e-9 <= place <= high + 1e-9]
        if len(found) <= max(most, 2):
            return found if len(found) > 1 else _logs(low, high, most)
    every = math.ceil(len(found) / max(most, 1))
    return found[::every]


def _logs(low: float, high: float, most: float) -> list[float]:
    """Round numbers of a log axis that spans less than a decade."""
    numbers = _round(10.0**low, 10.0**high, most)
    return [math.log10(number) for number in numbers if number > 0]


def _key(value: Any) -> Any:
    """1 and True are two values; 8 and 8.0 are one; sizes along several axes come from files as lists."""
    return (isinstance(value, bool), tuple(value) if isinstance(value, list) else value)


def _number(value: Any) -> float:
    is_one = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    return float(value) if is_one and math.isfinite(value) else math.nan


def search_axes(sweep: KeptSweep) -> list[Axis]:
    """One for each searched hyperparameter, in the order of the searches."""
    spaces = spaces_of(sweep)
    trials = list(sweep.trials.values())
    names = list(sweep.head.searches) or sorted({name for trial in trials for name in trial.values})
    return [
        axis(name, [t.values[name] for t in trials if name in t.values], spaces.get(name)) for name in names
    ]


def spaces_of(sweep: KeptSweep) -> dict[str, Space]:
    """The spaces of the searches, by their texts; {} where the head does not tell them."""
    try:
        return {name: parse_space(text) for name, text in sweep.head.searches.items()}
    except SettingsError:
        return {}


def axis(name: str, values: Sequence[Any], space: Space | None = None) -> Axis:
    """The axis of a hyperparameter. values: those that were tried, which tell the kind where no space does."""
    if space is None:
        return _axis_of_values(name, values)
    if space.kind in ("list", "choice"):
        kind: Kind = "words" if space.kind == "choice" else "listed"
        return Axis(name, kind, 0.0, float(len(space.values) - 1), space.values)
    low, high = (math.log10(end) if space.is_log else end for end in (space.low, space.high))
    return Axis(name, "log" if space.is_log else "linear", low, high, whole=space.kind == "integer")


def _axis_of_values(name: str, values: Sequence[Any]) -> Axis:
    different = list({_key(value): value for value in values}.values())
    if any(math.isnan(_number(value)) for value in different):
        return Axis(name, "words", 0.0, float(max(len(different) - 1, 0)), tuple(sorted(different, key=str)))
    if len(different) <= FEW:
        return Axis(name, "listed", 0.0, float(max(len(different) - 1, 0)), tuple(sorted(different)))
    return measured(name, [float(value) for value in different])


def measured(
    name: str, values: Iterable[float], logarithmic: bool | None = None, *, is_share: bool = False
) -> Axis:
    """The axis of numbers that were not chosen: scores, costs. By the logarithm where they span much, or as asked."""
    numbers = np.array([_number(value) for value in values], np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return Axis(name, "linear", 0.0, 1.0, is_share=is_share)
    low, high = float(numbers.min()), float(numbers.max())
    by_log = (low > 0 and high > WIDE * low) if logarithmic is None else logarithmic and low > 0
    if by_log:
        return Axis(name, "log", math.log10(low), math.log10(high))
    return Axis(name, "linear", low, high, is_share=is_share)


def score_axis(trials: Iterable[Trial], metric: str) -> Axis:
    """That of the scores there are."""
    return measured(
        metric, [trial.score for trial in trials], None if metric == "loss" else False, is_share=rises(metric)
    )


def cost_axis(trials: Iterable[Trial], cost: str) -> Axis:
    """That of what trials cost, by the logarithm."""
    found = [value for trial in trials if (value := float(getattr(trial, cost))) > 0]
    return measured(cost, found, True)


def merits(trials: Sequence[Trial], metric: str) -> tuple[Floats, float, float]:
    """How good each score is, from 0 to 1 (best), NaN for none; and the scores that 0 and 1 stand for.

    The worst tenth are all 0, so that few that went wrong do not make all others look alike.
    """
    scores = np.array([trial.score for trial in trials], np.float64)
    good = scores[np.isfinite(scores)]
    if not len(good):
        return np.full(len(scores), np.nan), math.nan, math.nan
    up = rises(metric)
    worst = float(np.quantile(good, 0.1 if up else 0.9))
    best = float(good.max() if up else good.min())
    if worst == best:
        return np.where(np.isfinite(scores), 1.0, np.nan), worst, best
    return np.clip((scores - worst) / (best - worst), 0.0, 1.0), worst, best


def values_of(trials: Iterable[Trial], name: str, metric: str) -> list[Any]:
    """What stands at an axis for each trial: the searched value, `metric` for the score, or a cost in COST_WORDS."""
    if name == metric:
        return [trial.score for trial in trials]
    if name in COST_WORDS:
        return [float(getattr(trial, name)) for trial in trials]
    return [trial.values.get(name) for trial in trials]


def rows_of_values(trials: Iterable[Trial], axes: Sequence[Axis]) -> Floats:
    """(trials, axes): the places of the trials' values."""
    trials = list(trials)
    columns = [axis.places([trial.values.get(axis.name) for trial in trials]) for axis in axes]
    return np.stack(columns, axis=1) if columns else np.zeros((len(trials), 0))


def told(values: Mapping[str, Any]) -> str:
    """ "hidden.units 32, lr 0.0041, optimizer Adam"."""
    return ", ".join(f"{name} {value_text(value)}" for name, value in values.items())


def value_text(value: Any, *, is_share: bool = False) -> str:
    """A value as people write it: four digits of a number, with a true minus sign; a share in per cent."""
    if is_share:
        return f"{100 * value:.4g} %".replace("-", "−")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int):
        return str(value).replace("-", "−")
    return f"{value:.4g}".replace("-", "−")
