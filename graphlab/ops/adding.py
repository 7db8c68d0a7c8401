"""Adding up rows or single elements of an array by index. No op here.

NumPy adds at one flat index for each number several times as quickly as at whole rows or at an index for each axis.
"""

from __future__ import annotations

import numpy as np

from .context import Context
from .rows import Array

_WIDE = 16  # elements of a row from which on it is worth while to look which rows are alone
_LONG = 512  # elements of a row from which on rows are added one by one


def sum_rows(ctx: Context, table: Array, index: Array, rows: Array) -> None:
    """Each row of `table` becomes the sum of those rows whose index names it; 0 where there are none.

    table: R×L in one piece; index: whole numbers from 0 to R − 1, M; rows: M×L.
    """
    table.fill(0)
    width = table.shape[1]
    if width >= _WIDE and len(index) <= len(
        table
    ):  # most are the only ones of their index: nothing to add them to
        order, last = np.arange(len(index)), np.empty(len(table), np.intp)
        last[index] = order  # of several the last remains, here and there
        table[index] = rows
        others = np.flatnonzero(last[index] != order)
        index, rows = index[others], rows[others]
    if width >= _LONG:
        for place, row in zip(index.tolist(), rows, strict=True):
            np.add(table[place], row, table[place])
        return
    places = index
    if width != 1:
        places = ctx.scratch("places", rows.shape, np.int64)
        np.add(np.multiply(index, width)[:, None], np.arange(width), places)
    add_at(table, places, rows)


def add_at(table: Array, places: Array, values: Array) -> None:
    """Adds each value to the element of `table` (in one piece) that stands at its flat place."""
    np.add.at(table.reshape(-1), places.reshape(-1), values.reshape(-1))
