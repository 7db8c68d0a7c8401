"""Sums of products over named axes, carried out as matrix products wherever they are one."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .base import Array, Context

Order = tuple[tuple[int, ...], tuple[Any, ...]]
_FEW = 5  # so many arrays at most, all orders are compared; of more, the best next step is taken


class _Pair(NamedTuple):
    """How two arrays become one matrix product: (transposition, index) of each and of the result."""

    left: Order
    right: Order
    out: Order
    summed: int


def contract(
    ctx: Context, name: str, groups: Sequence[str], result: str, arrays: Sequence[Array], out: Array
) -> None:
    """`out` = the sum of products, by the letters of the axes; a size of 1 is repeated.

    Several arrays are taken two by two in the cheapest order. `name` is for the scratch space.
    """
    pairs = _path(",".join(groups) + "->" + result, tuple(a.shape for a in arrays)) if len(arrays) > 2 else ()
    if any(len(pair) != 2 for pair in pairs):
        np.einsum(f"{','.join(groups)}->{result}", *arrays, out=out)
        return
    left, waiting = list(groups), list(arrays)
    for step, pair in enumerate(pairs[:-1]):
        picked = [(left.pop(i), waiting.pop(i)) for i in sorted(pair, reverse=True)]
        two, operands = [g for g, _ in picked], [x for _, x in picked]
        needed = set(result).union(*left)
        kept = "".join(letter for letter in dict.fromkeys("".join(two)) if letter in needed)
        sizes = sizes_of(two, [x.shape for x in operands])
        part = ctx.scratch(f"{name} {step}", tuple(sizes[letter] for letter in kept))
        _contract_few(two, kept, operands, part)
        left.append(kept)
        waiting.append(part)
    _contract_few(left, result, waiting, out)


def sizes_of(groups: Sequence[str], shapes: Sequence[tuple[int, ...]]) -> dict[str, int]:
    """The size of each letter's axis: the largest, as 1 is repeated (0 stays 0)."""
    sizes: dict[str, int] = {}
    for group, shape in zip(groups, shapes, strict=True):
        for letter, size in zip(group, shape, strict=True):
            if sizes.get(letter, 1) == 1:
                sizes[letter] = size
    return sizes


def contract_flops(groups: Sequence[str], result: str, shapes: Sequence[tuple[int, ...]]) -> int:
    """The floating-point operations of `contract`: in each step one for a product, and one more where it is summed."""
    sizes = sizes_of(groups, shapes)
    pairs = _path(",".join(groups) + "->" + result, tuple(shapes)) if len(shapes) > 2 else ()
    left, total = list(groups), 0
    for pair in (*pairs[:-1], range(len(groups) - len(pairs[:-1]))):
        picked = [left.pop(i) for i in sorted(pair, reverse=True)]
        needed = set(result).union(*left)
        letters = dict.fromkeys("".join(picked))
        kept = "".join(letter for letter in letters if letter in needed)
        each = len(picked) - 1 + (len(kept) < len(letters))
        total += each * math.prod(sizes[letter] for letter in letters)
        left.append(kept)
    return total


def _contract_few(groups: Sequence[str], result: str, arrays: Sequence[Array], out: Array) -> None:
    if len(arrays) != 2 or not _contract_pair(groups[0], groups[1], result, arrays, out):
        np.einsum(f"{','.join(groups)}->{result}", *arrays, out=out, optimize=len(arrays) > 1)


def _contract_pair(left: str, right: str, result: str, arrays: Sequence[Array], out: Array) -> bool:
    """One product of (stacks of) matrices without any copy; False where this is none."""
    pair = _pair(left, right, result)
    if pair is None or _repeats_a_summed_axis(left, right, result, arrays):
        return False
    a, b, y = (_turned(array, order) for array, order in zip((*arrays, out), pair[:3], strict=True))
    if not pair.summed:
        np.multiply(a, b, y)
        return True
    k = pair.summed
    size = math.prod(a.shape[-k:])
    a, b = a.reshape(*a.shape[:-k], size), b.reshape(*b.shape[: -k - 1], size, b.shape[-1])
    np.matmul(a, b, y)
    return True


def _repeats_a_summed_axis(left: str, right: str, result: str, arrays: Sequence[Array]) -> bool:
    sizes = dict(zip(left, arrays[0].shape, strict=True))
    return any(
        a in sizes and a not in result and sizes[a] != n for a, n in zip(right, arrays[1].shape, strict=True)
    )


def _turned(array: Array, order: Order) -> Array:
    view: Array = array.transpose(order[0])[order[1]]
    return view


@functools.lru_cache(maxsize=1024)
def _pair(left: str, right: str, result: str) -> _Pair | None:
    """None where a letter repeats in its group, or is summed over in one array alone."""
    if any(len(set(group)) < len(group) for group in (left, right)):
        return None
    if any((letter in left) + (letter in right) + (letter in result) < 2 for letter in left + right):
        return None
    summed = [a for a in left if a in right and a not in result]
    both = [a for a in result if a in left and a in right]
    rows = [a for a in left if a not in right]
    columns = [a for a in right if a not in left]
    stack = [*both, *rows[:-1], *columns[:-1]]
    row, column = rows[-1] if rows else "", columns[-1] if columns else ""
    if not summed:
        whole = [*stack, row, column]
        return _Pair(_order(left, whole), _order(right, whole), _order(result, whole), 0)
    return _Pair(
        _order(left, [*stack, row, *summed]),
        _order(right, [*stack, *summed, column]),
        _order(result, [*stack, row, column]),
        len(summed),
    )


def _order(group: str, wanted: Sequence[str]) -> Order:
    """How to bring an array's axes into the wanted order, with an axis of size 1 for each letter it lacks."""
    there = [a for a in wanted if a and a in group]
    return tuple(group.index(a) for a in there), tuple(slice(None) if a in there else None for a in wanted)


@functools.lru_cache(maxsize=1024)
def _path(equation: str, shapes: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
    """The cheapest order: which of the arrays still there to take next; their product joins the end."""
    stand_ins = [np.broadcast_to(np.float32(0), shape) for shape in shapes]
    way = "optimal" if len(shapes) <= _FEW else "greedy"
    return tuple(np.einsum_path(equation, *stand_ins, optimize=way)[0][1:])
