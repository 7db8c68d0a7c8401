"""Losses for numbers of a known distribution: minus the logarithm of how likely the target is (regression)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import ShapeError
from . import explain_one_loss as one_loss
from .base import Array, Context, Example, Param, Recipe, Socket, Spec, unbroadcast
from .example import uniform
from .explaining import Call, Place
from .explanation import Term
from .loss import Loss, PointwiseLoss, pairs, refuse_value, same_shape
from .recipe import summing
from .registry import register
from .spec import broadcast


@register
class PoissonNLLLoss(PointwiseLoss):
    """The loss for counts: how unlikely a count is where so many are expected (Poisson distribution).

    input holds the logarithm of the expected count, or with `log_input` off the count itself; target the counts, in the
    same shape. `full` adds what depends on the target alone, by Stirling's formula. (torch.nn.PoissonNLLLoss)
    """

    formula = "loss = mean(exp(x) − t·x)"
    latex = r"\ell = \frac{1}{n} \sum_i (e^{x_i} - t_i x_i)"
    derivative = r"\frac{\partial \ell}{\partial x_i} = \frac{1}{n} (e^{x_i} - t_i)"
    log_input = Param(True, help="Whether input is the logarithm of the expected count.")
    full = Param(False, help="Whether the part that depends on the target alone is added.")
    eps = Param(
        1e-8, low=0.0, symbol="ε", log=True, help="Keeps the logarithm finite where log_input is off."
    )
    examples = pairs(
        {"full": True},
        {"log_input": False},
        {"log_input": False, "full": True, "eps": 0.1, "reduction": "none"},
        low=0.1,
        high=4.0,
    )
    torch = "F.poisson_nll_loss({input}, {target}{options})"
    numpy = Recipe(
        """
        if log_input:
            losses = np.exp(input) - target * input
        else:
            losses = input - target * np.log(input + eps)
        if full:
            above = np.maximum(target, 1)
            stirling = above * np.log(above) - above + np.log(2 * np.pi * above) / 2
            losses = losses + np.where(target > 1, stirling, 0)
        """,
        """
        if log_input:
            dinput = share * (np.exp(input) - target)
            dtarget = -share * input
        else:
            dinput = share * (1 - target / (input + eps))
            dtarget = -share * np.log(input + eps)
        if full:
            dtarget = dtarget + share * np.where(target > 1, np.log(above) + 0.5 / above, 0)
        """,
    )

    def forward(self, ctx: Context, input: Array, target: Array, *, loss: Array) -> None:
        refuse_value(target, target < 0, "target", "a count of 0 or more", "Look at the data.")
        if not self.log_input:
            hint = "Put a Softplus before the loss, or turn log_input on."
            refuse_value(input, input < 0, "input", "an expected count of 0 or more", hint)
        super().forward(ctx, input, target, loss=loss)

    def explain_one(self, call: Call, at: Place) -> Term:
        return one_loss.poisson(call, at, self.log_input, self.eps, self.full)

    def errors(self, ctx: Context, input: Array, target: Array, out: Array) -> None:
        logs = self._logarithms(ctx, input)
        rate = np.exp(input, ctx.scratch("rate", input.shape)) if self.log_input else input
        np.multiply(logs, target, out)
        np.subtract(rate, out, out)
        if self.full:
            np.add(out, self._of_target(target), out)

    def input_slopes(self, ctx: Context, input: Array, target: Array, out: Array) -> Array:
        if self.log_input:
            np.exp(input, out)
            np.subtract(out, target, out)
        else:
            np.add(input, self.eps, out)
            np.divide(target, out, out)
            np.subtract(ctx.one, out, out)
        return out

    def target_slopes(self, ctx: Context, input: Array, target: Array, out: Array) -> Array:
        np.multiply(self._logarithms(ctx, input), -1, out)
        if self.full:
            above = np.maximum(target, 1)
            np.add(out, np.where(target > 1, np.log(above) + 0.5 / above, 0), out)
        return out

    def _logarithms(self, ctx: Context, input: Array) -> Array:
        """The logarithm of the expected count."""
        if self.log_input:
            return input
        logs = ctx.scratch("logs", input.shape)
        np.add(input, self.eps, logs)
        np.log(logs, logs)
        return logs

    def _of_target(self, target: Array) -> Array:
        """ln(t!) by Stirling's formula for t > 1; else 0."""
        above = np.maximum(target, 1)
        logs: Array = above * np.log(above) - above + 0.5 * np.log(2 * math.pi * above)
        return np.where(target > 1, logs, 0)


