"""Sine, cosine and tangent, element by element, of angles in radians."""

from __future__ import annotations

import numpy as np

from .base import Array, Context, Recipe
from .elementwise import OfOne
from .registry import register


@register
class Sin(OfOne):
    """The sine of every element, an angle in radians: waves, and positions told by waves. (torch.sin)"""

    formula = "y = sin x"
    latex = r"y = \sin x"
    derivative = r"\frac{\partial y}{\partial x} = \cos x"
    torch = "torch.sin({x})"
    numpy = Recipe("y = np.sin(x)", "dx = dy * np.cos(x)")
    onnx = ("Sin",)
    backward_cost = {"x": 2}

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.sin(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.cos(x, dx)
            np.multiply(dy, dx, dx)


@register
class Cos(OfOne):
    """The cosine of every element, an angle in radians: a sine that starts at 1. (torch.cos)"""

    formula = "y = cos x"
    latex = r"y = \cos x"
    derivative = r"\frac{\partial y}{\partial x} = -\sin x"
    torch = "torch.cos({x})"
    numpy = Recipe("y = np.cos(x)", "dx = -dy * np.sin(x)")
    onnx = ("Cos",)
    backward_cost = {"x": 3}

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.cos(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.sin(x, dx)
            np.multiply(dy, dx, dx)
            np.multiply(dx, -1, dx)


@register
class Tan(OfOne):
    """The tangent of every element, an angle in radians; it grows without bound towards ±π/2. (torch.tan)"""

    formula = "y = tan x"
    latex = r"y = \tan x"
    derivative = r"\frac{\partial y}{\partial x} = 1 + y^2"
    torch = "torch.tan({x})"
    numpy = Recipe("y = np.tan(x)", "dx = dy * (1 + y**2)")
    onnx = ("Tan",)
    backward_cost = {"x": 3}
    saved = ("y",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.tan(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.multiply(y, y, dx)
            np.add(dx, ctx.one, dx)
            np.multiply(dy, dx, dx)
