"""Activations of straight lines with bounds and gaps: cut off above, below, or around 0."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..errors import ParamError, Unsupported
from .activation import Activation
from .base import Array, Context, Example, Param, Recipe
from .elementwise import ANY_SHAPE, clamp, indicator
from .example import uniform
from .registry import register

WIDE = Example(x=uniform(4, 5, low=-9.0, high=9.0))


class _Clamped(Activation):
    """x, kept between two bounds; beyond them no gradient passes, nor on them, as in PyTorch."""

    def bounds(self) -> tuple[float, float]:
        """(lower, upper)"""
        raise TypeError(f"{type(self).__name__} has no bounds")

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        clamp(x, *self.bounds(), y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        low, high = self.bounds()
        below = ctx.scratch("below", x.shape)
        indicator(ctx, np.greater, x, low, dx)
        indicator(ctx, np.less, x, high, below)
        np.multiply(dx, below, dx)
        np.multiply(dy, dx, dx)

    def workspace(self, x: tuple[int, ...]) -> int:
        return math.prod(x)


@register
class Hardtanh(_Clamped):
    """A Tanh of three straight lines: x itself between `min_val` and `max_val`, and these beyond. (torch.nn.Hardtanh)

    Beyond the bounds it lets no gradient through. Where the bounds belong to the problem rather than to the network,
    use Clip.
    """

    letters = {r"x_\min": "min_val", r"x_\max": "max_val"}
    formula = "y = min(max(x, min_val), max_val)"
    latex = r"y = \min(\max(x, x_{\min}), x_{\max})"
    derivative = r"\frac{\partial y}{\partial x} = [x_{\min} < x < x_{\max}]"
    min_val = Param(-1.0, help="The lower bound.")
    max_val = Param(1.0, help="The upper bound.")
    examples = (*ANY_SHAPE, Example({"min_val": -0.5, "max_val": 2.0}, x=(4, 3)), WIDE)
    torch = "F.hardtanh({x}, {min_val}, {max_val})"
    numpy = Recipe("y = np.clip(x, min_val, max_val)", "dx = dy * ((x > min_val) & (x < max_val))")

    def check(self) -> None:
        if self.min_val >= self.max_val:
            raise ParamError(
                f"Hardtanh.min_val ({self.min_val:g}) is not below max_val ({self.max_val:g}).",
                hint="Lower min_val, or raise max_val.",
            )

    def bounds(self) -> tuple[float, float]:
        return self.min_val, self.max_val


@register
class ReLU6(_Clamped):
    """A ReLU that ends at 6, so that few bits suffice for its results; in networks for telephones. (torch.nn.ReLU6)

    Howard et al. 2017, "MobileNets". From 6 on it lets no gradient through.
    """

    dies = True
    formula = "y = min(max(x, 0), 6)"
    latex = r"y = \min(\max(x, 0), 6)"
    derivative = r"\frac{\partial y}{\partial x} = [0 < x < 6]"
    examples = (*ANY_SHAPE, WIDE)
    torch = "F.relu6({x})"
    numpy = Recipe("y = np.clip(x, 0, 6)", "dx = dy * ((x > 0) & (x < 6))")

    def bounds(self) -> tuple[float, float]:
        return 0.0, 6.0


@register
class Threshold(Activation):
    """Lets through what is above `threshold` and puts `value` in the place of the rest. (torch.nn.Threshold)

    With threshold 0 and value 0 it is a ReLU. It jumps where the two differ.
    """

    formula = "y = x where x > threshold, else value"
    latex = r"y = \begin{cases} x & x > \theta \\ v & x \leq \theta \end{cases}"
    derivative = r"\frac{\partial y}{\partial x} = [x > \theta]"
    threshold = Param(1.0, symbol="θ", help="What has to be exceeded.")
    value = Param(0.0, symbol="v", help="What stands in the place of the rest.")
    examples = (*ANY_SHAPE, Example({"threshold": 0.1, "value": -2.0}, x=(4, 3)))
    torch = "F.threshold({x}, {threshold}, {value})"
    numpy = Recipe("y = np.where(x > threshold, x, value)", "dx = dy * (x > threshold)")
    onnx = ("ThresholdedRelu",)
    onnx_params: ClassVar[dict[str, str]] = {"alpha": "threshold"}

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.copyto(y, x)
        np.copyto(y, self.value, where=self._below(ctx, x))

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            indicator(ctx, np.greater, x, self.threshold, dx)
            np.multiply(dy, dx, dx)

    def _below(self, ctx: Context, x: Array) -> Array:
        below: Array = np.less_equal(x, self.threshold, ctx.scratch("below", x.shape, bool))
        return below

    def workspace(self, x: tuple[int, ...]) -> int:
        return math.prod(x)


class _Shrink(Activation):
    """0 around 0, up to a distance of `lambd` on both sides."""

    lambd = Param(0.5, low=0.0, symbol="λ", help="Up to which distance from 0 the result is 0.")
    examples = (*ANY_SHAPE, Example({"lambd": 0.2}, x=(4, 3)), Example({"lambd": 0.0}, x=(2, 3)))
    onnx = ("Shrink",)
    is_soft: ClassVar[bool]

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        if self.is_soft:  # x less what of it lies within the bounds
            inside = ctx.scratch("inside", x.shape)
            clamp(x, -self.lambd, self.lambd, inside)
            np.subtract(x, inside, y)
        else:
            self._beyond(ctx, x, y)
            np.multiply(x, y, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            self._beyond(ctx, x, dx)
            np.multiply(dy, dx, dx)

    def _beyond(self, ctx: Context, x: Array, out: Array) -> None:
        np.absolute(x, out)
        indicator(ctx, np.greater, out, self.lambd, out)

    def workspace(self, x: tuple[int, ...]) -> int:
        return math.prod(x)

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        bound, bias = attributes.get("lambd", 0.5), attributes.get("bias", 0.0)
        if bias != (bound if cls.is_soft else 0):
            own = "lambd" if cls.is_soft else "nothing"
            raise Unsupported(f"{cls.__name__} moves what it lets through by {own}, not by {bias:g}.")
        return {"lambd": bound}, {"x": inputs[0]}


@register
class Softshrink(_Shrink):
    """Moves every element by `lambd` towards 0, and what is nearer to 0 becomes 0. (torch.nn.Softshrink)

    The step that keeps few figures other than 0 in sparse coding, where it is called soft thresholding.
    """

    synonyms = ("SoftThresholding",)
    formula = "y = x − λ (x > λ), x + λ (x < −λ), else 0"
    latex = r"y = \mathrm{sign}(x)\, \max(|x| - \lambda, 0)"
    derivative = r"\frac{\partial y}{\partial x} = [|x| > \lambda]"
    torch = "F.softshrink({x}, {lambd})"
    numpy = Recipe("y = np.sign(x) * np.maximum(np.abs(x) - lambd, 0)", "dx = dy * (np.abs(x) > lambd)")
    is_soft = True


@register
class Hardshrink(_Shrink):
    """Makes 0 of what is nearer to 0 than `lambd`, and lets the rest through unchanged. (torch.nn.Hardshrink)

    It jumps at ±lambd; Softshrink does not.
    """

    formula = "y = x where |x| > λ, else 0"
    latex = r"y = [|x| > \lambda]\, x"
    derivative = r"\frac{\partial y}{\partial x} = [|x| > \lambda]"
    torch = "F.hardshrink({x}, {lambd})"
    numpy = Recipe("y = np.where(np.abs(x) > lambd, x, 0)", "dx = dy * (np.abs(x) > lambd)")
    is_soft = False
