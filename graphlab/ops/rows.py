"""What normalisations and convolutions share: sums along rows, and gradients that must be written in one piece."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from .base import Array, Context

_BLOCK = 65536  # elements


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


def channel_sums(ctx: Context, flat: Array, out: Array) -> None:
    """The sums of N×C or N×C×L over all but the channels, by products with ones: a third of the time of add.reduce."""
    if flat.ndim == 3:
        rows = ctx.scratch("channel sums", flat.shape[:2])
        row_sums(ctx, flat.reshape(-1, flat.shape[2]), rows.reshape(-1))
        flat = rows
    ones(ctx, len(flat)).dot(flat, out)


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
