"""Columns of a table of runs or trials: what stands in a row under each, how it is written, sorted and asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import numpy as np

Kind = Literal["text", "number", "percent", "count", "time", "duration", "bytes"]
SHARES = {"accuracy", "exact"}  # metrics told in percent
T = TypeVar("T")


@dataclass(frozen=True)
class Column(Generic[T]):
    """`value` is a text, or a number that is NaN where the row has none; a time is seconds since 1970."""

    key: str
    title: str
    kind: Kind
    tip: str
    value: Callable[[T], Any]
    shown: bool = True

    @property
    def is_text(self) -> bool:
        return self.kind == "text"


def says(column: Column[T], row: T) -> bool:
    """Whether the row has a value there."""
    value = column.value(row)
    return bool(value) if isinstance(value, str) else not math.isnan(value)


def sort_key(column: Column[T], row: T) -> tuple[int, Any]:
    """By value; what has none comes last either way (see `in_order`)."""
    value = column.value(row)
    if isinstance(value, str):
        return (0 if value else 1, value.casefold())
    return (1 if math.isnan(value) else 0, value)


def in_order(rows: Iterable[T], column: Column[T], *, descending: bool = False) -> list[T]:
    """In the order of a column; rows that have no value there come last, whichever way. Texts come after numbers."""
    rows = list(rows)
    values = [column.value(row) for row in rows]
    if not any(isinstance(value, str) for value in values):
        numbers = np.asarray(values, np.float64)
        order = np.argsort(-numbers if descending else numbers, kind="stable")  # NaN comes last
        return [rows[at] for at in order]
    keyed = [(sort_key(column, row), row) for row in rows]
    there = [pair for pair in keyed if not pair[0][0]]
    none = [row for key, row in keyed if key[0]]
    there.sort(key=lambda pair: (isinstance(pair[0][1], str), pair[0][1]), reverse=descending)
    return [row for _, row in there] + none
