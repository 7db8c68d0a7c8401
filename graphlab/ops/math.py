"""Arithmetic, element by element: two arrays of matching shapes broadcast as NumPy does."""

from __future__ import annotations

import numpy as np

from .base import Array, Context, Example, Op, Socket, Spec, unbroadcast
from .example import uniform
from .registry import register
from .spec import broadcast

BROADCASTING = (Example(a=(4, 3), b=(4, 3)), Example(a=(4, 3), b=(3,)), Example(a=(4, 1), b=(2, 1, 3)))


class _OfTwo(Op):
    """An elementwise operation of a and b, whose sizes must be equal or 1, axis by axis from the last."""

    category = "Math"

    def infer(self, a: Spec, b: Spec) -> Spec:
        return Spec(broadcast(a, b))


class _OfOne(Op):
    """An elementwise operation of x, of whatever shape."""

    category = "Math"
    inputs = (Socket("x"),)

    def infer(self, x: Spec) -> Spec:
        return x


@register
class Add(_OfTwo):
    """Adds two values element by element: a bias to every row, a shortcut to a layer's result.

    Sizes must be equal, or one of them 1 (it is then repeated). The gradient passes to both unchanged,
    summed over whatever was repeated. While nothing is wired to b, the number typed there is added.
    """

    formula = "y = a + b"
    latex = r"y = a + b"
    derivative = r"\frac{\partial y}{\partial a} = 1,\quad \frac{\partial y}{\partial b} = 1"
    inputs = (Socket("a"), Socket("b", literal=0.0))
    examples = (*BROADCASTING, Example(a=(), b=()), Example({"b": 1.0}, a=(2, 3)), Example(a=(1, 1), b=(1,)))
    torch = "{a} + {b}"

    def forward(self, ctx: Context, a: Array, b: Array, *, y: Array) -> None:
        np.add(a, b, y)

    def backward(
        self, ctx: Context, dy: Array, *, a: Array, b: Array, y: Array, da: Array | None, db: Array | None
    ) -> None:
        if da is not None:
            unbroadcast(dy, da)
        if db is not None:
            unbroadcast(dy, db)


@register
class Sub(_OfTwo):
    """Subtracts b from a, element by element: how far a prediction is from what it should be.

    Sizes must be equal, or one of them 1 (it is then repeated).
    """

    formula = "y = a − b"
    latex = r"y = a - b"
    derivative = r"\frac{\partial y}{\partial a} = 1,\quad \frac{\partial y}{\partial b} = -1"
    inputs = (Socket("a", literal=0.0), Socket("b", literal=0.0))
    examples = (*BROADCASTING, Example(a=(), b=(2, 2)), Example({"a": 1.0}, b=(2, 3)))
    torch = "{a} - {b}"

    def forward(self, ctx: Context, a: Array, b: Array, *, y: Array) -> None:
        np.subtract(a, b, y)

    def backward(
        self, ctx: Context, dy: Array, *, a: Array, b: Array, y: Array, da: Array | None, db: Array | None
    ) -> None:
        if da is not None:
            unbroadcast(dy, da)
        if db is not None:
            unbroadcast(dy, db)
            np.negative(db, db)


@register
class Mul(_OfTwo):
    """Multiplies two values element by element: scales, masks and gates.

    Sizes must be equal, or one of them 1 (it is then repeated). Each factor's gradient is the other factor.
    For the product of matrices use MatMul.
    """

    formula = "y = a · b"
    latex = r"y = a \cdot b"
    derivative = r"\frac{\partial y}{\partial a} = b,\quad \frac{\partial y}{\partial b} = a"
    inputs = (Socket("a"), Socket("b", literal=1.0))
    examples = (*BROADCASTING, Example(a=(), b=()), Example({"b": -2.5}, a=(2, 3)), Example(a=(2, 3), b=()))
    torch = "{a} * {b}"

    def forward(self, ctx: Context, a: Array, b: Array, *, y: Array) -> None:
        np.multiply(a, b, y)

    def backward(
        self, ctx: Context, dy: Array, *, a: Array, b: Array, y: Array, da: Array | None, db: Array | None
    ) -> None:
        if da is not None:
            _product_into(da, ctx, dy, b)
        if db is not None:
            _product_into(db, ctx, dy, a)


