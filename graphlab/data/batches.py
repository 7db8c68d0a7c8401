"""Shuffled mini-batches as a pure function of (seed, epoch); no epoch remembers the one before."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ..ops.context import stream_key
from .checks import MOST_SEED, whole

Indices = npt.NDArray[np.int64]


def batches(
    rows: Indices, epoch: int, size: int, seed: int = 0, drop_last: bool = False, shuffle: bool = True
) -> Iterator[Indices]:
    """The rows of each batch of that epoch: every row once, `size` at a time.

    The order is fixed by (seed, epoch); without `shuffle` it is that of the rows. The last batch may be
    shorter, unless `drop_last`. When one batch holds all rows, they come in their own order: there is nothing
    to shuffle. DataError for a size below 1, or an epoch or seed below 0.
    """
    size = whole("batch size", size, 1)
    epoch = whole("epoch", epoch, 0, MOST_SEED)
    seed = whole("seed", seed, 0, MOST_SEED)
    if shuffle and size < len(rows):
        rows = rows[shuffled(len(rows), seed, "batches", epoch)]
    end = len(rows) - len(rows) % size if drop_last else len(rows)
    return (rows[start : start + size] for start in range(0, end, size))


def shuffled(count: int, seed: int, purpose: str, index: int = 0) -> Indices:
    """0 … count − 1 in random order, fixed by the arguments.

    Sorts raw Philox words instead of calling `Generator.permutation`, whose numbers NumPy may change (NEP
    19); Philox's own words are fixed (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
    """
    key = stream_key(whole("seed", seed, 0, MOST_SEED), purpose)
    words = np.random.Philox(key=key, counter=[0, 0, 0, index]).random_raw(count)
    return np.argsort(words, kind="stable")
