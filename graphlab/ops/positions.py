"""Telling positions apart: what is added to a sequence before attention, which by itself knows no order."""

from __future__ import annotations

import numpy as np

from ..errors import ShapeError
from . import recipe_tools
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .registry import register


@register
class PositionalEncoding(Op):
    """Adds to each position a pattern of its own: sines and cosines of ever longer waves.

    x is T×N×E (N×T×E with `batch_first`), and so is y. Feature 2k gets sin(t / period^(2k/E)) and feature
    2k + 1 the cosine, so that a shift by some steps is the same rotation everywhere. Nothing is learnt.
    (Vaswani et al. 2017, "Attention is all you need", section 3.5)
    """

    category = "Attention"
    formula = "y = x + p, p[t, 2k] = sin(t / period^(2k/E)), p[t, 2k+1] = cos(…)"
    latex = r"y_{t,2k} = x_{t,2k} + \sin(t / c^{2k/E}),\quad y_{t,2k+1} = x_{t,2k+1} + \cos(t / c^{2k/E})"
    derivative = r"\frac{\partial y}{\partial x} = 1"
    inputs = (Socket("x"),)
    period = Param(
        10_000.0, low=1.0, high=1e9, symbol="c", log=True, help="The longest wave is 2π times this."
    )
    batch_first = Param(False, help="Whether x is N×T×E instead of T×N×E.")
    examples = (
        Example(x=(3, 2, 4)),
        Example({"batch_first": True}, x=(2, 5, 3)),
        Example({"period": 100.0}, x=(4, 1, 2)),
        Example(x=(1, 1, 1)),
    )
    backward_cost = {"x": 0}
    saved = ()
    numpy = Recipe(
        """
        if batch_first:
            y = x + positional_encoding(x.shape[1], x.shape[2], period).astype(x.dtype)
        else:
            y = x + positional_encoding(x.shape[0], x.shape[2], period).astype(x.dtype)[:, None]
        """,
        "dx = dy",
        tools=(recipe_tools.positional_encoding,),
    )

    def infer(self, x: Spec) -> Spec:
        if x.ndim != 3:
            order = "N×T×E" if self.batch_first else "T×N×E"
            raise ShapeError(f"x ({x}) should be {order}.", hint="Reshape it to three axes.", socket="x")
        return x

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        waves = ctx.kept("waves")
        length, width = x.shape[1 if self.batch_first else 0], x.shape[2]
        if waves is None or waves.shape != (length, width):
            waves = ctx.scratch("waves", (length, width))
            waves[:] = recipe_tools.positional_encoding(length, width, self.period)
        np.add(x, waves if self.batch_first else waves[:, None, :], y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(dx, dy)

    def workspace(self, x: tuple[int, ...]) -> int:
        return x[1 if self.batch_first else 0] * x[2]
