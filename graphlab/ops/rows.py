"""What the normalisations share: sums along rows, and gradients that must be written in one piece."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from .base import Array, Context

_BLOCK = 65536  # elements
_FEW = 1024  # elements up to which copying a row is no matter


def ones(ctx: Context, count: int) -> Array:
    """So many ones, kept: BLAS sums by a product with them."""
    name = f"{count} ones"
    kept = ctx.kept(name)
    if kept is None:
        kept = ctx.scratch(name, (count,))
        kept.fill(1)
    return kept


def row_sums(ctx: Context, rows: Array, out: Array) -> None:
    """The sum of each row of an (R, L) array, into an array of R."""
    rows.dot(ones(ctx, rows.shape[1]), out)


def row_maxima(ctx: Context, rows: Array, out: Array) -> None:
    """The largest element of each row of an (R, L) array with L > 0, into an array of R.

    NumPy finds where it stands in a third to an eighth of the time that it takes to find how large it is.
    """
    count, length = rows.shape
    name = f"starts of rows of {length}"
    starts = ctx.kept(name)
    if starts is None or starts.shape != (count,):
        starts = ctx.scratch(name, (count,), np.intp)
        starts[:] = np.arange(count, dtype=np.intp) * length
    largest = ctx.scratch("largest of rows", (count,), np.intp)
    rows.argmax(1, largest)
    np.add(largest, starts, largest)
    rows.reshape(-1).take(largest, None, out, "clip")


def add_to_rows(ctx: Context, rows: Array, row: Array) -> None:
    """Adds a row to each row of an (R, L) array, in place.

    NumPy takes half a microsecond to find out how arrays of different shapes go together, copying takes it less. To a
    single column it adds a number, which is no different shape to it.
    """
    if row.size == 1:
        np.add(rows, row.reshape(()), rows)
    elif rows.size > _FEW:
        np.add(rows, row, rows)
    else:
        spread = ctx.scratch("spread", rows.shape)
        np.copyto(spread, row)
        np.add(rows, spread, rows)


def blocks(rows: Array) -> list[slice]:
    """Slices of rows, each small enough that all steps on it stay in the processor's cache; at least one."""
    size = max(1, _BLOCK // max(1, rows.shape[1]))
    return [slice(k, min(k + size, len(rows))) for k in range(0, max(1, len(rows)), size)]


@contextmanager
def writable(ctx: Context, target: Array) -> Iterator[Array]:
    """The array itself, or one in one piece that is copied into it at the end: reshaping a scattered one would copy."""
    if target.flags.c_contiguous:
        yield target
        return
    whole = ctx.scratch("whole", target.shape)
    yield whole
    np.copyto(target, whole)
