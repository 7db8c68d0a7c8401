"""A part of an array of any size, exact or pooled to what a screen can show.

A part is a span for each axis, (start, stop, block): the elements from `start` up to `stop`, every `block` neighbours
of them pooled into one. An axis that one index is chosen of has the span (i, i + 1, 1).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import FeedError

Array = npt.NDArray[Any]
Span = tuple[int, int, int]

POOLS = ("extreme", "mean", "low", "high", "every")
MOST = 1 << 18  # elements of a part at most, 1 MB in float32: what is sent in one go


def region(array: Array, spans: Sequence[Span], pool: str = "extreme") -> Array:
    """That part of an array, a copy with as many axes.

    pool: "extreme" keeps of each block the element of the largest magnitude, with its sign; "low", "high" and "mean"
    say what they are; "every" takes the first of each block and so looks at no others. A block that holds NaN is NaN,
    unless it is "every".

    Raises:
        FeedError: the spans do not fit the array, or the part has more than `MOST` elements.
    """
    checked = _checked(array.shape, spans)
    if math.prod(size_of(span) for span in checked) > MOST:
        raise FeedError(f"This is more than {MOST:,} elements at once.", hint="Take a smaller part.")
    if pool == "every" or all(block == 1 for _, _, block in checked):
        return np.array(array[tuple(slice(*span) for span in checked)])
    part = array[tuple(slice(start, stop) for start, stop, _ in checked)]
    blocks = [block for _, _, block in checked]
    if pool == "mean":
        return _pooled(part, blocks, np.add, np.float64) / _counts(part.shape, blocks)
    if pool == "low":
        return _pooled(part, blocks, np.minimum)
    high = _pooled(part, blocks, np.maximum)
    if pool == "high":
        return high
    low = _pooled(part, blocks, np.minimum)
    return np.where((low < 0) & (-low.astype(np.float64) > high), low, high)


def size_of(span: Span) -> int:
    """How many elements are left of an axis."""
    start, stop, block = span
    return -(-(stop - start) // block)


def _checked(shape: tuple[int, ...], spans: Sequence[Span]) -> list[Span]:
    fits = len(spans) == len(shape) and all(
        0 <= start <= stop <= size and block >= 1
        for (start, stop, block), size in zip(spans, shape, strict=True)
    )
    if not fits:
        raise FeedError(
            f"The array is {'×'.join(map(str, shape)) or 'one number'}; it has no part {list(spans)}."
        )
    return [(start, stop, block) for start, stop, block in spans]


def _pooled(part: Array, blocks: Sequence[int], ufunc: np.ufunc, dtype: Any = None) -> Array:
    """Reduced one axis after the other, the last one last: along the others whole rows are taken at a time."""
    for axis, block in enumerate(blocks):
        if block > 1:
            part = _along(part, axis, block, lambda a, k: ufunc.reduce(a, axis=k, dtype=dtype))
    return part


def _along(part: Array, axis: int, block: int, reduce: Callable[[Array, int], Array]) -> Array:
    """Blocks of one axis, each reduced to one; the last may be shorter."""
    size = part.shape[axis]
    whole = size - size % block
    before, after = part.shape[:axis], part.shape[axis + 1 :]
    pieces = []
    if whole:
        head = part[(slice(None),) * axis + (slice(0, whole),)]
        if not head.flags.c_contiguous and head.ndim > 1:
            pieces.append(_strided(head, axis, block, reduce))
        else:
            pieces.append(reduce(head.reshape(*before, whole // block, block, *after), axis + 1))
    if whole < size:
        tail = part[(slice(None),) * axis + (slice(whole, size),)]
        pieces.append(np.expand_dims(reduce(tail, axis), axis))
    return np.concatenate(pieces, axis=axis) if len(pieces) > 1 else pieces[0]


def _strided(head: Array, axis: int, block: int, reduce: Callable[[Array, int], Array]) -> Array:
    """The same without the copy that `reshape` would make of a part that does not lie in one piece."""
    view = np.lib.stride_tricks.as_strided(
        head,
        (*head.shape[:axis], head.shape[axis] // block, block, *head.shape[axis + 1 :]),
        (*head.strides[:axis], head.strides[axis] * block, head.strides[axis], *head.strides[axis + 1 :]),
        writeable=False,
    )
    return reduce(view, axis + 1)


def _counts(shape: tuple[int, ...], blocks: Sequence[int]) -> Array:
    """How many elements each pooled one stands for, to be broadcast."""
    found: Array = np.ones((1,) * len(shape))
    for axis, (size, block) in enumerate(zip(shape, blocks, strict=True)):
        counts = np.full(-(-size // block), block)
        if size % block:
            counts[-1] = size % block
        found = found * counts.reshape([-1 if k == axis else 1 for k in range(len(shape))])
    return found
