"""Penalties: what large weights cost, to be added to a loss. Wire a Parameter to one and add the result."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .elementwise import signs
from .explain_rows import sum_of
from .explaining import Call, Place
from .explanation import Term, number, times
from .registry import register
from .rows import total


class _Penalty(Op):
    """One number that grows with the size of x."""

    category = "Loss"
    inputs = (Socket("x"),)
    factor = Param(0.01, low=0.0, symbol="λ", log=True, help="How much it counts against the loss.")
    examples = (
        Example(x=(4, 3)),
        Example({"factor": 2.0}, x=(5,)),
        Example(x=()),
        Example({"factor": 0.5}, x=(2, 3, 1)),
        Example(x=(0, 3)),
    )

    counted: ClassVar[str]  # what is summed of each element

    def infer(self, x: Spec) -> Spec:
        return Spec(())

    def explain(self, call: Call, output: str, at: Place) -> Term:
        found = call.line("x", (slice(None),) * call.array("x").ndim)
        return times(number(self.factor, "λ"), sum_of(found, self.counted, call.keep))


@register
class L1Penalty(_Penalty):
    """The sum of the absolute values, times λ: makes weights that matter little exactly zero.

    Known as lasso (Tibshirani 1996). Add it to the loss and make the sum the goal.
    """

    synonyms = ("Lasso",)
    counted = "abs"
    formula = "y = λ·Σ |x|"
    latex = r"y = \lambda \sum_i |x_i|"
    derivative = r"\frac{\partial y}{\partial x_i} = \lambda \, \mathrm{sign}(x_i)"
    torch = "{factor} * torch.sum(torch.abs({x}))"
    numpy = Recipe("y = factor * np.abs(x).sum()", "dx = dy * factor * np.sign(x)")
    cost = 2
    backward_cost = {"x": 2}

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        sizes = np.abs(x, ctx.scratch("sizes", x.shape))
        total(ctx, sizes.reshape(-1), y)
        np.multiply(y, self.factor, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            signs(ctx, x, dx)
            np.multiply(dx, np.multiply(dy, self.factor, ctx.scratch("slope", ())), dx)


@register
class L2Penalty(_Penalty):
    """The sum of the squares, times λ: keeps weights small, and the largest most of all.

    Known as ridge or Tikhonov regularisation. With SGD the same as a weight decay of 2·λ. Add it to the loss and make
    the sum the goal.
    """

    synonyms = ("Ridge",)
    counted = "square"
    formula = "y = λ·Σ x²"
    latex = r"y = \lambda \sum_i x_i^2"
    derivative = r"\frac{\partial y}{\partial x_i} = 2 \lambda x_i"
    torch = "{factor} * torch.sum(torch.square({x}))"
    numpy = Recipe("y = factor * (x**2).sum()", "dx = dy * 2 * factor * x")
    cost = 2

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        squares = np.multiply(x, x, ctx.scratch("squares", x.shape))
        total(ctx, squares.reshape(-1), y)
        np.multiply(y, self.factor, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.multiply(x, np.multiply(dy, 2 * self.factor, ctx.scratch("slope", ())), dx)
