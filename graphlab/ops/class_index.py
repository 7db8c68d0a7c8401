"""Class indices as targets, and weights of classes: what the losses for one of several classes share. No op here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import FeedError, ParamError, ShapeError, Unsupported
from .base import Array, Context, Spec
from .places import bracketed, first


def by_class(x: Array) -> Array:
    """x as rows × classes (× positions)."""
    if x.ndim == 2:
        return x
    return x.reshape(1, -1) if x.ndim == 1 else x.reshape(*x.shape[:2], math.prod(x.shape[2:]))


def without_classes(input: Spec) -> Spec:
    """The spec of one decision per row (and position): input's without its axis of classes. ShapeError."""
    if not input.ndim:
        raise ShapeError(
            "input is a scalar; one score per class is needed.", hint="Wire N×C scores.", socket="input"
        )
    axis = min(1, input.ndim - 1)
    if input.shape[axis] == 0:
        raise ShapeError(
            f"input ({input}) has no classes: its axis {axis} is 0 long.",
            hint="Give the last layer one unit per class.",
            socket="input",
        )
    return Spec((*input.shape[:axis], *input.shape[axis + 1 :]))


def check_class_indices(op: Any, input: Spec, target: Spec) -> None:
    """ShapeError unless target has one index for each decision, and `op.weight` one number for each class."""
    rest = without_classes(input)
    check_weight_count(op, input)
    if target.shape != rest.shape:
        raise ShapeError(
            f"target ({target}) should hold a class index for each row of input ({input}): {rest}.",
            hint="Set target of the data set to class.",
            socket="target",
        )


def refuse_float_indices(input: Spec, target: Spec) -> None:
    """ShapeError, with what to try, for measured numbers that look like class indices: one for each decision."""
    rest = without_classes(input)
    if target.shape != input.shape and target.shape in (rest.shape, (*rest.shape, 1)):
        raise ShapeError(
            f"target ({target}) holds one measured number for each row of input ({input}): neither class indices "
            "nor probabilities.",
            hint=f"For class indices set its source's dtype to int and its shape to {rest}.",
            socket="target",
        )


def check_weight(op: Any) -> None:
    """ParamError unless `op.weight` is a plain list of numbers of 0 or more."""
    if op.weight is not None and (np.ndim(op.weight) != 1 or min(op.weight) < 0):
        raise ParamError(
            f"{type(op).__name__}.weight should be a list of numbers of 0 or more.",
            hint="Give one number per class, e.g. (1, 2, 1).",
        )


def check_weight_count(op: Any, input: Spec) -> None:
    """ShapeError unless `op.weight` holds one number for each class."""
    count = input.shape[min(1, input.ndim - 1)]
    if op.weight is not None and len(op.weight) != count:
        raise ShapeError(
            f"weight holds {len(op.weight)} numbers, but input ({input}) has {count} classes.",
            hint="Give one number per class.",
            socket="input",
        )


def class_weights(op: Any, ctx: Context, count: int) -> Array:
    """How much each class counts."""
    return np.ones(count, ctx.dtype) if op.weight is None else np.asarray(op.weight, ctx.dtype)


def unsigned(indices: Array) -> Array:
    """The indices in a row. One comparison then finds both too large and negative, which are enormous as unsigned."""
    return indices.reshape(-1).view(np.uint64)


def are_below(indices: Array, count: int) -> bool:
    """Whether every one of these unsigned indices is below `count`. (argmax takes a fifth of the time of max.)"""
    return not indices.size or bool(indices.item(indices.argmax()) < count)


def chosen(ctx: Context, shape: tuple[int, ...], target: Array, ignored: int | None = None) -> Array:
    """Where in an array of that shape (rows × classes × …) the right classes stand.

    FeedError for an index that is no class, unless it is `ignored`; such a one stands for class 0.
    """
    indices = target.reshape(-1)
    return places(
        ctx,
        shape,
        indices if are_below(unsigned(indices), shape[1]) else _without(target, shape[1], ignored),
    )


def places(ctx: Context, shape: tuple[int, ...], indices: Array) -> Array:
    """The same for indices known to be classes."""
    count, across = shape[1], math.prod(shape[2:])
    first = ctx.kept("first")
    if first is None or first.size != indices.size:
        first = ctx.scratch("first", indices.shape, np.intp)
        rows = np.arange(indices.size, dtype=np.intp)
        first[:] = rows // across * (count * across) + rows % across
    found = ctx.scratch("chosen", indices.shape, np.intp)
    if across > 1:
        indices = np.multiply(indices, across, found)
    np.add(indices, first, found)
    return found


def _without(target: Array, count: int, ignored: int | None) -> Array:
    """The indices in one row, with 0 for the ignored. FeedError for one that is no class."""
    wrong = (target < 0) | (target >= count)
    if ignored is not None:
        wrong &= target != ignored
    if wrong.any():
        place = first(wrong)
        index = int(target[place])
        raise FeedError(
            f"target{bracketed(place)} is the class index {index}, but input has {count} "
            f"class{'' if count == 1 else 'es'} (0 to {count - 1}).",
            hint=f"Give the last layer at least {index + 1} units." if index >= 0 else "Indices begin at 0.",
        )
    indices = target.reshape(-1)
    return indices if ignored is None else np.where(indices == ignored, 0, indices)


def row_weights(op: Any, ctx: Context, target: Array, count: int) -> Array:
    """How much each decision counts: the weight of its class, 0 for `op.ignore_index`."""
    indices = target.reshape(-1)
    kept = indices != op.ignore_index
    weights = class_weights(op, ctx, count).take(np.where(kept, indices, 0))
    np.multiply(weights, kept, weights)
    return weights


def accuracy(op: Any, input: Array, target: Array) -> dict[str, float]:
    """The share of decisions whose largest score is at the right class; what is ignored does not count.

    Where each row is a sequence of decisions (N×T), "exact" is the share of rows in which all are right.
    """
    axis = min(1, input.ndim - 1)
    if target.dtype.kind == "f":
        return {"accuracy": float(np.mean(input.argmax(axis) == target.argmax(axis)))}
    kept = target != op.ignore_index
    right = input.argmax(axis) == target
    found = {"accuracy": float(np.mean(right[kept])) if kept.any() else math.nan}
    if target.ndim == 2:
        asked = kept.any(axis=1)
        found["exact"] = float(np.mean((right | ~kept).all(axis=1)[asked])) if asked.any() else math.nan
    return found


def from_onnx(attributes: Mapping[str, Any], inputs: Sequence[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The params and inputs of the two losses of this kind that ONNX has: its third input are the weights."""
    params = dict(attributes)
    if len(inputs) > 2 and inputs[2] is not None:
        if not isinstance(inputs[2], np.ndarray):
            raise Unsupported("The weights of the classes are computed in the graph.")
        params["weight"] = tuple(inputs[2].tolist())
    return params, {"input": inputs[0], "target": inputs[1]}
