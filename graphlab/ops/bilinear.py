"""The bilinear layer: how two inputs act together."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ..errors import ShapeError
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .explain_products import bilinear
from .explaining import Call, Place
from .explanation import Term
from .recipe import summed
from .registry import register
from .spec import Shape


@register
class Bilinear(Op):
    """Weighs every product of a number of x1 with a number of x2: how well two things match (torch.nn.Bilinear).

    x1 is (…, in1), x2 is (…, in2) with the same leading axes; weight is (units, in1, in2); bias is (units);
    y is (…, units). Unplugged, weight and bias are parameters of the node itself.
    """

    category = "Layer"
    formula = "yₖ = x1ᵀ·Wₖ·x2 + bₖ"
    latex = r"y_k = x_1^\top W_k\, x_2 + b_k"
    derivative = (
        r"\frac{\partial \ell}{\partial W_k} = \bar{y}_k\, x_1 x_2^\top,\quad "
        r"\frac{\partial \ell}{\partial x_1} = \sum_k \bar{y}_k\, W_k\, x_2"
    )
    inputs = (
        Socket("x1"),
        Socket("x2"),
        Socket("weight", learnable=True),
        Socket("bias", learnable=True),
    )
    units = Param(16, low=1, high=1_000_000, help="How many outputs the layer has.")
    bias = Param(True, help="Whether a bias is added.")
    examples = (
        Example({"units": 5}, x1=(4, 3), x2=(4, 2)),
        Example({"units": 2, "bias": False}, x1=(4, 3), x2=(4, 3)),
        Example({"units": 2}, x1=(3,), x2=(4,)),
        Example({"units": 3}, x1=(2, 5, 3), x2=(2, 5, 1)),
        Example({"units": 1}, x1=(1, 1), x2=(1, 1)),
        Example({"units": 2}, x1=(0, 3), x2=(0, 2)),
    )
    torch = "F.bilinear({x1}, {x2}, {weight}, {bias})"
    factors = ("x1", "x2", "weight")

    def learnable(self, x1: Spec, x2: Spec) -> dict[str, Shape]:
        for name, x in (("x1", x1), ("x2", x2)):
            if not x.ndim or not isinstance(x.shape[-1], int):
                raise ShapeError(
                    f"{name} ({x}) has no fixed last axis to weigh.",
                    hint="Feed at least a vector.",
                    socket=name,
                )
        shapes: dict[str, Shape] = {"weight": (self.units, x1.shape[-1], x2.shape[-1])}
        return shapes | {"bias": (self.units,)} if self.bias else shapes

    def fans(self, socket: str, shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, int]:
        """As torch.nn.Bilinear counts: the size of x1 alone."""
        units, in1, _ = shapes["weight"]
        return max(1, in1), units

    def infer(self, x1: Spec, x2: Spec, weight: Spec, bias: Spec | None) -> Spec:
        asked = {"bias": (self.units,), **self.learnable(x1, x2)}
        if x1.shape[:-1] != x2.shape[:-1]:
            raise ShapeError(
                f"x1 ({x1}) and x2 ({x2}) differ in their leading axes.",
                hint="Feed as many rows of one as of the other.",
                socket="x2",
            )
        for name, spec in (("weight", weight), ("bias", bias)):
            if spec is not None and spec.shape != asked[name]:
                raise ShapeError(
                    f"{name} is {spec}, but x1 ({x1}), x2 ({x2}) and {self.units} units "
                    f"ask for {Spec(asked[name])}.",
                    hint=f"Change units, or what is wired to {name}.",
                    socket=name,
                )
        return x1.with_shape(*x1.shape[:-1], self.units)

    def flops(self, *, weight: tuple[int, ...], y: tuple[int, ...], **others: tuple[int, ...]) -> int:
        """All products of a row, then the sum of each unit over them."""
        units, in1, in2 = weight
        return (1 + 2 * units) * math.prod(y[:-1]) * in1 * in2

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        n = "abcdefgh"[: len(shapes["y"]) - 1]
        total = summed("dy", "bias", shapes["y"][-1:], shapes["y"])
        return Recipe(
            f'y = np.einsum("{n}i,oij,{n}j->{n}o", x1, weight, x2)' + " + bias" * ("bias" in shapes),
            f"""
            dx1 = np.einsum("{n}o,oij,{n}j->{n}i", dy, weight, x2)
            dx2 = np.einsum("{n}o,oij,{n}i->{n}j", dy, weight, x1)
            dweight = np.einsum("{n}o,{n}i,{n}j->oij", dy, x1, x2)
            dbias = {total}
            """,
        )

    def forward(
        self, ctx: Context, x1: Array, x2: Array, weight: Array, bias: Array | None, *, y: Array
    ) -> None:
        """All products of a row in one long row, so that the sum is one matrix product."""
        table = weight.reshape(self.units, -1)
        np.matmul(self._products(ctx, x1, x2), table.T, y.reshape(-1, self.units))
        if bias is not None:
            np.add(y, bias, y)

    def backward(
        self,
        ctx: Context,
        dy: Array,
        *,
        x1: Array,
        x2: Array,
        weight: Array,
        bias: Array | None,
        y: Array,
        dx1: Array | None,
        dx2: Array | None,
        dweight: Array | None,
        dbias: Array | None,
    ) -> None:
        slopes = dy.reshape(-1, self.units)
        if dbias is not None:
            np.add.reduce(slopes, axis=0, out=dbias)
        if dweight is not None:
            target = ctx.scratch("table", (self.units, x1.shape[-1] * x2.shape[-1]))
            np.matmul(slopes.T, self._products(ctx, x1, x2), target)
            np.copyto(dweight, target.reshape(dweight.shape))
        if dx1 is None and dx2 is None:
            return
        back = ctx.scratch("back", (len(slopes), x1.shape[-1] * x2.shape[-1]))
        np.matmul(slopes, weight.reshape(self.units, -1), back)
        pairs = back.reshape(*x1.shape, x2.shape[-1])
        if dx1 is not None:
            np.matmul(pairs, x2[..., None], dx1[..., None])
        if dx2 is not None:
            np.matmul(x1[..., None, :], pairs, dx2[..., None, :])

    def workspace(self, x1: tuple[int, ...], x2: tuple[int, ...], **others: tuple[int, ...]) -> int:
        return (2 * math.prod(x1[:-1]) + int(self.units)) * x1[-1] * x2[-1]

    def _products(self, ctx: Context, x1: Array, x2: Array) -> Array:
        """Row by row the products of every number of x1 with every number of x2, as (rows, in1 · in2)."""
        rows = math.prod(x1.shape[:-1])
        products = ctx.scratch("products", (rows, x1.shape[-1] * x2.shape[-1]))
        np.multiply(x1[..., :, None], x2[..., None, :], products.reshape(*x1.shape, x2.shape[-1]))
        return products

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return bilinear(call, at)
