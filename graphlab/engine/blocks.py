"""Arrays that lie one behind the other: what the copies of a repeated cell hold at the same place, and terms of a sum.

So what the copies do alike can be done by one call (see `together`), and a sum of many terms is one, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from ..ops import cleared
from ..ops.context import LINE
from .flat import End
from .unrolling import step_of

if TYPE_CHECKING:
    from .plan import Plan

Array = npt.NDArray[Any]


def in_one_block(count: int, shape: tuple[int, ...], dtype: Any) -> list[Array]:
    """So many arrays of zeros, each at the beginning of a cache line, all at the same distance."""
    size, line = math.prod(shape), LINE // np.dtype(dtype).itemsize
    block = cleared((count, -(-size // line) * line), dtype)
    return [row[:size].reshape(shape) for row in block]


def distance(arrays: Sequence[Array]) -> int | None:
    """Bytes from each array to the next, 0 where all are the same one; None where that differs."""
    first, second, *rest = (address(array) for array in arrays)
    step = second - first
    if any(there != first + k * step for k, there in enumerate(rest, 2)):
        return None
    return step


def stacked(arrays: Sequence[Array], ndim: int = 0) -> Array | None:
    """Arrays of one shape as one array with an axis more in front; None where they do not lie at equal distances.

    What is the same array each time stays as it is. Behind the new axis are at least `ndim` others.
    """
    step, first = distance(arrays), arrays[0]
    if not step:
        return first if step == 0 else None
    more = max(0, ndim - first.ndim)
    return as_strided(first, (len(arrays), *(1,) * more, *first.shape), (step, *(0,) * more, *first.strides))


class Blocks:
    """Gives arrays of zeros to the outputs of nodes, each once.

    Those of the copies of a cell that are at the same place in it lie in one block, and so do the outputs of a node
    that has several of one shape.
    """

    lost: frozenset[End] = frozenset()  # what holds something else after a forward pass: see `reuse`

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._copies: dict[tuple[str, str], list[str]] = {}
        self._given: dict[End, Array] = {}
        for key in plan.nodes:
            if (found := step_of(key)) is not None:
                self._copies.setdefault((found[0], found[2]), []).append(key)

    def give(self, end: End, shape: tuple[int, ...], dtype: Any) -> Array:
        company = self._company(end)
        if len(company) < 2:
            return cleared(shape, dtype)
        found = self._given.pop(end, None)
        if found is None or found.shape != shape or found.dtype != dtype:
            given = in_one_block(len(company), shape, dtype)
            self._given.update(zip(company, given, strict=True))
            found = self._given.pop(end)
        return found

    def _company(self, end: End) -> list[End]:
        key, output = end
        if (copy := step_of(key)) is not None:
            return [(each, output) for each in self._copies[copy[0], copy[2]]]
        specs, names = self._plan.inference.specs, self._plan.op(key).results()
        return [(key, name) for name in names if specs[key, name] == specs[end]]


def kind_of(plan: Plan, end: End) -> np.dtype[Any]:
    """The dtype of an output's values."""
    return plan.dtype if plan.inference.specs[end].kind == "float" else np.dtype(np.int64)


def address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])
