"""Dividing rows into training, validation and test: at random, from a seed, classes kept in proportion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from .batches import shuffled

SPLITS = ("train", "validation", "test")

Indices = npt.NDArray[np.int64]


def split_rows(
    rows: int, shares: Mapping[str, float], seed: int, strata: npt.NDArray[np.int64] | None = None
) -> dict[str, Indices]:
    """Row indices of each split, ascending: the held-out `shares` get their rows, "train" all the others.

    With `strata` (a class per row) every part holds the classes in proportion, to within a row or two.
    """
    order = shuffled(rows, seed, "split")
    if strata is not None:
        order = interleaved(order, strata)
    splits: dict[str, Indices] = {}
    taken = 0
    waiting = (
        sum(share > 0 for share in shares.values()) + 1
    )  # parts that still want a row, training among them
    for name, share in shares.items():
        waiting -= share > 0
        count = max(1, min(int(rows * share + 0.5), rows - taken - waiting)) if share else 0
        splits[name] = np.sort(order[taken : taken + count])
        taken += count
    if taken >= rows or sum(shares.values()) >= 1:
        held = " and ".join(f"{name} {share:g}" for name, share in shares.items() if share)
        raise DataError(f"{held} of {rows:,} rows leave none to train on.", hint="Hold out less.")
    return {"train": np.sort(order[taken:]), **splits}


def split_in_order(rows: int, shares: Mapping[str, float], gap: int) -> dict[str, Indices]:
    """The same of rows that lie in order, as those of a text: first what trains, then what is held out, part by part.

    Between two parts `gap` rows are left out. DataError when that leaves none to train on.
    """
    parts = {name: share for name, share in shares.items() if share}
    counts = {name: max(1, int(rows * share + 0.5)) for name, share in parts.items()}
    train = rows - sum(counts.values()) - gap * len(counts)
    if train < 1:
        held = " and ".join(f"{name} {share:g}" for name, share in parts.items())
        raise DataError(
            f"{held} of {rows:,} rows that lie in order leave none to train on.",
            hint="Hold out less, or take shorter rows.",
        )
    splits, start = {"train": np.arange(train)}, train
    for name in shares:
        start += gap if name in counts else 0
        splits[name] = np.arange(start, start + counts.get(name, 0))
        start += counts.get(name, 0)
    return splits


def check_splits(splits: Mapping[str, Any], rows: int) -> dict[str, Indices]:
    """Every split as read-only int64 indices, missing ones empty. DataError if a row is twice or does not
    exist.
    """
    if unknown := sorted(set(splits) - set(SPLITS)):
        raise DataError(f"There is no split '{unknown[0]}'.", hint=f"Choose {', '.join(SPLITS)}.")
    checked = {name: _indices(name, splits.get(name, ()), rows) for name in SPLITS}
    times = np.bincount(np.concatenate(list(checked.values())), minlength=rows)
    if times.max() > 1:
        raise DataError(f"Row {times.argmax():,} is in the splits more than once.")
    return checked


def interleaved(order: Indices, strata: npt.NDArray[np.int64]) -> Indices:
    """`order` rearranged so that any stretch of it holds the classes in proportion.

    Row r of the n rows of its class stands at (r + ½)/n of the way; classes that tie stay in random order.
    """
    place = np.empty(len(order))
    for label in np.unique(strata):
        of_class = np.flatnonzero(strata[order] == label)
        place[of_class] = (np.arange(len(of_class)) + 0.5) / len(of_class)
    return order[np.argsort(place, kind="stable")]


def _indices(name: str, values: Any, rows: int) -> Indices:
    array = np.asarray(values)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise DataError(f"The split {name} must be a list of row indices.")
    if array.size and not 0 <= int(array.min()) <= int(array.max()) < rows:
        raise DataError(f"The split {name} names a row that is not there; there are {rows:,}.")
    indices = array.astype(np.int64, copy=array.flags.writeable)
    indices.flags.writeable = False
    return indices
