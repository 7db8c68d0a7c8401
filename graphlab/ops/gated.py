"""Gated activations: x times a gate that opens with x itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from . import recipe_tools
from .activation import Activation
from .base import Array, Context, Example, Param, Recipe
from .elementwise import ANY_SHAPE, clamp, indicator
from .erf import erf
from .example import uniform
from .registry import register

_ROOT_HALF = math.sqrt(0.5)
_BELL = 1 / math.sqrt(2 * math.pi)  # the normal density at 0
_TANH_SLOPE = math.sqrt(2 / math.pi)
_TANH_CUBE = 0.044715


class _Gated(Activation):
    """y = x · gate(x). `forward` keeps the gate for its `backward`."""

    def gate(self, ctx: Context, x: Array, gate: Array) -> None:
        """Writes gate(x) into `gate`."""
        raise TypeError(f"{type(self).__name__} has no gate")

    def slope(self, ctx: Context, x: Array, y: Array, gate: Array, out: Array) -> None:
        """Writes x · gate′(x) into `out`."""
        raise TypeError(f"{type(self).__name__} has no slope")

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        gate = ctx.scratch("gate", x.shape)
        self.gate(ctx, x, gate)
        np.multiply(x, gate, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        gate = ctx.kept("gate")
        if gate is None:
            gate = ctx.scratch("gate", x.shape)
            self.gate(ctx, x, gate)
        self.slope(ctx, x, y, gate, dx)
        np.add(dx, gate, dx)
        np.multiply(dy, dx, dx)

    def workspace(self, x: tuple[int, ...]) -> int:
        return 2 * math.prod(x)


@register
class SiLU(_Gated):
    """Multiplies x by its own sigmoid; also called Swish: a ReLU with a round corner and a shallow dip to its left.

    Hendrycks and Gimpel 2016; Ramachandran, Zoph and Le 2017; torch.nn.SiLU.
    """

    synonyms = ("Swish",)
    formula = "y = x·σ(x)"
    latex = r"y = x\,\sigma(x)"
    derivative = r"\frac{\partial y}{\partial x} = \sigma(x) + x\,\sigma(x)\,(1 - \sigma(x))"
    torch = "F.silu({x})"
    numpy = Recipe(
        """
        gate = 1 / (1 + np.exp(-x))
        y = x * gate
        """,
        "dx = dy * (gate + y * (1 - gate))",
    )
    cost = 5
    saved = ("x", "y")

    def gate(self, ctx: Context, x: Array, gate: Array) -> None:
        np.multiply(x, ctx.half, gate)
        np.tanh(gate, gate)
        np.multiply(gate, ctx.half, gate)
        np.add(gate, ctx.half, gate)

    def slope(self, ctx: Context, x: Array, y: Array, gate: Array, out: Array) -> None:
        np.subtract(ctx.one, gate, out)
        np.multiply(out, y, out)


@register
class GELU(_Gated):
    """Multiplies x by the chance that a standard normal number is below x: the activation of most transformers.

    approximate "none" takes the normal distribution itself, "tanh" the formula that BERT and GPT-2 were trained
    with. Hendrycks and Gimpel 2016; torch.nn.GELU.
    """

    formula = "y = x·Φ(x), Φ(x) = ½·(1 + erf(x/√2))"
    latex = r"y = x\,\Phi(x),\quad \Phi(x) = \frac{1}{2} (1 + \mathrm{erf}\,\frac{x}{\sqrt{2}})"
    derivative = r"\frac{\partial y}{\partial x} = \Phi(x) + \frac{x}{\sqrt{2\pi}}\, e^{-x^2/2}"
    approximate = Param(
        "none", choices=("none", "tanh"), help="Whether Φ is taken exactly or by way of tanh."
    )
    examples = (*ANY_SHAPE, *(Example({"approximate": "tanh"}, x=shape) for shape in ((4, 3), (), (2, 1, 3))))
    torch = "F.gelu({x}, approximate={approximate})"
    numpy = Recipe(
        """
        if approximate == "tanh":
            gate = (1 + np.tanh((2 / np.pi) ** 0.5 * (x + 0.044715 * x**3))) / 2
            slope = 2 * gate * (1 - gate) * (2 / np.pi) ** 0.5 * (1 + 3 * 0.044715 * x**2)
        else:
            gate = (1 + erf(x / 2**0.5)) / 2
            slope = np.exp(-(x**2) / 2) / (2 * np.pi) ** 0.5
        y = x * gate
        """,
        "dx = dy * (gate + x * slope)",
        tools=(recipe_tools.erf,),
    )
    onnx = ("Gelu",)
    backward_cost = {"x": 7}

    def flops(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> int:
        return (5 if self.approximate == "none" else 9) * math.prod(x)

    def gate(self, ctx: Context, x: Array, gate: Array) -> None:
        if self.approximate == "tanh":
            np.multiply(x, x, gate)
            np.multiply(gate, _TANH_SLOPE * _TANH_CUBE, gate)
            np.add(gate, _TANH_SLOPE, gate)
            np.multiply(gate, x, gate)
            np.tanh(gate, gate)
        else:
            erf(ctx, x, gate, _ROOT_HALF)
        np.multiply(gate, ctx.half, gate)
        np.add(gate, ctx.half, gate)

    def slope(self, ctx: Context, x: Array, y: Array, gate: Array, out: Array) -> None:
        np.multiply(x, x, out)
        if self.approximate == "tanh":  # x · ½ (1 − t²) · (s + 3·s·c·x²) with ½ (1 − t²) = 2·gate·(1 − gate)
            rest = ctx.scratch("rest", x.shape)
            np.multiply(out, 6 * _TANH_SLOPE * _TANH_CUBE, out)
            np.add(out, 2 * _TANH_SLOPE, out)
            np.subtract(ctx.one, gate, rest)
            np.multiply(rest, gate, rest)
            np.multiply(out, rest, out)
        else:
            np.multiply(out, -0.5, out)
            np.exp(out, out)
            np.multiply(out, _BELL, out)
        np.multiply(out, x, out)


@register
class Mish(_Gated):
    """Multiplies x by the tanh of its softplus: smooth, with a shallow dip left of 0 and no upper end. (torch.nn.Mish)

    Misra 2020, "Mish: a self regularized non-monotonic activation function".
    """

    formula = "y = x·tanh(ln(1 + exp(x)))"
    latex = r"y = x \tanh(\ln(1 + e^x))"
    derivative = r"\frac{\partial y}{\partial x} = t + x\,(1 - t^2)\,\sigma(x),\quad t = \tanh(\ln(1 + e^x))"
    torch = "F.mish({x})"
    numpy = Recipe(
        """
        gate = np.tanh(np.logaddexp(0, x))
        y = x * gate
        """,
        "dx = dy * (gate + x * (1 - gate**2) / (1 + np.exp(-x)))",
    )
    onnx = ("Mish",)
    cost = 5
    backward_cost = {"x": 8}

    def gate(self, ctx: Context, x: Array, gate: Array) -> None:
        """tanh(ln(1 + e)) = n/(n + 2) with n = e·(e + 2). Beyond x = 20 it is 1 to the last digit."""
        power = ctx.scratch("power", x.shape)
        clamp(x, None, 20.0, power)
        np.exp(power, power)
        np.add(power, 2.0, gate)
        np.multiply(power, gate, power)
        np.add(power, 2.0, gate)
        np.divide(power, gate, gate)

    def slope(self, ctx: Context, x: Array, y: Array, gate: Array, out: Array) -> None:
        """(1 − t²)·σ = 4·e·(1 + e)/(n + 2)² = 4·(t − e/(n + 2))/(n + 2)"""
        power = ctx.scratch("power", x.shape)
        clamp(x, None, 20.0, power)
        np.exp(power, power)
        np.add(power, 2.0, out)
        np.multiply(out, power, out)
        np.add(out, 2.0, out)
        np.divide(power, out, power)
        np.subtract(gate, power, power)
        np.divide(power, out, power)
        np.multiply(power, 4.0, power)
        np.multiply(power, x, out)


@register
class Hardswish(Activation):
    """SiLU in straight lines and one parabola, cheap enough for telephones. (torch.nn.Hardswish)

    Howard et al. 2019, "Searching for MobileNetV3".
    """

    formula = "y = x·min(max(x + 3, 0), 6) / 6"
    latex = r"y = \frac{x \min(\max(x + 3,\, 0),\, 6)}{6}"
    derivative = r"\frac{\partial y}{\partial x} = 0 \;(x \leq -3),\quad \frac{x}{3} + \frac{1}{2},\quad 1 \;(x \geq 3)"
    examples = (*ANY_SHAPE, Example(x=uniform(4, 5, low=-5.0, high=5.0)))
    torch = "F.hardswish({x})"
    numpy = Recipe(
        "y = x * np.clip(x + 3, 0, 6) / 6",
        "dx = dy * np.where(x <= -3, 0, np.where(x >= 3, 1, x / 3 + 0.5))",
    )
    onnx = ("HardSwish",)
    cost = 5
    backward_cost = {"x": 5}

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.add(x, 3.0, y)
        clamp(y, 0.0, 6.0, y)
        np.multiply(y, x, y)
        np.multiply(y, 1 / 6, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        """With k = x/3 brought into [−1, 1] it is k + ½ inside; at the ends ±1 half of k itself is too much."""
        if dx is None:
            return
        ends = ctx.scratch("ends", x.shape)
        np.divide(x, 3.0, dx)
        clamp(dx, -1.0, 1.0, dx)
        np.trunc(dx, ends)
        np.multiply(ends, ctx.half, ends)
        np.subtract(dx, ends, dx)
        np.add(dx, ctx.half, dx)
        np.multiply(dy, dx, dx)

    def workspace(self, x: tuple[int, ...]) -> int:
        return math.prod(x)


@register
class Hardsigmoid(Activation):
    """A sigmoid of three straight lines: 0 on the left, 1 on the right, and a ramp between. (torch.nn.Hardsigmoid)

    As PyTorch has it, the ramp goes from −3 to 3; other programs have other slopes and heights. Outside the ramp
    it lets no gradient through.
    """

    saved = ("y",)
    saturates = (0.0, 1.0)
    formula = "y = min(max(α·x + β, 0), 1)"
    latex = r"y = \min(\max(\alpha x + \beta,\, 0),\, 1)"
    derivative = r"\frac{\partial y}{\partial x} = \alpha \;(0 < y < 1)"
    alpha = Param(
        None, kind="float", low=0.0, low_open=True, symbol="α", help="The slope of the ramp; nothing: 1/6."
    )
    beta = Param(0.5, symbol="β", help="The height of the ramp at x = 0.")
    examples = (
        *Hardswish.examples,
        Example({"alpha": 0.2, "beta": 0.4}, x=uniform(4, 5, low=-5.0, high=5.0)),
    )
    onnx = ("HardSigmoid",)
    cost = 4
    backward_cost = {"x": 3}
    numpy = Recipe(
        """
        slope = 1 / 6 if alpha is None else alpha
        y = np.clip(slope * x + beta, 0, 1)
        """,
        "dx = dy * slope * ((y > 0) & (y < 1))",
    )

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.multiply(x, self._slope, y)
        np.add(y, self.beta, y)
        clamp(y, 0.0, 1.0, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        below = ctx.scratch("below", x.shape)
        indicator(ctx, np.greater, y, ctx.zero, dx)
        indicator(ctx, np.less, y, ctx.one, below)
        np.multiply(dx, below, dx)
        np.multiply(dx, self._slope, dx)
        np.multiply(dy, dx, dx)

    @property
    def _slope(self) -> float:
        return 1 / 6 if self.alpha is None else float(self.alpha)

    def emit_torch(self, **names: str) -> str:
        """F.hardsigmoid has 1/6 in single precision only."""
        return f"torch.clamp({self._slope} * {names['x']} + {self.beta}, 0, 1)"

    def workspace(self, x: tuple[int, ...]) -> int:
        return math.prod(x)

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return super().from_onnx(kind, {"alpha": 0.2, **attributes}, inputs)
