"""Losses for probabilities: yes or no (binary cross-entropy), and one distribution against another."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..errors import ParamError, ShapeError
from . import explain_one_loss as one_loss
from .base import Array, Context, Example, Param, Recipe, Socket, Spec
from .chances import logistic_of
from .elementwise import clamp
from .example import uniform
from .explaining import Call, Place
from .explanation import Term, number
from .loss import Loss, PointwiseLoss, pairs, refuse_value, same_shape
from .registry import register

LEAST_LOG = -100.0  # PyTorch's bound for the logarithm of a probability of 0
LEAST_SPREAD = float(np.float32(1e-12))  # PyTorch's bound for x·(1 − x), to the bit


@register
class BCELoss(PointwiseLoss):
    """The loss for yes or no from probabilities: minus the logarithm of the probability given to the right answer.

    input holds probabilities, e.g. after a Sigmoid; target 1 for yes and 0 for no, or a probability, in the same
    shape. As in PyTorch no logarithm counts as less than −100. BCEWithLogitsLoss without the Sigmoid is more exact.
    """

    synonyms = ("BinaryCrossEntropy",)
    wants = "probabilities"
    formula = "loss = mean(−t·ln x − (1 − t)·ln(1 − x))"
    latex = r"\ell = -\frac{1}{n} \sum_i [ t_i \ln x_i + (1 - t_i) \ln(1 - x_i) ]"
    derivative = r"\frac{\partial \ell}{\partial x_i} = \frac{1}{n} \frac{x_i - t_i}{x_i (1 - x_i)}"
    examples = pairs(low=0.05, high=0.95)
    torch = "F.binary_cross_entropy({input}, {target}{options})"
    numpy = Recipe(
        """
        yes = np.maximum(np.log(input), -100)
        no = np.maximum(np.log1p(-input), -100)
        losses = -(target * yes + (1 - target) * no)
        """,
        """
        dinput = share * (input - target) / np.maximum(input * (1 - input), 1e-12)
        dtarget = share * (no - yes)
        """,
    )
    cost = 8
    backward_cost = {"input": 5, "target": 5}

    def forward(self, ctx: Context, input: Array, target: Array, *, loss: Array) -> None:
        for name, array in (("input", input), ("target", target)):
            wrong = (array < 0) | (array > 1)  # NaN passes: the run finds the node that made it
            refuse_value(array, wrong, name, "a probability from 0 to 1", "Put a Sigmoid before the loss.")
        super().forward(ctx, input, target, loss=loss)

    def explain_one(self, call: Call, at: Place) -> Term:
        return one_loss.binary(call, at, LEAST_LOG)

    def errors(self, ctx: Context, input: Array, target: Array, out: Array) -> None:
        yes, no = self._logarithms(ctx, input)
        np.subtract(no, yes, yes)
        np.multiply(yes, target, yes)
        np.subtract(yes, no, out)

    def input_slopes(self, ctx: Context, input: Array, target: Array, out: Array) -> Array:
        spread = np.subtract(ctx.one, input, ctx.scratch("spread", input.shape))
        np.multiply(spread, input, spread)
        clamp(spread, LEAST_SPREAD, None, spread)
        np.subtract(input, target, out)
        np.divide(out, spread, out)
        return out

    def target_slopes(self, ctx: Context, input: Array, target: Array, out: Array) -> Array:
        yes, no = self._logarithms(ctx, input)
        return np.subtract(no, yes, out)

    def _logarithms(self, ctx: Context, input: Array) -> tuple[Array, Array]:
        """ln x and ln(1 − x)."""
        yes, no = ctx.scratch("yes", input.shape), ctx.scratch("no", input.shape)
        with np.errstate(divide="ignore"):
            np.log(input, yes)
            np.log1p(np.negative(input, no), no)
        clamp(yes, LEAST_LOG, None, yes)
        clamp(no, LEAST_LOG, None, no)
        return yes, no

    tells_classes = True

    def chances(self, input: Array) -> Array:
        return np.asarray(input, np.float64)

    def metrics(self, input: Array, target: Array) -> dict[str, float]:
        return {"accuracy": float(np.mean((input > 0.5) == (target > 0.5)))}


@register
class BCEWithLogitsLoss(Loss):
    """The loss for yes or no: minus the logarithm of the probability given to the right answer.

    input holds scores (logits), whose sigmoid is the probability of yes; target 1 for yes and 0 for no, or a
    probability, in the same shape. Sigmoid and logarithm are taken together, so that no score is too large.
    `pos_weight` p makes a missed yes cost p times as much: one number, or one for each column.
    """

    wants = "scores"
    formula = "loss = mean(max(x, 0) − x·t + ln(1 + e⁻|ˣ|))"
    latex = r"\ell = -\frac{1}{n} \sum_i \left[ t_i \ln \sigma(x_i) + (1 - t_i) \ln(1 - \sigma(x_i)) \right]"
    derivative = (
        r"\frac{\partial \ell}{\partial x_i} = \frac{1}{n} (\sigma(x_i) - t_i),\quad "
        r"\frac{\partial \ell}{\partial t_i} = -\frac{1}{n} x_i"
    )
    inputs = (Socket("input"), Socket("target"))
    pos_weight = Param(None, kind="array", symbol="p", help="How many times as much a missed yes costs.")
    examples = (
        Example(input=(4, 1), target=uniform(4, 1, low=0.0, high=1.0)),
        Example(input=(), target=uniform(low=0.0, high=1.0)),
        Example(input=(2, 3), target=uniform(2, 3, low=0.0, high=1.0)),
        Example(input=(5,), target=uniform(5, low=0.0, high=1.0)),
        Example({"reduction": "sum"}, input=(0, 2), target=uniform(0, 2, low=0.0, high=1.0)),
        Example({"reduction": "none"}, input=(4, 2), target=uniform(4, 2, low=0.0, high=1.0)),
        Example({"pos_weight": 3.0}, input=(4, 2), target=uniform(4, 2, low=0.0, high=1.0)),
        Example(
            {"pos_weight": (3.0, 0.5), "reduction": "sum"},
            input=(4, 2),
            target=uniform(4, 2, low=0.0, high=1.0),
        ),
        Example(
            {"pos_weight": (3.0, 0.5), "reduction": "none"},
            input=(4, 2),
            target=uniform(4, 2, low=0.0, high=1.0),
        ),
    )
    torch = "F.binary_cross_entropy_with_logits({input}, {target}{options})"
    numpy = Recipe(
        """
        if pos_weight is None:
            losses = np.logaddexp(0, input) - target * input
        else:
            extra = np.array(pos_weight, dtype) - 1
            losses = (1 + extra * target) * np.logaddexp(0, -input) + (1 - target) * input
        """,
        """
        if pos_weight is None:
            dinput = share * (1 / (1 + np.exp(-input)) - target)
            dtarget = -share * input
        else:
            dinput = share * (1 - target - (1 + extra * target) / (1 + np.exp(input)))
            dtarget = share * (extra * np.logaddexp(0, -input) - input)
        """,
    )
    cost = 9
    backward_cost = {"input": 6, "target": 1}

    def infer(self, input: Spec, target: Spec) -> Spec:
        same_shape(input, target)
        shape = np.shape(self.pos_weight) if self.pos_weight is not None else ()
        behind = input.shape[input.ndim - len(shape) :]
        if len(shape) > input.ndim or any(p not in (1, size) for p, size in zip(shape, behind, strict=True)):
            raise ShapeError(
                f"pos_weight holds {'×'.join(map(str, shape))} numbers, which do not fit input ({input}).",
                hint="Give one number, or one for each column.",
                socket="input",
            )
        return self.reduced(input)

    def check(self) -> None:
        if self.pos_weight is not None and (np.asarray(self.pos_weight) < 0).any():
            raise ParamError("BCEWithLogitsLoss.pos_weight is negative.", hint="Give numbers of 0 or more.")

    def forward(self, ctx: Context, input: Array, target: Array, *, loss: Array) -> None:
        soft, hinge = ctx.scratch("soft", input.shape), ctx.scratch("hinge", input.shape)
        np.abs(input, soft)
        np.negative(soft, soft)
        np.exp(soft, soft)
        np.log1p(soft, soft)
        if self.pos_weight is not None:  # softplus(−x), weighted, + x
            np.negative(input, hinge)
            clamp(hinge, 0.0, None, hinge)
            np.add(soft, hinge, soft)
            np.multiply(soft, self._weights(ctx, target), soft)
            np.add(soft, input, soft)
        else:
            clamp(input, 0.0, None, hinge)
            np.add(soft, hinge, soft)
        np.subtract(soft, np.multiply(input, target, hinge), soft)
        self.collect(ctx, soft, loss)

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
        slope = self.slope(ctx, dloss, input.size)
        if dinput is not None:
            half = ctx.half
            np.multiply(input, half, dinput)
            np.tanh(dinput, dinput)
            np.multiply(dinput, half, dinput)
            if self.pos_weight is None:
                np.add(dinput, half, dinput)
            else:  # σ(x) − 1, weighted, + 1
                np.subtract(dinput, half, dinput)
                np.multiply(dinput, self._weights(ctx, target), dinput)
                np.add(dinput, ctx.one, dinput)
            np.subtract(dinput, target, dinput)
            np.multiply(dinput, slope, dinput)
        if dtarget is not None:
            np.multiply(input, -1, dtarget)
            if self.pos_weight is not None:
                np.add(dtarget, self._softplus(input) * self._extra(ctx), dtarget)
            np.multiply(dtarget, slope, dtarget)

    def explain_one(self, call: Call, at: Place) -> Term:
        return one_loss.binary_of_scores(call, at, one_loss.factor_at(self.pos_weight, at))

    def _weights(self, ctx: Context, target: Array) -> Array:
        """1 + (p − 1)·t."""
        weights = ctx.scratch("weights", target.shape)
        np.multiply(target, self._extra(ctx), weights)
        np.add(weights, ctx.one, weights)
        return weights

    def _extra(self, ctx: Context) -> Array:
        return np.asarray(self.pos_weight, ctx.dtype) - 1

    def _softplus(self, input: Array) -> Array:
        """ln(1 + e⁻ˣ)."""
        soft: Array = np.log1p(np.exp(-np.abs(input))) + np.maximum(-input, 0)
        return soft

    tells_classes = True

    def chances(self, input: Array) -> Array:
        return logistic_of(input)

    def metrics(self, input: Array, target: Array) -> dict[str, float]:
        return {"accuracy": float(np.mean((input > 0) == (target > 0.5)))}


@register
class KLDivLoss(PointwiseLoss):
    """How much a distribution differs from the one it should be (Kullback-Leibler divergence).

    input holds logarithms of probabilities, e.g. after a LogSoftmax; target probabilities, or their logarithms with
    `log_target`, in the same shape. Averaged over the batch unless told otherwise: PyTorch's own default, "mean",
    averages over all elements, which is no divergence. Kullback and Leibler 1951.
    """

    synonyms = ("KullbackLeibler",)
    wants = "log-probabilities"
    formula = "loss = Σ t·(ln t − x) / N"
    latex = r"\ell = \frac{1}{N} \sum_i t_i (\ln t_i - x_i)"
    derivative = r"\frac{\partial \ell}{\partial x_i} = -\frac{t_i}{N}"
    reduction = Param(
        "batchmean",
        choices=("batchmean", "mean", "sum", "none"),
        help="Whether the losses are averaged over the batch, over all elements, added up, or kept one by one.",
    )
    log_target = Param(False, help="Whether target holds logarithms of probabilities.")
    examples = pairs({"log_target": True}, {"log_target": True, "reduction": "none"}, low=0.05, high=0.95)
    torch = "F.kl_div({input}, {target}{options})"
    numpy = Recipe(
        """
        if log_target:
            chances, logs = np.exp(target), target
        else:
            chances, logs = target, np.log(np.maximum(target, np.finfo(dtype).tiny))
        losses = chances * (logs - input)
        """,
        """
        dinput = -share * chances
        dtarget = share * (logs - input + 1)
        if log_target:
            dtarget = dtarget * chances
        """,
    )
    cost = 4
    backward_cost = {"input": 1, "target": 4}

    def formula_latex(self) -> str:
        if self.reduction == "none":
            return r"\ell_i = t_i (\ln t_i - x_i)"
        share = {"batchmean": r"\frac{1}{N} ", "mean": r"\frac{1}{n} "}.get(self.reduction, "")
        return self.latex.replace(r"\frac{1}{N} ", share)

    def slope_latex(self) -> str:
        share = {"batchmean": r"\frac{t_i}{N}", "mean": r"\frac{t_i}{n}"}.get(self.reduction, "t_i")
        return self.derivative.replace(r"\frac{t_i}{N}", share)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe | None:
        if self.reduction != "batchmean":
            return super().recipe(shapes)
        count = " / len(losses)" if shapes["input"] else ""
        return self.collected(KLDivLoss.numpy, f"losses.sum(){count}", f"dloss{count}")

    def forward(self, ctx: Context, input: Array, target: Array, *, loss: Array) -> None:
        super().forward(ctx, input, target, loss=loss)
        if self.reduction == "batchmean":
            np.multiply(loss, self._batch_share(input), loss)

    def slope(self, ctx: Context, dloss: Array, count: int) -> Array:
        return dloss if self.reduction == "batchmean" else super().slope(ctx, dloss, count)

    def explain_one(self, call: Call, at: Place) -> Term:
        return one_loss.divergence(call, at, self.log_target)

    def errors(self, ctx: Context, input: Array, target: Array, out: Array) -> None:
        logs = self._logarithms(ctx, target)
        np.subtract(logs, input, out)
        np.multiply(out, self._chances(ctx, target), out)

    def input_slopes(self, ctx: Context, input: Array, target: Array, out: Array) -> Array:
        return np.multiply(self._chances(ctx, target), -self._batch_share(input), out)

    def target_slopes(self, ctx: Context, input: Array, target: Array, out: Array) -> Array:
        np.subtract(self._logarithms(ctx, target), input, out)
        np.add(out, ctx.one, out)
        if self.log_target:
            np.multiply(out, self._chances(ctx, target), out)
        return np.multiply(out, self._batch_share(input), out)

    def divisor(self, call: Call, losses: Array) -> Term | None:
        if self.reduction == "batchmean" and losses.ndim:
            return number(float(len(losses)), "N")
        return super().divisor(call, losses)

    def _batch_share(self, input: Array) -> float:
        if self.reduction != "batchmean" or not input.ndim:
            return 1.0
        return 1 / len(input) if len(input) else float("nan")

    def _chances(self, ctx: Context, target: Array) -> Array:
        return np.exp(target, ctx.scratch("chances", target.shape)) if self.log_target else target

    def _logarithms(self, ctx: Context, target: Array) -> Array:
        """ln t, where t = 0 gives something finite: 0·ln 0 counts as 0."""
        if self.log_target:
            return target
        logs = ctx.scratch("logs", target.shape)
        clamp(target, float(np.finfo(target.dtype).tiny), None, logs)
        np.log(logs, logs)
        return logs
