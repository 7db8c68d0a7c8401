"""Regularisation: what is done to activations so that a network does not learn its examples by heart."""

from __future__ import annotations

import numpy as np

from .base import Array, Context, Example, Op, Param, Socket, Spec
from .registry import register


@register
class Dropout(Op):
    """In training, switches every element off with probability p and scales the others by 1/(1 − p).

    No unit can then rely on another one. Evaluation lets everything through unchanged. The choice is a
    function of seed, step and node, so that a step can be repeated exactly. (Srivastava et al. 2014;
    torch.nn.Dropout)
    """

    category = "Layer"
    formula = "y = x · m / (1 − p), m ∈ {0, 1}"
    latex = r"y = \frac{x \cdot m}{1 - p}, \quad m \sim \mathrm{Bernoulli}(1 - p)"
    derivative = r"\frac{\partial y}{\partial x} = \frac{m}{1 - p}"
    inputs = (Socket("x"),)
    p = Param(0.5, low=0.0, high=1.0, symbol="p", help="The probability that an element is switched off.")
    examples = (
        Example(x=(4, 3)),
        Example({"p": 0.1}, x=(2, 3, 4)),
        Example({"p": 0.0}, x=()),
        Example({"p": 1.0}, x=(5,)),
    )
    torch = "F.dropout({x}, {p}, training=self.training)"
    saved = ()

    def infer(self, x: Spec) -> Spec:
        return x

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        if ctx.training:
            np.multiply(x, self._draw(ctx, x.shape), y)
        else:
            np.copyto(y, x)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        if ctx.training:
            mask = ctx.kept("mask")
            np.multiply(dy, self._draw(ctx, x.shape) if mask is None or mask.shape != x.shape else mask, dx)
        else:
            np.copyto(dx, dy)

    def _draw(self, ctx: Context, shape: tuple[int, ...]) -> Array:
        """The mask of this step: 0 where switched off, 1/(1 − p) elsewhere."""
        mask = ctx.scratch("mask", shape)
        ctx.rng().random(dtype=mask.dtype.type, out=mask)
        np.greater_equal(mask, self.p, mask)
        if self.p < 1:
            np.multiply(mask, 1 / (1 - self.p), mask)
        return mask
