"""Losses for numbers (regression): how far is the result from what it should have been?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from . import explain_one_loss as one_loss
from .base import Array, Context, Param, Recipe
from .elementwise import clamp, signs
from .explaining import Call, Place
from .explanation import Term, number
from .explanation import call as function
from .loss import PointwiseLoss, pairs
from .registry import register


@register
class MSELoss(PointwiseLoss):
    """The mean of the squared differences: the loss for numbers (regression).

    input and target have the same shape. Twice the error costs four times as much.
    """

    synonyms = ("MeanSquaredError",)
    formula = "loss = mean((input − target)²)"
    latex = r"\ell = \frac{1}{n} \sum_{i=1}^{n} (x_i - t_i)^2"
    derivative = (
        r"\frac{\partial \ell}{\partial x_i} = \frac{2}{n} (x_i - t_i),\quad "
        r"\frac{\partial \ell}{\partial t_i} = \frac{2}{n} (t_i - x_i)"
    )
    examples = pairs()
    torch = "F.mse_loss({input}, {target}{options})"
    numpy = Recipe(
        "losses = (input - target) ** 2",
        """
        dinput = share * 2 * (input - target)
        dtarget = share * 2 * (target - input)
        """,
    )
    cost = 3
    backward_cost = {"input": 2, "target": 2}

    def explain_one(self, call: Call, at: Place) -> Term:
        return function("square", one_loss.difference(call, at))

    def forward(self, ctx: Context, input: Array, target: Array, *, loss: Array) -> None:
        difference = np.subtract(input, target, ctx.scratch("difference", input.shape))
        share = self._share(ctx, difference)
        if self.reduction == "none":
            np.multiply(share, difference, loss)
        else:
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
        np.multiply(difference, self.share(difference.size), share)
        return share

    def metrics(self, input: Array, target: Array) -> dict[str, float]:
        return {"rmse": float(np.sqrt(np.mean(np.square(input - target, dtype=np.float64))))}

    def join_metrics(self, parts: Sequence[tuple[int, Mapping[str, float]]]) -> dict[str, float]:
        """The root of the mean square over all rows, which is not the mean of the roots."""
        squares = [(count, {"rmse": part["rmse"] ** 2}) for count, part in parts]
        return {"rmse": super().join_metrics(squares)["rmse"] ** 0.5}


class _DistanceLoss(PointwiseLoss):
    """A loss that grows in proportion to the difference, at least where that is large."""

    def metrics(self, input: Array, target: Array) -> dict[str, float]:
        return {"mae": float(np.mean(np.abs(input - target), dtype=np.float64))}


@register
class L1Loss(_DistanceLoss):
    """The mean of the absolute differences: outliers count no more than in proportion.

    input and target have the same shape. The derivative is the sign alone, and 0 where they are equal.
    """

    synonyms = ("MAELoss", "MeanAbsoluteError")
    formula = "loss = mean(|input − target|)"
    latex = r"\ell = \frac{1}{n} \sum_{i=1}^{n} |x_i - t_i|"
    derivative = r"\frac{\partial \ell}{\partial x_i} = \frac{1}{n} \mathrm{sign}(x_i - t_i)"
    examples = pairs()
    torch = "F.l1_loss({input}, {target}{options})"
    numpy = Recipe(
        "losses = np.abs(input - target)",
        """
        dinput = share * np.sign(input - target)
        dtarget = share * np.sign(target - input)
        """,
    )
    cost = 3
    backward_cost = {"input": 3, "target": 3}

    def explain_one(self, call: Call, at: Place) -> Term:
        return function("abs", one_loss.difference(call, at))

    def errors(self, ctx: Context, input: Array, target: Array, out: Array) -> None:
        np.absolute(_difference(ctx, input, target), out)

    def input_slopes(self, ctx: Context, input: Array, target: Array, out: Array) -> Array:
        signs(ctx, _known_difference(ctx, input, target), out)
        return out


@register
class HuberLoss(_DistanceLoss):
    """Squared for small differences, linear for those beyond `delta`: as smooth as MSELoss, as robust as L1Loss.

    input and target have the same shape. Huber 1964.
    """

    formula = "loss = mean(c·(d − c/2)) with d = input − target, c = d brought into [−δ, δ]"
    latex = (
        r"\ell_i = \begin{cases} \frac{1}{2} d_i^2 & |d_i| \le \delta \\ "
        r"\delta (|d_i| - \frac{\delta}{2}) & |d_i| > \delta \end{cases}, \quad d_i = x_i - t_i"
    )
    derivative = r"\frac{\partial \ell_i}{\partial x_i} = \min(\max(d_i, -\delta), \delta)"
    delta = Param(1.0, low=0.0, low_open=True, symbol="δ", help="Where the loss becomes linear.")
    examples = pairs({"delta": 0.3}, {"delta": 2.0, "reduction": "none"})
    torch = "F.huber_loss({input}, {target}{options})"
    numpy = Recipe(
        """
        apart = input - target
        losses = np.where(np.abs(apart) <= delta, apart**2 / 2, delta * (np.abs(apart) - delta / 2))
        """,
        """
        dinput = share * np.clip(apart, -delta, delta)
        dtarget = -share * np.clip(apart, -delta, delta)
        """,
    )
    cost = 7
    backward_cost = {"input": 4, "target": 4}

    def explain_one(self, call: Call, at: Place) -> Term:
        return one_loss.huber(call, at, self.delta, "δ")

    def errors(self, ctx: Context, input: Array, target: Array, out: Array) -> None:
        _huber(ctx, input, target, self.delta, out)

    def input_slopes(self, ctx: Context, input: Array, target: Array, out: Array) -> Array:
        return _clipped(ctx, input, target, self.delta)


@register
class SmoothL1Loss(_DistanceLoss):
    """L1Loss with its corner at 0 rounded off over ±`beta`: HuberLoss divided by beta.

    input and target have the same shape. With beta 0 it is L1Loss. Girshick 2015, "Fast R-CNN".
    """

    formula = "loss = mean(c·(d − c/2))/β with d = input − target, c = d brought into [−β, β]"
    latex = (
        r"\ell_i = \begin{cases} \frac{1}{2 \beta} d_i^2 & |d_i| < \beta \\ "
        r"|d_i| - \frac{\beta}{2} & |d_i| \ge \beta \end{cases}, \quad d_i = x_i - t_i"
    )
    derivative = r"\frac{\partial \ell_i}{\partial x_i} = \min(\max(\frac{d_i}{\beta}, -1), 1)"
    beta = Param(1.0, low=0.0, symbol="β", help="Where the loss becomes linear.")
    examples = pairs({"beta": 0.3}, {"beta": 0.0}, {"beta": 2.0, "reduction": "none"})
    torch = "F.smooth_l1_loss({input}, {target}{options})"
    numpy = Recipe(
        """
        apart = input - target
        if beta == 0:
            losses = np.abs(apart)
            slope = np.sign(apart)
        else:
            losses = np.where(np.abs(apart) < beta, apart**2 / (2 * beta), np.abs(apart) - beta / 2)
            slope = np.clip(apart / beta, -1, 1)
        """,
        """
        dinput = share * slope
        dtarget = -share * slope
        """,
    )
    cost = 8
    backward_cost = {"input": 5, "target": 5}

    def explain_one(self, call: Call, at: Place) -> Term:
        if not self.beta:
            return function("abs", one_loss.difference(call, at))
        found = one_loss.huber(call, at, self.beta, "β")
        return found if self.beta == 1 else found / number(self.beta, "β")

    def errors(self, ctx: Context, input: Array, target: Array, out: Array) -> None:
        if not self.beta:
            np.absolute(_difference(ctx, input, target), out)
            return
        _huber(ctx, input, target, self.beta, out)
        if self.beta != 1:
            np.multiply(out, 1 / self.beta, out)

    def input_slopes(self, ctx: Context, input: Array, target: Array, out: Array) -> Array:
        if self.beta == 1:
            return _clipped(ctx, input, target, 1.0)
        if self.beta:
            np.multiply(_clipped(ctx, input, target, self.beta), 1 / self.beta, out)
        else:
            signs(ctx, _known_difference(ctx, input, target), out)
        return out


def _huber(ctx: Context, input: Array, target: Array, bound: float, out: Array) -> None:
    """c·(d − c/2), which is d²/2 inside the bound and bound·(|d| − bound/2) outside: no case to tell apart."""
    difference, clipped = _difference(ctx, input, target), ctx.scratch("clipped", input.shape)
    clamp(difference, -bound, bound, clipped)
    np.multiply(clipped, ctx.half, out)
    np.subtract(difference, out, out)
    np.multiply(out, clipped, out)


def _clipped(ctx: Context, input: Array, target: Array, bound: float) -> Array:
    """c, as `forward` has left it."""
    kept = ctx.kept("clipped")
    if kept is None:
        kept = ctx.scratch("clipped", input.shape)
        clamp(_difference(ctx, input, target), -bound, bound, kept)
    return kept


def _difference(ctx: Context, input: Array, target: Array) -> Array:
    difference = ctx.scratch("difference", input.shape)
    np.subtract(input, target, difference)
    return difference


def _known_difference(ctx: Context, input: Array, target: Array) -> Array:
    """The same in `backward`, where `forward` has left it."""
    kept = ctx.kept("difference")
    return _difference(ctx, input, target) if kept is None else kept
