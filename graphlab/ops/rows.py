"""What operations along rows share: sums and other reductions, exponentials, and gradients in one piece.

Sums are products with ones, which BLAS computes in a third of the time of np.add.reduce.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from .context import Context

Array = npt.NDArray[Any]
_STRETCH = 1024  # elements that are summed one after the other, in single precision without harm
_SHORT = 16  # elements of rows that are better treated column by column
_MIDDLING = 64  # elements of rows beyond which NumPy reduces them quickly
_MANY = 1 << 18  # elements of a matrix from which on BLAS does not compute outer products quickly
_WIDE = 512  # elements of rows from which on NumPy quickly reduces all of them to one
_LITTLE = 1024  # elements up to which copying a row is no matter
_FEW = 4096  # elements of an array up to which one call is quickest, however slow it is


def ones(ctx: Context, count: int) -> Array:
    """So many ones, kept: BLAS sums by a product with them. They are only read."""
    return ctx.ones(count)


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
    elif rows.size > _LITTLE:
        np.add(rows, row, rows)
    else:
        spread = ctx.scratch("spread", rows.shape)
        np.copyto(spread, row)
        np.add(rows, spread, rows)


def channel_sums(ctx: Context, flat: Array, out: Array) -> None:
    """The sums of N×C or N×C×L over all but the channels, by products with ones: a third of the time of add.reduce."""
    if flat.ndim == 3:
        rows = ctx.scratch("channel sums", flat.shape[:2])
        row_sums(ctx, flat.reshape(-1, flat.shape[2]), rows.reshape(-1))
        flat = rows
    ones(ctx, len(flat)).dot(flat, out)


def sums(ctx: Context, x: Array, axes: tuple[int, ...], out: Array) -> None:
    """The sum of x over those axes (counted from the front, in order), into an array without them or with size 1."""
    count, in_one_piece = len(axes), x.flags.c_contiguous and x.size > 0
    if in_one_piece and count == x.ndim:
        total(ctx, x.reshape(-1), out)
    elif in_one_piece and axes[-1:] == (x.ndim - 1,) and axes[0] == x.ndim - count:
        row_sums(ctx, x.reshape(out.size, -1), out.reshape(-1))
    elif in_one_piece and axes[-1:] == (count - 1,):
        rows = x.reshape(-1, out.size)
        ones(ctx, len(rows)).dot(rows, out.reshape(-1))
    else:
        np.add.reduce(x, axis=axes, out=out, keepdims=out.ndim == x.ndim)


def unbroadcast(gradient: Array, out: Array, ctx: Context | None = None) -> None:
    """Sums `gradient` over the axes along which `out`'s shape was broadcast, into `out`; quicker with a context."""
    if gradient.shape == out.shape:
        if gradient is not out:
            np.copyto(out, gradient)
        return
    extra = gradient.ndim - out.ndim
    axes = tuple(range(extra)) + tuple(
        i + extra for i, size in enumerate(out.shape) if size == 1 and gradient.shape[i + extra] != 1
    )
    target = out.reshape([1 if i in axes else size for i, size in enumerate(gradient.shape)])
    if ctx is not None and out.flags.c_contiguous:
        sums(ctx, gradient, axes, target)
    else:
        np.add.reduce(gradient, axis=axes, out=target, keepdims=True)


def total(ctx: Context, x: Array, out: Array) -> None:
    """The sum of a vector in one piece, into an array of one element.

    Stretches are summed by BLAS, and their sums in pairs: so rounding errors stay as small as np.add.reduce's.
    """
    count = x.size // _STRETCH
    if count < _STRETCH // 32:
        x.dot(ones(ctx, x.size), out.reshape(()))
        return
    parts = ctx.scratch("stretches", (count + 1,))
    row_sums(ctx, x[: count * _STRETCH].reshape(count, _STRETCH), parts[:count])
    np.add.reduce(x[count * _STRETCH :], keepdims=True, out=parts[count:])
    np.add.reduce(parts, out=out.reshape(()))


