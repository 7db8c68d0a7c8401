"""Losses that compare: which of two should be larger, which of two should be nearer, on which side of 0."""

from __future__ import annotations

import math

import numpy as np

from ..errors import ShapeError
from . import explain_one_loss as one_loss
from . import recipe_tools
from .base import Array, Context, Example, Param, Recipe, Socket, Spec
from .distances import length, length_slope
from .elementwise import indicator
from .explaining import Call, Place
from .explanation import Term
from .loss import Loss, pairs, same_shape
from .loss_margin import SIDE, SideLoss
from .registry import register


@register
class SoftMarginLoss(SideLoss):
    """A hinge loss without the corner: the logistic loss of scores for targets 1 and −1. (torch.nn.SoftMarginLoss)

    input holds scores; target in the same shape holds 1 for yes and −1 (or 0) for no. BCEWithLogitsLoss is the same for
    targets 1 and 0.
    """

    formula = "loss = mean(ln(1 + exp(−t·x))) with t = ±1"
    latex = r"\ell = \frac{1}{n} \sum_i \ln(1 + e^{-t_i x_i})"
    derivative = r"\frac{\partial \ell}{\partial x_i} = -\frac{t_i}{n} \sigma(-t_i x_i)"
    examples = pairs()
    torch = "F.soft_margin_loss({input}, " + SIDE + "{options})"
    numpy = Recipe(
        """
        sides = np.where(target > 0, 1, -1)
        losses = np.logaddexp(0, -sides * input)
        """,
        """
        dinput = -share * sides / (1 + np.exp(sides * input))
        dtarget = np.zeros_like(target)
        """,
    )

    def explain_one(self, call: Call, at: Place) -> Term:
        return one_loss.logistic(call, at)

    def errors(self, ctx: Context, input: Array, target: Array, out: Array) -> None:
        """max(−z, 0) + ln(1 + exp(−|z|)) with z = t·x cannot overflow."""
        beyond = ctx.scratch("beyond", input.shape)
        np.multiply(self.sides(ctx, target), input, out)
        np.multiply(out, -1, beyond)
        np.maximum(beyond, ctx.zero, out=beyond)
        np.absolute(out, out)
        np.multiply(out, -1, out)
        np.exp(out, out)
        np.log1p(out, out)
        np.add(out, beyond, out)

    def input_slopes(self, ctx: Context, input: Array, target: Array, out: Array) -> Array:
        """−t·σ(−z) = −t·½·(1 − tanh(z/2))"""
        sides = self.sides(ctx, target)
        np.multiply(sides, input, out)
        np.multiply(out, ctx.half, out)
        np.tanh(out, out)
        np.subtract(out, ctx.one, out)
        np.multiply(out, sides, out)
        np.multiply(out, ctx.half, out)
        return out


