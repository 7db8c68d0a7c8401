"""One derivative against finite differences: how far apart they are, and whether there is a derivative at all.

Where the slopes to the left and to the right differ however near one looks (ReLU at 0, a tie of a maximum) there is no
one derivative: any number between the two is right, and it is told that there is a kink instead of an error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

STEP = 6e-6  # near the cube root of float64's epsilon, best for central differences
TOLERANCE = 1e-6
SECOND_LOOKS = (
    8.0,
    0.1,
    0.01,
)  # times the step: against rounding, and past a kink that lies beside the point
ROUGHLY = 1e-3  # a one-sided slope is no better than this, relatively
ROUNDING = 4.5e-16  # of a computed number, relatively; twice float64's epsilon
NOISE = 50.0  # times the rounding of one number: what many of them leave of a difference
LEAST = 1e-8  # a scale is no smaller

Along = Callable[[float], float]  # what the whole comes to when the element has that value


@dataclass(frozen=True, slots=True)
class Verdict:
    """error: relative. numeric: the slope found. kink: "" or why there is no one slope: "kink", "jump" or "edge"."""

    error: float
    numeric: float
    kink: str = ""


def compare(
    along: Along, at: float, analytic: float, scale: float, thorough: bool = True, size: float = 0.0
) -> Verdict:
    """How far the derivative `analytic` at `at` is from the slope found by moving it a little both ways.

    The error is relative to the largest of `scale`, the slope itself, and what rounding leaves of a slope; `size` is
    that of the numbers that the whole is the sum of, where they may cancel out. A first look that finds fault is
    followed by others (`thorough`), so that neither rounding nor a kink beside the point is blamed.
    """
    step = STEP * max(1.0, abs(at))
    first = _central(along, at, step, analytic, scale, size)
    if first.error <= TOLERANCE or not thorough:
        return first
    best = min(
        (first, *(_central(along, at, step * k, analytic, scale, size) for k in SECOND_LOOKS)),
        key=lambda verdict: verdict.error,
    )
    if best.error <= TOLERANCE:
        return best
    return _at_kink(along, at, step, analytic, scale, size) or first


def _central(along: Along, at: float, step: float, analytic: float, scale: float, size: float) -> Verdict:
    above, below = along(at + step), along(at - step)
    slope = (above - below) / (2 * step)
    if not isfinite(slope):
        return Verdict(float("inf"), slope)
    floor = ROUNDING * max(abs(above), abs(below), size) / step / TOLERANCE
    return Verdict(abs(slope - analytic) / max(scale, abs(slope), floor, LEAST), slope)


def _at_kink(
    along: Along, at: float, step: float, analytic: float, scale: float, size: float
) -> Verdict | None:
    """What is to be said where the slopes on either side differ, or one is missing; None where they agree.

    On a smooth curve they differ by as much less as one looks nearer; at a kink, by as much as before.
    """
    here = along(at)
    left, right = (here - along(at - step)) / step, (along(at + step) - here) / step
    there = [slope for slope in (left, right) if isfinite(slope)]
    if not there:
        return Verdict(0.0, float("nan"), "edge")
    if len(there) == 1:
        return _between(there, analytic, scale, "edge")
    near = step / 10
    nearer = (here - along(at - near)) / near, (along(at + near) - here) / near
    gap, nearer_gap = abs(left - right), abs(nearer[0] - nearer[1])
    noise = NOISE * ROUNDING * max(abs(here), size) / near
    if nearer_gap <= max(gap / 2, noise):
        return None
    is_jump = max(map(abs, nearer)) > 5 * max(map(abs, (left, right)))
    return Verdict(0.0, float("nan"), "jump") if is_jump else _between(there, analytic, scale, "kink")


def _between(slopes: list[float], analytic: float, scale: float, kink: str) -> Verdict:
    """No error for what lies between the slopes on either side; else how far it is from the nearer one."""
    low, high = min(slopes), max(slopes)
    size = max(scale, abs(low), abs(high), LEAST)
    outside = max(low - analytic, analytic - high, 0.0) / size
    nearest = low if abs(analytic - low) <= abs(analytic - high) else high
    return Verdict(outside if outside > ROUGHLY else 0.0, nearest, kink)
