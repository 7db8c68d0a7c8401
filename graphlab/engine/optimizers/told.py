"""What one update does to one element, as terms: what an optimizer tells of its rule, in the letters of the rule.

The numbers are those that go in; a term is worth what its parts come to, so the rule that is told cannot claim a number
that it does not give.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...ops.explanation import Origin, Term, element, made, minus, number, times, total


@dataclass(frozen=True)
class Element:
    """One element of a parameter just before an update, and what the update knows besides.

    socket, index: which element it is. w, g: the weight and its gradient, as numbers. kept: what the optimizer's state
    holds for it, by the optimizer's own names. step: the number of the update, from 1. rate: the learning rate of it.
    length: ‖g‖ of all gradients, after `clip_value`. numbers: the optimizer's other numbers. is_done: whether the
    update has been made, so that the arrays hold what comes after it.
    """

    socket: str
    index: tuple[int, ...]
    w: float
    g: float
    kept: Mapping[str, float]
    step: int
    rate: float
    length: float = 0.0
    numbers: Mapping[str, float] | None = None
    is_done: bool = False

    @property
    def weight(self) -> Term:
        """w before the update; it can be looked at while it is still there."""
        if self.is_done:
            return number(self.w, "w")
        return element(self.socket, self.index, self.w).called("w")

    @property
    def gradient(self) -> Term:
        return element(self.socket, self.index, self.g, "grad").called("g")

    @property
    def lr(self) -> Term:
        return number(self.rate, "lr")

    def before(self, name: str, letter: str, called: str) -> Term:
        """What the state held until this update. `called`: the name of that state to people."""
        found = number(self.kept[name], letter)
        return found if self.is_done else replace(found, origin=self._origin(called))

    def after(self, term: Term, letter: str, called: str) -> Term:
        """What the state holds from this update on."""
        named = term.called(letter)
        return replace(named, origin=self._origin(called)) if self.is_done else named

    def _origin(self, called: str) -> Origin:
        return Origin(f"{self.socket}.{called}", self.index)


@dataclass(frozen=True)
class Told:
    """The weight after the update; and what the state holds then, by the optimizer's own names."""

    w: Term
    kept: dict[str, Term]


def mixed(keep: float, letter: str, before: Term, new: Term) -> Term:
    """keep·before + (1 − keep)·new, as all moving means go."""
    return total([times(number(keep, letter), before), times(number(1 - keep, f"(1 − {letter})"), new)])


def moved(w: Term, *step: Term) -> Term:
    """w − the product of the step's factors."""
    return total([w, minus(times(*step))])


def clipped(g: Term, bound: float) -> Term:
    """Brought into [−bound, bound]."""
    most = number(bound, "c")
    return primed(made("smallest", [made("largest", [g, minus(most)]), most]), g)


def shortened(g: Term, most: float, length: float) -> Term:
    """The gradient's part in a vector that is made no longer than `most`."""
    share = made("quotient", [number(most, "clip"), total([number(length, "‖g‖"), number(1e-6)])])
    return primed(times(g, made("smallest", [number(1.0), share])), g)


def primed(term: Term, of: Term) -> Term:
    """What became of a letter: g, then g′, then g″."""
    return term.called(f"{of.label}′")
