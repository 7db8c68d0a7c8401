"""Activations that round off a corner by exponentials, and the gated linear unit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ..errors import ShapeError
from .activation import Activation
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .elementwise import ANY_SHAPE, clamp
from .explain_rows import alike
from .explaining import Call, Place
from .explanation import Term
from .explanation import call as function
from .registry import register
from .spec import Dim, axis_of


@register
class CELU(Activation):
    """An ELU without a kink whatever `alpha` is: its slope is 1 on both sides of 0. (torch.nn.CELU)

    Barron 2017, "Continuously differentiable exponential linear units".
    """

    formula = "y = max(x, 0) + α·(exp(min(x, 0)/α) − 1)"
    latex = r"y = \max(x, 0) + \alpha\,(e^{\min(x, 0)/\alpha} - 1)"
    derivative = r"\frac{\partial y}{\partial x} = 1 \;(x > 0),\quad e^{x/\alpha} \;(x \leq 0)"
    alpha = Param(1.0, low=0.0, low_open=True, symbol="α", help="Where it ends far to the left: at −alpha.")
    examples = (*ANY_SHAPE, Example({"alpha": 0.25}, x=(4, 3)), Example({"alpha": 2.0}, x=(4, 3)))
    torch = "F.celu({x}, {alpha})"
    numpy = Recipe(
        "y = np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0) / alpha)",
        "dx = dy * np.exp(np.minimum(x, 0) / alpha)",
    )
    onnx = ("Celu",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        positive = ctx.scratch("positive", x.shape)
        clamp(x, None, 0.0, y)
        np.subtract(x, y, positive)
        np.divide(y, self.alpha, y)
        np.expm1(y, y)
        np.multiply(y, self.alpha, y)
        np.add(y, positive, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            clamp(x, None, 0.0, dx)
            np.divide(dx, self.alpha, dx)
            np.exp(dx, dx)
            np.multiply(dy, dx, dx)

    def workspace(self, x: tuple[int, ...]) -> int:
        return math.prod(x)


@register
class LogSigmoid(Activation):
    """The logarithm of the probability that Sigmoid would give, finite however small that is. (torch.nn.LogSigmoid)

    Sigmoid rounds to 0 far to the left, whose logarithm is −∞; here the result is nearly x itself. For training use
    BCEWithLogitsLoss, which has it built in.
    """

    reads_as = "log-probabilities"
    formula = "y = −ln(1 + e⁻ˣ)"
    latex = r"y = \ln \sigma(x) = -\ln(1 + e^{-x})"
    derivative = r"\frac{\partial y}{\partial x} = \sigma(-x)"
    torch = "F.logsigmoid({x})"
    numpy = Recipe("y = -np.logaddexp(0, -x)", "dx = dy / (1 + np.exp(x))")

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        """min(x, 0) − ln(1 + exp(−|x|)) cannot overflow."""
        negative = ctx.scratch("negative", x.shape)
        clamp(x, None, 0.0, negative)
        np.absolute(x, y)
        np.multiply(y, -1, y)
        np.exp(y, y)
        np.log1p(y, y)
        np.subtract(negative, y, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        """σ(−x) = ½ − ½·tanh(x/2)"""
        if dx is not None:
            np.multiply(x, ctx.half, dx)
            np.tanh(dx, dx)
            np.subtract(ctx.one, dx, dx)
            np.multiply(dx, ctx.half, dx)
            np.multiply(dy, dx, dx)

    def workspace(self, x: tuple[int, ...]) -> int:
        return math.prod(x)


@register
class GLU(Op):
    """One half of x, let through by gates that the other half opens. (torch.nn.GLU)

    x is cut into two halves along `dim`, which becomes half as long: a Linear before it makes both. Dauphin et al.
    2017, "Language modeling with gated convolutional networks".
    """

    category = "Activation"
    saved = ("x", "y")
    formula = "y = a·σ(b), [a, b] = x"
    latex = r"y = a\,\sigma(b),\quad [a, b] = x"
    derivative = (
        r"\frac{\partial y}{\partial a} = \sigma(b),\quad "
        r"\frac{\partial y}{\partial b} = a\,\sigma(b)\,(1 - \sigma(b))"
    )
    inputs = (Socket("x"),)
    dim = Param(-1, low=-8, high=7, help="The axis that is cut into two halves; -1 is the last.")
    examples = (
        Example(x=(4, 6)),
        Example({"dim": 0}, x=(4, 3)),
        Example({"dim": 1}, x=(2, 4, 3)),
        Example({"dim": -2}, x=(2, 2, 1)),
        Example(x=(2,)),
        Example(x=(0, 4)),
    )
    torch = "F.glu({x}, {dim})"
    numpy = Recipe(
        """
        values, gates = np.split(x, 2, axis=dim)
        gate = 1 / (1 + np.exp(-gates))
        y = values * gate
        """,
        "dx = np.concatenate([dy * gate, dy * y * (1 - gate)], axis=dim)",
    )

    def infer(self, x: Spec) -> Spec:
        axis = axis_of(self.dim, x.ndim, socket="x")
        size = x.shape[axis]
        if isinstance(size, Dim) or size % 2:
            raise ShapeError(
                f"Axis {self.dim} of x ({x}) is {size} long and has no two halves.",
                hint="Give the layer before it an even number of units, or choose another dim.",
                socket="x",
            )
        return x.with_shape(*x.shape[:axis], size // 2, *x.shape[axis + 1 :])

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        values, gates = self._halves(x)
        np.multiply(values, self._open(ctx, gates, y), y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        axis, size = self.dim % len(at), call.outputs[output].shape[self.dim]
        gate = (*at[:axis], at[axis] + size, *at[axis + 1 :])
        return call.at("x", *at) * function("σ", call.at("x", *gate))

    def apart(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> Sequence[Mapping[str, int]]:
        return alike(len(x), (self.dim,), ("x", "y"))

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        gates = ctx.kept("gate")
        if gates is None or gates.shape != y.shape:
            gates = self._open(ctx, self._halves(x)[1], y)
        dvalues, dgates = self._halves(dx)
        np.multiply(dy, gates, dvalues)
        np.subtract(ctx.one, gates, dgates)
        np.multiply(dgates, y, dgates)
        np.multiply(dgates, dy, dgates)

    def _open(self, ctx: Context, x: Array, y: Array) -> Array:
        """σ(x) by way of tanh, kept for `backward`."""
        gate = ctx.scratch("gate", y.shape)
        np.multiply(x, ctx.half, gate)
        np.tanh(gate, gate)
        np.multiply(gate, ctx.half, gate)
        np.add(gate, ctx.half, gate)
        return gate

    def _halves(self, x: Array) -> tuple[Array, Array]:
        before: tuple[slice, ...] = (slice(None),) * (self.dim % x.ndim)
        middle = x.shape[self.dim] // 2
        return x[(*before, slice(None, middle))], x[(*before, slice(middle, None))]

    def workspace(self, x: tuple[int, ...]) -> int:
        return math.prod(x) // 2
