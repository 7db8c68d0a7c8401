"""What an argument must be before data is made from it: each check returns the value or raises DataError."""

from __future__ import annotations

import operator
from typing import Any

from ..errors import DataError
from ..ops.catalogue import Bounds

MOST_SAMPLES = 1_000_000
MOST_SEED = 2**63 - 1


def whole(name: str, value: Any, low: int, high: int | None = None) -> int:
    """`value` as int, NumPy's integers included. True and 3.0 are not what anybody means by a count."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise DataError(f"{name} must be a whole number, not {value!r}.")
    if number < low or (high is not None and number > high):
        raise DataError(f"{name} must be {_range(low, high)}, not {number:,}.")
    return number


def real(name: str, value: Any, low: float, high: float) -> float:
    """`value` as a finite float from `low` to `high`."""
    number = _float(name, value)
    if not low <= number <= high:  # also refuses NaN
        raise DataError(f"{name} must be {_range(low, high)}, not {number:g}.")
    return number


def fraction(name: str, value: Any) -> float:
    """`value` as a share of the rows: from 0 to less than 1."""
    number = _float(name, value)
    if not 0 <= number < 1:
        hint = "It is a share of the rows: 0.2 holds a fifth of them back." if number >= 1 else ""
        raise DataError(f"{name} must be at least 0 and less than 1, not {number:g}.", hint=hint)
    return number


def within(name: str, value: Any, bounds: Bounds) -> float:
    """`value` as the parameter that `bounds` describes: a whole number where its default is one."""
    if isinstance(bounds.default, int):
        return whole(name, value, int(bounds.low), int(bounds.high))
    return real(name, value, bounds.low, bounds.high)


def _float(name: str, value: Any) -> float:
    if isinstance(value, (bool, str)):
        raise DataError(f"{name} must be a number, not {value!r}.")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise DataError(f"{name} must be a number, not {value!r}.") from None


def _range(low: float, high: float | None) -> str:
    return f"at least {low:,}" if high is None else f"from {low:,} to {high:,}"
