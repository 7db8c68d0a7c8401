"""Tables whose rows have keys: where each row comes from when keys come, go or change their order."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import repeat
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

K = TypeVar("K", bound=Hashable)
Number = TypeVar("Number", bound=np.generic)
Rows = NDArray[np.intp]

NEW = -1


def came_from(before: Mapping[K, int], now: list[K]) -> Rows:
    """Of each key of `now` the row it had, NEW for none. `before`: the rows by key, in order."""
    count = len(before)
    if now[:count] == list(before):  # as after most edits
        return np.concatenate([np.arange(count), np.full(len(now) - count, NEW)])
    return np.fromiter(map(before.get, now, repeat(NEW)), dtype=np.intp)


def gone(origin: Rows, count: int) -> Rows:
    """Which of the `count` rows of before are no more."""
    stays = np.zeros(count, dtype=np.bool_)
    stays[origin[origin != NEW]] = True
    return np.flatnonzero(~stays)


def went_to(origin: Rows, count: int) -> Rows:
    """Of each of the `count` rows of before the row it has now, NEW for none."""
    place = np.full(count, NEW, dtype=np.intp)
    old = np.flatnonzero(origin != NEW)
    place[origin[old]] = old
    return place


def carried(table: NDArray[Number], origin: Rows) -> NDArray[Number]:
    """The table with its rows where they are now; what new ones hold is of no meaning."""
    if not len(table):
        return np.zeros((len(origin), *table.shape[1:]), dtype=table.dtype)
    return table[origin]
