"""What of a document is to be searched, and how: its hyperparameters, each with a space, and the settings of the
search.

A sweep tries values and keeps what does best on held-out rows; `lab/sweeps` does that. Here are the values that a
document keeps; `spaces` reads and writes a space as text, `searching` says what a search means and applies values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import SettingsError

KINDS = ("list", "range", "log", "integer", "choice")
METHODS = ("grid", "random", "lhs", "sobol", "tpe", "cmaes")
LEARNING = ("tpe", "cmaes")  # that look at results
PRUNINGS = ("none", "asha", "hyperband")
OP, COPIES, ROWS = "op", "copies", "rows"  # searches of structure, and of how many rows to learn from
MOST_VALUES = 10_000  # that a list may have
MOST_LISTED = 1_000_000  # whole numbers that are listed one by one


@dataclass(frozen=True, slots=True)
class Space:
    """The values that one hyperparameter is tried with.

    kind: "list" (`values` in an order: 8, 16, 32), "choice" (`values` without one: ReLU, Tanh), "range" (any number
        from `low` to `high`), "log" (the same, each factor as likely as another), "integer" (whole numbers `low`,
        `low` + `step` … up to `high`; with `log`, small ones more often, as in "log").

    SettingsError: it is empty, or not of numbers, or a log range reaches 0 or below.
    """

    kind: str
    values: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    step: int = 1
    log: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise SettingsError(f"There is no space '{self.kind}'.", hint=f"Choose {', '.join(KINDS)}.")
        (_check_values if self.kind in ("list", "choice") else _check_range)(self)
        for end in ("low", "high"):
            object.__setattr__(self, end, float(getattr(self, end)))

    @property
    def is_finite(self) -> bool:
        return self.kind in ("list", "choice", "integer")

    @property
    def is_log(self) -> bool:
        return self.kind == "log" or (self.kind == "integer" and self.log)

    @property
    def size(self) -> float:
        """How many values it has; infinity for a range."""
        if self.kind in ("list", "choice"):
            return len(self.values)
        if self.kind == "integer":
            return (int(self.high) - int(self.low)) // self.step + 1
        return 1 if self.low == self.high else math.inf

    def grid(self) -> tuple[Any, ...]:
        """All values of a finite space, in order. SettingsError for a range, which has no end of them, and for more
        whole numbers than MOST_LISTED.
        """
        if self.kind in ("list", "choice"):
            return self.values
        if self.kind == "integer":
            if self.size > MOST_LISTED:
                raise SettingsError(
                    f"From {self.low:,.0f} to {self.high:,.0f} there are {self.size:,} whole numbers.",
                    hint=f"A grid takes up to {MOST_LISTED:,}: name a step, or search at random.",
                )
            return tuple(range(int(self.low), int(self.high) + 1, self.step))
        raise SettingsError(
            f"A grid cannot go through every number from {self.low:g} to {self.high:g}.",
            hint="Name some, such as 0.001,0.01,0.1, or search at random.",
        )


def _check_values(space: Space) -> None:
    if not space.values:
        raise SettingsError("The space is empty: it has no values.", hint="Write such as 8,16,32.")
    if len(space.values) > MOST_VALUES:
        raise SettingsError(f"The space has {len(space.values):,} values.", hint=f"{MOST_VALUES:,} fit.")
    seen: set[tuple[type, Any]] = set()
    for value in space.values:
        if isinstance(value, float) and not math.isfinite(value):
            raise SettingsError(f"{value} cannot be tried.", hint="Name finite numbers.")
        if (type(value), value) in seen:
            raise SettingsError(f"The space has {value!r} twice.", hint="Name each value once.")
        seen.add((type(value), value))


def _check_range(space: Space) -> None:
    low, high = space.low, space.high
    if not (math.isfinite(low) and math.isfinite(high)):
        raise SettingsError(f"A range from {low:g} to {high:g} has no end.", hint="Give two finite numbers.")
    if low > high:
        raise SettingsError(f"The range from {low:g} to {high:g} is empty.", hint=f"Write {high:g}:{low:g}.")
    if space.is_log and low <= 0:
        raise SettingsError(
            f"A log range cannot reach {low:g}: it goes in factors.", hint="Begin above 0, such as 1e-5:1e-1."
        )
    if space.kind == "integer" and (low != int(low) or high != int(high) or space.step < 1):
        raise SettingsError(f"{low:g}:{high:g}:{space.step} are no whole numbers.", hint="Write int:1:8.")


@dataclass(frozen=True, slots=True)
class Search:
    """One hyperparameter that is searched.

    node: the id of a node; "g1/n2" of node n2 in group g1, which changes every use of it; "" for a training setting.
    name: a param of the node or a training setting (`seed` among them); or OP, what the node is (names of
        operations, or keys of parts, or of groups of the document); COPIES, how often it stands in a row (0: it is
        left out); ROWS, the share of the training rows that is learnt from (with node "").
    """

    node: str
    name: str
    space: Space


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is searched, and how.

    method: a name in METHODS. trials: how many settings are tried at most (a grid: all when 0). seconds: time after
        which none is begun or goes on; 0 never.
    seeds: trainings of each setting, with seeds of their own. folds: k of k-fold cross-validation, 0 for the one
        validation split.
    pruning: a name in PRUNINGS; `rung`: epochs before a trial is first judged, `keep`: one in so many goes on from
        there.
    metric: what is compared on held-out rows: "loss", a metric of the goal such as "accuracy", or "" for the goal's
        first metric, else the loss.
    seed: of the search itself.
    ahead: a trial is proposed from the results of those with numbers lower by so much and more, so that so many can
        go on at a time, and what is proposed does not depend on which ends first. For methods that learn.
    """

    searches: tuple[Search, ...] = ()
    method: str = "random"
    trials: int = 40
    seconds: float = 0.0
    seeds: int = 1
    folds: int = 0
    pruning: str = "none"
    rung: int = 1
    keep: int = 3
    metric: str = ""
    seed: int = 0
    ahead: int = 8
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            kind = (int, float) if name == "seconds" else int
            if isinstance(value, bool) or not isinstance(value, kind) or not low <= value <= high:
                word = "a number" if name == "seconds" else "a whole number"
                raise SettingsError(
                    f"{name} of the sweep cannot be {value!r}.",
                    hint=f"It takes {word} from {low:,} to {high:,}.",
                )
        for name, known in (("method", METHODS), ("pruning", PRUNINGS)):
            if getattr(self, name) not in known:
                raise SettingsError(
                    f"There is no {name} '{getattr(self, name)}'.", hint=f"Choose {', '.join(known)}."
                )
        if self.folds == 1:
            raise SettingsError("One fold leaves none to train on.", hint="Take 2 or more, or 0 for none.")

    def renamed(self, group: str, name: str) -> Sweep:
        """With another name for a group, where it is among what may stand at a node."""

        def follow(search: Search) -> Search:
            if search.name != OP or group not in search.space.values:
                return search
            values = tuple(name if value == group else value for value in search.space.values)
            return replace(search, space=replace(search.space, values=values))

        return replace(self, searches=tuple(map(follow, self.searches))) if self.searches else self


RANGES = {
    "trials": (0, 1_000_000),
    "seconds": (0, 10**9),
    "seeds": (1, 1000),
    "folds": (0, 1000),
    "rung": (1, 10**6),
    "keep": (2, 100),
    "seed": (0, 2**63 - 1),
    "ahead": (1, 1000),
}
