"""Arithmetic of two values, element by element: shapes that match broadcast as NumPy does."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import Unsupported
from .base import Array, Context, Example, Param, Recipe, Socket, unbroadcast
from .elementwise import BROADCASTING, OfOne, OfTwo, product_into
from .example import uniform
from .explaining import Call, Place
from .explanation import Term, minus
from .registry import register

FEW = 512  # elements up to which NumPy's own remainder is the quickest
MOST = 2**27


@register
class Add(OfTwo):
    """Adds two values element by element: a bias to every row, a shortcut to a layer's result.

    Sizes must be equal, or one of them 1 (it is then repeated). The gradient passes to both unchanged,
    summed over whatever was repeated. While nothing is wired to b, the number typed there is added.
    """

    synonyms = ("Plus",)
    formula = "y = a + b"
    latex = r"y = a + b"
    derivative = r"\frac{\partial y}{\partial a} = 1,\quad \frac{\partial y}{\partial b} = 1"
    inputs = (Socket("a"), Socket("b", literal=0.0))
    examples = (*BROADCASTING, Example(a=(), b=()), Example({"b": 1.0}, a=(2, 3)), Example(a=(1, 1), b=(1,)))
    torch = "{a} + {b}"
    numpy = Recipe(
        "y = a + b",
        """
        da = dy
        db = dy
        """,
    )
    passes_on = ("a", "b")
    onnx = ("Add",)
    backward_cost = {"a": 0, "b": 0}
    saved = ()

    def forward(self, ctx: Context, a: Array, b: Array, *, y: Array) -> None:
        np.add(a, b, y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return call.at("a", *at) + call.at("b", *at)

    def backward(
        self, ctx: Context, dy: Array, *, a: Array, b: Array, y: Array, da: Array | None, db: Array | None
    ) -> None:
        if da is not None:
            unbroadcast(dy, da, ctx)
        if db is not None:
            unbroadcast(dy, db, ctx)


@register
class Sub(OfTwo):
    """Subtracts b from a, element by element: how far a prediction is from what it should be.

    Sizes must be equal, or one of them 1 (it is then repeated).
    """

    synonyms = ("Subtract", "Minus")
    formula = "y = a − b"
    latex = r"y = a - b"
    derivative = r"\frac{\partial y}{\partial a} = 1,\quad \frac{\partial y}{\partial b} = -1"
    inputs = (Socket("a", literal=0.0), Socket("b", literal=0.0))
    examples = (
        *BROADCASTING,
        Example(a=(), b=(2, 2)),
        Example({"a": 1.0}, b=(2, 3)),
        Example({"b": 1.5}, a=(3,)),
    )
    torch = "{a} - {b}"
    numpy = Recipe(
        "y = a - b",
        """
        da = dy
        db = -dy
        """,
    )
    passes_on = ("a",)
    onnx = ("Sub",)
    backward_cost = {"a": 0, "b": 1}
    saved = ()

    def forward(self, ctx: Context, a: Array, b: Array, *, y: Array) -> None:
        np.subtract(a, b, y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return call.at("a", *at) - call.at("b", *at)

    def backward(
        self, ctx: Context, dy: Array, *, a: Array, b: Array, y: Array, da: Array | None, db: Array | None
    ) -> None:
        if da is not None:
            unbroadcast(dy, da, ctx)
        if db is not None:
            unbroadcast(dy, db, ctx)
            np.multiply(db, -1, db)


@register
class Mul(OfTwo):
    """Multiplies two values element by element: scales, masks and gates.

    Sizes must be equal, or one of them 1 (it is then repeated). Each factor's gradient is the other factor.
    For the product of matrices use MatMul.
    """

    synonyms = ("Multiply", "Times")
    formula = "y = a · b"
    latex = r"y = a \cdot b"
    derivative = r"\frac{\partial y}{\partial a} = b,\quad \frac{\partial y}{\partial b} = a"
    inputs = (Socket("a"), Socket("b", literal=1.0))
    examples = (*BROADCASTING, Example(a=(), b=()), Example({"b": -2.5}, a=(2, 3)), Example(a=(2, 3), b=()))
    torch = "{a} * {b}"
    numpy = Recipe(
        "y = a * b",
        """
        da = dy * b
        db = dy * a
        """,
    )
    onnx = ("Mul",)
    factors = ("a", "b")

    def forward(self, ctx: Context, a: Array, b: Array, *, y: Array) -> None:
        np.multiply(a, b, y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return call.at("a", *at) * call.at("b", *at)

    def backward(
        self, ctx: Context, dy: Array, *, a: Array, b: Array, y: Array, da: Array | None, db: Array | None
    ) -> None:
        if da is not None:
            product_into(da, ctx, dy, b)
        if db is not None:
            product_into(db, ctx, dy, a)


@register
class Div(OfTwo):
    """Divides a by b, element by element: averages, ratios, normalised values.

    Sizes must be equal, or one of them 1 (it is then repeated). A zero in b gives infinity, which the run
    reports.
    """

    synonyms = ("Divide",)
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
        Example(a=(0, 3), b=uniform(1, 3, low=0.5, high=2.0)),
    )
    torch = "{a} / {b}"
    numpy = Recipe(
        "y = a / b",
        """
        da = dy / b
        db = -dy * y / b
        """,
    )
    onnx = ("Div",)
    backward_cost = {"a": 1, "b": 2}
    saved = ("b", "y")

    def forward(self, ctx: Context, a: Array, b: Array, *, y: Array) -> None:
        np.divide(a, b, y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return call.at("a", *at) / call.at("b", *at)

    def backward(
        self, ctx: Context, dy: Array, *, a: Array, b: Array, y: Array, da: Array | None, db: Array | None
    ) -> None:
        whole = np.divide(dy, b, ctx.scratch("quotient", dy.shape))
        if da is not None:
            unbroadcast(whole, da, ctx)
        if db is not None:
            np.multiply(whole, y, whole)
            unbroadcast(whole, db, ctx)
            np.multiply(db, -1, db)

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        if any(isinstance(value, np.ndarray) and value.dtype.kind in "iu" for value in inputs):
            raise Unsupported("Div does not round; ONNX divides whole numbers without remainder.")
        return super().from_onnx(kind, attributes, inputs)


@register
class Neg(OfOne):
    """Changes the sign of every element: a gain becomes a cost, a sum a difference."""

    synonyms = ("Negate",)
    formula = "y = −x"
    latex = r"y = -x"
    derivative = r"\frac{\partial y}{\partial x} = -1"
    torch = "-{x}"
    numpy = Recipe("y = -x", "dx = -dy")
    onnx = ("Neg",)
    saved = ()

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.multiply(x, -1, y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return minus(call.at("x", *at))

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.multiply(dy, -1, dx)


@register
class Mod(OfTwo):
    """What is left of a after taking b away as often as it goes, element by element: 7 mod 3 = 1.

    The result has the sign of b, as Python's % and torch.remainder; with `fmod` that of a, as C and torch.fmod.
    A zero in b gives NaN, which the run reports.
    """

    synonyms = ("Remainder",)
    formula = "y = a − b · ⌊a / b⌋"
    latex = r"y = a - b \lfloor a / b \rfloor"
    derivative = (
        r"\frac{\partial y}{\partial a} = 1,\quad \frac{\partial y}{\partial b} = -\lfloor a / b \rfloor"
    )
    inputs = (Socket("a"), Socket("b", literal=1.0))
    fmod = Param(False, help="Whether the result has the sign of a instead of that of b.")
    examples = (
        Example({"b": 0.7}, a=(4, 3)),
        Example({"b": -0.7, "fmod": True}, a=(4, 3)),
        Example(a=(4, 3), b=uniform(3, low=-2.0, high=-0.5)),
        Example({"fmod": True}, a=(2, 3), b=uniform(4, 1, 1, low=0.3, high=0.9)),
        Example(a=(), b=uniform(low=0.3, high=0.9)),
        Example(a=(0, 3), b=uniform(1, 3, low=0.3, high=0.9)),
    )
    onnx = ("Mod",)
    backward_cost = {"a": 0, "b": 4}
    saved = ("a", "b", "y")
    numpy = Recipe(
        "y = np.fmod(a, b) if fmod else np.mod(a, b)",
        """
        da = dy
        db = -dy * np.round((a - y) / b)
        """,
    )

    def forward(self, ctx: Context, a: Array, b: Array, *, y: Array) -> None:
        if y.dtype == np.float64 or y.size <= FEW or not self._by_division(ctx, a, b, y):
            (np.fmod if self.fmod else np.remainder)(a, b, y)

    def _by_division(self, ctx: Context, a: Array, b: Array, y: Array) -> bool:
        """The same in a tenth of the time for single precision, whose products are exact in double precision.

        As long as a / b is below 2²⁷, it cannot be rounded to a whole number that it does not reach, so nothing is
        rounded but y. False where it is larger, or a number is not finite: y then is not right.
        """
        times, rest = (
            ctx.scratch(name, y.shape, np.float64) for name in ("times in double", "rest in double")
        )
        np.divide(a, b, times, dtype=np.float64)
        (np.trunc if self.fmod else np.floor)(times, times)
        if not (np.maximum.reduce(times, axis=None) < MOST and np.minimum.reduce(times, axis=None) > -MOST):
            return False
        np.multiply(times, b, times)
        np.subtract(a, times, rest)
        np.copyto(y, rest, casting="same_kind")
        return not np.isnan(np.maximum.reduce(y, axis=None))

    def workspace(self, **shapes: tuple[int, ...]) -> int:
        return 5 * math.prod(np.broadcast_shapes(*shapes.values()))  # two of eight bytes each

    def backward(
        self, ctx: Context, dy: Array, *, a: Array, b: Array, y: Array, da: Array | None, db: Array | None
    ) -> None:
        if da is not None:
            unbroadcast(dy, da, ctx)
        if db is not None:
            times = ctx.scratch("times", dy.shape)
            np.subtract(a, y, times)
            np.divide(times, b, times)
            np.rint(times, times)  # a − y is b so many times; a tenth of the time of floor_divide
            np.multiply(times, dy, times)
            unbroadcast(times, db, ctx)
            np.multiply(db, -1, db)

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return super().from_onnx(kind, {"fmod": bool(attributes.get("fmod", 0))}, inputs)

    def emit_torch(self, **names: str) -> str:
        return (
            f"torch.{'fmod' if self.fmod else 'remainder'}({names['a']}, {names.get('b', self.params['b'])})"
        )
