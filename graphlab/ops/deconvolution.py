"""Transposed convolution: what a convolution's backward pass does, as a layer of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ParamError, ShapeError, Unsupported
from . import correlation
from .base import Array, Context, Example, Param, Recipe, Spec
from .convolution import Filters, both_ends
from .explain_products import Filtering
from .explaining import Call
from .footprint import Footprint, spreading
from .registry import register
from .rows import channel_sums
from .spec import Shape
from .window_recipe import deconvolving
from .windows import across, image_size


class _ConvTranspose(Filters):
    """Transposed convolution along one axis or two."""

    padding = Param(
        0, kind="ints", low=0, high=512, symbol="p", help="How much is cut off at each end of the result."
    )
    output_padding = Param(
        0,
        kind="ints",
        low=0,
        high=1023,
        help="How much the result is made longer at its end: several sizes lead to the same x.",
    )
    onnx = ("ConvTranspose",)

    def check(self) -> None:
        super().check()
        window, extra = self.window, self._extra
        steps = [max(s, d) for s, d in zip(window.stride, window.dilation, strict=True)]
        if any(e >= step for e, step in zip(extra, steps, strict=True)):
            raise ParamError(
                f"{type(self).__name__}.output_padding {self.output_padding} must be smaller than stride "
                f"{self.stride} or dilation {self.dilation}.",
                hint="Use a smaller output_padding.",
            )

    @property
    def _extra(self) -> tuple[int, int]:
        return across(self.output_padding, "output_padding", self.field, 0)

    def _padding(
        self, kernel: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int]
    ) -> tuple[int, int]:
        return across(self.padding, "padding", self.field, 0)

    def learnable(self, x: Spec) -> dict[str, Shape]:
        channels = self.channels(x) * self.groups
        shape: Shape = (channels, self.out_channels // self.groups, *self.window.kernel[-self.field :])
        return {"weight": shape} | ({"bias": (self.out_channels,)} if self.bias else {})

    def infer(self, x: Spec, weight: Spec, bias: Spec | None) -> Spec:
        image = image_size(x, self.field)
        rows, columns = self.window.input_size(image)
        size = (rows + self._extra[0], columns + self._extra[1])[-self.field :]
        if min(size) < 1 or min(image) < 1:
            raise ShapeError(
                f"x ({x}) would become {Spec(size)}: padding {self.padding} cuts everything off.",
                hint="Use less padding, or a larger kernel_size or stride.",
                socket="x",
            )
        self.require_shapes(x, weight, bias)
        return x.with_shape(x.shape[0], self.out_channels, *size)

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        return spreading(self.window, axis - self.field, x[axis], y[axis])

    def flops(self, *, x: tuple[int, ...], weight: tuple[int, ...], **others: tuple[int, ...]) -> int:
        """A multiply-add for each number of a filter at each element of x."""
        return 2 * math.prod(x) * math.prod(weight[1:])

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        return deconvolving(self, shapes)

    def forward(self, ctx: Context, x: Array, weight: Array, bias: Array | None, *, y: Array) -> None:
        result = self.as_image(y)
        correlation.correlate_back(
            ctx,
            self.window,
            self.groups,
            None,
            self.as_image(weight),
            self.as_image(x),
            result,
            None,
            keeps=False,
        )
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
        upstream, filters = self.as_image(dy), self.as_image(weight)
        if dbias is not None:
            count, channels, rows, columns = upstream.shape
            channel_sums(ctx, upstream.reshape(count, channels, rows * columns), dbias)
        if dx is not None:
            correlation.correlate(ctx, self.window, self.groups, upstream, filters, self.as_image(dx))
        if dweight is not None:
            correlation.correlate_back(
                ctx,
                self.window,
                self.groups,
                upstream,
                filters,
                self.as_image(x),
                None,
                self.as_image(dweight),
                keeps=dx is not None,
            )

    def filtering(self, call: Call) -> Filtering:
        return Filtering(call, self.window, self.groups, self.field, "x", "y")

    def workspace(self, **shapes: tuple[int, ...]) -> int:
        x = self.image_shape(shapes["x"])
        rows, columns = self.window.input_size(x[2:])
        y = (x[0], self.out_channels, rows + self._extra[0], columns + self._extra[1])
        return correlation.workspace(self.window, self.out_channels // self.groups, y, x)

    @classmethod
    def _out_channels(cls, shape: tuple[int, ...], groups: int) -> int:
        return int(shape[1]) * groups

    @classmethod
    def _onnx_padding(cls, kind: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
        auto = attributes.get("auto_pad", "NOTSET")
        if auto not in ("NOTSET", "VALID") or "output_shape" in attributes:
            raise Unsupported(f"{kind} is told the size of its result (auto_pad, output_shape).")
        pads: Sequence[int] = attributes.get("pads", (0,) * 2 * cls.field)
        extra = tuple(attributes.get("output_padding", (0,) * cls.field))
        return {"padding": both_ends(kind, pads), "output_padding": extra}


@register
class ConvTranspose1d(_ConvTranspose):
    """Makes sequences longer by learnable filters: every input lays down a copy of the filter, scaled by its value.

    x is N×C×L, weight C×out_channels/groups×k; y is N×out_channels×L', where L' = (L − 1)·stride − 2·padding +
    dilation·(k − 1) + output_padding + 1. It is the backward pass of the Conv1d that leads from y's shape to x's.
    (torch.nn.ConvTranspose1d)
    """

    synonyms = ("Deconvolution1d", "Conv1dTranspose")
    formula = "y = Wᵀ ∗ x + b"
    latex = r"y_{o,\,si+du-p} = b_o + \sum_{c,i,u} W_{c,o,u}\; x_{c,i}"
    derivative = r"\frac{\partial \ell}{\partial W_{c,o,u}} = \sum_{n,i} x_{c,i}\; \bar{y}_{o,\,si+du-p}"
    field = 1
    examples = (
        Example({"out_channels": 2}, x=(2, 3, 5)),
        Example({"out_channels": 2, "stride": 2, "padding": 1, "output_padding": 1}, x=(2, 2, 4)),
        Example({"out_channels": 4, "groups": 2, "dilation": 2, "bias": False}, x=(1, 2, 3)),
        Example({"out_channels": 3, "kernel_size": 1}, x=(2, 2, 4)),
        Example({"out_channels": 1, "kernel_size": 1}, x=(1, 1, 1)),
        Example({"out_channels": 2}, x=(0, 2, 3)),
    )
    torch = "F.conv_transpose1d({x}, {weight}, {bias}, {stride}, {padding}, {output_padding}, {groups}, {dilation})"


@register
class ConvTranspose2d(_ConvTranspose):
    """Makes images larger by learnable filters: every pixel lays down a copy of the filter, scaled by its value.

    x is N×C×H×W, weight C×out_channels/groups×k×k; y is N×out_channels×H'×W', where H' = (H − 1)·stride − 2·padding +
    dilation·(k − 1) + output_padding + 1. It is the backward pass of the Conv2d that leads from y's shape to x's;
    decoders and segmentation use it. (torch.nn.ConvTranspose2d; Dumoulin and Visin 2016, chapter 4)
    """

    synonyms = ("Deconvolution2d", "Conv2dTranspose")
    formula = "y = Wᵀ ∗ x + b"
    latex = r"y_{o,\,si+du-p,\,sj+dv-p} = b_o + \sum_{c,i,j,u,v} W_{c,o,u,v}\; x_{c,i,j}"
    derivative = (
        r"\frac{\partial \ell}{\partial W_{c,o,u,v}} = "
        r"\sum_{n,i,j} x_{c,i,j}\; \bar{y}_{o,\,si+du-p,\,sj+dv-p}"
    )
    examples = (
        Example({"out_channels": 2}, x=(2, 3, 3, 3)),
        Example({"out_channels": 2, "stride": 2, "padding": 1, "output_padding": 1}, x=(2, 1, 3, 4)),
        Example(
            {
                "out_channels": 3,
                "kernel_size": (1, 2),
                "stride": (2, 1),
                "padding": (0, 1),
                "output_padding": (1, 0),
                "bias": False,
            },
            x=(1, 2, 3, 4),
        ),
        Example({"out_channels": 4, "groups": 2, "kernel_size": 2, "stride": 2}, x=(2, 4, 2, 3)),
        Example({"out_channels": 2, "dilation": (1, 2), "output_padding": (0, 1)}, x=(2, 2, 3, 2)),
        Example({"out_channels": 2, "dilation": 2, "padding": 1, "stride": 3}, x=(1, 1, 2, 2)),
        Example({"out_channels": 3, "kernel_size": 1}, x=(2, 2, 3, 2)),
        Example({"out_channels": 1, "kernel_size": 1}, x=(1, 1, 1, 1)),
        Example({"out_channels": 2}, x=(0, 2, 3, 3)),
    )
    torch = "F.conv_transpose2d({x}, {weight}, {bias}, {stride}, {padding}, {output_padding}, {groups}, {dilation})"
