"""Losses for one of several classes: cross-entropy, from scores and from logarithms of probabilities."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from . import class_index
from .base import Array, Context, Example, Param, Recipe, Socket, Spec
from .chances import softmax_of
from .class_index import (
    accuracy,
    are_below,
    by_class,
    chosen,
    class_weights,
    places,
    row_weights,
    unsigned,
)
from .class_recipe import recipe_of_classes
from .example import Draw, classes, uniform
from .explain_losses import chosen_loss, cross_entropy
from .explaining import Call, Place
from .explanation import Term, number
from .loss import Loss, same_shape
from .registry import register
from .rows import exponentials, ones


class _ClassLoss(Loss):
    """A loss of N×C (×…) figures against class indices N (×…)."""

    weight = Param(None, kind="array", help="How much each class counts: one number per class.")
    ignore_index = Param(
        -100, low=-(2**31), high=2**31, help="Where target holds this number, nothing is to be paid."
    )

    def check(self) -> None:
        class_index.check_weight(self)

    def metrics(self, input: Array, target: Array) -> dict[str, float]:
        return accuracy(self, input, target)

    tells_classes = True

    def chances(self, input: Array) -> Array:
        return softmax_of(input)

    quick_to_explain = True

    def of_classes(self, call: Call) -> Array:
        """How much each class counts."""
        shape = call.array("input").shape
        return class_weights(self, call.ctx, shape[1 if len(shape) > 1 else 0]).astype(np.float64)

    def divisor(self, call: Call, losses: Array) -> Term | None:
        """How many decisions there are; with weights, or where some are ignored, how much they count together."""
        target = call.array("target")
        if self.reduction != "mean":
            return None
        if target.dtype.kind != "i":
            return number(float(losses.size), "n")
        weights = row_weights(self, call.ctx, target, len(self.of_classes(call)))
        label = "n" if np.all(weights == 1) else "Σ weights of the decisions"
        return number(float(weights.sum(dtype=np.float64)), label)

    def counts_all_alike(self, ctx: Context, x: Array, target: Array) -> bool:
        """Whether every decision is one and counts the same, and only their sum is asked for."""
        if self.weight is not None or self.reduction == "none" or 0 <= self.ignore_index < x.shape[1]:
            return False
        return ctx.holds(are_below, unsigned(target), x.shape[1])

    def collect_rows(self, losses: Array, weights: Array | float, loss: Array) -> None:
        """The mean by weight, or the sum, of the losses of all decisions; or each by itself."""
        if self.reduction == "none":
            np.copyto(loss, losses.reshape(loss.shape))
            return
        total = np.add.reduce(losses.reshape(-1))
        loss[()] = total / _sum(weights) if self.reduction == "mean" else total

    def row_slopes(self, dloss: Array, weights: Array | float, shape: tuple[int, ...]) -> Array:
        """What the derivative of each decision's loss is multiplied by: rows × 1 (× positions), or one number."""
        if self.reduction == "none":
            return dloss.reshape(shape[0], 1, *shape[2:])
        slope: Array = dloss / _sum(weights) if self.reduction == "mean" else dloss
        return slope

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return class_index.from_onnx(attributes, inputs)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        return recipe_of_classes(self, shapes)


