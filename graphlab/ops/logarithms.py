"""Logarithms to other bases, and logarithm and exponential near 1 and 0, where the plain ones lose their digits."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from .base import Array, Context, Example, Recipe
from .elementwise import ANY_SHAPE, POSITIVE, OfOne
from .example import uniform
from .registry import register


@register
class Log1p(OfOne):
    """The natural logarithm of 1 + x, exact also where x is so small that 1 + x would be rounded. (torch.log1p)

    −1 gives −infinity and what is below NaN, which the run reports. It brings counts, which may be 0, closer together.
    """

    backward_cost = {"x": 2}
    formula = "y = ln(1 + x)"
    latex = r"y = \ln(1 + x)"
    derivative = r"\frac{\partial y}{\partial x} = \frac{1}{1 + x}"
    examples = (*POSITIVE, Example(x=uniform(5, low=-0.8, high=0.8)))
    torch = "torch.log1p({x})"
    numpy = Recipe("y = np.log1p(x)", "dx = dy / (1 + x)")

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.log1p(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.add(x, ctx.one, dx)
            np.divide(dy, dx, dx)


@register
class Expm1(OfOne):
    """The exponential less 1, exact also where x is so small that the exponential is nearly 1. (torch.expm1)"""

    saved = ("y",)
    backward_cost = {"x": 2}
    formula = "y = eˣ − 1"
    latex = r"y = e^x - 1"
    derivative = r"\frac{\partial y}{\partial x} = y + 1"
    examples = ANY_SHAPE
    torch = "torch.expm1({x})"
    numpy = Recipe("y = np.expm1(x)", "dx = dy * (y + 1)")

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.expm1(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.add(y, ctx.one, dx)
            np.multiply(dy, dx, dx)


class _LogToBase(OfOne):
    """The logarithm to another base than e."""

    examples = POSITIVE
    logarithm: ClassVar[Any]
    base: ClassVar[float]

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        self.logarithm(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.multiply(x, math.log(self.base), dx)
            np.divide(dy, dx, dx)


@register
class Log2(_LogToBase):
    """The logarithm to base 2: how many bits; entropies and information gains are told in it. (torch.log2)

    Defined for positive numbers; 0 gives −infinity and a negative number NaN, which the run reports.
    """

    formula = "y = log₂ x"
    latex = r"y = \log_2 x"
    derivative = r"\frac{\partial y}{\partial x} = \frac{1}{x \ln 2}"
    torch = "torch.log2({x})"
    numpy = Recipe("y = np.log2(x)", "dx = dy / (x * np.log(2))")
    logarithm = np.log2
    base = 2.0


@register
class Log10(_LogToBase):
    """The logarithm to base 10: how many digits; decibels are ten times it. (torch.log10)

    Defined for positive numbers; 0 gives −infinity and a negative number NaN, which the run reports.
    """

    formula = "y = log₁₀ x"
    latex = r"y = \log_{10} x"
    derivative = r"\frac{\partial y}{\partial x} = \frac{1}{x \ln 10}"
    torch = "torch.log10({x})"
    numpy = Recipe("y = np.log10(x)", "dx = dy / (x * np.log(10))")
    logarithm = np.log10
    base = 10.0
