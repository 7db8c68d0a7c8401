"""The largest and the smallest of two or more values, and values kept inside bounds."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..errors import ParamError
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec, unbroadcast
from .elementwise import BROADCASTING, OfOne, clamp, indicator
from .interchange import constant
from .recipe import summing
from .registry import register
from .spec import broadcast_all

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class _Extreme(Op):
    """The largest or smallest of several values; where some are equal, they share the gradient evenly."""

    category = "Math"
    elementwise = True
    grows = "count"
    inputs = (Socket("a"), Socket("b", literal=0.0))
    count = Param(2, low=1, high=len(LETTERS), help="How many inputs there are.")
    examples = (
        *BROADCASTING,
        Example(a=(), b=()),
        Example({"b": 0.5}, a=(2, 3)),
        Example({"count": 3}, a=(4, 3), b=(3,), c=(2, 1, 1)),
        Example({"count": 1}, a=(2, 3)),
    )
    pick: ClassVar[Any]

    def sockets(self) -> tuple[Socket, ...]:
        return (*self.inputs, *map(Socket, LETTERS[2:]))[: self.count]

    def infer(self, **xs: Spec) -> Spec:
        return Spec(broadcast_all(xs))

    def flops(self, *, y: tuple[int, ...], **xs: tuple[int, ...]) -> int:
        return int(self.count - 1) * math.prod(y)

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        """Comparing with the result and counting the winners, the share, and a product for each gradient."""
        return (2 * int(self.count) + len(wanted)) * math.prod(shapes["y"]) if wanted else 0

    def saves(self, socket: str) -> tuple[str, ...]:
        return (*(other.name for other in self.sockets()), "y")

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe | None:
        names = [socket.name for socket in self.sockets()]
        result = names[0]
        for name in names[1:]:
            result = f"np.{self.pick.__name__}({result}, {name})"
        if len(names) == 1:
            return Recipe(f"y = {result}", "da = dy")
        wins = [f"wins_{name} = ({name} == y).astype(y.dtype)" for name in names]
        share = f"share = dy / ({' + '.join(f'wins_{name}' for name in names)})"
        gradients = [f"d{name} = share * wins_{name}" for name in names]
        return summing(Recipe(f"y = {result}", "\n".join([*wins, share, *gradients])), shapes)

    def forward(self, ctx: Context, *xs: Array, y: Array) -> None:
        best = xs[0]
        for x in xs[1:]:
            self.pick(best, x, out=y)
            best = y
        if best is not y:
            np.copyto(y, best)

    def backward(self, ctx: Context, dy: Array, *, y: Array, **arrays: Any) -> None:
        names = [socket.name for socket in self.sockets()]
        share, wins = ctx.scratch("share", dy.shape), ctx.scratch("wins", dy.shape)
        indicator(ctx, np.equal, arrays["a"], y, share)
        for name in names[1:]:
            indicator(ctx, np.equal, arrays[name], y, wins)
            np.add(share, wins, share)
        np.divide(dy, share, share)
        for name in names:
            gradient = arrays[f"d{name}"]
            if gradient is not None:
                indicator(ctx, np.equal, arrays[name], y, wins)
                np.multiply(share, wins, wins)
                unbroadcast(wins, gradient, ctx)

    def workspace(self, **shapes: tuple[int, ...]) -> int:
        return 2 * math.prod(np.broadcast_shapes(*shapes.values()))

    def emit_torch(self, **names: str) -> str:
        if self.count == 2:
            return super().emit_torch(**names)
        values = ", ".join(names[socket.name] for socket in self.sockets())
        word = "amax" if self.pick is np.maximum else "amin"
        return f"torch.{word}(torch.stack(torch.broadcast_tensors({values})), dim=0)"


@register
class Maximum(_Extreme):
    """The larger of a and b, or the largest of more values, element by element. (torch.maximum)

    The gradient goes to the largest; where several are equal, they share it evenly. Sizes must be equal, or one of them
    1 (it is then repeated). For the largest element of one array use Max.
    """

    formula = "y = max(a, b)"
    latex = r"y = \max(a, b)"
    derivative = (
        r"\frac{\partial y}{\partial a} = [a > b] + \frac{1}{2} [a = b],\quad "
        r"\frac{\partial y}{\partial b} = [b > a] + \frac{1}{2} [a = b]"
    )
    torch = "torch.maximum({a}, torch.as_tensor({b}, dtype={a}.dtype))"
    onnx = ("Max",)
    pick = np.maximum


@register
class Minimum(_Extreme):
    """The smaller of a and b, or the smallest of more values, element by element. (torch.minimum)

    The gradient goes to the smallest; where several are equal, they share it evenly. Sizes must be equal, or one of
    them 1 (it is then repeated). For the smallest element of one array use Min.
    """

    formula = "y = min(a, b)"
    latex = r"y = \min(a, b)"
    derivative = (
        r"\frac{\partial y}{\partial a} = [a < b] + \frac{1}{2} [a = b],\quad "
        r"\frac{\partial y}{\partial b} = [b < a] + \frac{1}{2} [a = b]"
    )
    torch = "torch.minimum({a}, torch.as_tensor({b}, dtype={a}.dtype))"
    onnx = ("Min",)
    pick = np.minimum


@register
class Clip(OfOne):
    """Keeps every element between `min` and `max`: what lies outside is moved to the nearer bound. (torch.clip)

    Elements outside get no gradient; one exactly on a bound still does. Without either bound everything passes.
    """

    synonyms = ("Clamp",)
    formula = "y = min(max(x, min), max)"
    latex = r"y = \min(\max(x, x_{\min}), x_{\max})"
    derivative = r"\frac{\partial y}{\partial x} = [x_{\min} \leq x \leq x_{\max}]"
    min = Param(-1.0, optional=True, help="The lower bound; nothing means none.")
    max = Param(1.0, optional=True, help="The upper bound; nothing means none.")
    examples = (
        Example(x=(4, 3)),
        Example({"min": None, "max": 0.2}, x=(2, 3)),
        Example({"min": 0.1, "max": None}, x=(2, 1, 3)),
        Example({"min": -0.5, "max": 0.25}, x=()),
        Example({"min": None, "max": None}, x=(4, 3)),
        Example(x=(0, 3)),
    )
    onnx = ("Clip",)
    cost = 2
    backward_cost = {"x": 3}
    numpy = Recipe(
        "y = x if min is None and max is None else np.clip(x, min, max)",
        """
        if min is None:
            dx = dy if max is None else dy * (x <= max)
        else:
            dx = dy * (x >= min) if max is None else dy * ((x >= min) & (x <= max))
        """,
    )

    def formula_latex(self) -> str:
        above = "x" if self.min is None else rf"\max(x, {self.min:g})"
        return f"y = {above}" if self.max is None else rf"y = \min({above}, {self.max:g})"

    def slope_latex(self) -> str:
        below = "" if self.min is None else rf"{self.min:g} \leq "
        above = "" if self.max is None else rf" \leq {self.max:g}"
        return (
            rf"\frac{{\partial y}}{{\partial x}} = [{below}x{above}]"
            if below or above
            else r"\frac{\partial y}{\partial x} = 1"
        )

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        bounds: dict[str, Any] = {"min": None, "max": None}
        for name, value in zip(bounds, inputs[1:], strict=False):
            bounds[name] = None if value is None else constant(value, name).item()
        return bounds, {"x": inputs[0]}

    def check(self) -> None:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ParamError(
                f"Clip.min ({self.min:g}) is above max ({self.max:g}).", hint="Lower min, or raise max."
            )

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        clamp(x, self.min, self.max, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        inside, passed = ctx.scratch("inside", x.shape), dy
        for bound, holds in ((self.min, np.greater_equal), (self.max, np.less_equal)):
            if bound is not None:
                indicator(ctx, holds, x, bound, inside)
                passed = np.multiply(passed, inside, dx)
        if passed is dy:
            np.copyto(dx, dy)

    def emit_torch(self, **names: str) -> str:
        x = names["x"]
        return x if self.min is None and self.max is None else f"torch.clip({x}, {self.min}, {self.max})"
