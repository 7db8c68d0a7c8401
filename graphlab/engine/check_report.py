"""What a gradient check has found: array by array, in numbers and in words. Light, so that messages can carry it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .differences import TOLERANCE

WHY = {
    "kink": "the slopes on either side differ, and any number between them is right",
    "jump": "the value jumps there, so there is no slope",
    "edge": "on one side of it there is no value, so only the other side counts",
}


@dataclass(frozen=True, slots=True)
class ArrayCheck:
    """One gradient that was checked.

    kind: "parameter" and "input" are moved and the goal looked at; "wire" is what the node alone hands back to a
        socket. name: "hidden.weight". size, tried: elements, and how many of them were tried.
    error: the greatest relative error; index, analytic, numeric: of that element. kinks: how many of the tried have no
        one slope, and at `kink_at` the first of them, `kink` saying why: "kink", "jump" or "edge".
    """

    kind: str
    key: str
    socket: str
    name: str
    size: int
    tried: int
    error: float
    index: tuple[int, ...]
    analytic: float
    numeric: float
    kinks: int = 0
    kink: str = ""
    kink_at: tuple[int, ...] = ()
    tolerance: float = TOLERANCE

    @property
    def passed(self) -> bool:
        return self.error <= self.tolerance

    @property
    def about_kinks(self) -> str:
        """What is to be said of elements without one slope; "" where there are none."""
        if not self.kinks:
            return ""
        where = f"{self.kinks:,} of {self.tried:,} elements" if self.size > 1 else "the number"
        verb = "stands" if self.kinks == 1 or self.size == 1 else "stand"
        return f"{where} {verb} at a {self.kink if self.kink != 'edge' else 'border'}: {WHY[self.kink]}."


@dataclass(frozen=True, slots=True)
class GradientReport:
    """The greatest relative error of each gradient, by "hidden.weight"; `passed` when all are ≤ 1e-6.

    The error of one element is |analytic − numeric| / max(|numeric|, scale), where the scale is the greatest element of
    that gradient, or what rounding lets one see of the goal's change if that is more.

    checks: every array that was checked. culprits: names of the nodes that hand back something wrong.
    left_out: parameters that were only looked at by the check of their node, for want of time.
    """

    errors: Mapping[str, float]
    tolerance: float = TOLERANCE
    checks: tuple[ArrayCheck, ...] = ()
    culprits: tuple[str, ...] = ()
    left_out: int = 0

    @property
    def passed(self) -> bool:
        return all(error <= self.tolerance for error in self.errors.values()) and not self.culprits

    @property
    def worst(self) -> float:
        return max(self.errors.values(), default=0.0)
