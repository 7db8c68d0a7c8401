"""Convolution over images."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ..errors import ShapeError
from .base import Array, Context, Example, Op, Param, Socket, Spec
from .registry import register
from .spec import Shape
from .windows import Window, image_size, pair, windows_in


@register
class Conv2d(Op):
    """Slides learnable filters over images: every output pixel is a weighted sum of a small neighbourhood.

    x is N×C×H×W, weight out_channels×C×k×k, bias out_channels; y is N×out_channels×H'×W', where H' = (H +
    2·padding − kernel_size) / stride + 1, rounded down. The same filter is used everywhere, so a pattern is
    recognised wherever it is. As in PyTorch, the filter is not flipped (cross-correlation).
    """

    category = "Layer"
    formula = "y = W ∗ x + b"
    latex = r"y_{o,i,j} = b_o + \sum_{c,u,v} W_{o,c,u,v}\; x_{c,\,si+u-p,\,sj+v-p}"
    derivative = (
        r"\frac{\partial \ell}{\partial W_{o,c,u,v}} = \sum_{n,i,j} \bar{y}_{o,i,j}\; x_{c,\,si+u-p,\,sj+v-p}"
    )
    inputs = (Socket("x"), Socket("weight", learnable=True), Socket("bias", learnable=True))
    out_channels = Param(8, low=1, high=65536, help="How many filters, and so channels of the result.")
    kernel_size = Param(3, kind="ints", low=1, high=1024, symbol="k", help="Height and width of a filter.")
    stride = Param(
        1, kind="ints", low=1, high=1024, symbol="s", help="The step from one position to the next."
    )
    padding = Param(
        0, kind="ints", low=0, high=512, symbol="p", help="Rows and columns of zeros around the image."
    )
    bias = Param(True, help="Whether a bias is added to each channel.")
    examples = (
        Example({"out_channels": 4}, x=(2, 3, 5, 5)),
        Example({"out_channels": 2, "kernel_size": 3, "padding": 1, "stride": 2}, x=(2, 1, 6, 7)),
        Example(
            {"out_channels": 3, "kernel_size": (1, 2), "stride": (2, 1), "padding": (1, 0), "bias": False},
            x=(1, 2, 4, 5),
        ),
        Example({"out_channels": 1, "kernel_size": 1}, x=(1, 1, 1, 1)),
        Example({"out_channels": 2, "kernel_size": 4, "stride": 3, "padding": 3}, x=(2, 2, 5, 4)),
        Example({"out_channels": 2, "kernel_size": 4}, x=(3, 2, 4, 4)),
    )
    torch = "F.conv2d({x}, {weight}, {bias}, {stride}, {padding})"

    def check(self) -> None:
        _ = self.window  # refuses what is no pair

    @cached_property
    def window(self) -> Window:
        """The params as pairs (vertical, horizontal)."""
        return Window(
            pair(self.kernel_size, "kernel_size"), pair(self.stride, "stride"), pair(self.padding, "padding")
        )

    def learnable(self, x: Spec) -> dict[str, Shape]:
        image_size(x)
        shapes: dict[str, Shape] = {"weight": (self.out_channels, x.shape[1], *self.window.kernel)}
        return shapes | {"bias": (self.out_channels,)} if self.bias else shapes

    def infer(self, x: Spec, weight: Spec, bias: Spec | None) -> Spec:
        size = windows_in(x, self.window)
        asked = {"bias": (self.out_channels,), **self.learnable(x)}
        for name, spec in (("weight", weight), ("bias", bias)):
            if spec is not None and spec.shape != asked[name]:
                raise ShapeError(
                    f"{name} is {spec}, but x ({x}) and the params ask for {Spec(asked[name])}.",
                    hint=f"Change out_channels or kernel_size, or what is wired to {name}.",
                    socket=name,
                )
        return x.with_shape(x.shape[0], self.out_channels, *size)

    def forward(self, ctx: Context, x: Array, weight: Array, bias: Array | None, *, y: Array) -> None:
        columns = self._columns(ctx, x)
        pixels = ctx.scratch("pixels", (len(weight), columns.shape[1]))
        weight.reshape(len(weight), -1).dot(columns, pixels)
        if bias is not None:
            np.add(pixels, bias[:, None], pixels)
        np.copyto(y.reshape(len(x), -1), pixels.reshape(-1, len(x)).T)

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
        filters = weight.reshape(len(weight), -1)
        dpixels = ctx.scratch("pixels", (len(weight), dy.size // len(weight)))
        np.copyto(dpixels.reshape(-1, len(x)), dy.reshape(len(x), -1).T)
        if dbias is not None:
            np.add.reduce(dpixels, axis=1, out=dbias)
        if dweight is not None:
            columns = ctx.kept("columns")
            if columns is None or columns.shape[1] != dpixels.shape[1]:
                columns = self._columns(ctx, x)
            dpixels.dot(columns.T, dweight.reshape(filters.shape))
        if dx is not None:
            dcolumns = ctx.scratch("dcolumns", (filters.shape[1], dpixels.shape[1]))
            filters.T.dot(dpixels, dcolumns)
            self._spread(ctx, dcolumns, dx)

    def workspace(self, **shapes: tuple[int, ...]) -> int:
        count, channels, height, width = shapes["x"]
        rows, columns = self.window.output_size((height, width))
        kernel, padding = self.window.kernel, self.window.padding
        padded = (height + 2 * padding[0]) * (width + 2 * padding[1])
        each = (
            2 * channels * (padded + kernel[0] * kernel[1] * rows * columns)
            + self.out_channels * rows * columns
        )
        return int(count * each)

    def _columns(self, ctx: Context, x: Array) -> Array:
        """The matrix whose columns are the neighbourhoods of all output pixels (im2col), C·k·k × H'·W'·N.

        The batch is the last axis here, so that long runs lie together in memory and the whole batch is one product
        of matrices: twice as fast as one product per image.
        """
        (rows, columns), (kh, kw) = self.window.output_size(x.shape[2:]), self.window.kernel
        padded = self._padded(ctx, "padded", x)
        self._inside(padded, x)[...] = x.transpose(1, 2, 3, 0)
        channel, row, pixel, image = padded.strides
        (down, across) = self.window.stride
        neighbourhoods = np.ndarray(
            (x.shape[1], kh, kw, rows, columns, len(x)),
            padded.dtype,
            padded,
            strides=(channel, row, pixel, row * down, pixel * across, image),
        )
        matrix = ctx.scratch("columns", (x.shape[1] * kh * kw, rows * columns * len(x)))
        np.copyto(matrix.reshape(neighbourhoods.shape), neighbourhoods)
        return matrix

    def _spread(self, ctx: Context, dcolumns: Array, dx: Array) -> None:
        """Adds every neighbourhood's gradient to the pixels it was taken from (col2im)."""
        (rows, columns), (kh, kw) = self.window.output_size(dx.shape[2:]), self.window.kernel
        down, across = self.window.stride
        parts = dcolumns.reshape(dx.shape[1], kh, kw, rows, columns, len(dx))
        dpadded = self._padded(ctx, "dpadded", dx)
        dpadded.fill(0)
        for i in range(kh):
            for j in range(kw):
                pixels = dpadded[:, i : i + rows * down : down, j : j + columns * across : across]
                np.add(pixels, parts[:, i, j], pixels)
        dx[...] = self._inside(dpadded, dx).transpose(3, 0, 1, 2)

    def _padded(self, ctx: Context, name: str, x: Array) -> Array:
        """A kept array C×H×W×N with room for the padding, which is 0 from the start and never written to."""
        (ph, pw), (height, width) = self.window.padding, x.shape[2:]
        shape = (x.shape[1], height + 2 * ph, width + 2 * pw, len(x))
        padded = ctx.kept(name)
        if padded is None or padded.shape != shape:
            padded = ctx.scratch(name, shape)
            padded.fill(0)
        return padded

    def _inside(self, padded: Array, x: Array) -> Array:
        """The part of a padded array that is not padding."""
        (ph, pw), (height, width) = self.window.padding, x.shape[2:]
        return padded[:, ph : ph + height, pw : pw + width]