@register
class CrossEntropyLoss(_ClassLoss):
    """The loss for one of several classes: minus the logarithm of the probability given to the right class.

    input holds one score (logit) per class, N×C, or N×C×… for one decision per position. target holds class
    indices, N (or N×…), or probabilities in the shape of input. Softmax and logarithm are taken together,
    so that no score is too large: do not put a Softmax before it. `weight` makes rare classes count more;
    `label_smoothing` ε asks for 1 − ε + ε/C instead of certainty (Szegedy et al. 2016).
    """

    synonyms = ("SoftmaxCrossEntropy",)
    wants = "scores"
    formula = "loss = mean(ln Σⱼ exp(xⱼ) − xₜ)"
    latex = r"\ell = \frac{1}{n} \sum_n -\ln \mathrm{softmax}(x_n)_{t_n}"
    derivative = r"\frac{\partial \ell}{\partial x_{nj}} = \frac{1}{n} (\mathrm{softmax}(x_n)_j - [j = t_n])"
    inputs = (Socket("input"), Socket("target", kind="any", help="Class indices, or probabilities."))
    label_smoothing = Param(
        0.0, low=0.0, high=1.0, symbol="ε", help="How much of each target is spread evenly over all classes."
    )
    examples = (
        Example(input=(4, 3), target=classes(4, count=3)),
        Example(input=(5,), target=classes(count=5)),
        Example(input=(1, 1), target=classes(1, count=1)),
        Example(input=(2, 3, 4, 5), target=classes(2, 4, 5, count=3)),
        Example(input=(4, 3), target=uniform(4, 3, low=0.0, high=1.0)),
        Example(input=(2, 3, 4), target=uniform(2, 3, 4, low=0.0, high=1.0)),
        Example(input=(3,), target=uniform(3, low=0.0, high=1.0)),
        Example({"reduction": "sum"}, input=(0, 3), target=classes(0, count=3)),
        Example({"reduction": "none"}, input=(2, 3, 4), target=classes(2, 4, count=3)),
        Example({"reduction": "none"}, input=(3,), target=uniform(3, low=0.0, high=1.0)),
        Example({"weight": (0.5, 2.0, 1.0)}, input=(2, 3, 4), target=classes(2, 4, count=3)),
        Example({"weight": (0.5, 2.0, 1.0)}, input=(4, 3), target=uniform(4, 3, low=0.0, high=1.0)),
        Example({"label_smoothing": 0.1}, input=(6, 3), target=classes(6, count=3)),
        Example(
            {"label_smoothing": 0.2, "weight": (0.5, 2.0, 1.0), "reduction": "sum"},
            input=(2, 3, 4),
            target=uniform(2, 3, 4, low=0.0, high=1.0),
        ),
        Example({"ignore_index": 1}, input=(6, 3), target=classes(6, count=3)),
        Example(
            {"ignore_index": -1, "label_smoothing": 0.3, "weight": (0.5, 2.0, 1.0)},
            input=(3, 3, 4),
            target=Draw((3, 4), -1, 3, kind="int"),
        ),
        Example(
            {"ignore_index": -1, "reduction": "none"}, input=(5, 3), target=Draw((5,), -1, 3, kind="int")
        ),
    )
    torch = "F.cross_entropy({input}, {target}{options})"
    onnx = ("SoftmaxCrossEntropyLoss",)
    cost = 4
    backward_cost = {"input": 2, "target": 3}

    def infer(self, input: Spec, target: Spec) -> Spec:
        rest = class_index.without_classes(input)
        if target.kind == "float":
            class_index.check_weight_count(self, input)
            class_index.refuse_float_indices(input, target)
            same_shape(input, target)
        else:
            class_index.check_class_indices(self, input, target)
        return self.reduced(rest)

    def forward(self, ctx: Context, input: Array, target: Array, *, loss: Array) -> None:
        x = by_class(input)
        scores, _, sums = self._exponentials(ctx, x)
        logs = np.log(sums, ctx.scratch("logs", sums.shape))
        by_index, is_plain = target.dtype.kind == "i", self._is_plain(ctx, x, target)
        if not is_plain and by_index:
            self.collect_rows(*self._losses(ctx, scores, logs, target), loss)
        elif not is_plain:
            shares = self._shares(ctx, x, target)
            losses = np.add.reduce(np.multiply(np.subtract(logs, scores), shares), axis=1)
            self.collect_rows(losses, logs.size, loss)
        elif not by_index:
            costs = np.subtract(logs, scores, ctx.scratch("costs", x.shape))
            loss[()] = costs.reshape(-1).dot(target.reshape(-1)) * self.share(logs.size)
        else:
            found = places(ctx, x.shape, target.reshape(-1))
            losses = scores.reshape(-1).take(found, None, ctx.scratch("losses", found.shape), "clip")
            np.subtract(logs.reshape(-1), losses, losses)
            ones(ctx, losses.size).dot(losses, loss)
            if self.reduction == "mean":
                np.multiply(loss, self.share(losses.size), loss)

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
        x = by_class(input)
        scores, powers, sums = self._exponentials(ctx, x, again=False)
        by_index, is_plain = target.dtype.kind == "i", self._is_plain(ctx, x, target)
        slope: Any = self.slope(ctx, dloss, sums.size)
        if self.reduction == "none":
            slope = self.row_slopes(dloss, 1.0, x.shape)
        if dinput is None:
            pass
        elif not by_index:
            shares = by_class(target) if is_plain else self._shares(ctx, x, target)
            self._from_shares(ctx, shares, slope, by_class(dinput))
        elif is_plain:
            dx = by_class(dinput)
            rate = np.divide(slope, sums, ctx.scratch("logs", sums.shape))
            np.multiply(powers, rate, dx)  # slope · softmax
            found = places(ctx, x.shape, target.reshape(-1))
            right = dx.reshape(-1).take(found, None, ctx.scratch("losses", found.shape), "clip")
            dx.reshape(-1).put(found, np.subtract(right, slope, right), "clip")
        else:
            self._slopes(ctx, powers / sums, target, dloss, by_class(dinput))
        if dtarget is not None:
            dt = by_class(dtarget)
            np.subtract(scores, np.log(sums), dt)
            np.multiply(dt, -slope, dt)
            if self.weight is not None or self.label_smoothing:
                np.multiply(dt, self._class_factors(ctx, x) * (1 - self.label_smoothing), dt)

    def workspace(self, **shapes: tuple[int, ...]) -> int:
        return 4 * math.prod(shapes["input"])

    def explain_one(self, call: Call, at: Place) -> Term:
        return cross_entropy(call, at, self.of_classes(call), self.label_smoothing, self.ignore_index)

    def _is_plain(self, ctx: Context, x: Array, target: Array) -> bool:
        """Whether every decision counts the same, so that no table of shares is needed."""
        if self.label_smoothing:
            return False
        if target.dtype.kind == "f":
            return self.weight is None and self.reduction != "none"
        return self.counts_all_alike(ctx, x, target)

    def _losses(self, ctx: Context, scores: Array, logs: Array, target: Array) -> tuple[Array, Array]:
        """(the loss of each decision by class index, by how much it counts)"""
        smooth, count = self.label_smoothing, scores.shape[1]
        found = chosen(ctx, scores.shape, target, self.ignore_index)
        weights = row_weights(self, ctx, target, count)
        losses = (logs.reshape(-1) - scores.reshape(-1).take(found)) * weights
        if smooth:
            factors = class_weights(self, ctx, count)
            of_all = scores.dot(factors) if scores.ndim == 2 else np.matmul(factors, scores)
            even = logs.reshape(-1) * factors.sum() - of_all.reshape(-1)
            even *= target.reshape(-1) != self.ignore_index
            losses = losses * (1 - smooth) + even * (smooth / count)
        return losses, weights

    def _slopes(self, ctx: Context, softmax: Array, target: Array, dloss: Array, dx: Array) -> None:
        """The gradient for class indices that do not count all alike; `softmax` is used up."""
        smooth, (rows, count, *positions) = self.label_smoothing, softmax.shape
        found = chosen(ctx, softmax.shape, target, self.ignore_index)
        weights = row_weights(self, ctx, target, count)
        slope = self.row_slopes(dloss, weights, softmax.shape)
        right = weights.reshape(rows, 1, *positions) * slope * (1 - smooth)
        if smooth:
            kept = (target != self.ignore_index).reshape(rows, 1, *positions)
            even, factors = kept * slope * (smooth / count), self._class_factors(ctx, softmax)
            np.multiply(softmax, right + even * factors.sum(), dx)
            np.subtract(dx, even if self.weight is None else np.multiply(even, factors, softmax), dx)
        else:
            np.multiply(softmax, right, dx)
        dx.reshape(-1)[found] -= right.reshape(-1)

    def _shares(self, ctx: Context, x: Array, target: Array) -> Array:
        """What the logarithm of each probability is multiplied by, for targets that are probabilities."""
        shares: Array = by_class(target) * (1 - self.label_smoothing) + self.label_smoothing / x.shape[1]
        shares *= self._class_factors(ctx, x)
        return shares

    def _class_factors(self, ctx: Context, x: Array) -> Array:
        """The weights of the classes, to be multiplied with rows × classes (× positions)."""
        return class_weights(self, ctx, x.shape[1]).reshape(1, -1, *(1,) * (x.ndim - 2))

    def _exponentials(self, ctx: Context, x: Array, again: bool = True) -> tuple[Array, Array, Array]:
        """(x − max x, the exponential of that, its sum) along the classes.

        With `again` False, what forward left is taken if it is still there.
        """
        kept = ctx.kept("scores")
        again = again or kept is None or kept.shape != x.shape
        scores, powers = ctx.scratch("scores", x.shape), ctx.scratch("powers", x.shape)
        sums = ctx.scratch("sums", (x.shape[0], 1, *x.shape[2:]))
        if again:
            exponentials(ctx, x, 1, scores, powers, sums)
        return scores, powers, sums

    def _from_shares(self, ctx: Context, target: Array, slope: Any, dx: Array) -> None:
        """The gradient for targets that are probabilities: softmax · Σ target − target."""
        powers, sums = ctx.scratch("powers", dx.shape), ctx.scratch("sums", (dx.shape[0], 1, *dx.shape[2:]))
        weight = np.add.reduce(target, axis=1, out=ctx.scratch("logs", sums.shape), keepdims=True)
        np.multiply(powers, np.divide(weight, sums, weight), dx)
        np.subtract(dx, target, dx)
        np.multiply(dx, slope, dx)


