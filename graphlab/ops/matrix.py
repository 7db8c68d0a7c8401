"""Products of matrices, taken in pieces where BLAS is quicker that way."""

from __future__ import annotations

import functools
import math

import numpy as np

from .base import Array, Context

# OpenBLAS's AVX-512 kernels for small matrices copy nothing beforehand: they reach the processor's peak where the usual
# way, made for large matrices, comes to 40 to 85 % of it. They are taken up to so many multiplications; with the second
# matrix transposed, up to so many results and from so long sums on (its sgemm_small_kernel_permit_skylakex.c).
MOST = 1_000_000
MOST_RESULTS = 1200
LEAST_SUM = 32
CACHED = 1 << 18  # numbers of the second matrix that stay in the processor's cache from piece to piece


def product(ctx: Context, a: Array, b: Array, out: Array) -> None:
    """`out` = a·b, of matrices (m×k)·(k×n); `out` lies in one piece."""
    pieces = _cut(ctx, a, b)
    if pieces is None:
        a.dot(b, out)  # half the time of np.matmul for small arrays
        return
    rows, columns = pieces
    (k, n), whole = b.shape, len(a) - len(a) % rows
    np.matmul(
        a[:whole].reshape(-1, 1, rows, k),
        b.reshape(k, -1, columns).transpose(1, 0, 2),
        out[:whole].reshape(-1, rows, n // columns, columns).transpose(0, 2, 1, 3),
    )
    if whole < len(a):
        a[whole:].dot(b, out[whole:])


def is_in_pieces(ctx: Context, a: Array, b: Array) -> bool:
    """Whether `product` takes these in pieces."""
    return _cut(ctx, a, b) is not None


def _cut(ctx: Context, a: Array, b: Array) -> tuple[int, int] | None:
    """How many rows and columns of the result to take at a time; None for all at once."""
    if not ctx.in_pieces or a.dtype != np.float32:
        return None
    layout = a.flags.c_contiguous, b.flags.c_contiguous, b.T.flags.c_contiguous
    return _pieces(a.shape[0], *b.shape, *layout)


@functools.lru_cache(maxsize=1024)
def _pieces(
    m: int, k: int, n: int, a_by_rows: bool, b_by_rows: bool, b_by_columns: bool
) -> tuple[int, int] | None:
    """How many rows and columns of the result to take at a time; None for all at once. Found by trial.

    The columns divide n; a few rows may remain.
    """
    if k * n > CACHED:
        return None
    if b_by_rows:
        return None if m * k * n <= MOST else _pieces_by_rows(m, k, n)
    worth_it = k >= LEAST_SUM and m * n > MOST_RESULTS and (m <= 64 or k >= 128)
    return _pieces_by_columns(m, k, n) if worth_it and a_by_rows and b_by_columns else None


def _pieces_by_rows(m: int, k: int, n: int) -> tuple[int, int] | None:
    """A piece of b should stay in the first cache; the kernel takes six rows and 64 columns at a time."""
    columns = _divisor(n, 128 if k <= 128 else 64 if k < 512 else 32, 16)
    if k >= 512 and n % 64 == 0 and m % 6 == 0:
        return _divisor(m, MOST // (64 * k), 6), 64
    most = min(128, MOST // (columns * k), m)
    rows = min(range(16, most + 1, 16), key=lambda rows: (m % rows, -rows), default=0)
    return (rows, columns) if columns >= 32 and rows and m % rows < 16 else None


def _pieces_by_columns(m: int, k: int, n: int) -> tuple[int, int] | None:
    """As many results at a time as are permitted."""
    found = [
        (rows, _divisor(n, min(MOST_RESULTS, MOST // k) // rows)) for rows in (32, 16, 8) if m % rows == 0
    ]
    rows, columns = max(found, key=math.prod, default=(0, 0))
    return (rows, columns) if rows * columns > MOST_RESULTS // 4 else None


def _divisor(size: int, most: int, step: int = 1) -> int:
    """The largest multiple of `step` that divides `size` and is not above `most`; 1 where there is none."""
    return max((n for n in range(step, min(size, most) + 1, step) if size % n == 0), default=1)
