"""Hyperbolic functions besides Tanh, and the inverse ones, element by element."""

from __future__ import annotations

import numpy as np

from .angles import INSIDE
from .base import Array, Context, Example, Recipe
from .elementwise import OfOne
from .example import uniform
from .registry import register


@register
class Sinh(OfOne):
    """The hyperbolic sine: nearly x around 0, half of an exponential far away, with the sign of x. (torch.sinh)"""

    backward_cost = {"x": 2}
    formula = "y = (eˣ − e⁻ˣ) / 2"
    latex = r"y = \frac{e^x - e^{-x}}{2}"
    derivative = r"\frac{\partial y}{\partial x} = \cosh x"
    torch = "torch.sinh({x})"
    numpy = Recipe("y = np.sinh(x)", "dx = dy * np.cosh(x)")
    onnx = ("Sinh",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.sinh(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.cosh(x, dx)
            np.multiply(dy, dx, dx)


@register
class Cosh(OfOne):
    """The hyperbolic cosine: the curve of a hanging chain, 1 at its lowest point. (torch.cosh)

    The logarithm of it is a loss that is squared for small errors and linear for large ones.
    """

    backward_cost = {"x": 2}
    formula = "y = (eˣ + e⁻ˣ) / 2"
    latex = r"y = \frac{e^x + e^{-x}}{2}"
    derivative = r"\frac{\partial y}{\partial x} = \sinh x"
    torch = "torch.cosh({x})"
    numpy = Recipe("y = np.cosh(x)", "dx = dy * np.sinh(x)")
    onnx = ("Cosh",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.cosh(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.sinh(x, dx)
            np.multiply(dy, dx, dx)


@register
class Asinh(OfOne):
    """The number whose hyperbolic sine is x: a logarithm that also takes 0 and negative numbers. (torch.asinh)"""

    synonyms = ("Arcsinh",)
    backward_cost = {"x": 4}
    formula = "y = ln(x + √(x² + 1))"
    latex = r"y = \mathrm{arsinh}\, x = \ln(x + \sqrt{x^2 + 1})"
    derivative = r"\frac{\partial y}{\partial x} = \frac{1}{\sqrt{x^2 + 1}}"
    torch = "torch.asinh({x})"
    numpy = Recipe("y = np.arcsinh(x)", "dx = dy / np.sqrt(x**2 + 1)")
    onnx = ("Asinh",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.arcsinh(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.hypot(x, ctx.one, dx)
            np.divide(dy, dx, dx)


@register
class Acosh(OfOne):
    """The number of 0 or more whose hyperbolic cosine is x. (torch.acosh)

    Below 1 there is none: the result is NaN, which the run reports. At 1 the slope is infinite.
    """

    synonyms = ("Arccosh",)
    saved = ("y",)
    backward_cost = {"x": 2}
    formula = "y = ln(x + √(x² − 1))"
    latex = r"y = \mathrm{arcosh}\, x = \ln(x + \sqrt{x^2 - 1})"
    derivative = r"\frac{\partial y}{\partial x} = \frac{1}{\sqrt{x^2 - 1}}"
    examples = tuple(
        Example(x=uniform(*shape, low=1.2, high=4.0)) for shape in ((4, 3), (), (2, 1, 3), (0, 3))
    )
    torch = "torch.acosh({x})"
    numpy = Recipe("y = np.arccosh(x)", "dx = dy / np.sqrt(x**2 - 1)")
    onnx = ("Acosh",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.arccosh(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        """√(x² − 1) as sinh y, which neither overflows nor cancels."""
        if dx is not None:
            np.sinh(y, dx)
            np.divide(dy, dx, dx)


@register
class Atanh(OfOne):
    """The number whose hyperbolic tangent is x; half of the logit of (x + 1)/2. (torch.atanh)

    Fisher's z, which makes correlations comparable. It is infinite at ±1 and NaN beyond, which the run reports.
    """

    synonyms = ("Arctanh",)
    backward_cost = {"x": 3}
    formula = "y = ½·ln((1 + x) / (1 − x))"
    latex = r"y = \mathrm{artanh}\, x = \frac{1}{2} \ln \frac{1 + x}{1 - x}"
    derivative = r"\frac{\partial y}{\partial x} = \frac{1}{1 - x^2}"
    examples = INSIDE
    torch = "torch.atanh({x})"
    numpy = Recipe("y = np.arctanh(x)", "dx = dy / (1 - x**2)")
    onnx = ("Atanh",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.arctanh(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.multiply(x, x, dx)
            np.subtract(ctx.one, dx, dx)
            np.divide(dy, dx, dx)