def row_products(ctx: Context, a: Array, b: Array, out: Array) -> None:
    """The sum of a·b of each row of (R, L) arrays, into an array of R."""
    if a.shape[1] > _MIDDLING:
        np.vecdot(a, b, out)
    else:  # np.vecdot takes longer for each short row than for its elements
        row_sums(ctx, np.multiply(a, b, ctx.scratch("row products", a.shape)), out)


def scaled(ctx: Context, rows: Array, column: Array, row: Array | None, out: Array) -> None:
    """`out` = rows, each multiplied by its number of `column`, and each of its elements by that of `row`."""
    if row is None:
        np.multiply(rows, column.reshape(-1, 1), out)
    elif rows.size > _MANY:
        np.multiply(rows, row, out)
        np.multiply(out, column.reshape(-1, 1), out)
    else:  # the outer product comes from BLAS as quickly as NumPy repeats one of the vectors
        both = ctx.scratch("outer product", rows.shape)
        column.reshape(-1, 1).dot(row.reshape(1, -1), both)
        np.multiply(rows, both, out)


def fold(ctx: Context, ufunc: np.ufunc, x: Array, axes: tuple[int, ...], out: Array, **initial: Any) -> None:
    """`ufunc.reduce` over those axes (counted from the front, in order), into an array without them or with size 1.

    NumPy goes along short rows, and wherever it multiplies, from one element to the next, and takes its time for each
    row that it adds to others. Here halves are combined while there is much in them.
    """
    if x.size <= _FEW or not x.flags.c_contiguous:
        ufunc.reduce(x, axis=axes, out=out, keepdims=out.ndim == x.ndim, **initial)
        return
    length, found = math.prod(x.shape[axis] for axis in axes), out.reshape(-1)
    leading, trailing = (axes == tuple(range(k, k + len(axes))) for k in (0, x.ndim - len(axes)))
    if trailing and (ufunc is np.multiply or length <= _MIDDLING):
        work = ctx.scratch("halves", (out.size, length // 2)).T
        columns = _halved(ufunc, x.reshape(out.size, length).T, work, _SHORT)
        np.copyto(found, columns[0])
        for k in range(1, len(columns)):
            ufunc(found, columns[k], out=found)
    elif leading and not trailing and out.size < _WIDE:
        work = ctx.scratch("halves", (length // 2, out.size))
        rows = _halved(ufunc, x.reshape(length, out.size), work, _FEW // out.size)
        ufunc.reduce(rows, axis=0, out=found)
    else:
        ufunc.reduce(x, axis=axes, out=out, keepdims=out.ndim == x.ndim, **initial)


def _halved(ufunc: np.ufunc, lines: Array, work: Array, short: int) -> Array:
    """Lines whose second half has been combined with the first until there are few."""
    count = len(lines)
    while count > short:
        half = count // 2
        ufunc(lines[:half], lines[half : 2 * half], out=work[:half])
        if count % 2:
            ufunc(work[:1], lines[count - 1 : count], out=work[:1])
        lines, count = work[:half], half
    return lines


def exponentials(ctx: Context, x: Array, axis: int, shifted: Array, powers: Array, norm: Array) -> None:
    """x − max x along an axis, the exponential of that, and its sum (of size 1 there): nothing in them can overflow.

    `shifted` and `powers` may be one array.
    """
    axes = (axis % x.ndim,)
    is_last, in_columns = axes == (x.ndim - 1,), x.size > _FEW and x.shape[-1] <= _MIDDLING
    if x.size and is_last and not in_columns:
        row_maxima(ctx, x.reshape(-1, x.shape[-1]), norm.reshape(-1))
    else:
        fold(ctx, np.maximum, x, axes, norm, initial=-np.inf)
    np.subtract(x, norm, shifted)
    np.exp(shifted, powers)
    sums(ctx, powers, axes, norm)


@contextmanager
def writable(ctx: Context, target: Array) -> Iterator[Array]:
    """The array itself, or one in one piece that is copied into it at the end: reshaping a scattered one would copy."""
    if target.flags.c_contiguous:
        yield target
        return
    whole = ctx.scratch("whole", target.shape)
    yield whole
    np.copyto(target, whole)
