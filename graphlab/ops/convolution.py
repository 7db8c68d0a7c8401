"""Convolution over sequences and images. How it is computed stands in `correlation`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from ..errors import ParamError, ShapeError, Unsupported
from . import correlation
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .explain_products import Filtering
from .explaining import Call, Influence, Place
from .explanation import Term
from .footprint import Footprint, moving
from .interchange import OtherRank
from .registry import register
from .rows import channel_sums
from .sliding import Sliding
from .spec import Shape
from .window_recipe import convolving
from .windows import Window, across, image_size, windows_in

BIASED = (Socket("x"), Socket("weight", learnable=True), Socket("bias", learnable=True))


class Filters(Op):
    """What convolution and its transpose share: filters that step over one axis or two."""

    category = "Layer"
    inputs = BIASED
    field: ClassVar[int] = 2  # how many axes a filter has
    out_channels = Param(8, low=1, high=65536, help="How many filters, and so channels of the result.")
    kernel_size = Param(
        3, kind="ints", low=1, high=1024, symbol="k", help="How far a filter reaches on each axis."
    )
    stride = Param(
        1, kind="ints", low=1, high=1024, symbol="s", help="The step from one position to the next."
    )
    dilation = Param(
        1, kind="ints", low=1, high=1024, symbol="d", help="The spacing of the pixels that a filter looks at."
    )
    groups = Param(
        1, low=1, high=65536, symbol="g", help="In how many groups channels are kept apart from each other."
    )
    bias = Param(True, help="Whether a bias is added to each channel.")
    factors = ("x", "weight")

    def check(self) -> None:
        _ = self.window  # refuses what is no pair
        if self.out_channels % self.groups:
            raise ParamError(
                f"{type(self).__name__}.out_channels {self.out_channels} cannot be divided into "
                f"{self.groups} groups.",
                hint="Make out_channels a multiple of groups.",
            )

    @cached_property
    def window(self) -> Window:
        """The params as pairs (vertical, horizontal)."""
        kernel = across(self.kernel_size, "kernel_size", self.field, 1)
        stride = across(self.stride, "stride", self.field, 1)
        dilation = across(self.dilation, "dilation", self.field, 1)
        return Window(kernel, stride, self._padding(kernel, stride, dilation), dilation)

    def _padding(
        self, kernel: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int]
    ) -> tuple[int, int]:
        raise TypeError(f"{type(self).__name__} has no padding")

    def channels(self, x: Spec) -> int:
        """How many channels a group of x has. ShapeError when they do not come out even."""
        image_size(x, self.field)
        count = x.shape[1]
        assert isinstance(count, int)  # image_size refuses open channels
        if count % self.groups or not count:
            raise ShapeError(
                f"The {count} channels of x ({x}) cannot be divided into {self.groups} groups.",
                hint="Make groups a divisor of both numbers of channels.",
                socket="x",
            )
        return int(count // self.groups)

    def require_shapes(self, x: Spec, weight: Spec, bias: Spec | None) -> None:
        """ShapeError where what is wired to weight or bias does not fit."""
        asked = {"bias": (self.out_channels,), **self.learnable(x)}
        for name, spec in (("weight", weight), ("bias", bias)):
            if spec is not None and spec.shape != asked[name]:
                raise ShapeError(
                    f"{name} is {spec}, but x ({x}) and the params ask for {Spec(asked[name])}.",
                    hint=f"Change out_channels, kernel_size or groups, or what is wired to {name}.",
                    socket=name,
                )

    def filtering(self, call: Call) -> Filtering:
        """Which numbers of x and of the result meet."""
        raise TypeError(f"{type(self).__name__} does not filter")

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return self.filtering(call).explain(at)

    def influence(self, call: Call, socket: str, at: Place) -> Sequence[Influence]:
        return self.filtering(call).influence(socket, at)

    def as_image(self, x: Array) -> Array:
        """A sequence N×C×L (or its filters) as images of one row."""
        return x.reshape(*x.shape[:2], 1, x.shape[2]) if x.ndim == 3 else x

    def maybe_image(self, x: Array | None) -> Array | None:
        return None if x is None else self.as_image(x)

    def image_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape if len(shape) == 4 else (*shape[:2], 1, shape[2])

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Channels and kernel follow from the weight, which must be there or tell its shape by an attribute."""
        x, weight, bias = (*inputs, None)[:3]
        shape = getattr(weight, "shape", None)
        if shape is None:
            raise Unsupported(f"The weight of {kind} is computed in the graph, so its shape is not known.")
        if len(shape) != cls.field + 2:
            raise OtherRank(f"{cls.__name__} has filters of {cls.field} axes, not {len(shape) - 2}.")
        groups = int(attributes.get("group", 1))
        params: dict[str, Any] = {
            "kernel_size": tuple(shape[2:]),
            "groups": groups,
            "bias": bias is not None,
            "out_channels": cls._out_channels(shape, groups),
        }
        for theirs, ours in (("strides", "stride"), ("dilations", "dilation")):
            if theirs in attributes:
                params[ours] = tuple(attributes[theirs])
        params.update(cls._onnx_padding(kind, attributes))
        arrays = {"x": x, "weight": weight} | ({} if bias is None else {"bias": bias})
        return params, arrays

    @classmethod
    def _out_channels(cls, shape: tuple[int, ...], groups: int) -> int:
        return int(shape[0])

    @classmethod
    def _onnx_padding(cls, kind: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
        auto = attributes.get("auto_pad", "NOTSET")
        if auto == "VALID":
            return {"padding": 0}
        if auto == "NOTSET":
            return {"padding": both_ends(kind, attributes.get("pads", (0,) * 2 * cls.field))}
        if any(step != 1 for step in attributes.get("strides", ())):
            raise Unsupported(
                f"{kind} pads by auto_pad {auto} and strides, which depends on the image's size."
            )
        return {"padding": "same"}


def both_ends(kind: str, pads: Sequence[int]) -> tuple[int, ...]:
    """ONNX pads (all beginnings, then all ends) as one number an axis. Unsupported where the ends differ."""
    half = len(pads) // 2
    if tuple(pads[:half]) != tuple(pads[half:]):
        raise Unsupported(f"{kind} pads its two ends differently ({tuple(pads)}).")
    return tuple(pads[:half])


class _Conv(Filters):
    """Convolution along one axis or two."""

    padding = Param(
        0,
        kind="ints",
        low=0,
        high=512,
        choices=("same", "valid"),
        symbol="p",
        help="How many zeros are put around x on each axis; same keeps the size, valid is none.",
    )
    onnx = ("Conv",)

    def _padding(
        self, kernel: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int]
    ) -> tuple[int, int]:
        if self.padding == "valid":
            return 0, 0
        if self.padding != "same":
            return across(self.padding, "padding", self.field, 0)
        if stride != (1, 1):
            raise ParamError(
                f"padding same keeps the size, stride {self.stride} does not.",
                hint="Set stride to 1, or give padding as numbers.",
            )
        missing = [(k - 1) * d for k, d in zip(kernel, dilation, strict=True)]
        if any(m % 2 for m in missing):
            raise ParamError(
                f"padding same needs as many zeros before as behind, but kernel_size {self.kernel_size} with "
                f"dilation {self.dilation} asks for {max(m for m in missing if m % 2)} together.",
                hint="Use an odd kernel_size, or a Pad before this node.",
            )
        return missing[0] // 2, missing[1] // 2

    def learnable(self, x: Spec) -> dict[str, Shape]:
        shape: Shape = (self.out_channels, self.channels(x), *self.window.kernel[-self.field :])
        return {"weight": shape} | ({"bias": (self.out_channels,)} if self.bias else {})

    def infer(self, x: Spec, weight: Spec, bias: Spec | None) -> Spec:
        size = windows_in(x, self.window, self.field)
        self.require_shapes(x, weight, bias)
        return x.with_shape(x.shape[0], self.out_channels, *size)

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        return moving(self.window, axis - self.field, x[axis], y[axis])

    def flops(self, *, weight: tuple[int, ...], y: tuple[int, ...], **others: tuple[int, ...]) -> int:
        """A multiply-add for each number of a filter at each of its positions, padding included."""
        return 2 * math.prod(y) * math.prod(weight[1:])

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        return convolving(self, shapes)

    def forward(self, ctx: Context, x: Array, weight: Array, bias: Array | None, *, y: Array) -> None:
        result = self.as_image(y)
        correlation.correlate(ctx, self.window, self.groups, self.as_image(x), self.as_image(weight), result)
        if bias is not None:
            np.add(result, bias.reshape(-1, 1, 1), result)

    def backward(
        self,
        ctx: Context,
        dy: Array,
        *,
        x: Array,
        weight: Array,
        bias: Array | None,
        y: Array,
        dx: Array | None,
        dweight: Array | None,
        dbias: Array | None,
    ) -> None:
        upstream = self.as_image(dy)
        if dbias is not None:
            count, channels, rows, columns = upstream.shape
            channel_sums(ctx, upstream.reshape(count, channels, rows * columns), dbias)
        correlation.correlate_back(
            ctx,
            self.window,
            self.groups,
            self.as_image(x),
            self.as_image(weight),
            upstream,
            self.maybe_image(dx),
            self.maybe_image(dweight),
            keeps=True,
        )

    def filtering(self, call: Call) -> Filtering:
        return Filtering(call, self.window, self.groups, self.field, "y", "x")

    def sliding(self, x: tuple[int, ...]) -> Sliding:
        return Sliding.filtering(self.window, x, self.out_channels, self.groups)

    def workspace(self, **shapes: tuple[int, ...]) -> int:
        x = self.image_shape(shapes["x"])
        y = (x[0], self.out_channels, *self.window.output_size(x[2:]))
        return correlation.workspace(self.window, x[1] // self.groups, x, y)


@register
class Conv1d(_Conv):
    """Slides learnable filters along sequences: every output is a weighted sum of a few neighbours.

    x is N×C×L, weight out_channels×C/groups×k, bias out_channels; y is N×out_channels×L', where L' = (L + 2·padding −
    dilation·(k − 1) − 1) / stride + 1, rounded down. As in PyTorch, the filter is not flipped (cross-correlation).
    """

    formula = "y = W ∗ x + b"
    latex = r"y_{o,i} = b_o + \sum_{c,u} W_{o,c,u}\; x_{c,\,si+du-p}"
    derivative = r"\frac{\partial \ell}{\partial W_{o,c,u}} = \sum_{n,i} \bar{y}_{o,i}\; x_{c,\,si+du-p}"
    field = 1
    examples = (
        Example({"out_channels": 4}, x=(2, 3, 8)),
        Example({"out_channels": 2, "kernel_size": 2, "stride": 3, "padding": 2, "bias": False}, x=(3, 1, 7)),
        Example({"out_channels": 2, "padding": "same", "dilation": 2}, x=(2, 2, 5)),
        Example({"out_channels": 4, "groups": 2, "padding": "valid"}, x=(2, 4, 6)),
        Example({"out_channels": 3, "kernel_size": 1}, x=(2, 2, 4)),
        Example({"out_channels": 1, "kernel_size": 1}, x=(1, 1, 1)),
        Example({"out_channels": 2}, x=(0, 2, 5)),
    )
    torch = "F.conv1d({x}, {weight}, {bias}, {stride}, {padding}, {dilation}, {groups})"


@register
class Conv2d(_Conv):
    """Slides learnable filters over images: every output pixel is a weighted sum of a small neighbourhood.

    x is N×C×H×W, weight out_channels×C/groups×k×k, bias out_channels; y is N×out_channels×H'×W', where H' = (H +
    2·padding − dilation·(k − 1) − 1) / stride + 1, rounded down. The same filter is used everywhere, so a pattern is
    recognised wherever it is. As in PyTorch, the filter is not flipped (cross-correlation). With groups, every filter
    sees only its own part of the channels; AlexNet's two halves are groups=2.
    """

    formula = "y = W ∗ x + b"
    latex = r"y_{o,i,j} = b_o + \sum_{c,u,v} W_{o,c,u,v}\; x_{c,\,si+du-p,\,sj+dv-p}"
    derivative = (
        r"\frac{\partial \ell}{\partial W_{o,c,u,v}} = "
        r"\sum_{n,i,j} \bar{y}_{o,i,j}\; x_{c,\,si+du-p,\,sj+dv-p}"
    )
    examples = (
        Example({"out_channels": 4}, x=(2, 3, 5, 5)),
        Example({"out_channels": 2, "kernel_size": 3, "padding": 1, "stride": 2}, x=(2, 1, 6, 7)),
        Example(
            {"out_channels": 3, "kernel_size": (1, 2), "stride": (2, 1), "padding": (1, 0), "bias": False},
            x=(1, 2, 4, 5),
        ),
        Example({"out_channels": 1, "kernel_size": 1}, x=(1, 1, 1, 1)),
        Example({"out_channels": 3, "kernel_size": 1}, x=(2, 2, 3, 4)),
        Example({"out_channels": 2, "kernel_size": 1, "stride": 2}, x=(2, 2, 3, 4)),
        Example({"out_channels": 2, "kernel_size": 4, "stride": 3, "padding": 3}, x=(2, 2, 5, 4)),
        Example({"out_channels": 2, "kernel_size": 4}, x=(3, 2, 4, 4)),
        Example({"out_channels": 2, "padding": "same", "dilation": (1, 2)}, x=(2, 2, 4, 5)),
        Example({"out_channels": 2, "dilation": 2, "stride": 2, "padding": 1}, x=(2, 1, 7, 6)),
        Example({"out_channels": 4, "groups": 2, "padding": 1}, x=(2, 4, 3, 3)),
        Example({"out_channels": 4, "groups": 2, "kernel_size": 1}, x=(2, 4, 3, 3)),
        Example({"out_channels": 6, "groups": 3, "kernel_size": 2}, x=(1, 3, 3, 3)),
        Example({"out_channels": 2}, x=(0, 2, 5, 5)),
    )
    torch = "F.conv2d({x}, {weight}, {bias}, {stride}, {padding}, {dilation}, {groups})"
