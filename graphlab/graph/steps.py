"""Long work in small steps: generators that yield how far they are, from 0 to 1, and return what they have made."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")
Steps = Generator[float, None, T]


def within(steps: Steps[T], low: float, high: float) -> Steps[T]:
    """Work that is the part from `low` to `high` of a larger one."""
    while True:
        try:
            part = next(steps)
        except StopIteration as end:
            made: T = end.value
            return made
        yield low + (high - low) * part
