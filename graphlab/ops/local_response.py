"""Local response normalisation, as AlexNet uses it."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ShapeError, Unsupported
from . import recipe_tools
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .explain_rows import alike, sum_of
from .explaining import Call, Place
from .explanation import Term, number
from .registry import register


@register
class LocalResponseNorm(Op):
    """Dampens a channel where its neighbouring channels are strong at the same pixel. (torch.nn.LocalResponseNorm)

    x is N×C×… with any further axes; y has its shape. The sum runs over `size` channels around c, those that exist.
    Krizhevsky, Sutskever and Hinton 2012 ("AlexNet", section 3.3) use size 5, alpha 5e-4, beta 0.75 and k 2 in this
    convention, where alpha is divided by size.
    """

    category = "Normalisation"
    formula = "y = x / (k + alpha/size · Σ neighbours x²)^beta"
    latex = r"y_c = \frac{x_c}{(k + \frac{\alpha}{n} \sum_{c'} x_{c'}^2)^\beta}"
    derivative = (
        r"\frac{\partial y_c}{\partial x_{c'}} = [c = c']\, s_c^{-\beta} - \frac{2\alpha\beta}{n}\, "
        r"x_c\, x_{c'}\, s_c^{-\beta-1},\quad s_c = k + \frac{\alpha}{n} \sum_{c'} x_{c'}^2"
    )
    inputs = (Socket("x"),)
    size = Param(5, low=1, high=4096, symbol="n", help="How many neighbouring channels are looked at.")
    alpha = Param(1e-4, low=0.0, log=True, symbol="alpha", help="How strongly they dampen.")
    beta = Param(0.75, low=0.0, high=16.0, symbol="beta", help="The power of the denominator.")
    k = Param(1.0, low=0.0, low_open=True, help="What is added to the sum.")
    examples = (
        Example({"alpha": 0.5}, x=(2, 6, 2, 3)),
        Example({"size": 2, "alpha": 1.0, "k": 2.0}, x=(2, 4, 3)),
        Example({"size": 3, "alpha": 2.0, "beta": 1.5}, x=(1, 2, 2, 2)),
        Example({"size": 9, "alpha": 1.0}, x=(2, 3, 1, 2)),
        Example({"size": 1, "alpha": 1.0}, x=(1, 1, 1)),
        Example(x=(0, 3, 2, 2)),
    )
    torch = "F.local_response_norm({x}, {size}, {alpha}, {beta}, {k})"
    numpy = Recipe(
        """
        strength = k + alpha / size * sums_of_neighbours(x**2, size // 2, (size - 1) // 2)
        y = x * strength ** (-beta)
        """,
        """
        back = sums_of_neighbours(dy * y / strength, (size - 1) // 2, size // 2)
        dx = dy * strength ** (-beta) - 2 * alpha * beta / size * x * back
        """,
        tools=(recipe_tools.sums_of_neighbours,),
    )
    onnx = ("LRN",)
    onnx_params = {"bias": "k"}
    saved = ("x", "y")

    def infer(self, x: Spec) -> Spec:
        if x.ndim < 3 or not isinstance(x.shape[1], int):
            raise ShapeError(
                f"x ({x}) has no fixed channels and places, N×C×….",
                hint="Put it after a convolution.",
                socket="x",
            )
        return x

    def apart(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> Sequence[Mapping[str, int]]:
        return alike(len(x), (1,), ("x", "y"))

    def flops(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> int:
        return (int(self.size) + 5) * math.prod(x)

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        return len(wanted) * (int(self.size) + 7) * math.prod(shapes["x"])

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        power = ctx.scratch("power", x.shape)
        np.power(self._strength(ctx, x), -self.beta, power)
        np.multiply(x, power, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        strength, power = self._kept(ctx, x)
        ratio, spread = ctx.scratch("ratio", x.shape), ctx.scratch("squares", x.shape)
        np.multiply(dy, y, ratio)
        np.divide(ratio, strength, ratio)
        np.copyto(spread, 0)
        for here, there in self._neighbours(x.shape[1]):
            target = spread[:, there]
            np.add(target, ratio[:, here], target)
        np.multiply(spread, x, spread)
        np.multiply(spread, 2 * self.alpha * self.beta / self.size, spread)
        np.multiply(dy, power, dx)
        np.subtract(dx, spread, dx)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        here, channels = at[1], call.array("x").shape[1]
        first, last = max(0, here - self.size // 2), min(channels, here + (self.size - 1) // 2 + 1)
        squares = sum_of(call.line("x", (at[0], slice(first, last), *at[2:])), "square", call.keep)
        strength = number(self.k, "k") + number(self.alpha / self.size, "alpha/size") * squares.called("Σ x²")
        return call.at("x", *at) / strength ** number(self.beta, "beta")

    def workspace(self, x: tuple[int, ...], **others: tuple[int, ...]) -> int:
        return 4 * int(np.prod(x))

    def _kept(self, ctx: Context, x: Array) -> tuple[Array, Array]:
        """k + alpha/size·Σ x², and its power; computed again where `forward` left nothing."""
        strength, power = ctx.kept("strength"), ctx.kept("power")
        if strength is None or power is None or strength.shape != x.shape:
            power = ctx.scratch("power", x.shape)
            strength = self._strength(ctx, x)
            np.power(strength, -self.beta, power)
        return strength, power

    def _strength(self, ctx: Context, x: Array) -> Array:
        squares, strength = ctx.scratch("squares", x.shape), ctx.scratch("strength", x.shape)
        np.multiply(x, x, squares)
        np.multiply(squares, self.alpha / self.size, squares)
        np.copyto(strength, self.k)
        for here, there in self._neighbours(x.shape[1]):
            target = strength[:, here]
            np.add(target, squares[:, there], target)
        return strength

    def _neighbours(self, channels: int) -> Iterator[tuple[slice, slice]]:
        """For each offset: the channels that have a neighbour there, and those neighbours."""
        for offset in range(-(self.size // 2), (self.size - 1) // 2 + 1):
            count = channels - abs(offset)
            if count > 0:
                here, there = max(0, -offset), max(0, offset)
                yield slice(here, here + count), slice(there, there + count)

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        params, arrays = super().from_onnx(kind, attributes, inputs)
        if params["size"] % 2 == 0:
            raise Unsupported(
                f"{kind} of even size {params['size']} looks to the other side than PyTorch does."
            )
        return params, arrays