@register
class Div(_OfTwo):
    """Divides a by b, element by element: averages, ratios, normalised values.

    Sizes must be equal, or one of them 1 (it is then repeated). A zero in b gives infinity, which the run
    reports.
    """

    formula = "y = a / b"
    latex = r"y = \frac{a}{b}"
    derivative = (
        r"\frac{\partial y}{\partial a} = \frac{1}{b},\quad \frac{\partial y}{\partial b} = -\frac{a}{b^2}"
    )
    inputs = (Socket("a", literal=1.0), Socket("b", literal=1.0))
    examples = (
        Example(a=(4, 3), b=uniform(4, 3, low=0.5, high=2.0)),
        Example(a=(4, 3), b=uniform(3, low=-2.0, high=-0.5)),
        Example(a=(3,), b=uniform(2, 1, low=0.5, high=2.0)),
        Example({"a": 10.0}, b=uniform(low=0.5, high=2.0)),
        Example({"b": 4.0}, a=(2, 1)),
    )
    torch = "{a} / {b}"

    def forward(self, ctx: Context, a: Array, b: Array, *, y: Array) -> None:
        np.divide(a, b, y)

    def backward(
        self, ctx: Context, dy: Array, *, a: Array, b: Array, y: Array, da: Array | None, db: Array | None
    ) -> None:
        whole = np.divide(dy, b, ctx.scratch("quotient", dy.shape))
        if da is not None:
            unbroadcast(whole, da)
        if db is not None:
            np.multiply(whole, y, whole)
            unbroadcast(whole, db)
            np.negative(db, db)


@register
class Pow(_OfTwo):
    """Raises a to the power b, element by element: squares (b = 2), roots (b = 0.5), reciprocals (b = −1).

    Sizes must be equal, or one of them 1 (it is then repeated). A negative a has a power only for a whole b.
    """

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
        Example({"a": 2.0}, b=(3, 2)),
        Example(a=uniform(4, 1, low=0.5, high=2.0), b=(2, 1, 3)),
        Example(a=uniform(low=0.5, high=2.0), b=()),
    )
    torch = "torch.pow({a}, {b})"

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
            unbroadcast(whole, da)
        if db is not None:
            np.multiply(y, np.log(a), whole)
            if not a.all():
                np.copyto(whole, 0, where=(a == 0) & (b >= 0))  # as PyTorch: 0·ln 0 counts as 0
            np.multiply(whole, dy, whole)
            unbroadcast(whole, db)


@register
class Neg(_OfOne):
    """Changes the sign of every element: a gain becomes a cost, a sum a difference."""

    formula = "y = −x"
    latex = r"y = -x"
    derivative = r"\frac{\partial y}{\partial x} = -1"
    examples = (Example(x=(4, 3)), Example(x=()))
    torch = "-{x}"

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.negative(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.negative(dy, dx)


@register
class Exp(_OfOne):
    """Raises e to the power of every element: makes any number positive, and sums into products.

    Above about 88 in float32 (709 in float64) the result is infinite, which the run reports.
    """

    formula = "y = eˣ"
    latex = r"y = e^x"
    derivative = r"\frac{\partial y}{\partial x} = y"
    examples = (Example(x=(4, 3)), Example(x=()), Example(x=(2, 1, 3)))
    torch = "torch.exp({x})"

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.exp(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.multiply(dy, y, dx)


@register
class Log(_OfOne):
    """The natural logarithm of every element: turns products into sums, probabilities into costs.

    Defined for positive numbers; 0 gives −infinity and a negative number NaN, which the run reports.
    """

    formula = "y = ln x"
    latex = r"y = \ln x"
    derivative = r"\frac{\partial y}{\partial x} = \frac{1}{x}"
    examples = (Example(x=uniform(4, 3, low=0.2, high=3.0)), Example(x=uniform(low=0.2, high=3.0)))
    torch = "torch.log({x})"

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.log(x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.divide(dy, x, dx)


def _product_into(out: Array, ctx: Context, dy: Array, factor: Array) -> None:
    """`out` = dy · factor, summed over the axes along which out's shape was broadcast."""
    if out.shape == dy.shape:
        np.multiply(dy, factor, out)
    else:
        unbroadcast(np.multiply(dy, factor, ctx.scratch("product", dy.shape)), out)


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
