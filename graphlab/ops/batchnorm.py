"""Batch normalisation: every channel brought to mean 0 and variance 1, by what the batch shows or what was learnt."""

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
from .footprint import Footprint, itself
from .interchange import OtherRank
from .norm_recipe import in_training, normalising, scaling
from .registry import register
from .rows import channel_sums, ones, row_products, writable
from .spec import Dim, Shape, product, require_filled


class _BatchNorm(Op):
    """What the batch normalisations share; they differ in the shapes they take.

    All work on x as (N, C, L), where L is 1 for (N, C). `forward` keeps x − mean for `backward`.
    """

    category = "Normalisation"
    formula = "y = (x − μ) / √(σ² + ε) · w + b, μ and σ² of each channel"
    latex = r"y = \frac{x - \mu_c}{\sqrt{\sigma_c^2 + \epsilon}}\, w_c + b_c"
    derivative = (
        r"\frac{\partial \ell}{\partial x} = \frac{w_c}{\sqrt{\sigma_c^2 + \epsilon}} "
        r"(\bar{y} - \mathrm{E}[\bar{y}] - \hat{x}\, \mathrm{E}[\bar{y}\, \hat{x}])"
    )
    inputs = (
        Socket("x"),
        Socket("weight", learnable=True, init="ones"),
        Socket("bias", learnable=True, init="zeros"),
    )
    states: ClassVar[dict[str, float]] = {"running_mean": 0.0, "running_var": 1.0, "num_batches_tracked": 0.0}
    eps = Param(1e-5, low=0.0, symbol="ε", log=True, help="Added to the variance, against division by zero.")
    momentum = Param(
        0.1,
        low=0.0,
        high=1.0,
        optional=True,
        help="The share of each new batch in the running statistics; nothing: the plain average of all batches.",
    )
    affine = Param(True, help="Whether weight and bias are learnt.")
    track_running_stats = Param(
        True,
        help="Whether running statistics are kept for evaluation; otherwise each batch is its own measure.",
    )
    torch = (
        "F.batch_norm({x}, {running_mean}, {running_var}, {weight}, {bias}, "
        "self.training or {running_mean} is None, {momentum} or 0.0, {eps})"
    )
    onnx = ("BatchNormalization",)
    sizes: ClassVar[dict[int, str]] = {}
    cost = 7
    backward_cost = {"x": 8, "weight": 3, "bias": 1}
    saved = ("x", "weight")

    def learnable(self, x: Spec) -> dict[str, Shape]:
        channels = (self._channels(x),)
        return {"weight": channels, "bias": channels} if self.affine else {}

    def state_shapes(self, x: Spec) -> dict[str, Shape]:
        if not self.track_running_stats:
            return {}
        channels = (self._channels(x),)
        return {"running_mean": channels, "running_var": channels, "num_batches_tracked": ()}

    def _channels(self, x: Spec) -> int:
        if x.ndim not in self.sizes:
            wanted = " or ".join(self.sizes.values())
            raise ShapeError(
                f"x ({x}) has {x.ndim} axes; {type(self).__name__} takes {wanted}.",
                hint="Reshape it, or use the one for its number of axes.",
                socket="x",
            )
        if isinstance(x.shape[1], Dim):
            raise ShapeError(
                f"x ({x}) has an open number of channels.", hint="Give axis 1 a fixed size.", socket="x"
            )
        require_filled(x, range(1, x.ndim))
        return x.shape[1]

    def infer(self, x: Spec, weight: Spec | None, bias: Spec | None) -> Spec:
        channels = self._channels(x)
        for name, spec in (("weight", weight), ("bias", bias)):
            if spec is not None and spec.shape != (channels,):
                raise ShapeError(f"{name} is {spec}, but x ({x}) has {channels} channels.", socket=name)
        if product((x.shape[0], *x.shape[2:])) == 1 and not self.track_running_stats:
            raise _lone(x.shape)
        return x

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        """`if training:` is decided when the text is written; without running statistics it is always so."""
        x = shapes["x"]
        apart = (0, *range(2, len(x)))
        along = f".reshape(-1{', 1' * (len(x) - 2)})" if len(x) > 2 else ""
        measured = normalising(shapes, apart, along, apart)
        if not math.prod(x):  # of no examples there is no mean
            forth, back = (text.replace(".mean(", ".sum(") for text in (measured.forward, measured.backward))
            measured = Recipe(forth, back)
        if not self.track_running_stats:
            return measured
        kept = scaling(
            f"""
            rate = 1 / np.sqrt(running_var{along} + eps)
            hat = (x - running_mean{along}) * rate
            """,
            "dx = rate * slope",
            shapes,
            along,
            apart,
        )
        following = Recipe(f"{measured.forward}\n{self._followed(x)}", measured.backward)
        return in_training(following, kept)

    def _followed(self, shape: tuple[int, ...]) -> str:
        """The running statistics after the update: PyTorch's average, in which the variance is the unbiased one."""
        count = math.prod(shape) // max(1, shape[1])
        if not count:
            return ""
        lines, share = ["num_batches_tracked = num_batches_tracked + 1"], "momentum"
        if self.momentum is None:
            share = "share"
            lines.append("share = 1 / num_batches_tracked")
        axes = (0, *range(2, len(shape))) if len(shape) > 2 else 0
        variance = f"((x - mean) ** 2).sum(axis={axes}) / {count - 1}"
        lines.append(f"running_mean = (1 - {share}) * running_mean + {share} * mean.reshape(-1)")
        lines.append(f"running_var = (1 - {share}) * running_var + {share} * {variance}")
        return "\n".join(lines)

    def forward(self, ctx: Context, x: Array, weight: Array | None, bias: Array | None, *, y: Array) -> None:
        flat, out = _by_channel(x), _by_channel(y)
        if ctx.training or not self.track_running_stats:
            centred, rate, mean, variance = self._normalise(ctx, flat)
            if self.track_running_stats:
                self._follow(ctx, mean, variance, x.size // len(mean))
            np.multiply(centred, _along(self._scale(ctx, rate, weight), flat), out)
            if bias is not None:
                np.add(out, _along(bias, flat), out)
            return
        scale = self._scale(ctx, self._kept_rate(ctx), weight)
        shift = ctx.scratch("shift", scale.shape)
        np.multiply(ctx.state("running_mean"), scale, shift)
        np.negative(shift, shift) if bias is None else np.subtract(bias, shift, shift)
        np.multiply(flat, _along(scale, flat), out)
        np.add(out, _along(shift, flat), out)

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
        flat, upstream = _by_channel(x), _by_channel(dy)
        by_batch = ctx.training or not self.track_running_stats
        centred, rate = self._centred(ctx, flat, by_batch)
        total, along = ctx.scratch("total", rate.shape), ctx.scratch("along", rate.shape)
        if dbias is not None or (by_batch and dx is not None):
            channel_sums(ctx, upstream, total)
        if dweight is not None or (by_batch and dx is not None):
            _channel_products(ctx, upstream, centred, along)
            np.multiply(along, rate, along)
        if dbias is not None:
            np.copyto(dbias, total)
        if dweight is not None:
            np.copyto(dweight, along)
        if dx is None:
            return
        with writable(ctx, dx) as gradient:
            out = _by_channel(gradient)
            scale = self._scale(ctx, rate, weight)
            if by_batch:
                count = x.size // max(1, len(rate))
                np.divide(total, max(1, count), total)
                np.divide(along, max(1, count), along)
                np.multiply(along, rate, along)
                np.multiply(centred, _along(along, flat), out)
                np.subtract(upstream, out, out)
                np.subtract(out, _along(total, flat), out)
                np.multiply(out, _along(scale, flat), out)
            else:
                np.multiply(upstream, _along(scale, flat), out)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        members = call.elements("x", self._channel(call, at[1]))
        return normalised(call, at, members, self.eps, (at[1],), moments=self._moments(call, at[1]))

    def influence(self, call: Call, socket: str, at: Place) -> Sequence[Influence]:
        channel = at[0] if socket != "x" else at[1]
        places, moments = self._channel(call, channel), self._moments(call, channel)
        if socket == "x":
            weight = call.array("weight")[channel] if call.has("weight") else 1.0
            weights = np.full(len(places), weight, np.float64)
            return normalised_influence(call, at, places, self.eps, weights, moments=moments)
        x = elements("x", call.array("x"), places).values
        if not len(x):
            return []
        mean, variance = (m.value for m in moments) if moments else (x.mean(), x.var())
        return scaled_influence(socket, places, (x - mean) / np.sqrt(variance + self.eps))

    def _channel(self, call: Call, channel: int) -> Array:
        x = call.array("x")
        return picked(x.shape, (slice(None), channel, *(slice(None),) * (x.ndim - 2)))

    def _moments(self, call: Call, channel: int) -> tuple[Term, Term] | None:
        """The running statistics, where it is they that are used."""
        if call.ctx.training or not self.track_running_stats:
            return None
        return call.state("running_mean", channel), call.state("running_var", channel)

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        return itself(x[axis])  # with running statistics

    def workspace(self, x: tuple[int, ...], **more: tuple[int, ...]) -> int:
        return 2 * math.prod(x)

    def _centred(self, ctx: Context, flat: Array, by_batch: bool) -> tuple[Array, Array]:
        """x − mean, and 1/√(variance + ε), as `forward` left them."""
        if not by_batch:
            centred = ctx.scratch("centred", flat.shape)
            np.subtract(flat, _along(ctx.state("running_mean"), flat), centred)
            return centred, self._kept_rate(ctx)
        kept, rate = ctx.kept("centred"), ctx.kept("rate")
        if kept is not None and rate is not None:
            return kept, rate
        return self._normalise(ctx, flat)[:2]

    def _normalise(self, ctx: Context, flat: Array) -> tuple[Array, Array, Array, Array]:
        """x − mean, 1/√(variance + ε), mean and variance of the batch."""
        channels = flat.shape[1]
        count = flat.size // max(1, channels)
        if count == 1:
            raise _lone(flat.shape)
        centred = ctx.scratch("centred", flat.shape)
        mean, variance, rate = (ctx.scratch(name, (channels,)) for name in ("mean", "variance", "rate"))
        channel_sums(ctx, flat, mean)
        np.divide(mean, max(1, count), mean)
        np.subtract(flat, _along(mean, flat), centred)
        _channel_products(ctx, centred, centred, variance)
        np.divide(variance, max(1, count), variance)
        self._rate(ctx, variance, rate)
        return centred, rate, mean, variance

    def _follow(self, ctx: Context, mean: Array, variance: Array, count: int) -> None:
        """What the running statistics are to be: PyTorch's average, in which the variance is the unbiased one."""
        if not count:
            return
        seen = ctx.next_state("num_batches_tracked")
        np.add(ctx.state("num_batches_tracked"), ctx.one, seen)
        share, rest = self._shares(ctx, seen)
        part = ctx.scratch("part", mean.shape)
        for name, found in (("running_mean", mean), ("running_var", variance)):
            after = ctx.next_state(name)
            np.multiply(found, share, part)
            if found is variance:
                np.multiply(part, count / (count - 1), part)
            np.multiply(ctx.state(name), rest, after)
            np.add(after, part, after)

    def _shares(self, ctx: Context, seen: Array) -> tuple[Any, Any]:
        """How much the new batch counts in the running statistics, and how much all before it."""
        if self.momentum is not None:
            return self.momentum, 1 - self.momentum
        share, rest = ctx.scratch("share", ()), ctx.scratch("the rest", ())
        np.divide(ctx.one, seen, share)
        np.subtract(ctx.one, share, rest)
        return share, rest

    def _kept_rate(self, ctx: Context) -> Array:
        """1/√(running variance + ε)"""
        variance = ctx.state("running_var")
        return self._rate(ctx, variance, ctx.scratch("running rate", variance.shape))

    def _rate(self, ctx: Context, variance: Array, rate: Array) -> Array:
        np.add(variance, self.eps, rate)
        np.sqrt(rate, rate)
        np.divide(ctx.one, rate, rate)
        return rate

    def _scale(self, ctx: Context, rate: Array, weight: Array | None) -> Array:
        if weight is None:
            return rate
        scale = ctx.scratch("scale", rate.shape)
        np.multiply(rate, weight, scale)
        return scale

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """ONNX's momentum is the share of the old. The running statistics stand among the arrays by their names."""
        if getattr(inputs[0], "ndim", None) not in (None, *cls.sizes):
            raise OtherRank(f"{cls.__name__} takes {' or '.join(cls.sizes.values())}.")
        if attributes.get("training_mode", 0):
            raise Unsupported("Whether it trains is told by the run, not by the file (training_mode).")
        x, weight, bias, mean, variance = inputs
        params = {
            "eps": attributes.get("epsilon", 1e-5),
            "momentum": round(1 - attributes.get("momentum", 0.9), 12),
        }
        arrays = {"x": x, "weight": weight, "bias": bias, "running_mean": mean, "running_var": variance}
        return params, arrays


@register
class BatchNorm1d(_BatchNorm):
    """Brings every feature to mean 0 and variance 1 over the batch, then scales and shifts it by learnt numbers.

    x is (N, C) or (N, C, L); weight, bias and the running statistics are (C). Training measures mean and variance
    on the batch itself and lets running averages follow; evaluation uses those averages and changes nothing. They
    move with the update, so that a step can be taken back exactly. A batch of one has no variance to divide by.
    Ioffe and Szegedy 2015; torch.nn.BatchNorm1d.
    """

    sizes: ClassVar[dict[int, str]] = {2: "(N, C)", 3: "(N, C, L)"}
    examples = (
        Example(x=(4, 3)),
        Example({"affine": False}, x=(5, 2)),
        Example({"eps": 0.1, "momentum": 0.5}, x=(2, 3, 4)),
        Example({"momentum": None}, x=(6, 1)),
        Example({"track_running_stats": False}, x=(3, 2, 1)),
        Example(x=(1, 2, 5)),
        Example(x=(0, 3)),
    )


@register
class BatchNorm2d(_BatchNorm):
    """Brings every channel to mean 0 and variance 1 over batch and image, then scales and shifts it by learnt numbers.

    x is (N, C, H, W); weight, bias and the running statistics are (C). Training measures mean and variance on the
    batch itself and lets running averages follow; evaluation uses those averages and changes nothing. They move with
    the update, so that a step can be taken back exactly. Ioffe and Szegedy 2015; torch.nn.BatchNorm2d.
    """

    sizes: ClassVar[dict[int, str]] = {4: "(N, C, H, W)"}
    examples = (
        Example(x=(2, 3, 2, 4)),
        Example({"affine": False}, x=(3, 2, 2, 2)),
        Example({"eps": 0.1, "momentum": None}, x=(1, 2, 3, 3)),
        Example({"track_running_stats": False}, x=(4, 2, 1, 1)),
        Example(x=(0, 2, 3, 3)),
    )


def _by_channel(x: Array) -> Array:
    """x as (N, C), or as (N, C, L) where L is more than 1."""
    if x.ndim == 2:
        return x
    length = math.prod(x.shape[2:])
    return x.reshape(x.shape[:2] if length == 1 else (*x.shape[:2], length))


def _along(values: Array, flat: Array) -> Array:
    """One number for each channel, in a shape that broadcasts against (N, C) or (N, C, L)."""
    return values if flat.ndim == 2 else values.reshape(-1, 1)


def _channel_products(ctx: Context, a: Array, b: Array, out: Array) -> None:
    """Sums of a·b over batch and positions."""
    products = ctx.scratch("products", a.shape[:2])
    if a.ndim == 3:
        length = a.shape[2]
        row_products(ctx, a.reshape(-1, length), b.reshape(-1, length), products.reshape(-1))
    else:
        np.multiply(a, b, products)
    ones(ctx, len(a)).dot(products, out)


def _lone(shape: Shape) -> ShapeError:
    return ShapeError(
        f"x ({Spec(shape)}) has one value a channel, which has no variance to divide by.",
        hint="Use larger batches; the last of an epoch may be short: choose a batch size that leaves no rest of 1.",
        socket="x",
    )