@register
class NLLLoss(_ClassLoss):
    """The loss for one of several classes from logarithms of probabilities: minus that of the right class.

    input holds the logarithms, e.g. after a LogSoftmax, N×C or N×C×…; target the class indices, N (or N×…).
    LogSoftmax and NLLLoss together are CrossEntropyLoss.
    """

    wants = "log-probabilities"
    formula = "loss = mean(−xₜ)"
    latex = r"\ell = -\frac{1}{n} \sum_n x_{n t_n}"
    derivative = r"\frac{\partial \ell}{\partial x_{nj}} = -\frac{1}{n} [j = t_n]"
    inputs = (Socket("input"), Socket("target", kind="int", help="Class indices."))
    examples = (
        Example(input=(4, 3), target=classes(4, count=3)),
        Example(input=(5,), target=classes(count=5)),
        Example({"reduction": "none"}, input=(2, 3, 4), target=classes(2, 4, count=3)),
        Example({"reduction": "sum"}, input=(0, 3), target=classes(0, count=3)),
        Example({"weight": (0.5, 2.0, 1.0)}, input=(2, 3, 4, 2), target=classes(2, 4, 2, count=3)),
        Example({"ignore_index": 1}, input=(6, 3), target=classes(6, count=3)),
        Example(
            {"ignore_index": -1, "weight": (0.5, 2.0, 1.0), "reduction": "none"},
            input=(5, 3),
            target=Draw((5,), -1, 3, kind="int"),
        ),
    )
    torch = "F.nll_loss({input}, {target}{options})"
    onnx = ("NegativeLogLikelihoodLoss",)
    saved = ("target",)

    def chances(self, input: Array) -> Array:
        return np.exp(np.asarray(input, np.float64))

    def infer(self, input: Spec, target: Spec) -> Spec:
        class_index.check_class_indices(self, input, target)
        return self.reduced(target)

    def flops(self, *, target: tuple[int, ...], **others: tuple[int, ...]) -> int:
        """The weight of each decision and the sum."""
        return 2 * math.prod(target)

    def reads(self, *, target: tuple[int, ...], **others: tuple[int, ...]) -> dict[str, int]:
        return {"input": math.prod(target)}

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        return len(wanted) * math.prod(shapes["target"])

    def explain_one(self, call: Call, at: Place) -> Term:
        return chosen_loss(call, at, self.of_classes(call), self.ignore_index)

    def forward(self, ctx: Context, input: Array, target: Array, *, loss: Array) -> None:
        x = by_class(input)
        if self.counts_all_alike(ctx, x, target):
            right = x.reshape(-1).take(places(ctx, x.shape, target.reshape(-1)))
            loss[()] = np.add.reduce(right) * -self.share(right.size)
            return
        losses = x.reshape(-1).take(chosen(ctx, x.shape, target, self.ignore_index))
        weights = row_weights(self, ctx, target, x.shape[1])
        np.negative(losses, losses)
        np.multiply(losses, weights, losses)
        self.collect_rows(losses, weights, loss)

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
        if dinput is None:
            return
        x, dx = by_class(input), by_class(dinput)
        if self.counts_all_alike(ctx, x, target):
            dx.fill(0)
            dx.reshape(-1)[places(ctx, x.shape, target.reshape(-1))] = dloss * -self.share(target.size)
            return
        weights = row_weights(self, ctx, target, x.shape[1])
        slopes = self.row_slopes(dloss, weights, x.shape).reshape(-1)
        dx.fill(0)
        dx.reshape(-1)[chosen(ctx, x.shape, target, self.ignore_index)] = -weights * slopes


def _sum(weights: Array | float) -> Any:
    return weights.sum() if isinstance(weights, np.ndarray) else weights
