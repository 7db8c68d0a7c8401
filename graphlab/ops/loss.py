"""Losses: one number that says how bad a result is, averaged over the batch. Training makes it small."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import FeedError, ShapeError
from .base import Array, Context, Example, Op, Socket, Spec
from .example import classes, uniform
from .registry import register


class _Loss(Op):
    """A loss of `input` (what the network says) against `target` (what it should have said)."""

    category = "Loss"
    outputs = ("loss",)
    scalar_loss = True


@register
class MSELoss(_Loss):
    """The mean of the squared differences: the loss for numbers (regression).

    input and target have the same shape. Twice the error costs four times as much.
    """

    formula = "loss = mean((input − target)²)"
    latex = r"\ell = \frac{1}{n} \sum_{i=1}^{n} (x_i - t_i)^2"
    derivative = r"\frac{\partial \ell}{\partial x_i} = \frac{2}{n} (x_i - t_i)"
    inputs = (Socket("input"), Socket("target"))
    examples = (
        Example(input=(4, 3), target=(4, 3)),
        Example(input=(), target=()),
        Example(input=(1, 1), target=(1, 1)),
        Example(input=(2, 3, 4), target=(2, 3, 4)),
    )
    torch = "F.mse_loss({input}, {target})"

    def infer(self, input: Spec, target: Spec) -> Spec:
        _same_shape(input, target)
        return Spec(())

    def forward(self, ctx: Context, input: Array, target: Array, *, loss: Array) -> None:
        difference = np.subtract(input, target, ctx.scratch("difference", input.shape))
        share = self._share(ctx, difference)
        share.reshape(-1).dot(difference.reshape(-1), loss)

    def backward(
        self,
        ctx: Context,
        dloss: Array,
        *,
        input: Array,
        target: Array,
        loss: Array,
        dinput: Array | None,
        dtarget: Array | None,
    ) -> None:
        share = ctx.kept("share")
        if share is None:
            share = self._share(ctx, np.subtract(input, target))
        if dinput is not None:
            np.multiply(share, dloss, dinput)
            np.multiply(dinput, 2.0, dinput)
        if dtarget is not None:
            np.multiply(share, dloss, dtarget)
            np.multiply(dtarget, -2.0, dtarget)

    def _share(self, ctx: Context, difference: Array) -> Array:
        """difference / n. (To divide the one number at the end would take NumPy four times as long as this.)"""
        share = ctx.scratch("share", difference.shape)
        np.multiply(difference, 1 / difference.size, share)
        return share

    def metrics(self, input: Array, target: Array) -> dict[str, float]:
        return {"rmse": float(np.sqrt(np.mean(np.square(input - target, dtype=np.float64))))}

    def join_metrics(self, parts: Sequence[tuple[int, Mapping[str, float]]]) -> dict[str, float]:
        """The root of the mean square over all rows, which is not the mean of the roots."""
        squares = [(count, {"rmse": part["rmse"] ** 2}) for count, part in parts]
        return {"rmse": super().join_metrics(squares)["rmse"] ** 0.5}


@register
class BCEWithLogitsLoss(_Loss):
    """The loss for yes or no: minus the logarithm of the probability given to the right answer.

    input holds scores (logits), whose sigmoid is the probability of yes; target 1 for yes and 0 for no, or a
    probability, in the same shape. Sigmoid and logarithm are taken together, so that no score is too large.
    """

    formula = "loss = mean(max(x, 0) − x·t + ln(1 + e⁻|ˣ|))"
    latex = r"\ell = -\frac{1}{n} \sum_i \left[ t_i \ln \sigma(x_i) + (1 - t_i) \ln(1 - \sigma(x_i)) \right]"
    derivative = r"\frac{\partial \ell}{\partial x_i} = \frac{1}{n} (\sigma(x_i) - t_i)"
    inputs = (Socket("input"), Socket("target"))
    examples = (
        Example(input=(4, 1), target=uniform(4, 1, low=0.0, high=1.0)),
        Example(input=(), target=uniform(low=0.0, high=1.0)),
        Example(input=(2, 3), target=uniform(2, 3, low=0.0, high=1.0)),
        Example(input=(5,), target=uniform(5, low=0.0, high=1.0)),
    )
    torch = "F.binary_cross_entropy_with_logits({input}, {target})"

    def infer(self, input: Spec, target: Spec) -> Spec:
        _same_shape(input, target)
        return Spec(())

    def forward(self, ctx: Context, input: Array, target: Array, *, loss: Array) -> None:
        soft, hinge = ctx.scratch("soft", input.shape), ctx.scratch("hinge", input.shape)
        np.abs(input, soft)
        np.negative(soft, soft)
        np.exp(soft, soft)
        np.log1p(soft, soft)
        np.add(soft, np.maximum(input, ctx.zero, out=hinge), soft)
        np.subtract(soft, np.multiply(input, target, hinge), soft)
        loss[()] = np.add.reduce(soft.reshape(-1)) / soft.size

    def backward(
        self,
        ctx: Context,
        dloss: Array,
        *,
        input: Array,
        target: Array,
        loss: Array,
        dinput: Array | None,
        dtarget: Array | None,
    ) -> None:
        slope = dloss * (1 / input.size)
        if dinput is not None:
            half = ctx.half
            np.multiply(input, half, dinput)
            np.tanh(dinput, dinput)
            np.multiply(dinput, half, dinput)
            np.add(dinput, half, dinput)
            np.subtract(dinput, target, dinput)
            np.multiply(dinput, slope, dinput)
        if dtarget is not None:
            np.multiply(input, -slope, dtarget)

    def metrics(self, input: Array, target: Array) -> dict[str, float]:
        return {"accuracy": float(np.mean((input > 0) == (target > 0.5)))}


@register
class CrossEntropyLoss(_Loss):
    """The loss for one of several classes: minus the logarithm of the probability given to the right class.

    input holds one score (logit) per class, N×C, or N×C×… for one decision per position. target holds class
    indices, N (or N×…), or probabilities in the shape of input. Softmax and logarithm are taken together,
    so that no score is too large: do not put a Softmax before it.
    """

    formula = "loss = mean(ln Σⱼ exp(xⱼ) − xₜ)"
    latex = r"\ell = \frac{1}{n} \sum_n -\ln \mathrm{softmax}(x_n)_{t_n}"
    derivative = r"\frac{\partial \ell}{\partial x_{nj}} = \frac{1}{n} (\mathrm{softmax}(x_n)_j - [j = t_n])"
    inputs = (Socket("input"), Socket("target", kind="any", help="Class indices, or probabilities."))
    examples = (
        Example(input=(4, 3), target=classes(4, count=3)),
        Example(input=(5,), target=classes(count=5)),
        Example(input=(1, 1), target=classes(1, count=1)),
        Example(input=(2, 3, 4, 5), target=classes(2, 4, 5, count=3)),
        Example(input=(4, 3), target=uniform(4, 3, low=0.0, high=1.0)),
        Example(input=(2, 3, 4), target=uniform(2, 3, 4, low=0.0, high=1.0)),
        Example(input=(3,), target=uniform(3, low=0.0, high=1.0)),
    )
    torch = "F.cross_entropy({input}, {target})"

    def infer(self, input: Spec, target: Spec) -> Spec:
        if not input.ndim:
            raise ShapeError(
                "input is a scalar; one score per class is needed.", hint="Wire N×C scores.", socket="input"
            )
        if target.kind == "float":
            _same_shape(input, target)
            return Spec(())
        axis = min(1, input.ndim - 1)
        rest = input.with_shape(*input.shape[:axis], *input.shape[axis + 1 :])
        if target.shape != rest.shape:
            raise ShapeError(
                f"target ({target}) should hold a class index for each row of input ({input}): {rest}.",
                hint="Set target of the data set to class.",
                socket="target",
            )
        return Spec(())

    def forward(self, ctx: Context, input: Array, target: Array, *, loss: Array) -> None:
        x = _by_class(input)
        scores, _, sums = self._exponentials(ctx, x)
        logs = np.log(sums, ctx.scratch("logs", sums.shape))
        if target.dtype.kind == "f":
            np.subtract(logs, scores, ctx.scratch("costs", x.shape))
            total = ctx.scratch("costs", x.shape).reshape(-1).dot(target.reshape(-1))
        else:
            right = scores.reshape(-1).take(self._chosen(ctx, x, target))
            total = np.add.reduce(logs.reshape(-1)) - np.add.reduce(right)
        loss[()] = total / logs.size

    def backward(
        self,
        ctx: Context,
        dloss: Array,
        *,
        input: Array,
        target: Array,
        loss: Array,
        dinput: Array | None,
        dtarget: Array | None,
    ) -> None:
        x = _by_class(input)
        scores, powers, sums = self._exponentials(ctx, x, again=False)
        slope = dloss * (1 / sums.size)
        if dinput is not None:
            if target.dtype.kind == "f":
                self._from_shares(ctx, _by_class(target), slope, _by_class(dinput))
            else:
                dx = _by_class(dinput)
                np.multiply(powers, slope / sums, dx)  # slope · softmax
                dx.reshape(-1)[self._chosen(ctx, x, target)] -= slope
        if dtarget is not None:
            np.subtract(scores, np.log(sums), _by_class(dtarget))
            np.multiply(dtarget, -slope, dtarget)

    def workspace(self, **shapes: tuple[int, ...]) -> int:
        return 4 * math.prod(shapes["input"])

    def metrics(self, input: Array, target: Array) -> dict[str, float]:
        axis = min(1, input.ndim - 1)
        right = target.argmax(axis) if target.dtype.kind == "f" else target
        return {"accuracy": float(np.mean(input.argmax(axis) == right))}

    def _exponentials(self, ctx: Context, x: Array, again: bool = True) -> tuple[Array, Array, Array]:
        """(x − max x, the exponential of that, its sum) along the classes: nothing in them can overflow.

        With `again` False, what forward left is taken if it is still there.
        """
        kept = ctx.kept("scores")
        scores, powers = ctx.scratch("scores", x.shape), ctx.scratch("powers", x.shape)
        sums = ctx.scratch("sums", (x.shape[0], 1, *x.shape[2:]))
        if again or scores is not kept:
            np.maximum.reduce(x, axis=1, out=sums, keepdims=True)
            np.subtract(x, sums, scores)
            np.exp(scores, powers)
            np.add.reduce(powers, axis=1, out=sums, keepdims=True)
        return scores, powers, sums

    def _from_shares(self, ctx: Context, target: Array, slope: Any, dx: Array) -> None:
        """The gradient for targets that are probabilities: softmax · Σ target − target."""
        powers, sums = ctx.scratch("powers", dx.shape), ctx.scratch("sums", (dx.shape[0], 1, *dx.shape[2:]))
        weight = np.add.reduce(target, axis=1, out=ctx.scratch("logs", sums.shape), keepdims=True)
        np.multiply(powers, np.divide(weight, sums, weight), dx)
        np.subtract(dx, target, dx)
        np.multiply(dx, slope, dx)

    def _chosen(self, ctx: Context, x: Array, target: Array) -> Array:
        """Where in x the right classes stand. FeedError for an index that is no class."""
        count, across = x.shape[1], math.prod(x.shape[2:])
        indices = target.reshape(-1)
        # One comparison finds both too large and negative: as unsigned, a negative index is enormous.
        if indices.size and np.maximum.reduce(indices.view(np.uint64)) >= count:
            _refuse(indices, count)
        first = ctx.kept("first")
        if first is None or first.size != indices.size:
            first = ctx.scratch("first", indices.shape, np.intp)
            rows = np.arange(indices.size, dtype=np.intp)
            first[:] = rows // across * (count * across) + rows % across
        chosen = ctx.scratch("chosen", indices.shape, np.intp)
        if across > 1:
            indices = np.multiply(indices, across, chosen)
        np.add(indices, first, chosen)
        return chosen


def _by_class(x: Array) -> Array:
    """x as rows × classes (× positions)."""
    if x.ndim == 2:
        return x
    return x.reshape(1, -1) if x.ndim == 1 else x.reshape(*x.shape[:2], -1)


def _refuse(indices: Array, count: int) -> Any:
    wrong = indices[(indices < 0) | (indices >= count)][0]
    raise FeedError(
        f"target holds the class index {wrong}, but input has {count} classes (0 to {count - 1}).",
        hint=f"Give the last layer at least {wrong + 1} units." if wrong >= 0 else "Indices begin at 0.",
    )


def _same_shape(input: Spec, target: Spec) -> None:
    if input.shape != target.shape:
        raise ShapeError(
            f"input ({input}) and target ({target}) should have the same shape.",
            hint=_advice(input, target),
            socket="target",
        )


def _advice(input: Spec, target: Spec) -> str:
    """What to try when a prediction and its target do not match."""
    if input.ndim == target.ndim and input.ndim and input.shape[:-1] == target.shape[:-1]:
        return f"Set units of the last layer to {target.shape[-1]}."
    if input.ndim == target.ndim + 1 and input.shape[:-1] == target.shape and input.shape[-1] == 1:
        return "Set target of the data set to column, or Reshape it."
    return "Change the last layer, or Reshape one of them."
