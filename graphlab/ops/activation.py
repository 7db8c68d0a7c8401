"""Activations: elementwise non-linearities, and softmax."""

from __future__ import annotations

import numpy as np

from .base import Array, Context, Example, Op, Param, Socket, Spec
from .registry import register
from .spec import axis_of

_SMALL = (
    4096  # elements up to which a plain maximum is quicker than clip, which is vectorised but slower to call
)


class _Activation(Op):
    """An elementwise function of x, of whatever shape."""

    category = "Activation"
    inputs = (Socket("x"),)
    examples = (Example(x=(4, 3)), Example(x=()), Example(x=(2, 3, 4)))

    def infer(self, x: Spec) -> Spec:
        return x


@register
class Tanh(_Activation):
    """Squashes every value into (−1, 1); steep near zero, flat (saturated) far away.

    Zero-centred, hence the usual choice for small and for recurrent networks.
    """

    formula = "y = tanh(x)"
    latex = r"y = \tanh(x)"
    derivative = r"\frac{\partial y}{\partial x} = 1 - y^2"
    torch = "torch.tanh({x})"

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.tanh(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.multiply(y, y, dx)
            np.subtract(ctx.one, dx, dx)
            np.multiply(dy, dx, dx)


@register
class Sigmoid(_Activation):
    """Squashes every value into (0, 1), so that it reads as a probability or as an open or shut gate.

    Saturates on both sides, where its gradient vanishes. As the last step before a loss use
    BCEWithLogitsLoss, which has it built in.
    """

    formula = "y = 1 / (1 + e⁻ˣ)"
    latex = r"y = \frac{1}{1 + e^{-x}}"
    derivative = r"\frac{\partial y}{\partial x} = y\,(1 - y)"
    torch = "torch.sigmoid({x})"

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
class ReLU(_Activation):
    """Lets positive values through and replaces negative ones by zero.

    Does not saturate for positive values, so deep networks train; a unit that is negative for every example
    gets no gradient and stays dead. At exactly 0 the gradient is taken as 0.
    """

    formula = "y = max(x, 0)"
    latex = r"y = \max(x, 0)"
    derivative = r"\frac{\partial y}{\partial x} = [x > 0]"
    torch = "torch.relu({x})"

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        if x.size <= _SMALL:
            np.maximum(x, ctx.zero, out=y)
        else:
            x.clip(0, np.inf, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.greater(y, ctx.zero, dx)
            np.multiply(dy, dx, dx)


@register
class Softmax(Op):
    """Turns the scores along one axis into probabilities: all positive, and 1 in sum.

    The largest score wins the most. Adding a number to all scores changes nothing, so the largest is
    subtracted first and nothing can overflow. For training use CrossEntropyLoss on the scores, which has it
    built in.
    """

    category = "Activation"
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

    def infer(self, x: Spec) -> Spec:
        axis_of(self.dim, x.ndim, socket="x")
        return x

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        line = ctx.scratch("line", _one_along(x.shape, self.dim))
        np.maximum.reduce(x, axis=self.dim, out=line, keepdims=True)
        np.subtract(x, line, y)
        np.exp(y, y)
        np.add.reduce(y, axis=self.dim, out=line, keepdims=True)
        np.divide(y, line, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        line = ctx.scratch("line", _one_along(x.shape, self.dim))
        np.multiply(dy, y, dx)
        np.add.reduce(dx, axis=self.dim, out=line, keepdims=True)
        np.subtract(dy, line, dx)
        np.multiply(dx, y, dx)


def _one_along(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    axis %= len(shape)
    return (*shape[:axis], 1, *shape[axis + 1 :])
