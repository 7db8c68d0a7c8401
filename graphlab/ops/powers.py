"""Powers, roots, exponentials and logarithms, element by element."""

from __future__ import annotations

import numpy as np

from .base import Array, Context, Example, Recipe, Socket, unbroadcast
from .elementwise import POSITIVE, OfOne, OfTwo
from .example import uniform
from .registry import register


@register
class Pow(OfTwo):
    """Raises a to the power b, element by element: squares (b = 2), roots (b = 0.5), reciprocals (b = −1).

    Sizes must be equal, or one of them 1 (it is then repeated). A negative a has a power only for a whole b.
    """

    synonyms = ("Power",)
    formula = "y = a ^ b"
    latex = r"y = a^b"
    derivative = r"\frac{\partial y}{\partial a} = b\,a^{b-1},\quad \frac{\partial y}{\partial b} = a^b \ln a"
    inputs = (Socket("a", literal=2.0), Socket("b", literal=2.0))
    examples = (
        Example(a=(4, 3)),
        Example({"b": 3.0}, a=(2, 3)),
        Example({"b": 0.5}, a=uniform(2, 3, low=0.5, high=2.0)),
        Example({"b": -1.0}, a=uniform(3, low=0.5, high=2.0)),
        Example({"b": 7.0}, a=(3,)),
        Example({"a": 3.0}, b=(3, 2)),
        Example(a=uniform(4, 1, low=0.5, high=2.0), b=(2, 1, 3)),
        Example(a=uniform(low=0.5, high=2.0), b=()),
        Example(a=uniform(0, 3, low=0.5, high=2.0), b=(1, 3)),
    )
    torch = "torch.pow({a}, {b})"
    numpy = Recipe(
        "y = a**b",
        """
        da = dy * np.where(b == 0, 0, b * a ** (b - 1))
        db = dy * np.where((a == 0) & (b >= 0), 0, y * np.log(a))
        """,
    )
    onnx = ("Pow",)
    backward_cost = {"a": 4, "b": 3}
    saved = ("a", "b", "y")

    def forward(self, ctx: Context, a: Array, b: Array, *, y: Array) -> None:
        _power(a, b, y)

    def backward(
        self, ctx: Context, dy: Array, *, a: Array, b: Array, y: Array, da: Array | None, db: Array | None
    ) -> None:
        whole = ctx.scratch("whole", dy.shape)
        if da is not None:
            _power(a, b - 1, whole)
            np.multiply(whole, b, whole)
            if not b.all():
                np.copyto(whole, 0, where=b == 0)  # a⁰ is flat, at a = 0 too, where 0·0⁻¹ would give NaN
            np.multiply(whole, dy, whole)
            unbroadcast(whole, da, ctx)
        if db is not None:
            np.multiply(y, np.log(a), whole)
            if not a.all():
                np.copyto(whole, 0, where=(a == 0) & (b >= 0))  # as PyTorch: 0·ln 0 counts as 0
            np.multiply(whole, dy, whole)
            unbroadcast(whole, db, ctx)


@register
class Square(OfOne):
    """Multiplies every element by itself: distances, energies, the x² of a feature. (torch.square)"""

    formula = "y = x²"
    latex = r"y = x^2"
    derivative = r"\frac{\partial y}{\partial x} = 2x"
    torch = "torch.square({x})"
    numpy = Recipe("y = x**2", "dx = dy * 2 * x")
    backward_cost = {"x": 2}

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.multiply(x, x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.add(x, x, dx)
            np.multiply(dy, dx, dx)


@register
class Sqrt(OfOne):
    """The square root of every element: a variance becomes a deviation. (torch.sqrt)

    A negative number gives NaN, and at 0 the slope is infinite; the run reports both. Add a little first.
    """

    formula = "y = √x"
    latex = r"y = \sqrt{x}"
    derivative = r"\frac{\partial y}{\partial x} = \frac{1}{2y}"
    examples = POSITIVE
    torch = "torch.sqrt({x})"
    numpy = Recipe("y = np.sqrt(x)", "dx = dy / (2 * y)")
    onnx = ("Sqrt",)
    backward_cost = {"x": 2}
    saved = ("y",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.sqrt(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.add(y, y, dx)
            np.divide(dy, dx, dx)


@register
class Reciprocal(OfOne):
    """One divided by every element. A zero gives infinity, which the run reports. (torch.reciprocal)"""

    formula = "y = 1 / x"
    latex = r"y = \frac{1}{x}"
    derivative = r"\frac{\partial y}{\partial x} = -y^2"
    examples = (*POSITIVE, Example(x=uniform(3, low=-2.0, high=-0.5)))
    torch = "torch.reciprocal({x})"
    numpy = Recipe("y = 1 / x", "dx = -dy * y**2")
    onnx = ("Reciprocal",)
    backward_cost = {"x": 3}
    saved = ("y",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.reciprocal(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.multiply(y, y, dx)
            np.multiply(dy, dx, dx)
            np.multiply(dx, -1, dx)


@register
class Exp(OfOne):
    """Raises e to the power of every element: makes any number positive, and sums into products.

    Above about 88 in float32 (709 in float64) the result is infinite, which the run reports.
    """

    formula = "y = eˣ"
    latex = r"y = e^x"
    derivative = r"\frac{\partial y}{\partial x} = y"
    torch = "torch.exp({x})"
    numpy = Recipe("y = np.exp(x)", "dx = dy * y")
    onnx = ("Exp",)
    saved = ("y",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.exp(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.multiply(dy, y, dx)


@register
class Log(OfOne):
    """The natural logarithm of every element: turns products into sums, probabilities into costs.

    Defined for positive numbers; 0 gives −infinity and a negative number NaN, which the run reports.
    """

    formula = "y = ln x"
    latex = r"y = \ln x"
    derivative = r"\frac{\partial y}{\partial x} = \frac{1}{x}"
    examples = POSITIVE
    torch = "torch.log({x})"
    numpy = Recipe("y = np.log(x)", "dx = dy / x")
    onnx = ("Log",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.log(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.divide(dy, x, dx)


def _power(a: Array, b: Array, y: Array) -> None:
    """a ** b; by multiplication for one small whole b, where np.power is hundreds of times slower."""
    exponent = b.item() if b.ndim == 0 else None
    if exponent == 2:
        np.multiply(a, a, y)
    elif exponent == 3:
        np.multiply(a, a, y)
        np.multiply(y, a, y)
    elif exponent == 1:
        np.copyto(y, a)
    elif exponent == -1:
        np.reciprocal(a, y)
    elif exponent == 0.5:
        np.sqrt(a, y)
    else:
        np.power(a, b, y)
