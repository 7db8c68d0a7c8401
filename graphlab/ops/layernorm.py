"""Normalisation of each example by itself, over its last axes: layer norm and RMS norm."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..errors import ShapeError
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .explain_rows import normalised, normalised_influence, scaled_influence
from .explaining import Call, Influence, Place, picked
from .explanation import Term, elements
from .interchange import constant
from .norm_recipe import normalising, scaling
from .registry import register
from .rows import ones, row_products, row_sums, scaled, writable
from .spec import Dim, Shape, require_filled


class _RowNorm(Op):
    """Works on x as (R, L): each row is one example's last axes."""

    category = "Normalisation"
    normalized_shape = Param(
        None,
        kind="ints",
        low=1,
        help="The sizes of the last axes that are normalised; nothing: the last axis.",
    )

    def sizes(self, x: Spec) -> Shape:
        """The sizes of the axes that are normalised. ShapeError."""
        asked = self.normalized_shape
        sizes = (asked,) if isinstance(asked, int) else asked or x.shape[-1:]
        if not x.ndim or x.shape[-len(sizes) :] != tuple(sizes):
            raise ShapeError(
                f"x ({x}) does not end in {Spec(tuple(sizes)) if sizes else 'an axis'}.",
                hint="Change normalized_shape, or leave it empty for the last axis.",
                socket="x",
            )
        if any(isinstance(size, Dim) for size in sizes):
            raise ShapeError(f"x ({x}) has an open size where it is normalised.", hint="Fix it.", socket="x")
        require_filled(x, range(x.ndim - len(sizes), x.ndim))
        return tuple(sizes)

    def fit(self, x: Spec, **learnt: Spec | None) -> Spec:
        sizes = self.sizes(x)
        for name, spec in learnt.items():
            if spec is not None and spec.shape != sizes:
                raise ShapeError(f"{name} is {spec}, but x ({x}) asks for {Spec(sizes)}.", socket=name)
        return x

    def length(self, shape: tuple[int, ...]) -> int:
        """How many numbers are normalised together."""
        asked = self.normalized_shape
        return shape[-1] if asked is None else math.prod(asked) if isinstance(asked, tuple) else asked

    def rows(self, x: Array) -> Array:
        length = self.length(x.shape)
        return x.reshape(x.size // length, length)

    def emit_torch(self, **names: str) -> str:
        asked = self.normalized_shape
        x = names["x"]
        sizes = f"{x}.shape[-1:]" if asked is None else str((asked,) if isinstance(asked, int) else asked)
        return super().emit_torch(**names, sizes=sizes)

    takes_mean: ClassVar[bool] = True  # whether the mean is taken away first

    def least(self, ctx: Context) -> float:
        """ε"""
        return float(self.params["eps"])

    def explain(self, call: Call, output: str, at: Place) -> Term:
        places, last = self._row(call, at)
        members = call.elements("x", places)
        return normalised(call, at, members, self.least(call.ctx), at[last:], self.takes_mean)

    def influence(self, call: Call, socket: str, at: Place) -> Sequence[Influence]:
        x, eps = call.array("x"), self.least(call.ctx)
        if socket == "x":
            places, last = self._row(call, at)
            weights = (
                elements("weight", call.array("weight"), places[:, last:]).values
                if call.has("weight")
                else None
            )
            weights = np.ones(len(places)) if weights is None else weights
            return normalised_influence(call, at, places, eps, weights, self.takes_mean)
        rows = self.rows(x).astype(np.float64)
        centred = rows - rows.mean(axis=1, keepdims=True) if self.takes_mean else rows
        hats = centred / np.sqrt(np.mean(centred**2, axis=1, keepdims=True) + eps)
        places = picked(x.shape, (*(slice(None),) * (x.ndim - len(at)), *at))
        own = int(np.ravel_multi_index(at, x.shape[x.ndim - len(at) :]))
        return scaled_influence(socket, places, hats[:, own])

    def _row(self, call: Call, at: Place) -> tuple[Array, int]:
        """(the places of the row that an element belongs to, how many axes stand before it)"""
        x, sizes = call.array("x"), self.normalized_shape
        last = x.ndim - (len(sizes) if isinstance(sizes, tuple) else 1)
        return picked(x.shape, (*at[:last], *(slice(None),) * (x.ndim - last))), last

    def workspace(self, x: tuple[int, ...], **more: tuple[int, ...]) -> int:
        return 2 * math.prod(x)

    def last(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The axes of an x of that shape that are normalised."""
        asked = self.normalized_shape
        return tuple(range(len(shape) - (len(asked) if isinstance(asked, tuple) else 1), len(shape)))


@register
class LayerNorm(_RowNorm):
    """Brings every example to mean 0 and variance 1 over its last axes, then scales and shifts each place.

    weight and bias have the shape of those axes. What it does to one example does not depend on the others, nor on
    whether it trains. Ba, Kiros and Hinton 2016; torch.nn.LayerNorm.
    """

    formula = "y = (x − μ) / √(σ² + ε) · w + b, μ and σ² of each row"
    latex = r"y = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \cdot w + b"
    derivative = (
        r"\frac{\partial \ell}{\partial x} = \frac{1}{\sqrt{\sigma^2 + \epsilon}} "
        r"(g - \mathrm{E}[g] - \hat{x}\, \mathrm{E}[g\, \hat{x}]),\quad g = \bar{y} \cdot w"
    )
    inputs = (
        Socket("x"),
        Socket("weight", learnable=True, init="ones"),
        Socket("bias", learnable=True, init="zeros"),
    )
    eps = Param(1e-5, low=0.0, symbol="ε", log=True, help="Added to the variance, against division by zero.")
    elementwise_affine = Param(True, help="Whether weight and bias are learnt.")
    bias = Param(True, help="Whether a bias is added, where weight is learnt.")
    examples = (
        Example(x=(4, 3)),
        Example({"normalized_shape": (3, 4)}, x=(2, 3, 4)),
        Example({"elementwise_affine": False}, x=(2, 3, 4)),
        Example({"bias": False, "eps": 0.1}, x=(1, 5)),
        Example(x=(6,)),
        Example(x=(0, 3)),
        Example({"eps": 0.5}, x=(3, 1)),
    )
    torch = "F.layer_norm({x}, {sizes}, {weight}, {bias}, {eps})"
    onnx = ("LayerNormalization",)
    cost = 7
    backward_cost = {"x": 9, "weight": 3, "bias": 1}
    saved = ("x", "weight")

    def learnable(self, x: Spec) -> dict[str, Shape]:
        sizes = self.sizes(x)
        shapes = {"weight": sizes} if self.elementwise_affine else {}
        return shapes | {"bias": sizes} if self.elementwise_affine and self.bias else shapes

    def infer(self, x: Spec, weight: Spec | None, bias: Spec | None) -> Spec:
        return self.fit(x, weight=weight, bias=bias)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        last = self.last(shapes["x"])
        return normalising(shapes, last, apart=tuple(range(last[0])))

    def forward(self, ctx: Context, x: Array, weight: Array | None, bias: Array | None, *, y: Array) -> None:
        rows, out = self.rows(x), self.rows(y)
        centred, rate = self._normalise(ctx, rows)
        scaled(ctx, centred, rate, _flat(weight), out)
        if bias is not None:
            np.add(out, bias.reshape(-1), out)

    def backward(
        self,
        ctx: Context,
        dy: Array,
        *,
        x: Array,
        weight: Array | None,
        bias: Array | None,
        y: Array,
        dx: Array | None,
        dweight: Array | None,
        dbias: Array | None,
    ) -> None:
        rows, upstream = self.rows(x), self.rows(dy)
        centred, rate = ctx.kept("centred"), ctx.kept("rate")
        if centred is None or rate is None:
            centred, rate = self._normalise(ctx, rows)
        if dbias is not None:
            ones(ctx, len(upstream)).dot(upstream, dbias.reshape(-1))
        products = np.multiply(upstream, centred, ctx.scratch("products", rows.shape))
        if dweight is not None:
            rate.dot(products, dweight.reshape(-1))
        if dx is None:
            return
        weights = ones(ctx, rows.shape[1]) if weight is None else weight.reshape(-1)
        mean, along = ctx.scratch("mean", rate.shape), ctx.scratch("along", rate.shape)
        upstream.dot(weights, mean)
        np.divide(mean, rows.shape[1], mean)
        products.dot(weights, along)
        steepness(along, rate, rows.shape[1])
        np.multiply(mean, rate, mean)
        with writable(ctx, dx) as gradient:
            out = self.rows(gradient)
            scaled(ctx, upstream, rate, _flat(weight), out)
            np.multiply(centred, along.reshape(-1, 1), products)
            np.subtract(out, products, out)
            np.subtract(out, mean.reshape(-1, 1), out)

    def _normalise(self, ctx: Context, rows: Array) -> tuple[Array, Array]:
        """x − mean by rows, and 1/√(variance + ε) of each; kept for `backward`."""
        centred = ctx.scratch("centred", rows.shape)
        mean, rate = ctx.scratch("mean", (len(rows),)), ctx.scratch("rate", (len(rows),))
        row_sums(ctx, rows, mean)
        np.divide(mean, rows.shape[1], mean)
        np.subtract(rows, mean.reshape(-1, 1), centred)
        rates(ctx, centred, self.eps, rate)
        return centred, rate

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        x, weight, bias = (*inputs, None)[:3]
        sizes = constant(weight, "LayerNormalization's scale").shape
        params = {"normalized_shape": sizes, "eps": attributes.get("epsilon", 1e-5), "bias": bias is not None}
        return params, {"x": x, "weight": weight} | ({} if bias is None else {"bias": bias})


@register
class RMSNorm(_RowNorm):
    """Divides every example by the root of the mean square over its last axes, then scales each place.

    A layer norm that leaves the mean alone; usual in language models. weight has the shape of those axes.
    Zhang and Sennrich 2019; torch.nn.RMSNorm.
    """

    formula = "y = x / √(mean(x²) + ε) · w"
    latex = r"y = \frac{x}{\sqrt{\mathrm{E}[x^2] + \epsilon}} \cdot w"
    derivative = (
        r"\frac{\partial \ell}{\partial x} = \frac{1}{\sqrt{\mathrm{E}[x^2] + \epsilon}} "
        r"(g - \hat{x}\, \mathrm{E}[g\, \hat{x}]),\quad g = \bar{y} \cdot w"
    )
    inputs = (Socket("x"), Socket("weight", learnable=True, init="ones"))
    eps = Param(
        None,
        kind="float",
        low=0.0,
        symbol="ε",
        log=True,
        help="Added to the mean square; nothing: the least that the type can tell from 1.",
    )
    elementwise_affine = Param(True, help="Whether weight is learnt.")
    examples = (
        Example(x=(4, 3)),
        Example({"normalized_shape": (3, 4), "eps": 1e-6}, x=(2, 3, 4)),
        Example({"elementwise_affine": False, "eps": 0.1}, x=(2, 3, 4)),
        Example(x=(5,)),
        Example({"eps": 0.1}, x=(3, 1)),
        Example(x=(0, 3)),
    )
    torch = "F.rms_norm({x}, {sizes}, {weight}, {eps})"
    cost = 4
    backward_cost = {"x": 7, "weight": 3}

    def learnable(self, x: Spec) -> dict[str, Shape]:
        sizes = self.sizes(x)
        return {"weight": sizes} if self.elementwise_affine else {}

    def infer(self, x: Spec, weight: Spec | None) -> Spec:
        return self.fit(x, weight=weight)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        last = self.last(shapes["x"])
        mean = f".mean(axis={last if len(last) > 1 else last[0]}, keepdims=True)"
        return scaling(
            f"""
            rate = 1 / np.sqrt((x**2){mean} + (np.finfo(dtype).eps if eps is None else eps))
            hat = x * rate
            """,
            f"rate * (slope - hat * (slope * hat){mean})",
            shapes,
            "",
            tuple(range(last[0])),
        )

    def forward(self, ctx: Context, x: Array, weight: Array | None, *, y: Array) -> None:
        rows, out = self.rows(x), self.rows(y)
        rate = ctx.scratch("rate", (len(rows),))
        rates(ctx, rows, self._eps(ctx), rate)
        scaled(ctx, rows, rate, _flat(weight), out)

    def backward(
        self,
        ctx: Context,
        dy: Array,
        *,
        x: Array,
        weight: Array | None,
        y: Array,
        dx: Array | None,
        dweight: Array | None,
    ) -> None:
        rows, upstream = self.rows(x), self.rows(dy)
        rate = ctx.kept("rate")
        if rate is None:
            rate = ctx.scratch("rate", (len(rows),))
            rates(ctx, rows, self._eps(ctx), rate)
        products = np.multiply(upstream, rows, ctx.scratch("products", rows.shape))
        if dweight is not None:
            rate.dot(products, dweight.reshape(-1))
        if dx is None:
            return
        along = ctx.scratch("along", rate.shape)
        products.dot(ones(ctx, rows.shape[1]) if weight is None else weight.reshape(-1), along)
        steepness(along, rate, rows.shape[1])
        with writable(ctx, dx) as gradient:
            out = self.rows(gradient)
            scaled(ctx, upstream, rate, _flat(weight), out)
            np.multiply(rows, along.reshape(-1, 1), products)
            np.subtract(out, products, out)

    takes_mean = False

    def least(self, ctx: Context) -> float:
        return self._eps(ctx)

    def _eps(self, ctx: Context) -> float:
        return float(np.finfo(ctx.dtype).eps if self.eps is None else self.eps)


def rates(ctx: Context, rows: Array, eps: float, rate: Array) -> None:
    """`rate` = 1/√(mean square + ε) of each row."""
    row_products(ctx, rows, rows, rate)
    np.divide(rate, rows.shape[1], rate)
    np.add(rate, eps, rate)
    np.sqrt(rate, rate)
    np.divide(ctx.one, rate, rate)


def steepness(along: Array, rate: Array, count: int) -> None:
    """From the sums of dy·w·rows of each row to what rows are multiplied by in its gradient: mean · rate³."""
    np.divide(along, count, along)
    for _ in range(3):
        np.multiply(along, rate, along)


def _flat(weight: Array | None) -> Array | None:
    return None if weight is None else weight.reshape(-1)
