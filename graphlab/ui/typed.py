"""Numbers as they are typed anywhere in the window: plain, as a fraction, or as an expression of what stands there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import evaluate
from ..errors import ConditionError
from . import numbers

LARGEST = float(np.finfo(np.float32).max)


def number(text: str, x: float | None = None) -> float:
    """The number that a text comes to: "0,5", "1e−3", "1/3", "x*2". ConditionError says what is wrong with it."""
    try:
        return numbers.parse(text)
    except ValueError:
        return evaluate(text, x)


def numbers_for(text: str, present: Sequence[float], whole: bool = False) -> tuple[float, ...]:
    """What each of several elements becomes; x is what stands there now.

    ConditionError, also for what a float32 cannot hold and, of class indices, for what is not whole.
    """
    return tuple(_fitting(number(text, x), text, whole) for x in present)


def _fitting(value: float, text: str, whole: bool) -> float:
    if abs(value) > LARGEST:
        raise ConditionError(
            f"“{text.strip()}” comes to {numbers.number(value)}, too large for float32.",
            hint=f"It goes up to {numbers.number(LARGEST)}.",
        )
    if whole and value != int(value):
        raise ConditionError(
            f"“{text.strip()}” is not whole.", hint="These are class indices: write a whole number."
        )
    return value
