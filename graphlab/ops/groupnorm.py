"""Normalisation of each example by itself, over groups of channels: group norm and instance norm."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..errors import ShapeError, Unsupported
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .explain_rows import normalised, normalised_influence, scaled_influence
from .explaining import Call, Influence, Place, picked
from .explanation import Term, elements
from .interchange import OtherRank, constant
from .norm_recipe import normalising, scaling
from .recipe import sizes_text
from .registry import register
from .rows import ones, row_products, row_sums, writable
from .spec import Dim, Shape, product, require_filled


class _GroupNorm(Op):
    """Works on x as (N·G, C/G·L), where each row is one group of channels of one example, and as (N·C, L)."""

    category = "Normalisation"
    formula = "y = (x − μ) / √(σ² + ε) · w + b, μ and σ² of each group of channels"
    latex = r"y = \frac{x - \mu_g}{\sqrt{\sigma_g^2 + \epsilon}}\, w_c + b_c"
    derivative = (
        r"\frac{\partial \ell}{\partial x} = \frac{1}{\sqrt{\sigma_g^2 + \epsilon}} "
        r"(g - \mathrm{E}[g] - \hat{x}\, \mathrm{E}[g\, \hat{x}]),\quad g = \bar{y}\, w_c"
    )
    inputs = (
        Socket("x"),
        Socket("weight", learnable=True, init="ones"),
        Socket("bias", learnable=True, init="zeros"),
    )
    eps = Param(1e-5, low=0.0, symbol="ε", log=True, help="Added to the variance, against division by zero.")
    affine = Param(True, help="Whether weight and bias are learnt.")
    cost = 7
    backward_cost = {"x": 8, "weight": 3, "bias": 1}
    saved = ("x", "weight")

    def groups(self, channels: int) -> int:
        """How many groups so many channels make."""
        raise TypeError(f"{type(self).__name__} has no groups")

    def channels(self, x: Spec) -> int:
        """The number of channels. ShapeError where they do not fit."""
        raise TypeError(f"{type(self).__name__} has no channels")

    def learnable(self, x: Spec) -> dict[str, Shape]:
        channels = (self.channels(x),)
        return {"weight": channels, "bias": channels} if self.affine else {}

    def infer(self, x: Spec, weight: Spec | None, bias: Spec | None) -> Spec:
        channels = self.channels(x)
        for name, spec in (("weight", weight), ("bias", bias)):
            if spec is not None and spec.shape != (channels,):
                raise ShapeError(f"{name} is {spec}, but x ({x}) has {channels} channels.", socket=name)
        if product((channels // max(1, self.groups(channels)), *x.shape[2:])) == 1:
            raise _alone(x)
        return x

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        examples, groups, width = self._shape(shapes["x"])
        rows = sizes_text((examples, groups, width * math.prod(shapes["x"][2:])))
        mean = ".mean(axis=2, keepdims=True)"
        return scaling(
            f"""
            rows = x.reshape({rows})
            rows = rows - rows{mean}
            rate = 1 / np.sqrt((rows**2){mean} + eps)
            rows = rows * rate
            hat = rows.reshape(x.shape)
            """,
            f"(rate * (slope.reshape(rows.shape) - slope.reshape(rows.shape){mean}"
            f" - rows * (slope.reshape(rows.shape) * rows){mean})).reshape(x.shape)",
            shapes,
            f".reshape(-1{', 1' * (len(shapes['x']) - 2)})",
            (0, *range(2, len(shapes["x"]))),
        )

    def forward(self, ctx: Context, x: Array, weight: Array | None, bias: Array | None, *, y: Array) -> None:
        centred, rate = self._normalise(ctx, x)
        lines, out = self._lines(centred, x.shape), self._lines(y, x.shape)
        np.multiply(lines, self._scale(ctx, rate, weight, x.shape), out)
        if bias is not None:
            shift = ctx.scratch("shift", x.shape[:2])
            np.copyto(shift, bias)
            np.add(out, shift.reshape(-1, 1), out)

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
        centred, rate = ctx.kept("centred"), ctx.kept("rate")
        if centred is None or rate is None:
            centred, rate = self._normalise(ctx, x)
        examples, groups, width = self._shape(x.shape)
        upstream, lines = self._lines(dy, x.shape), self._lines(centred, x.shape)
        total = ctx.scratch("total", (examples, groups, width))  # Σ dy over the positions of each channel
        along = ctx.scratch("along", (examples, groups, width))  # Σ dy · (x − mean), likewise
        row_sums(ctx, upstream, total.reshape(-1))
        row_products(ctx, upstream, lines, along.reshape(-1))
        if dbias is not None:
            ones(ctx, examples).dot(total.reshape(examples, groups * width), dbias)
        if dweight is not None:
            part = ctx.scratch("part", (examples, groups, width))
            np.multiply(along, rate.reshape(examples, groups, 1), part)
            ones(ctx, examples).dot(part.reshape(examples, groups * width), dweight)
        if dx is None:
            return
        if weight is not None:
            np.multiply(total, weight.reshape(groups, width), total)
            np.multiply(along, weight.reshape(groups, width), along)
        mean, slope = ctx.scratch("mean", rate.shape), ctx.scratch("slope", rate.shape)
        row_sums(ctx, total.reshape(-1, width), mean)
        row_sums(ctx, along.reshape(-1, width), slope)
        np.divide(mean, -centred.shape[1], mean)
        np.multiply(mean, rate, mean)
        np.divide(slope, -centred.shape[1], slope)
        for _ in range(3):
            np.multiply(slope, rate, slope)
        # dx = dy·w·rate − rate·E[g] − (x − mean)·rate³·E[g·(x − mean)]
        np.copyto(total, mean.reshape(examples, groups, 1))
        np.copyto(along, slope.reshape(examples, groups, 1))
        with writable(ctx, dx) as gradient:
            out, rest = self._lines(gradient, x.shape), ctx.scratch("rest", lines.shape)
            np.multiply(lines, along.reshape(-1, 1), rest)
            np.add(rest, total.reshape(-1, 1), rest)
            np.multiply(upstream, self._scale(ctx, rate, weight, x.shape), out)
            np.add(out, rest, out)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        members = call.elements("x", self._members(call, at))
        return normalised(call, at, members, self.eps, (at[1],))

    def influence(self, call: Call, socket: str, at: Place) -> Sequence[Influence]:
        x = call.array("x")
        if socket == "x":
            places = self._members(call, at)
            weight = call.array("weight") if call.has("weight") else np.ones(x.shape[1])
            weights = weight[places[:, 1]].astype(np.float64)
            return normalised_influence(call, at, places, self.eps, weights)
        hats = [self._hats(call, (n, at[0], *(0,) * (x.ndim - 2))) for n in range(len(x))]
        places = picked(x.shape, (slice(None), at[0], *(slice(None),) * (x.ndim - 2)))
        return scaled_influence(socket, places, np.concatenate(hats) if hats else np.zeros(0))

    def _hats(self, call: Call, at: Place) -> Array:
        """(x − μ) / √(σ² + ε) of the channel of one example."""
        x, own = elements("x", call.array("x"), self._members(call, at)).values, call.array("x")[at[:2]]
        found: Array = (own.reshape(-1).astype(np.float64) - x.mean()) / np.sqrt(x.var() + self.eps)
        return found

    def _members(self, call: Call, at: Place) -> Array:
        """The places of the group of channels that an element belongs to."""
        x = call.array("x")
        width = x.shape[1] // self.groups(x.shape[1])
        first = at[1] // width * width
        return picked(x.shape, (at[0], slice(first, first + width), *(slice(None),) * (x.ndim - 2)))

    def workspace(self, x: tuple[int, ...], **more: tuple[int, ...]) -> int:
        return 2 * math.prod(x)

    def _normalise(self, ctx: Context, x: Array) -> tuple[Array, Array]:
        """x − mean by groups, and 1/√(variance + ε) of each; kept for `backward`."""
        examples, groups, _ = self._shape(x.shape)
        rows = x.reshape(examples * groups, math.prod(x.shape[1:]) // groups)
        count = rows.shape[1]
        if len(rows) and count < 2:
            raise _alone(Spec(x.shape))
        centred = ctx.scratch("centred", rows.shape)
        mean, rate = ctx.scratch("mean", (len(rows),)), ctx.scratch("rate", (len(rows),))
        row_sums(ctx, rows, mean)
        np.divide(mean, max(1, count), mean)
        np.subtract(rows, mean.reshape(-1, 1), centred)
        row_products(ctx, centred, centred, rate)
        np.divide(rate, max(1, count), rate)
        np.add(rate, self.eps, rate)
        np.sqrt(rate, rate)
        np.divide(ctx.one, rate, rate)
        return centred, rate

    def _scale(self, ctx: Context, rate: Array, weight: Array | None, shape: tuple[int, ...]) -> Array:
        """What each channel of each example is multiplied by: (N·C, 1)."""
        examples, groups, width = self._shape(shape)
        scale = ctx.scratch("scale", (examples, groups, width))
        rates = rate.reshape(examples, groups, 1)
        if weight is None:
            np.copyto(scale, rates)
        else:
            np.multiply(rates, weight.reshape(groups, width), scale)
        return scale.reshape(-1, 1)

    def _shape(self, shape: tuple[int, ...]) -> tuple[int, int, int]:
        """(N, G, C/G)"""
        groups = self.groups(shape[1])
        return shape[0], groups, shape[1] // groups

    def _lines(self, array: Array, shape: tuple[int, ...]) -> Array:
        """An array of as many elements as x: each channel of each example is a row of (N·C, L)."""
        return array.reshape(shape[0] * shape[1], math.prod(shape[2:]))


@register
class GroupNorm(_GroupNorm):
    """Brings every group of channels of every example to mean 0 and variance 1, then scales and shifts each channel.

    x is (N, C, …); weight and bias are (C). Independent of the batch, so good for batches of a few images. One group
    is a layer norm over all channels, C groups are an instance norm. Wu and He 2018; torch.nn.GroupNorm.
    """

    num_groups = Param(1, low=1, high=1_000_000, help="Into how many groups the channels are divided.")
    examples = (
        Example({"num_groups": 2}, x=(2, 4, 3)),
        Example({"num_groups": 3}, x=(2, 6, 2, 2)),
        Example({"num_groups": 1, "affine": False}, x=(3, 4)),
        Example({"num_groups": 2, "eps": 0.1}, x=(1, 2, 3, 1)),
        Example({"num_groups": 2}, x=(0, 4, 3)),
    )
    torch = "F.group_norm({x}, {num_groups}, {weight}, {bias}, {eps})"
    onnx = ("GroupNormalization",)

    def groups(self, channels: int) -> int:
        return int(self.num_groups)

    def channels(self, x: Spec) -> int:
        if x.ndim < 2 or isinstance(x.shape[1], Dim):
            raise ShapeError(f"x ({x}) has no fixed channels in axis 1.", hint="Feed (N, C, …).", socket="x")
        if x.shape[1] % self.num_groups:
            raise ShapeError(
                f"The {x.shape[1]} channels of x ({x}) cannot be divided into {self.num_groups} equal groups.",
                hint=f"Set num_groups to a divisor of {x.shape[1]}.",
                socket="x",
            )
        require_filled(x, range(1, x.ndim))
        return x.shape[1]

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """ONNX's scale and bias are one number for each group up to opset 20, for each channel after it."""
        x, weight, bias = inputs
        groups = attributes["num_groups"]
        channels = np.shape(x)[1] if isinstance(x, np.ndarray) else 0
        learnt = {}
        for name, values in (("weight", weight), ("bias", bias)):
            found = constant(values, f"GroupNormalization's {name}")
            if len(found) == groups and channels != groups:
                if not channels:
                    raise Unsupported("The number of channels is not known beforehand.")
                found = np.repeat(found, channels // groups)
            learnt[name] = found
        return {"num_groups": groups, "eps": attributes.get("epsilon", 1e-5)}, {"x": x} | learnt


class _InstanceNorm(_GroupNorm):
    """Each channel of each example by itself."""

    formula = "y = (x − μ) / √(σ² + ε) · w + b, μ and σ² of each channel of each example"
    latex = r"y = \frac{x - \mu_{nc}}{\sqrt{\sigma_{nc}^2 + \epsilon}}\, w_c + b_c"
    affine = Param(False, help="Whether weight and bias are learnt.")
    torch = "F.instance_norm({x}, None, None, {weight}, {bias}, True, 0.0, {eps})"
    onnx = ("InstanceNormalization",)
    sizes: ClassVar[str]

    def groups(self, channels: int) -> int:
        return channels

    def channels(self, x: Spec) -> int:
        if x.ndim != _count(self.sizes) or isinstance(x.shape[1], Dim):
            raise ShapeError(f"x ({x}) is no batch of {self.sizes}.", hint="Reshape it.", socket="x")
        if product(x.shape[2:]) == 1:
            raise ShapeError(
                f"x ({x}) has one value in each channel, which has no variance to divide by.",
                hint=f"Feed larger {'images' if x.ndim == 4 else 'sequences'}.",
                socket="x",
            )
        require_filled(x, range(1, x.ndim))
        return x.shape[1]

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        x, weight, bias = inputs
        if isinstance(x, np.ndarray) and x.ndim != _count(cls.sizes):
            raise OtherRank(f"{cls.__name__} takes {cls.sizes}.")
        params = {"affine": True, "eps": attributes.get("epsilon", 1e-5)}
        return params, {"x": x, "weight": weight, "bias": bias}

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        places = tuple(range(2, len(shapes["x"])))
        return normalising(shapes, places, f".reshape(-1{', 1' * len(places)})", (0, *places))


@register
class InstanceNorm1d(_InstanceNorm):
    """Brings every channel of every sequence to mean 0 and variance 1 by itself.

    x is (N, C, L); weight and bias, if they are learnt, are (C). Ulyanov, Vedaldi and Lempitsky 2016;
    torch.nn.InstanceNorm1d without running statistics.
    """

    sizes = "sequences N×C×L"
    examples = (
        Example(x=(2, 3, 4)),
        Example({"affine": True}, x=(3, 2, 5)),
        Example({"affine": True, "eps": 0.1}, x=(1, 1, 3)),
        Example(x=(0, 2, 2)),
    )


@register
class InstanceNorm2d(_InstanceNorm):
    """Brings every channel of every image to mean 0 and variance 1 by itself, which takes contrast and tint out.

    x is (N, C, H, W); weight and bias, if they are learnt, are (C). Usual where the style of an image is
    changed. Ulyanov, Vedaldi and Lempitsky 2016; torch.nn.InstanceNorm2d without running statistics.
    """

    sizes = "images N×C×H×W"
    examples = (
        Example(x=(2, 3, 2, 4)),
        Example({"affine": True}, x=(3, 2, 2, 2)),
        Example({"affine": True, "eps": 0.1}, x=(1, 1, 3, 1)),
        Example(x=(0, 2, 2, 2)),
    )


def _count(sizes: str) -> int:
    """How many axes "sequences N×C×L" have."""
    return len(sizes.split("×"))


def _alone(x: Spec) -> ShapeError:
    return ShapeError(
        f"x ({x}) has one value in each group, which has no variance to divide by.",
        hint="Use fewer groups, or larger images.",
        socket="x",
    )
