"""Sign, magnitude and rounding, element by element."""

from __future__ import annotations

import numpy as np

from .base import Array, Context, Recipe
from .elementwise import OfOne, StepOfOne, signs
from .registry import register


@register
class Abs(OfOne):
    """Drops the sign of every element: how large an error is, whichever way. (torch.abs)

    At exactly 0 the gradient is taken as 0.
    """

    formula = "y = |x|"
    latex = r"y = |x|"
    derivative = r"\frac{\partial y}{\partial x} = \mathrm{sign}(x)"
    torch = "torch.abs({x})"
    numpy = Recipe("y = np.abs(x)", "dx = dy * np.sign(x)")
    onnx = ("Abs",)
    backward_cost = {"x": 2}

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.absolute(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            signs(ctx, x, dx)
            np.multiply(dy, dx, dx)


@register
class Sign(StepOfOne):
    """Gives −1 for a negative element, 0 for zero, 1 for a positive one: a hard decision. (torch.sign)

    Flat everywhere, so nothing upstream learns through it; Tanh is its smooth relative.
    """

    formula = "y = the sign of x: −1, 0 or 1"
    latex = r"y = \mathrm{sign}(x)"
    torch = "torch.sign({x})"
    numpy = Recipe("y = np.sign(x)", "dx = np.zeros_like(x)")
    onnx = ("Sign",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        signs(ctx, x, y)


@register
class Floor(StepOfOne):
    """The next whole number below every element. Flat between its steps: no gradient passes. (torch.floor)"""

    formula = "y = ⌊x⌋"
    latex = r"y = \lfloor x \rfloor"
    torch = "torch.floor({x})"
    numpy = Recipe("y = np.floor(x)", "dx = np.zeros_like(x)")
    onnx = ("Floor",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.floor(x, y)


@register
class Ceil(StepOfOne):
    """The next whole number above every element. Flat between its steps: no gradient passes. (torch.ceil)"""

    formula = "y = ⌈x⌉"
    latex = r"y = \lceil x \rceil"
    torch = "torch.ceil({x})"
    numpy = Recipe("y = np.ceil(x)", "dx = np.zeros_like(x)")
    onnx = ("Ceil",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.ceil(x, y)


@register
class Round(StepOfOne):
    """The nearest whole number; a half goes to the even neighbour (0.5 → 0, 1.5 → 2). (torch.round)

    Flat between its steps: no gradient passes.
    """

    formula = "y = the whole number nearest to x"
    latex = r"y = \lfloor x \rceil"
    torch = "torch.round({x})"
    numpy = Recipe("y = np.round(x)", "dx = np.zeros_like(x)")
    onnx = ("Round",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.rint(x, y)