@register
class MarginRankingLoss(Loss):
    """Teaches an order: input1 should be larger than input2 by `margin` where target is 1, smaller where it is −1.

    All three have the same shape. Search engines learn to rank by it. (torch.nn.MarginRankingLoss)
    """

    formula = "loss = mean(max(0, margin − t·(x₁ − x₂))) with t = ±1"
    latex = r"\ell = \frac{1}{n} \sum_i \max(0, m - t_i (a_i - b_i))"
    derivative = r"\frac{\partial \ell}{\partial a_i} = -\frac{t_i}{n} [t_i (a_i - b_i) \leq m]"
    inputs = (Socket("input1"), Socket("input2"), Socket("target", kind="any"))
    margin = Param(0.0, symbol="m", help="By how much one should be larger than the other.")
    examples = (
        Example(input1=(4,), input2=(4,), target=(4,)),
        Example({"margin": 0.5}, input1=(4, 3), input2=(4, 3), target=(4, 3)),
        Example({"reduction": "none", "margin": 1.0}, input1=(3, 2), input2=(3, 2), target=(3, 2)),
        Example({"reduction": "sum"}, input1=(0, 3), input2=(0, 3), target=(0, 3)),
        Example(input1=(), input2=(), target=()),
    )
    torch = "F.margin_ranking_loss({input1}, {input2}, torch.where({target} > 0, 1, -1){options})"
    numpy = Recipe(
        """
        sides = np.where(target > 0, 1, -1)
        missing = margin - sides * (input1 - input2)
        losses = np.maximum(missing, 0)
        """,
        """
        dinput1 = -share * sides * (missing >= 0)
        dinput2 = share * sides * (missing >= 0)
        dtarget = np.zeros_like(target)
        """,
    )

    def infer(self, input1: Spec, input2: Spec, target: Spec) -> Spec:
        same_shape(input1, input2, ("input1", "input2"))
        same_shape(input1, target, ("input1", "target"))
        return self.reduced(input1)

    def explain_one(self, call: Call, at: Place) -> Term:
        return one_loss.ranking(call, at, self.margin)

    def forward(self, ctx: Context, input1: Array, input2: Array, target: Array, *, loss: Array) -> None:
        missing, _ = self._missing(ctx, input1, input2, target)
        np.maximum(missing, ctx.zero, out=missing)
        self.collect(ctx, missing, loss)

    def backward(
        self,
        ctx: Context,
        dloss: Array,
        *,
        input1: Array,
        input2: Array,
        target: Array,
        loss: Array,
        dinput1: Array | None,
        dinput2: Array | None,
        dtarget: Array | None,
    ) -> None:
        missing, sides = self._missing(ctx, input1, input2, target)
        indicator(ctx, np.greater_equal, missing, ctx.zero, missing)
        np.multiply(missing, sides, missing)
        np.multiply(missing, self.slope(ctx, dloss, input1.size), missing)
        if dinput1 is not None:
            np.multiply(missing, -1, dinput1)
        if dinput2 is not None:
            np.copyto(dinput2, missing)
        if dtarget is not None:
            np.copyto(dtarget, 0)

    def _missing(self, ctx: Context, input1: Array, input2: Array, target: Array) -> tuple[Array, Array]:
        """(margin − t·(x₁ − x₂), t) with t = ±1."""
        missing, sides = ctx.scratch("missing", input1.shape), ctx.scratch("sides", input1.shape)
        indicator(ctx, np.greater, target, 0, sides)
        np.multiply(sides, 2.0, sides)
        np.subtract(sides, ctx.one, sides)
        np.subtract(input1, input2, missing)
        np.multiply(missing, sides, missing)
        np.subtract(self.margin, missing, missing)
        return missing, sides

    def workspace(self, input1: tuple[int, ...], **more: tuple[int, ...]) -> int:
        return 2 * math.prod(input1)

    def metrics(self, input1: Array, input2: Array, target: Array) -> dict[str, float]:
        return {"accuracy": float(np.mean((input1 > input2) == (target > 0)))}


