"""Activations that bend smoothly and saturate, and softmax. Those with a corner stand in rectifier.py."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .elementwise import ANY_SHAPE, OfOne, clamp
from .example import uniform
from .explain_rows import alike, along, log_of_sum
from .explain_rows import exponentials as explained
from .explaining import Call, Place
from .explanation import Term
from .registry import register
from .rows import exponentials, row_products, sums
from .spec import axis_of


class Activation(OfOne):
    """An elementwise function of x, of whatever shape, that makes a network more than one matrix product."""

    category = "Activation"


@register
class Tanh(Activation):
    """Squashes every value into (−1, 1); steep near zero, flat (saturated) far away.

    Zero-centred, hence the usual choice for small and for recurrent networks.
    """

    saturates = (-1.0, 1.0)
    formula = "y = tanh(x)"
    latex = r"y = \tanh(x)"
    derivative = r"\frac{\partial y}{\partial x} = 1 - y^2"
    torch = "torch.tanh({x})"
    numpy = Recipe("y = np.tanh(x)", "dx = dy * (1 - y**2)")
    onnx = ("Tanh",)
    backward_cost = {"x": 3}
    saved = ("y",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.tanh(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.multiply(y, y, dx)
            np.subtract(ctx.one, dx, dx)
            np.multiply(dy, dx, dx)


@register
class Sigmoid(Activation):
    """Squashes every value into (0, 1), so that it reads as a probability or as an open or shut gate.

    Saturates on both sides, where its gradient vanishes. As the last step before a loss use
    BCEWithLogitsLoss, which has it built in.
    """

    synonyms = ("Logistic",)
    saturates = (0.0, 1.0)
    reads_as = "probabilities"
    formula = "y = 1 / (1 + e⁻ˣ)"
    latex = r"y = \frac{1}{1 + e^{-x}}"
    derivative = r"\frac{\partial y}{\partial x} = y\,(1 - y)"
    torch = "torch.sigmoid({x})"
    numpy = Recipe("y = 1 / (1 + np.exp(-x))", "dx = dy * y * (1 - y)")
    onnx = ("Sigmoid",)
    cost = 4
    backward_cost = {"x": 3}
    saved = ("y",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        """½·tanh(x/2) + ½ is the same function and cannot overflow."""
        half = ctx.half
        np.multiply(x, half, y)
        np.tanh(y, y)
        np.multiply(y, half, y)
        np.add(y, half, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.subtract(ctx.one, y, dx)
            np.multiply(dx, y, dx)
            np.multiply(dy, dx, dx)


@register
class Softsign(Activation):
    """Squashes every value into (−1, 1) like Tanh, but approaches the ends far more slowly, with cheap arithmetic.

    Glorot and Bengio 2010; torch.nn.Softsign.
    """

    saturates = (-1.0, 1.0)
    formula = "y = x / (1 + |x|)"
    latex = r"y = \frac{x}{1 + |x|}"
    derivative = r"\frac{\partial y}{\partial x} = \frac{1}{(1 + |x|)^2}"
    torch = "F.softsign({x})"
    numpy = Recipe("y = x / (1 + np.abs(x))", "dx = dy / (1 + np.abs(x)) ** 2")
    onnx = ("Softsign",)
    cost = 3
    backward_cost = {"x": 4}

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        below = ctx.scratch("below", x.shape)
        np.absolute(x, below)
        np.add(below, ctx.one, below)
        np.divide(x, below, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.absolute(x, dx)
            np.add(dx, ctx.one, dx)
            np.multiply(dx, dx, dx)
            np.divide(dy, dx, dx)


@register
class Softplus(Activation):
    """A ReLU without the corner: nearly 0 far to the left, nearly x far to the right, positive everywhere.

    Where beta·x exceeds `threshold`, y is x itself. Its derivative is the sigmoid. (torch.nn.Softplus)
    """

    formula = "y = ln(1 + exp(β·x)) / β"
    latex = r"y = \frac{1}{\beta} \ln(1 + e^{\beta x})"
    derivative = r"\frac{\partial y}{\partial x} = \frac{1}{1 + e^{-\beta x}}"
    beta = Param(
        1.0, low=0.0, low_open=True, symbol="β", help="How sharp the bend is; a ReLU for large values."
    )
    threshold = Param(20.0, low=0.0, help="Above this value of beta·x the result is x itself.")
    examples = (
        *ANY_SHAPE,
        Example({"beta": 3.0}, x=(4, 3)),
        Example({"threshold": 0.5, "beta": 0.5}, x=uniform(4, 3, low=1.1, high=9.0)),
    )
    torch = "F.softplus({x}, {beta}, {threshold})"
    numpy = Recipe(
        "y = np.where(beta * x > threshold, x, np.logaddexp(0, beta * x) / beta)",
        "dx = np.where(beta * x > threshold, dy, dy / (1 + np.exp(-beta * x)))",
    )
    onnx = ("Softplus",)
    cost = 5

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        """max(x, 0) + ln(1 + exp(−β·|x|)) / β cannot overflow."""
        positive = ctx.scratch("positive", x.shape)
        clamp(x, 0.0, None, positive)
        np.absolute(x, y)
        np.multiply(y, -self.beta, y)
        np.exp(y, y)
        np.log1p(y, y)
        if self.beta != 1:
            np.divide(y, self.beta, y)
        np.add(y, positive, y)
        if self._shows(ctx):
            np.copyto(y, x, where=self._linear(ctx, x))

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        np.multiply(x, self.beta / 2, dx)
        np.tanh(dx, dx)
        np.multiply(dx, ctx.half, dx)
        np.add(dx, ctx.half, dx)
        np.multiply(dy, dx, dx)
        if self._shows(ctx):
            np.copyto(dx, dy, where=self._linear(ctx, x))

    def _shows(self, ctx: Context) -> bool:
        """Whether beyond the threshold the formula itself differs from x by more than rounding."""
        return math.exp(-self.threshold) > float(np.finfo(ctx.dtype).eps) / 4

    def _linear(self, ctx: Context, x: Array) -> Array:
        """Where x is beyond the threshold."""
        linear = ctx.scratch("linear", x.shape, bool)
        np.greater(x, self.threshold / self.beta, linear)
        return linear


@register
class Softmax(Op):
    """Turns the scores along one axis into probabilities: all positive, and 1 in sum.

    The largest score wins the most. Adding a number to all scores changes nothing, so the largest is
    subtracted first and nothing can overflow. For training use CrossEntropyLoss on the scores, which has it
    built in.
    """

    category = "Activation"
    reads_as = "probabilities"
    formula = "yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ)"
    latex = r"y_i = \frac{e^{x_i}}{\sum_j e^{x_j}}"
    derivative = r"\frac{\partial y_i}{\partial x_j} = y_i\,(\delta_{ij} - y_j)"
    inputs = (Socket("x"),)
    dim = Param(-1, low=-8, high=7, help="The axis whose elements sum to 1; -1 is the last.")
    examples = (
        Example(x=(4, 3)),
        Example({"dim": 0}, x=(4, 3)),
        Example({"dim": 1}, x=(2, 3, 4)),
        Example(x=(3, 1)),
        Example(x=(5,)),
    )
    torch = "torch.softmax({x}, {dim})"
    numpy = Recipe(
        """
        e = np.exp(x - x.max(axis=dim, keepdims=True))
        y = e / e.sum(axis=dim, keepdims=True)
        """,
        "dx = y * (dy - (dy * y).sum(axis=dim, keepdims=True))",
    )
    onnx: ClassVar[tuple[str, ...]] = ("Softmax",)
    onnx_params: ClassVar[dict[str, str]] = {"axis": "dim"}
    cost = 5
    backward_cost = {"x": 4}
    saved = ("y",)

    of_minus: ClassVar[bool] = False  # whether it is the softmax of −x

    def infer(self, x: Spec) -> Spec:
        axis_of(self.dim, x.ndim, socket="x")
        return x

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        line = ctx.scratch("line", _one_along(x.shape, self.dim))
        exponentials(ctx, x, self.dim, y, y, line)
        np.divide(y, line, y)

    def apart(self, *, x: tuple[int, ...], y: tuple[int, ...]) -> Sequence[Mapping[str, int]]:
        return alike(len(x), (self.dim,), ("x", "y"))

    def explain(self, call: Call, output: str, at: Place) -> Term:
        line = call.line("x", along(call.array("x"), at, (self.dim,)))
        power, norm = explained(line, call.at("x", *at), call.keep, self.of_minus)
        return power / norm

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        line = ctx.scratch("line", _one_along(x.shape, self.dim))
        if self.dim in (-1, x.ndim - 1):
            rows = (line.size, x.shape[-1])
            row_products(ctx, dy.reshape(rows), y.reshape(rows), line.reshape(-1))
        else:
            np.multiply(dy, y, dx)
            sums(ctx, dx, (self.dim % x.ndim,), line)
        np.subtract(dy, line, dx)
        np.multiply(dx, y, dx)


@register
class LogSoftmax(Op):
    """The logarithms of the probabilities that Softmax would give, finite however far apart the scores are.

    Softmax rounds small probabilities to 0, whose logarithm is −∞. Here the largest score is subtracted, and what
    is left is the logarithm of a sum that is at least 1. For training use CrossEntropyLoss, which has it built in.
    """

    category = "Activation"
    reads_as = "log-probabilities"
    formula = "yᵢ = xᵢ − ln Σⱼ exp(xⱼ)"
    latex = r"y_i = x_i - \ln \sum_j e^{x_j}"
    derivative = r"\frac{\partial y_i}{\partial x_j} = \delta_{ij} - e^{y_j}"
    inputs = (Socket("x"),)
    dim = Param(-1, low=-8, high=7, help="The axis whose probabilities sum to 1; -1 is the last.")
    examples = (*Softmax.examples, Example({"dim": -2}, x=(0, 3, 2)))
    torch = "torch.log_softmax({x}, {dim})"
    numpy = Recipe(
        """
        shifted = x - x.max(axis=dim, keepdims=True)
        y = shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))
        """,
        "dx = dy - np.exp(y) * dy.sum(axis=dim, keepdims=True)",
    )
    onnx = ("LogSoftmax",)
    onnx_params: ClassVar[dict[str, str]] = {"axis": "dim"}
    cost = 5
    backward_cost = {"x": 4}
    saved = ("x",)

    def infer(self, x: Spec) -> Spec:
        axis_of(self.dim, x.ndim, socket="x")
        return x

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        powers, norm = ctx.scratch("powers", x.shape), ctx.scratch("norm", _one_along(x.shape, self.dim))
        exponentials(ctx, x, self.dim, y, powers, norm)
        line = np.log(norm, ctx.scratch("line", norm.shape))
        np.subtract(y, line, y)

    def apart(self, *, x: tuple[int, ...], y: tuple[int, ...]) -> Sequence[Mapping[str, int]]:
        return alike(len(x), (self.dim,), ("x", "y"))

    def explain(self, call: Call, output: str, at: Place) -> Term:
        line = call.line("x", along(call.array("x"), at, (self.dim,)))
        return call.at("x", *at) - log_of_sum(line, call.keep).called("ln Σ exp")

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        powers, norm = ctx.kept("powers"), ctx.kept("norm")
        if powers is None or norm is None:
            powers, norm = ctx.scratch("powers", x.shape), ctx.scratch("norm", _one_along(x.shape, self.dim))
            exponentials(ctx, x, self.dim, powers, powers, norm)
        line = ctx.scratch("line", norm.shape)
        sums(ctx, dy, (self.dim % x.ndim,), line)
        np.divide(line, norm, line)
        np.multiply(powers, line, dx)
        np.subtract(dy, dx, dx)

    def workspace(self, x: tuple[int, ...]) -> int:
        return math.prod(x)


def _one_along(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    axis %= len(shape)
    return (*shape[:axis], 1, *shape[axis + 1 :])
