"""Inverse trigonometric functions: which angle, in radians, has that sine, cosine or tangent."""

from __future__ import annotations

import numpy as np

from .base import Array, Context, Example, Recipe, Socket
from .elementwise import ANY_SHAPE, OfOne, OfTwo, product_into
from .example import uniform
from .registry import register

INSIDE = tuple(Example(x=uniform(*shape, low=-0.9, high=0.9)) for shape in ((4, 3), (), (2, 1, 3), (0, 3)))


@register
class Asin(OfOne):
    """The angle from −π/2 to π/2 whose sine is x. (torch.asin)

    Beyond ±1 there is none: the result is NaN, which the run reports. At ±1 the slope is infinite.
    """

    synonyms = ("Arcsin",)
    backward_cost = {"x": 4}
    formula = "y = arcsin x"
    latex = r"y = \arcsin x"
    derivative = r"\frac{\partial y}{\partial x} = \frac{1}{\sqrt{1 - x^2}}"
    examples = INSIDE
    torch = "torch.asin({x})"
    numpy = Recipe("y = np.arcsin(x)", "dx = dy / np.sqrt(1 - x**2)")
    onnx = ("Asin",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.arcsin(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            _height(ctx, x, dx)
            np.divide(dy, dx, dx)


@register
class Acos(OfOne):
    """The angle from 0 to π whose cosine is x, e.g. the angle between two directions. (torch.acos)

    Beyond ±1 there is none: the result is NaN, which the run reports. At ±1 the slope is infinite.
    """

    synonyms = ("Arccos",)
    backward_cost = {"x": 5}
    formula = "y = arccos x"
    latex = r"y = \arccos x"
    derivative = r"\frac{\partial y}{\partial x} = -\frac{1}{\sqrt{1 - x^2}}"
    examples = INSIDE
    torch = "torch.acos({x})"
    numpy = Recipe("y = np.arccos(x)", "dx = -dy / np.sqrt(1 - x**2)")
    onnx = ("Acos",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.arccos(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            _height(ctx, x, dx)
            np.divide(dy, dx, dx)
            np.multiply(dx, -1, dx)


@register
class Atan(OfOne):
    """The angle whose tangent is x: an S from −π/2 to π/2 that levels off more slowly than Tanh. (torch.atan)"""

    synonyms = ("Arctan",)
    backward_cost = {"x": 3}
    formula = "y = arctan x"
    latex = r"y = \arctan x"
    derivative = r"\frac{\partial y}{\partial x} = \frac{1}{1 + x^2}"
    examples = ANY_SHAPE
    torch = "torch.atan({x})"
    numpy = Recipe("y = np.arctan(x)", "dx = dy / (1 + x**2)")
    onnx = ("Atan",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.arctan(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.multiply(x, x, dx)
            np.add(dx, ctx.one, dx)
            np.divide(dy, dx, dx)


@register
class Atan2(OfTwo):
    """The angle, from −π to π, at which the point with height a and width b is seen from the origin. (torch.atan2)

    Unlike Atan of a / b it tells all four quarters apart. At the origin the angle is 0 and so is the gradient. Sizes
    must be equal, or one of them 1 (it is then repeated). For both polar coordinates at once use PolarCoordinates.
    """

    synonyms = ("Arctan2",)
    backward_cost = {"a": 4, "b": 4}
    formula = "y = atan2(a, b)"
    latex = r"y = \mathrm{atan2}(a, b)"
    derivative = (
        r"\frac{\partial y}{\partial a} = \frac{b}{a^2 + b^2},\quad "
        r"\frac{\partial y}{\partial b} = -\frac{a}{a^2 + b^2}"
    )
    inputs = (Socket("a"), Socket("b", literal=1.0))
    examples = (
        Example(a=uniform(4, 3, low=0.2, high=2.0), b=(4, 3)),
        Example(a=uniform(4, 3, low=-2.0, high=-0.2), b=(3,)),
        Example(a=(4, 1), b=uniform(2, 1, 3, low=0.2, high=2.0)),
        Example(a=(0, 3), b=(1, 3)),
        Example({"b": 2.0}, a=()),
    )
    torch = "torch.atan2({a}, torch.as_tensor({b}, dtype={a}.dtype))"
    numpy = Recipe(
        "y = np.arctan2(a, b)",
        """
        square = a**2 + b**2
        share = dy / np.where(square == 0, 1, square)
        da = share * b
        db = -share * a
        """,
    )

    def forward(self, ctx: Context, a: Array, b: Array, *, y: Array) -> None:
        np.arctan2(a, b, y)

    def backward(
        self, ctx: Context, dy: Array, *, a: Array, b: Array, y: Array, da: Array | None, db: Array | None
    ) -> None:
        share, square = ctx.scratch("share", dy.shape), ctx.scratch("square", dy.shape)
        np.multiply(a, a, share)
        np.multiply(b, b, square)
        np.add(share, square, share)
        is_origin = np.equal(share, 0, ctx.scratch("is_origin", dy.shape, bool))
        np.copyto(share, 1, where=is_origin)  # a and b are 0 there, and so is what follows
        np.divide(dy, share, share)
        if da is not None:
            product_into(da, ctx, share, b)
        if db is not None:
            product_into(db, ctx, share, a)
            np.multiply(db, -1, db)


def _height(ctx: Context, x: Array, out: Array) -> None:
    """`out` = √(1 − x²)"""
    np.multiply(x, x, out)
    np.subtract(ctx.one, out, out)
    np.sqrt(out, out)
