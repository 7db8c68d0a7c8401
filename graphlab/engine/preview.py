"""What of an array is sent to whoever looks at it: statistics of all of it, and a leading block of its elements."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from .messages import THUMB, Stats, Tensor, TensorKey
from .survey import LARGE, sample

Array = npt.NDArray[Any]
PICTURE = 64 * 64  # a picture is sent whole up to this size, whatever the limit
SIDE, TILE = 64, 24  # pixels of a large picture made small, and of one channel of many


def preview(key: TensorKey, array: Array, fresh: bool, limit: int) -> Tensor:
    """The tensor message of an array. The block is a copy of its own."""
    block = (
        thinned(array, limit)
        if key.kind == THUMB and array.ndim == 4
        else array[block_of(array.shape, limit)]
    )
    return Tensor(key, array.shape, array.dtype.name, fresh, quick_statistics(array), np.array(block))


def shown_of(key: TensorKey) -> TensorKey:
    """Whose array is shown under a key: a look is one at a value."""
    return replace(key, kind="value") if key.kind == THUMB else key


def is_large(shape: tuple[int, ...]) -> bool:
    """Whether a batch of pictures is too large to be sent pixel by pixel wherever it is looked at."""
    return len(shape) == 4 and shape[2] * shape[3] > PICTURE


def step_of(shape: tuple[int, ...]) -> int:
    """How many pixels, down and across, one of a small picture stands for."""
    return max(1, -(-max(shape[2:]) // (SIDE if shape[1] <= 3 else TILE)))


def thinned(array: Array, limit: int) -> Array:
    """The first pictures' first channels, small: (1, channels, height, width), each pixel a mean of what it stands for.

    Three channels stay together, since they are colours; of others there are as many as `limit` has room for.
    """
    channels, height, width = array.shape[1:]
    step = step_of(array.shape)
    rows, columns = max(1, height // step), max(1, width // step)
    kept = channels if channels <= 3 else min(channels, max(1, limit // (rows * columns)))
    down, right = min(step, height), min(step, width)
    part = array[:1, :kept, : rows * down, : columns * right].reshape(-1, kept, rows, down, columns, right)
    return np.ascontiguousarray(part.mean(axis=(3, 5), dtype=np.float32))


def quick_statistics(array: Array) -> Stats:
    """Statistics of the whole, by a sample of it where it is so large that every frame would wait for them."""
    if array.size <= LARGE:
        return statistics(array)
    part = statistics(sample(array))
    factor = array.size / part.count
    return replace(
        part,
        norm=part.norm * math.sqrt(factor),
        zeros=round(part.zeros * factor),
        bad=round(part.bad * factor),
        count=array.size,
        about=True,
    )


def same(old: Tensor | None, new: Tensor) -> bool:
    """Whether they show the same, bit for bit, so that what was sent of the one will do for the other."""
    return (
        old is not None
        and old.fresh == new.fresh
        and old.shape == new.shape
        and old.array.shape == new.array.shape
        and old.stats == new.stats
        and bool(old.array.tobytes() == new.array.tobytes())
    )


def block_of(shape: tuple[int, ...], limit: int) -> tuple[slice, ...]:
    """A leading block of about `limit` elements: whole rows where they fit, whole pictures where they are small."""
    if math.prod(shape) <= limit:
        return tuple(slice(0, size) for size in shape)
    kept: list[int] = []
    if len(shape) == 2:
        rows = min(shape[0], max(1, math.isqrt(limit)), limit)
        columns = min(shape[1], max(1, limit // rows))
        kept = [min(shape[0], max(1, limit // columns)), columns]
    else:
        budget = limit
        if len(shape) > 2 and shape[-1] * shape[-2] <= PICTURE:
            budget = max(limit, shape[-1] * shape[-2])
        for size in reversed(shape):
            kept.insert(0, min(size, max(1, budget)))
            budget //= kept[0]
    return tuple(slice(0, size) for size in kept)


def statistics(array: Array) -> Stats:
    """Statistics of the finite elements; `bad` counts NaN and infinity."""
    flat = np.asarray(array, dtype=np.float64 if array.dtype.kind != "f" else array.dtype).reshape(-1)
    count = flat.size
    zeros = count - int(np.count_nonzero(flat))
    bad = 0
    if count:
        total = float(flat.dot(flat))
        if not math.isfinite(total):
            good = flat[np.isfinite(flat)].astype(np.float64)
            bad, flat = count - good.size, good
            total = float(flat.dot(flat))
    if not flat.size:
        return Stats(0.0, 0.0, 0.0, 0.0, 0.0, zeros, bad, count)
    mean = float(np.add.reduce(flat, dtype=np.float64)) / flat.size
    variance = max(total / flat.size - mean * mean, 0.0)
    if variance < 1e-4 * mean * mean:  # the short formula has lost its digits
        variance = float(np.var(flat, dtype=np.float64))
    low, high = float(np.minimum.reduce(flat)), float(np.maximum.reduce(flat))
    return Stats(low, mean, high, math.sqrt(variance), math.sqrt(total), zeros, bad, count)
