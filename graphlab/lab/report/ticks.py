"""Axes of charts: even numbers to write beside them, on plain and logarithmic scales."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ...engine.summary import figure

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
MINUS = "−"


@dataclass(frozen=True)
class Axis:
    """A scale from `low` to `high` with its `ticks`: values and what is written beside them."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    log: bool = False

    def share(self, value: float) -> float:
        """Where a value stands, 0 at the lower end and 1 at the upper; NaN for what a log scale does not have."""
        if self.log:
            if not value > 0:
                return math.nan
            return (math.log10(value) - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))
        return (value - self.low) / (self.high - self.low)


def axis(values: Iterable[float], *, log: bool = False, count: int = 5, whole: bool = False) -> Axis:
    """An axis on which all finite values lie, with about `count` ticks; `whole`: at whole numbers only.

    Heckbert 1990, "Nice numbers for graph labels", with the ends at the values, widened a little.
    """
    found = [v for v in values if math.isfinite(v) and (v > 0 or not log)]
    low, high = (min(found), max(found)) if found else (0.0, 1.0)
    if log and found:
        return _log_axis(low, high, count)
    if whole:
        low, high = float(math.floor(low)), float(math.ceil(high))
    if high - low < 1e-12 * max(abs(low), abs(high), 1e-300):
        room = 1.0 if whole else abs(low) * 0.1 or 0.5
        low, high = low - room, high + room
    step = _nice_step((high - low) / max(count - 1, 1))
    if whole:
        step = max(1.0, math.ceil(step))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if not whole and step < 1 and abs(step * 10**decimals - round(step * 10**decimals)) > 1e-6:
        decimals += 1
    ticks = tuple((k * step, _written(k * step, step, decimals)) for k in range(first, last + 1))
    return Axis(low, high, ticks)


def widened(found: Axis, share: float = 0.04) -> Axis:
    """With air at both ends."""
    if found.log:
        factor = (found.high / found.low) ** share
        return Axis(found.low / factor, found.high * factor, found.ticks, True)
    room = (found.high - found.low) * share
    return Axis(found.low - room, found.high + room, found.ticks)


def _nice_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return power * next(step for step in _STEPS if step >= rough / power - 1e-9)


def _written(value: float, step: float, decimals: int) -> str:
    if abs(value) < step / 2:
        return "0"
    if decimals > 5 or abs(value) >= 1e6:
        return figure(value)
    return f"{value:,.{decimals}f}".replace("-", MINUS)


def _log_axis(low: float, high: float, count: int) -> Axis:
    """Ticks at powers of ten; where there are not two of them, at 1, 2 and 5 times such."""
    if high / low < 1 + 1e-9:
        low, high = low / 2, high * 2
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    if last - first >= 1:
        every = max(1, math.ceil((last - first + 1) / (count + 1)))
        marks = [10.0**k for k in range(first, last + 1) if (k - first) % every == 0]
    else:
        powers = range(first - 1, last + 2)
        marks = [m * 10.0**k for k in powers for m in (1, 2, 5) if low * 0.999 <= m * 10.0**k <= high * 1.001]
    if len(marks) < 2:
        marks = [low, high]
    return Axis(low, high, tuple((mark, _power(mark)) for mark in marks), True)


def _power(value: float) -> str:
    return (
        (f"{value:,.0f}" if value >= 1000 else figure(value))
        if 1e-4 <= value < 1e6
        else f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e").replace("-", MINUS)
    )