@register
class GaussianNLLLoss(Loss):
    """The loss for numbers of which the network also says how sure it is (normal distribution of a learnt variance).

    input holds the expected numbers, target the real ones in the same shape, var the variance of each, or one of size 1
    that counts for several. Where the variance is large, errors cost less, but the variance itself costs more. None
    counts as less than `eps`. Nix and Weigend 1994; torch.nn.GaussianNLLLoss.
    """

    formula = "loss = mean(½·(ln var + (input − target)² / var))"
    latex = r"\ell = \frac{1}{n} \sum_i \frac{1}{2} \left[ \ln \sigma_i^2 + \frac{(x_i - t_i)^2}{\sigma_i^2} \right]"
    derivative = (
        r"\frac{\partial \ell_i}{\partial x_i} = \frac{x_i - t_i}{\sigma_i^2},\quad "
        r"\frac{\partial \ell_i}{\partial \sigma_i^2} = \frac{1}{2 \sigma_i^2} [1 - \frac{(x_i - t_i)^2}{\sigma_i^2}]"
    )
    inputs = (Socket("input"), Socket("target"), Socket("var", literal=1.0))
    full = Param(False, help="Whether the constant ½·ln 2π is added.")
    eps = Param(
        1e-6, low=0.0, low_open=True, symbol="ε", log=True, help="The least that a variance counts as."
    )
    examples = (
        Example(input=(4, 3), target=(4, 3), var=uniform(4, 3, low=0.3, high=2.0)),
        Example({"full": True}, input=(4, 3), target=(4, 3), var=uniform(4, 1, low=0.3, high=2.0)),
        Example({"reduction": "none"}, input=(2, 3), target=(2, 3), var=uniform(3, low=0.3, high=2.0)),
        Example({"reduction": "sum", "var": 0.5}, input=(2, 3), target=(2, 3)),
        Example({"eps": 0.1}, input=(5,), target=(5,), var=uniform(5, low=0.3, high=2.0)),
        Example(input=(), target=(), var=uniform(low=0.3, high=2.0)),
        Example({"reduction": "sum"}, input=(0, 2), target=(0, 2), var=uniform(0, 2, low=0.3, high=2.0)),
    )
    torch = (
        "F.gaussian_nll_loss({input}, {target}, "
        "torch.as_tensor({var}, dtype={input}.dtype).expand_as({input}){options})"
    )
    numpy = Recipe(
        """
        apart = input - target
        spread = np.maximum(np.asarray(var, dtype), eps)
        losses = (apart**2 / spread + np.log(spread)) / 2
        if full:
            losses = losses + float(np.log(2 * np.pi)) / 2
        """,
        """
        dinput = share * apart / spread
        dtarget = -share * apart / spread
        dvar = share / 2 * (1 / spread - (apart / spread) ** 2)
        """,
    )

    def emit_torch(self, **names: str) -> str:
        return super().emit_torch(**names).replace(f", var={self.params['var']!r}", "")

    def infer(self, input: Spec, target: Spec, var: Spec) -> Spec:
        same_shape(input, target)
        if broadcast(input, var, names=("input", "var")) != input.shape:
            raise ShapeError(
                f"var ({var}) is larger than input ({input}).",
                hint="Give one variance for each number, or one of size 1 for several.",
                socket="var",
            )
        return self.reduced(input)

    def explain_one(self, call: Call, at: Place) -> Term:
        return one_loss.gaussian(call, at, self.eps, self.full)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe | None:
        return summing(super().recipe(shapes), {**shapes, "y": shapes["input"]}, "var")

    def forward(self, ctx: Context, input: Array, target: Array, var: Array, *, loss: Array) -> None:
        hint = "Put a Softplus or an Exp before it."
        refuse_value(var, var < 0, "var", "a variance of 0 or more", hint)
        spread, apart = self._spread(ctx, var), ctx.scratch("apart", input.shape)
        np.subtract(input, target, apart)
        np.multiply(apart, apart, apart)
        np.divide(apart, spread, apart)
        np.add(apart, np.log(spread), apart)
        np.multiply(apart, ctx.half, apart)
        if self.full:
            np.add(apart, 0.5 * math.log(2 * math.pi), apart)
        self.collect(ctx, apart, loss)

    def backward(
        self,
        ctx: Context,
        dloss: Array,
        *,
        input: Array,
        target: Array,
        var: Array,
        loss: Array,
        dinput: Array | None,
        dtarget: Array | None,
        dvar: Array | None,
    ) -> None:
        """As in PyTorch, the gradient of a variance below eps is that of eps itself."""
        slope, spread = self.slope(ctx, dloss, input.size), self._spread(ctx, var)
        share = ctx.scratch("apart", input.shape)
        np.subtract(input, target, share)
        np.divide(share, spread, share)
        for gradient, sign in ((dinput, 1), (dtarget, -1)):
            if gradient is not None:
                np.multiply(share, slope, gradient)
                np.multiply(gradient, sign, gradient)
        if dvar is not None:
            falls = (1 / spread - share * share) * (0.5 * slope)
            unbroadcast(np.broadcast_to(falls, input.shape), dvar)

    def _spread(self, ctx: Context, var: Array) -> Array:
        """The variance, and no less than eps."""
        spread = ctx.scratch("spread", var.shape)
        np.maximum(var, self.eps, out=spread)
        return spread

    def workspace(self, input: tuple[int, ...], **more: Any) -> int:
        return 3 * math.prod(input)