@register
class TripletMarginLoss(Loss):
    """Brings an example nearer to one of its kind than to one of another kind, by `margin`.

    anchor, positive (of its kind) and negative (of another) hold vectors, N×D or D. With `swap` the negative is also to
    be far from the positive. Faces are recognised by it. Schroff, Kalenichenko and Philbin 2015, "FaceNet";
    torch.nn.TripletMarginLoss.
    """

    formula = "loss = mean(max(0, ‖a − p‖ − ‖a − n‖ + margin))"
    latex = r"\ell_i = \max(0, \|a_i - p_i\| - \|a_i - n_i\| + m)"
    derivative = (
        r"\frac{\partial \ell_i}{\partial a_i} = "
        r"\frac{a_i - p_i}{\|a_i - p_i\|} - \frac{a_i - n_i}{\|a_i - n_i\|}"
    )
    inputs = (Socket("anchor"), Socket("positive"), Socket("negative"))
    margin = Param(
        1.0, low=0.0, low_open=True, symbol="m", help="By how much the other kind should be farther away."
    )
    p = Param(2.0, low=1.0, high=64.0, symbol="p", help="The exponent of the distance; 2 is the usual one.")
    eps = Param(
        1e-6, low=0.0, symbol="ε", log=True, help="Added to each difference, so that slopes are finite."
    )
    swap = Param(False, help="Whether the distance of positive and negative counts where it is smaller.")
    examples = (
        Example(anchor=(4, 3), positive=(4, 3), negative=(4, 3)),
        Example({"swap": True, "margin": 2.0}, anchor=(6, 2), positive=(6, 2), negative=(6, 2)),
        Example({"p": 1.0, "eps": 0.1, "reduction": "none"}, anchor=(4, 3), positive=(4, 3), negative=(4, 3)),
        Example({"p": 3.0, "reduction": "sum"}, anchor=(4, 3), positive=(4, 3), negative=(4, 3)),
        Example(anchor=(5,), positive=(5,), negative=(5,)),
        Example({"reduction": "sum"}, anchor=(0, 3), positive=(0, 3), negative=(0, 3)),
    )
    torch = "F.triplet_margin_loss({anchor}, {positive}, {negative}{options})"
    numpy = Recipe(
        """
        near = length(anchor - positive + eps, p)
        far = length(anchor - negative + eps, p)
        if swap:
            between = length(positive - negative + eps, p)
            missing = near - np.minimum(far, between) + margin
        else:
            missing = near - far + margin
        losses = np.maximum(missing, 0)[..., 0]
        """,
        """
        counts = share[..., None] * (missing >= 0)
        pull = counts * length_slope(anchor - positive + eps, near, p)
        push = counts * length_slope(anchor - negative + eps, far, p)
        if swap:
            across = np.where(between < far, counts * length_slope(positive - negative + eps, between, p), 0)
            push = np.where(between < far, 0, push)
            dpositive = -pull - across
            dnegative = push + across
        else:
            dpositive = -pull
            dnegative = push
        danchor = pull - push
        """,
        tools=(
            recipe_tools.length,
            recipe_tools.length_slope,
        ),
    )

    def infer(self, anchor: Spec, positive: Spec, negative: Spec) -> Spec:
        same_shape(anchor, positive, ("anchor", "positive"))
        same_shape(anchor, negative, ("anchor", "negative"))
        if anchor.ndim not in (1, 2):
            raise ShapeError(f"anchor ({anchor}) should be N×D or D.", hint="Flatten it.", socket="anchor")
        return self.reduced(anchor.with_shape(*anchor.shape[:-1]))

    def explain_one(self, call: Call, at: Place) -> Term:
        return one_loss.triplet(call, at, self.margin, self.p, self.eps, self.swap)

    def forward(self, ctx: Context, anchor: Array, positive: Array, negative: Array, *, loss: Array) -> None:
        _, near = self._apart(anchor, positive)
        far = self._apart(anchor, negative)[1]
        if self.swap:
            far = np.minimum(far, self._apart(positive, negative)[1])
        missing = np.maximum(near - far + self.margin, 0)
        self.collect(ctx, missing.reshape(anchor.shape[:-1]), loss)

    def backward(
        self,
        ctx: Context,
        dloss: Array,
        *,
        anchor: Array,
        positive: Array,
        negative: Array,
        loss: Array,
        danchor: Array | None,
        dpositive: Array | None,
        dnegative: Array | None,
    ) -> None:
        """Each distance pulls at its two ends with opposite sign."""
        to_near, near = self._apart(anchor, positive)
        to_far, far = self._apart(anchor, negative)
        between, third = self._apart(positive, negative)
        swapped = (third < far) if self.swap else np.zeros(far.shape, bool)
        counts = near - np.where(swapped, third, far) + self.margin >= 0
        slope = np.reshape(self.slope(ctx, dloss, near.size), (*near.shape[:-1], 1) if dloss.ndim else ())
        pull = length_slope(to_near, near, self.p) * counts * slope
        push = length_slope(to_far, far, self.p) * (counts & ~swapped) * slope
        across = length_slope(between, third, self.p) * (counts & swapped) * slope
        gradients = ((danchor, pull - push), (dpositive, -pull - across), (dnegative, push + across))
        for target, gradient in gradients:
            if target is not None:
                np.copyto(target, gradient)

    def _apart(self, a: Array, b: Array) -> tuple[Array, Array]:
        """(a − b + eps, its length, which keeps its axis)."""
        apart: Array = a - b
        apart += self.eps
        return apart, length(apart, self.p)

    def workspace(self, anchor: tuple[int, ...], **more: tuple[int, ...]) -> int:
        return 6 * math.prod(anchor)

    def metrics(self, anchor: Array, positive: Array, negative: Array) -> dict[str, float]:
        near, far = self._apart(anchor, positive)[1], self._apart(anchor, negative)[1]
        return {"accuracy": float(np.mean(near < far))}
