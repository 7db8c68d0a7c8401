"""Rectifiers: activations with a corner at 0, and what became of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..errors import ShapeError, Unsupported
from .activation import Activation
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec, unbroadcast
from .elementwise import ANY_SHAPE, clamp, indicator
from .explaining import Call, Place
from .explanation import Term
from .footprint import Footprint, itself
from .interchange import constant
from .registry import register
from .spec import Shape


@register
class ReLU(Activation):
    """Lets positive values through and replaces negative ones by zero.

    Does not saturate for positive values, so deep networks train; a unit that is negative for every example
    gets no gradient and stays dead. At exactly 0 the gradient is taken as 0.
    """

    usual = True
    dies = True
    formula = "y = max(x, 0)"
    latex = r"y = \max(x, 0)"
    derivative = r"\frac{\partial y}{\partial x} = [x > 0]"
    torch = "torch.relu({x})"
    numpy = Recipe("y = np.maximum(x, 0)", "dx = dy * (x > 0)")
    onnx = ("Relu",)
    backward_cost = {"x": 2}
    saved = ("y",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        clamp(x, 0.0, None, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            indicator(ctx, np.greater, y, ctx.zero, dx)
            np.multiply(dy, dx, dx)


@register
class LeakyReLU(Activation):
    """Lets positive values through and scales negative ones by `negative_slope`, so that no unit goes dead.

    Maas, Hannun and Ng 2013; torch.nn.LeakyReLU. At exactly 0 the gradient is the slope.
    """

    usual = True
    formula = "y = max(x, 0) + a·min(x, 0)"
    latex = r"y = \max(x, 0) + a \min(x, 0)"
    derivative = r"\frac{\partial y}{\partial x} = 1 \;(x > 0),\quad a \;(x \leq 0)"
    negative_slope = Param(0.01, symbol="a", help="What negative values are multiplied by.")
    examples = (
        *ANY_SHAPE,
        Example({"negative_slope": 0.3}, x=(4, 3)),
        Example({"negative_slope": 1.5}, x=(4, 3)),
        Example({"negative_slope": -0.5}, x=(4, 3)),
    )
    torch = "F.leaky_relu({x}, {negative_slope})"
    numpy = Recipe(
        "y = np.where(x > 0, x, negative_slope * x)",
        "dx = np.where(x > 0, dy, negative_slope * dy)",
    )
    onnx = ("LeakyRelu",)
    onnx_params: ClassVar[dict[str, str]] = {"alpha": "negative_slope"}
    cost = 4
    backward_cost = {"x": 2}

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.multiply(x, self.negative_slope, y)
        (np.maximum if self.negative_slope <= 1 else np.minimum)(x, y, out=y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        """(1 − a) + a rounds to exactly 1 for every slope below 2."""
        if dx is not None:
            indicator(ctx, np.greater, x, ctx.zero, dx)
            np.multiply(dx, 1 - self.negative_slope, dx)
            np.add(dx, self.negative_slope, dx)
            np.multiply(dy, dx, dx)


@register
class PReLU(Op):
    """A LeakyReLU whose slope for negative values is learnt: one for all, or one for each channel.

    x is (N, C, …) where each channel has its own slope, of whatever shape where all share one. weight is
    (num_parameters). He et al. 2015, "Delving deep into rectifiers"; torch.nn.PReLU.
    """

    category = "Activation"
    formula = "y = max(x, 0) + w·min(x, 0)"
    latex = r"y = \max(x, 0) + w \min(x, 0)"
    derivative = (
        r"\frac{\partial y}{\partial x} = 1 \;(x > 0),\quad w \;(x \leq 0),\quad "
        r"\frac{\partial y}{\partial w} = \min(x, 0)"
    )
    inputs = (Socket("x"), Socket("weight", learnable=True, init=""))
    num_parameters = Param(1, low=1, high=1_000_000, help="1 for one slope, or the number of channels.")
    init = Param(0.25, help="The slope that learning begins with.")
    examples = (
        Example(x=(4, 3)),
        Example({"num_parameters": 3}, x=(4, 3)),
        Example({"num_parameters": 3}, x=(2, 3, 4)),
        Example({"num_parameters": 2}, x=(3, 2, 2, 2)),
        Example({"init": 0.1}, x=(5,)),
        Example(x=()),
        Example(x=(0, 3)),
    )
    torch = "F.prelu({x}, {weight})"
    onnx = ("PRelu",)
    cost = 4
    backward_cost = {"x": 2, "weight": 3}

    def learnable(self, x: Spec) -> dict[str, Shape]:
        if self.num_parameters > 1 and (x.ndim < 2 or x.shape[1] != self.num_parameters):
            count = f"{x.shape[1]} channels" if x.ndim > 1 else "no channels"
            raise ShapeError(
                f"x ({x}) has {count}, but there are {self.num_parameters} slopes.",
                hint="Set num_parameters to 1"
                + (f" or {x.shape[1]}." if x.ndim > 1 and isinstance(x.shape[1], int) else "."),
                socket="x",
            )
        return {"weight": (self.num_parameters,)}

    def start(self, socket: str) -> Any:
        return self.init

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        return itself(x[axis])

    def infer(self, x: Spec, weight: Spec) -> Spec:
        asked = self.learnable(x)["weight"]
        if weight.shape != asked:
            raise ShapeError(
                f"weight is {weight}, but {self.num_parameters} slopes ask for {Spec(asked)}.",
                hint="Change num_parameters, or what is wired to weight.",
                socket="weight",
            )
        return x

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        rank = len(shapes["x"])
        if self.num_parameters == 1:
            slope, total = "weight[0]", ".sum().reshape(1)"
        else:
            slope = "weight" if rank == 2 else f"weight.reshape(-1{', 1' * (rank - 2)})"
            total = f".sum(axis={(0, *range(2, rank)) if rank > 2 else 0})"
        return Recipe(
            f"slope = {slope}\ny = np.where(x > 0, x, slope * x)",
            f"dx = np.where(x > 0, dy, slope * dy)\ndweight = (dy * np.minimum(x, 0)){total}",
        )

    def forward(self, ctx: Context, x: Array, weight: Array, *, y: Array) -> None:
        negative = ctx.scratch("negative", x.shape)
        clamp(x, None, 0.0, negative)
        np.subtract(x, negative, y)
        np.multiply(negative, self._along(weight, x.ndim), negative)
        np.add(y, negative, y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        x = call.at("x", *at)
        return x if x.value > 0 else call.at("weight", at[1] if self.num_parameters > 1 else 0) * x

    def backward(
        self,
        ctx: Context,
        dy: Array,
        *,
        x: Array,
        weight: Array,
        y: Array,
        dx: Array | None,
        dweight: Array | None,
    ) -> None:
        if dx is not None:
            rest = ctx.scratch("rest", weight.shape)
            np.subtract(ctx.one, weight, rest)
            indicator(ctx, np.greater, x, ctx.zero, dx)
            np.multiply(dx, self._along(rest, x.ndim), dx)
            np.add(dx, self._along(weight, x.ndim), dx)
            np.multiply(dy, dx, dx)
        if dweight is not None:
            negative = ctx.scratch("negative", x.shape)
            clamp(x, None, 0.0, negative)
            np.multiply(dy, negative, negative)
            unbroadcast(negative, self._along(dweight, x.ndim), ctx)

    def workspace(self, x: tuple[int, ...], **more: tuple[int, ...]) -> int:
        return math.prod(x)

    def _along(self, weight: Array, ndim: int) -> Array:
        """The slopes in a shape that broadcasts against x."""
        if self.num_parameters == 1:
            return weight.reshape((1,) * ndim)
        return weight.reshape(-1, *(1,) * (ndim - 2))

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        x, slope = inputs
        shape = constant(slope, "PRelu's slope").shape
        ndim = getattr(x, "ndim", len(shape) + 1)
        if math.prod(shape) != 1 and (len(shape) != ndim - 1 or math.prod(shape) != shape[0]):
            raise Unsupported(f"PReLU has one slope or one for each channel, not slopes of shape {shape}.")
        return {"num_parameters": math.prod(shape)}, {"x": x, "weight": slope.reshape(-1)}


class _Exponential(Activation):
    """s·x for positive values, s·a·(exp(x) − 1) for others."""

    cost = 6
    backward_cost = {"x": 3}
    saved = ("x", "y")

    def constants(self) -> tuple[float, float]:
        """(s, a)"""
        raise TypeError(f"{type(self).__name__} has no constants")

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        slope, alpha = self.constants()
        positive = ctx.scratch("positive", x.shape)
        clamp(x, None, 0.0, y)
        np.subtract(x, y, positive)
        np.expm1(y, y)
        if slope * alpha != 1:
            np.multiply(y, slope * alpha, y)
        if slope != 1:
            np.multiply(positive, slope, positive)
        np.add(y, positive, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        """Left of 0 the derivative is s·a·exp(x) = y + s·a."""
        if dx is None:
            return
        slope, alpha = self.constants()
        clamp(y, None, 0.0, dx)
        np.add(dx, slope * alpha, dx)
        if alpha != 1:
            above = ctx.scratch("positive", x.shape)
            indicator(ctx, np.greater, x, ctx.zero, above)
            np.multiply(above, slope - slope * alpha, above)
            np.add(dx, above, dx)
        np.multiply(dy, dx, dx)

    def workspace(self, x: tuple[int, ...]) -> int:
        return math.prod(x)


@register
class ELU(_Exponential):
    """Lets positive values through; negative ones bend smoothly towards −alpha.

    Its outputs have a mean nearer to zero than a ReLU's, and no unit goes dead. Clevert, Unterthiner and
    Hochreiter 2016; torch.nn.ELU.
    """

    formula = "y = x (x > 0), α·(exp(x) − 1) (x ≤ 0)"
    latex = r"y = \max(x, 0) + \alpha\,(e^{\min(x, 0)} - 1)"
    derivative = r"\frac{\partial y}{\partial x} = 1 \;(x > 0),\quad y + \alpha \;(x \leq 0)"
    alpha = Param(1.0, low=0.0, symbol="α", help="Where it ends far to the left: at −alpha.")
    examples = (*ANY_SHAPE, Example({"alpha": 0.3}, x=(4, 3)), Example({"alpha": 2.0}, x=(4, 3)))
    torch = "F.elu({x}, {alpha})"
    numpy = Recipe(
        "y = np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0))",
        "dx = np.where(x > 0, dy, dy * (y + alpha))",
    )
    onnx = ("Elu",)

    def constants(self) -> tuple[float, float]:
        return 1.0, self.alpha


@register
class SELU(_Exponential):
    """An ELU whose two constants keep activations at mean 0 and variance 1 from layer to layer, by themselves.

    For layers whose weights begin at N(0, 1/fan in). Klambauer et al. 2017, "Self-normalizing neural networks";
    torch.nn.SELU.
    """

    formula = "y = s·x (x > 0), s·α·(exp(x) − 1) (x ≤ 0), s ≈ 1.0507, α ≈ 1.6733"
    latex = (
        r"y = s \max(x, 0) + s\,\alpha\,(e^{\min(x, 0)} - 1),\quad s \approx 1.0507,\; \alpha \approx 1.6733"
    )
    derivative = r"\frac{\partial y}{\partial x} = s \;(x > 0),\quad y + s\,\alpha \;(x \leq 0)"
    torch = "F.selu({x})"
    numpy = Recipe(
        """
        scale, alpha = 1.0507009873554805, 1.6732632423543772
        y = scale * (np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0)))
        """,
        "dx = np.where(x > 0, dy * scale, dy * (y + scale * alpha))",
    )
    onnx = ("Selu",)
    cost = 7

    def constants(self) -> tuple[float, float]:
        return 1.0507009873554804934193349852946, 1.6732632423543772848170429916717

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        own = dict(zip(("gamma", "alpha"), cls().constants(), strict=True))
        if any(abs(attributes.get(name, value) - value) > 1e-6 for name, value in own.items()):
            raise Unsupported("SELU has the constants of its authors, not others.")
        return super().from_onnx(kind, {}, inputs)
