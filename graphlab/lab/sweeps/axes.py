"""What a picture of a sweep measures along an axis: a searched hyperparameter, the score, or what a trial cost.

An axis puts values at places: numbers as they are, those of a log space by their logarithm, listed ones and words one
after the other. Pictures and importance count in places, so that a rate from 1e-4 to 1e-1 has three equal decades.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...errors import GraphlabError
from ...graph.sweep import Space
from ...graph.sweep_record import read
from .kept import KeptSweep
from .trials import Trial

Floats = NDArray[np.float64]
Kind = Literal["linear", "log", "listed", "words"]
FEW = 8  # numbers up to which they are taken for a list, where no space is known
WIDE = 50.0  # times the least that the greatest must be, for numbers to go by their logarithm
COST_WORDS = {"seconds": "seconds of training", "flops": "FLOPs of one training", "parameters": "parameters"}


@dataclass(frozen=True)
class Axis:
    """low, high: places of its ends. values: those of a list or of words, at the places 0, 1, 2 …"""

    name: str
    kind: Kind
    low: float
    high: float
    values: tuple[Any, ...] = ()
    whole: bool = False

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

    def shares(self, values: Iterable[Any]) -> Floats:
        """Places from 0 at the low end to 1 at the high one; one that has a single place has it in the middle."""
        wide = self.high - self.low
        places = self.places(values)
        found: Floats = (places - self.low) / wide if wide else np.where(np.isfinite(places), 0.5, np.nan)
        return found


def _key(value: Any) -> Any:
    """1 and True are two values; 8 and 8.0 are one."""
    return (isinstance(value, bool), value)


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
        searches = read(dict(sweep.head.sweep)).searches
    except (GraphlabError, TypeError):
        return {}
    names = list(sweep.head.searches)
    if len(names) != len(searches):
        return {}
    return {name: search.space for name, search in zip(names, searches, strict=True)}


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


def measured(name: str, values: Iterable[float], logarithmic: bool | None = None) -> Axis:
    """The axis of numbers that were not chosen: scores, costs. By the logarithm where they span much, or as asked."""
    numbers = np.array([_number(value) for value in values], np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return Axis(name, "linear", 0.0, 1.0)
    low, high = float(numbers.min()), float(numbers.max())
    by_log = (low > 0 and high > WIDE * low) if logarithmic is None else logarithmic and low > 0
    if by_log:
        return Axis(name, "log", math.log10(low), math.log10(high))
    return Axis(name, "linear", low, high)


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


def value_text(value: Any) -> str:
    """A value as people write it: four digits of a number, with a true minus sign."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int):
        return str(value).replace("-", "−")
    return f"{value:.4g}".replace("-", "−")
