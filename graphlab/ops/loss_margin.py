"""Margin losses: nothing to pay for what is right by a margin, and in proportion for the rest."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ..errors import ShapeError
from . import explain_one_loss as one_loss
from .base import Array, Context, Example, Param, Recipe, Socket, Spec
from .chances import logistic_of, softmax_of
from .class_index import check_class_indices, check_weight, chosen, class_weights
from .elementwise import clamp, indicator
from .example import classes
from .explaining import Call, Place
from .explanation import Term
from .loss import Loss, PointwiseLoss, pairs
from .registry import register
from .rows import row_sums

SIDE = "torch.where({target} > 0, 1.0, -1.0).to({input}.dtype)"


class SideLoss(PointwiseLoss):
    """A loss for one of two sides: a target above 0 is yes (+1), every other is no (−1)."""

    def target_slopes(self, ctx: Context, input: Array, target: Array, out: Array) -> Array:
        np.copyto(out, ctx.zero)
        return out

    def sides(self, ctx: Context, target: Array) -> Array:
        """+1 or −1 for each element of target."""
        sides = ctx.scratch("sides", target.shape)
        indicator(ctx, np.greater, target, ctx.zero, sides)
        np.multiply(sides, 2.0, sides)
        np.subtract(sides, ctx.one, sides)
        return sides

    tells_classes = True

    def chances(self, input: Array) -> Array:
        return logistic_of(input)

    def metrics(self, input: Array, target: Array) -> dict[str, float]:
        return {"accuracy": float(np.mean((input > 0) == (target > 0)))}


@register
class HingeLoss(SideLoss):
    """The loss of a support vector machine: the score should be on the right side of 0 by `margin`.

    input holds scores; target in the same shape holds 1 for yes and −1 (or 0) for no. At the corner itself
    the slope still counts, as in PyTorch's margin losses. Cortes and Vapnik 1995.
    """

    formula = "loss = mean(max(0, margin − t·x)) with t = ±1"
    latex = r"\ell = \frac{1}{n} \sum_i \max(0, m - t_i x_i)"
    derivative = r"\frac{\partial \ell}{\partial x_i} = -\frac{t_i}{n} [t_i x_i \leq m]"
    margin = Param(1.0, low=0.0, symbol="m", help="By how much a score should be right.")
    examples = pairs({"margin": 0.0}, {"margin": 2.5, "reduction": "none"})
    torch = "torch.clamp({margin} - " + SIDE + " * {input}, min=0){reduced}"
    numpy = Recipe(
        """
        sides = np.where(target > 0, 1, -1)
        losses = np.maximum(margin - sides * input, 0)
        """,
        """
        dinput = -share * sides * (sides * input <= margin)
        dtarget = np.zeros_like(target)
        """,
    )
    cost = 4
    backward_cost = {"input": 4, "target": 0}

    def explain_one(self, call: Call, at: Place) -> Term:
        return one_loss.hinge(call, at, self.margin)

    def errors(self, ctx: Context, input: Array, target: Array, out: Array) -> None:
        np.multiply(self.sides(ctx, target), input, out)
        np.subtract(self.margin, out, out)
        clamp(out, 0.0, None, out)

    def input_slopes(self, ctx: Context, input: Array, target: Array, out: Array) -> Array:
        sides = self.sides(ctx, target)
        np.multiply(sides, input, out)
        indicator(ctx, np.less_equal, out, self.margin, out)
        np.multiply(out, sides, out)
        return np.multiply(out, -1, out)


@register
class HingeEmbeddingLoss(SideLoss):
    """Makes a distance small for pairs that belong together, and at least `margin` for those that do not.

    input holds distances; target in the same shape holds 1 for alike and −1 for different.
    """

    formula = "loss = mean(x for t = 1, max(0, margin − x) for t = −1)"
    latex = r"\ell_i = \begin{cases} x_i & t_i = 1 \\ \max(0, m - x_i) & t_i = -1 \end{cases}"
    derivative = (
        r"\frac{\partial \ell_i}{\partial x_i} = "
        r"\begin{cases} 1 & t_i = 1 \\ -[x_i \leq m] & t_i = -1 \end{cases}"
    )
    margin = Param(1.0, symbol="m", help="How far apart what is different should be.")
    examples = pairs({"margin": 0.0}, {"margin": 2.5, "reduction": "none"})
    torch = "F.hinge_embedding_loss({input}, " + SIDE + "{options})"
    numpy = Recipe(
        "losses = np.where(target > 0, input, np.maximum(margin - input, 0))",
        """
        dinput = np.where(target > 0, share, -share * (input <= margin))
        dtarget = np.zeros_like(target)
        """,
    )
    cost = 3
    backward_cost = {"input": 2, "target": 0}

    def explain_one(self, call: Call, at: Place) -> Term:
        return one_loss.hinge_of_distance(call, at, self.margin)

    def errors(self, ctx: Context, input: Array, target: Array, out: Array) -> None:
        alike, apart = self.alike(ctx, target)
        np.subtract(self.margin, input, out)
        clamp(out, 0.0, None, out)
        np.multiply(out, apart, out)
        np.multiply(alike, input, alike)
        np.add(out, alike, out)

    def input_slopes(self, ctx: Context, input: Array, target: Array, out: Array) -> Array:
        alike, apart = self.alike(ctx, target)
        indicator(ctx, np.less_equal, input, self.margin, out)
        np.multiply(out, apart, out)
        return np.subtract(alike, out, out)

    def alike(self, ctx: Context, target: Array) -> tuple[Array, Array]:
        """1 for pairs that belong together and 0 for the others, and the other way round."""
        alike, apart = ctx.scratch("alike", target.shape), ctx.scratch("apart", target.shape)
        indicator(ctx, np.greater, target, ctx.zero, alike)
        np.subtract(ctx.one, alike, apart)
        return alike, apart


@register
class MultiMarginLoss(Loss):
    """The hinge loss for one of several classes: the right score should exceed every other by `margin`.

    input holds one score per class, N×C or C; target the class indices, N or none. `p` is the power of what is
    missing, `weight` one factor per class. Crammer and Singer 2001.
    """

    formula = "loss = mean over n of Σⱼ max(0, margin − xₜ + xⱼ)ᵖ / C, j ≠ t"
    latex = r"\ell_n = \frac{1}{C} \sum_{j \ne t_n} \max(0, m - x_{n t_n} + x_{nj})^p"
    derivative = (
        r"\frac{\partial \ell_n}{\partial x_{nj}} = \frac{p}{C} \max(0, m - x_{n t_n} + x_{nj})^{p-1}"
    )
    inputs = (Socket("input"), Socket("target", kind="int", help="Class indices."))
    p = Param(1, low=1, high=2, help="1 for the distance itself, 2 for its square.")
    margin = Param(1.0, symbol="m", help="By how much the right score should exceed the others.")
    weight = Param(None, kind="array", help="How much each class counts: one number per class.")
    examples = (
        Example(input=(4, 3), target=classes(4, count=3)),
        Example({"p": 2}, input=(4, 3), target=classes(4, count=3)),
        Example(input=(5,), target=classes(count=5)),
        Example({"margin": 0.3, "reduction": "sum"}, input=(3, 1), target=classes(3, count=1)),
        Example({"reduction": "none", "p": 2}, input=(4, 3), target=classes(4, count=3)),
        Example({"weight": (0.5, 2.0, 1.0)}, input=(4, 3), target=classes(4, count=3)),
        Example(input=(2, 7), target=classes(2, count=7)),
    )
    torch = "F.multi_margin_loss({input}, {target}{options})"
    cost = 4
    backward_cost = {"input": 3}

    def check(self) -> None:
        check_weight(self)

    def infer(self, input: Spec, target: Spec) -> Spec:
        if input.ndim > 2:
            raise ShapeError(f"input ({input}) should be N×C or C.", hint="Flatten it.", socket="input")
        check_class_indices(self, input, target)
        return self.reduced(target)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe | None:
        rows = "target[:, None]" if shapes["target"] else "target"
        count, (total, share) = shapes["input"][-1], self.collecting()
        factors, of_loss, of_slope = "", "", ""
        if self.weight is not None:
            factors = f"factors = np.array({self.weight}, dtype)[target]"
            of_loss, of_slope = " * factors", " * factors[..., None]"
        return Recipe(
            f"""
            right = np.arange({count}) == {rows}
            score = np.where(right, input, 0).sum(axis=-1, keepdims=True)
            missing = np.where(right, 0, np.maximum(margin - score + input, 0))
            {factors}
            powers = missing**2 if p == 2 else missing
            losses = powers.sum(axis=-1) / {count}{of_loss}
            loss = {total}
            """,
            f"""
            share = {share}
            slopes = 2 * missing if p == 2 else (missing > 0).astype(dtype)
            slopes = share[..., None]{of_slope} * slopes / {count}
            dinput = slopes - right * slopes.sum(axis=-1, keepdims=True)
            """,
        )

    def explain_one(self, call: Call, at: Place) -> Term:
        right = int(call.at("target", *at).value)
        factor = 1.0 if self.weight is None else float(np.asarray(self.weight)[right])
        return one_loss.several_margins(call, at, self.margin, self.p, factor)

    def forward(self, ctx: Context, input: Array, target: Array, *, loss: Array) -> None:
        missing = self._missing(ctx, input, target)
        losses = ctx.scratch("losses", missing.shape[:1])
        if self.p == 2:
            np.vecdot(missing, missing, losses)
        else:
            row_sums(ctx, missing, losses)
        np.multiply(losses, self._factors(ctx, target, missing.shape[1]), losses)
        self.collect(ctx, losses.reshape(target.shape), loss)

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
        missing, places = ctx.kept("missing"), ctx.kept("chosen")
        if missing is None or places is None:
            missing = self._missing(ctx, input, target)
            places = chosen(ctx, missing.shape, target)
        slopes, right = dinput.reshape(missing.shape), ctx.scratch("losses", missing.shape[:1])
        if self.p == 2:
            np.multiply(missing, 2.0, slopes)
        else:
            indicator(ctx, np.greater, missing, ctx.zero, slopes)
        factors = self._factors(ctx, target, missing.shape[1]) * self.slope(ctx, dloss, target.size)
        np.multiply(slopes, factors.reshape(-1, 1), slopes)
        row_sums(ctx, slopes, right)
        slopes.reshape(-1)[places] = np.multiply(right, -1, right)

    def workspace(self, **shapes: tuple[int, ...]) -> int:
        return 2 * math.prod(shapes["input"])

    tells_classes = True

    def chances(self, input: Array) -> Array:
        return softmax_of(input)

    def metrics(self, input: Array, target: Array) -> dict[str, float]:
        return {"accuracy": float(np.mean(input.argmax(-1) == target))}

    def _missing(self, ctx: Context, input: Array, target: Array) -> Array:
        """max(0, m − xₜ + xⱼ), 0 for the right class itself: rows × classes."""
        x = input.reshape(-1, input.shape[-1])
        places = chosen(ctx, x.shape, target)
        missing = ctx.scratch("missing", x.shape)
        np.subtract(x, x.reshape(-1).take(places).reshape(-1, 1), missing)
        np.add(missing, self.margin, missing)
        clamp(missing, 0.0, None, missing)
        missing.reshape(-1)[places] = 0
        return missing

    def _factors(self, ctx: Context, target: Array, count: int) -> Array:
        """How much each decision counts; one number where all count the same."""
        if self.weight is None:
            return np.asarray(1 / count, ctx.dtype)
        factors: Array = (class_weights(self, ctx, count) / count).take(target)
        return factors
