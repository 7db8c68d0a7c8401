"""The heart of attention, which its operations share: softmax(q·kᵀ)·v and the gradients of it."""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np

from .base import Array, Context
from .rows import row_maxima, row_sums

_SMALL = 60.0  # e⁶⁰ is 10²⁶: float32 holds the sum of a billion of them


def attend(
    ctx: Context, q: Array, k: Array, v: Array, mask: Array | None, causal: bool, *, weights: Array, y: Array
) -> None:
    """`weights` = softmax(q·kᵀ + mask) row by row, `y` = weights·v. q is scaled already.

    Arrays are …×L×E, …×S×E, …×S×D. A mask of whole numbers lets in where it is not 0; any other is added. A row that
    is masked altogether sees nothing: its weights are 0.
    """
    np.matmul(q, k.swapaxes(-1, -2), weights)
    choose(ctx, weights, mask, causal)
    np.matmul(weights, v, y)


def choose(ctx: Context, weights: Array, mask: Array | None, causal: bool) -> None:
    """Turns scores …×L×S in place into weights that are 1 in sum in each row; the mask is as `attend` has it."""
    if mask is not None:
        np.add(weights, mask if mask.dtype.kind == "f" else _door(ctx, mask), weights)
    if causal:
        np.add(weights, _past(ctx, *weights.shape[-2:]), weights)
    line = ctx.scratch("line", (*weights.shape[:-1], 1))
    row_maxima(ctx, weights.reshape(-1, weights.shape[-1]), line.reshape(-1))
    if mask is not None:
        np.maximum(line, np.finfo(line.dtype).min, out=line)
    np.subtract(weights, line, weights)
    np.exp(weights, weights)
    row_sums(ctx, weights.reshape(-1, weights.shape[-1]), line.reshape(-1))
    if mask is not None:
        np.maximum(line, np.finfo(line.dtype).tiny, out=line)
    np.divide(weights, line, weights)


def weigh(ctx: Context, x: Array, mask: Array | None, causal: bool, weights: Array) -> None:
    """`weights` = those that `choose` makes of the scores x, which stay as they are.

    While no score is far from 0 its exponential can be taken as it is. Finding the largest of each row takes longer
    than all the rest, and −∞ is what NumPy takes longest to exponentiate.
    """
    if mask is not None or not ctx.holds(_are_small, x):
        np.copyto(weights, x)
        choose(ctx, weights, mask, causal)
        return
    np.exp(x, weights)
    if causal:
        np.multiply(weights, _seen(ctx, *x.shape[-2:]), weights)
    line = ctx.scratch("line", (*x.shape[:-1], 1))
    row_sums(ctx, weights.reshape(-1, x.shape[-1]), line.reshape(-1))
    np.divide(weights, line, weights)


def _are_small(x: Array) -> bool:
    """Whether no exponential of these can overflow or vanish, nor a sum of them. NaN is not small."""
    return not x.size or bool(x.item(x.argmax()) <= _SMALL and x.item(x.argmin()) >= -_SMALL)


def attend_back(
    ctx: Context,
    dy: Array | None,
    dweights: Array | None,
    *,
    q: Array,
    k: Array,
    v: Array,
    weights: Array,
    dq: Array | None,
    dk: Array | None,
    dv: Array | None,
) -> Array:
    """Writes the gradients that are not None, dq that of the scaled q; returns that of the scores before softmax."""
    scores = ctx.scratch("dscores", weights.shape)
    if dy is None:
        np.copyto(scores, ctx.zero if dweights is None else dweights)
    else:
        np.matmul(dy, v.swapaxes(-1, -2), scores)
        if dweights is not None:
            np.add(scores, dweights, scores)
    choose_back(ctx, scores, weights)
    if dq is not None:
        np.matmul(scores, k, dq)
    if dk is not None:
        np.matmul(scores.swapaxes(-1, -2), q, dk)
    if dv is not None:
        if dy is None:
            np.copyto(dv, ctx.zero)
        else:
            np.matmul(weights.swapaxes(-1, -2), dy, dv)
    return scores


def choose_back(ctx: Context, slopes: Array, weights: Array) -> None:
    """Turns the gradients of weights in place into those of the scores that they were chosen by."""
    line = ctx.scratch("line", (*weights.shape[:-1], 1))
    both = np.multiply(slopes, weights, ctx.scratch("both", weights.shape))
    row_sums(ctx, both.reshape(-1, both.shape[-1]), line.reshape(-1))
    np.subtract(slopes, line, slopes)
    np.multiply(slopes, weights, slopes)


def attend_flops(weights: tuple[int, ...], key: int, value: int, masked: bool) -> int:
    """Of `attend`, for weights of that shape (…×L×S), a key of so many numbers and a value of so many."""
    return math.prod(weights) * (2 * key + 2 * value + 5 + masked)


def attend_back_flops(weights: tuple[int, ...], key: int, value: int, wanted: Collection[str]) -> int:
    """Of `attend_back`; `wanted` names q, k and v."""
    scores = 2 * value + 4 if wanted != {"v"} else 0
    return math.prod(weights) * (
        scores + 2 * key * (("q" in wanted) + ("k" in wanted)) + 2 * value * ("v" in wanted)
    )


def scaled(ctx: Context, q: Array, scale: float | None) -> Array:
    """q times `scale`, which unless given is 1/√E, so that scores do not grow with the size of the vectors."""
    out = ctx.scratch("q", q.shape)
    np.multiply(q, factor(q.shape[-1], scale), out)
    return out


def factor(width: int, scale: float | None) -> float:
    return 1 / math.sqrt(max(1, width)) if scale is None else scale


def _past(ctx: Context, rows: int, columns: int) -> Array:
    """0 where a position may look, at itself and what came before it; −∞ elsewhere."""
    past = ctx.kept("past")
    if past is None or past.shape != (rows, columns):
        past = ctx.scratch("past", (rows, columns))
        past.fill(-np.inf)
        past[:] = np.triu(past, 1)  # which makes the others 0
    return past


def _seen(ctx: Context, rows: int, columns: int) -> Array:
    """1 where a position may look, at itself and what came before it; 0 elsewhere."""
    seen = ctx.kept("seen")
    if seen is None or seen.shape != (rows, columns):
        seen = ctx.scratch("seen", (rows, columns))
        seen[:] = np.tri(rows, columns)
    return seen


def _door(ctx: Context, mask: Array) -> Array:
    """A mask of whole numbers as 0 where it lets in and −∞ where it does not."""
    door = ctx.scratch("door", mask.shape)
    np.copyto(door, ctx.zero)
    np.copyto(door, -math.inf, where=mask == 0)
    return door
