"""The larger and the smaller of two values, and values kept inside bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..errors import ParamError, Unsupported
from .base import Array, Context, Example, Param, Socket, unbroadcast
from .elementwise import BROADCASTING, OfOne, OfTwo, clamp, indicator
from .interchange import constant
from .registry import register


class _Extreme(OfTwo):
    """The larger or smaller of a and b; where they are equal, each gets half of the gradient, as in PyTorch."""

    inputs = (Socket("a"), Socket("b", literal=0.0))
    examples = (*BROADCASTING, Example(a=(), b=()), Example({"b": 0.5}, a=(2, 3)))
    pick: ClassVar[Any]
    wins: ClassVar[Any]

    def forward(self, ctx: Context, a: Array, b: Array, *, y: Array) -> None:
        self.pick(a, b, out=y)

    def backward(
        self, ctx: Context, dy: Array, *, a: Array, b: Array, y: Array, da: Array | None, db: Array | None
    ) -> None:
        share, draw = ctx.scratch("share", dy.shape), ctx.scratch("draw", dy.shape)
        for mine, other, gradient in ((a, b, da), (b, a, db)):
            if gradient is not None:
                indicator(ctx, self.wins, mine, other, share)
                indicator(ctx, np.equal, mine, other, draw)
                np.multiply(draw, ctx.half, draw)
                np.add(share, draw, share)
                np.multiply(dy, share, share)
                unbroadcast(share, gradient, ctx)

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        if len(inputs) != 2:
            raise Unsupported(f"{cls.__name__} compares two values; this {kind} has {len(inputs)}.")
        return super().from_onnx(kind, attributes, inputs)


@register
class Maximum(_Extreme):
    """The larger of a and b, element by element. (torch.maximum)

    The gradient goes to the larger one; where both are equal, each gets half. For the largest element of one
    array use Max.
    """

    formula = "y = max(a, b)"
    latex = r"y = \max(a, b)"
    derivative = r"\frac{\partial y}{\partial a} = [a > b] + \frac{1}{2} [a = b]"
    torch = "torch.maximum({a}, torch.as_tensor({b}, dtype={a}.dtype))"
    onnx = ("Max",)
    pick = np.maximum
    wins = np.greater


@register
class Minimum(_Extreme):
    """The smaller of a and b, element by element. (torch.minimum)

    The gradient goes to the smaller one; where both are equal, each gets half. For the smallest element of one
    array use Min.
    """

    formula = "y = min(a, b)"
    latex = r"y = \min(a, b)"
    derivative = r"\frac{\partial y}{\partial a} = [a < b] + \frac{1}{2} [a = b]"
    torch = "torch.minimum({a}, torch.as_tensor({b}, dtype={a}.dtype))"
    onnx = ("Min",)
    pick = np.minimum
    wins = np.less


@register
class Clip(OfOne):
    """Keeps every element between `min` and `max`: what lies outside is moved to the nearer bound. (torch.clip)

    Elements outside get no gradient; one exactly on a bound still does.
    """

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
        Example(x=(0, 3)),
    )
    torch = "torch.clip({x}, {min}, {max})"
    onnx = ("Clip",)

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        bounds: dict[str, Any] = {"min": None, "max": None}
        for name, value in zip(bounds, inputs[1:], strict=False):
            bounds[name] = None if value is None else constant(value, name).item()
        return bounds, {"x": inputs[0]}

    def check(self) -> None:
        if self.min is None and self.max is None:
            raise ParamError("Clip has neither min nor max.", hint="Set at least one of them.")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ParamError(
                f"Clip.min ({self.min:g}) is above max ({self.max:g}).", hint="Lower min, or raise max."
            )

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        clamp(x, self.min, self.max, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        if self.min is None:
            indicator(ctx, np.less_equal, x, self.max, dx)
        else:
            indicator(ctx, np.greater_equal, x, self.min, dx)
        np.multiply(dy, dx, dx)
        if self.min is not None and self.max is not None:
            below = ctx.scratch("below", x.shape)
            indicator(ctx, np.less_equal, x, self.max, below)
            np.multiply(dx, below, dx)
