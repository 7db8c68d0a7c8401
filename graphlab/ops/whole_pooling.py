"""Pooling over whole images: every channel becomes one number."""

from __future__ import annotations

import math

import numpy as np

from ..errors import ShapeError
from .base import Array, Context, Example, Op, Socket, Spec
from .registry import register
from .windows import image_size

IMAGES = (
    Example(x=(2, 3, 4, 5)),
    Example(x=(1, 2, 3, 3)),
    Example(x=(2, 1, 1, 4)),
    Example(x=(1, 1, 1, 1)),
    Example(x=(0, 2, 3, 3)),
)


class _WholePool(Op):
    """N×C×H×W becomes N×C×1×1."""

    category = "Layer"
    inputs = (Socket("x"),)
    examples = IMAGES

    def infer(self, x: Spec) -> Spec:
        if 0 in image_size(x):
            raise ShapeError(
                f"The images of x ({x}) have no pixels.", hint="Feed images of one pixel or more.", socket="x"
            )
        return x.with_shape(*x.shape[:2], 1, 1)


@register
class GlobalAvgPool2d(_WholePool):
    """Averages every channel over the whole image: how much of the feature is there?

    N×C×H×W becomes N×C×1×1, whatever the size of the images. It stands before the last layer of ResNet and GoogLeNet
    (Lin, Chen and Yan 2014, "Network in network").
    """

    formula = "y = mean of each channel"
    latex = r"y_c = \frac{1}{HW} \sum_{i,j} x_{c,i,j}"
    derivative = r"\frac{\partial y_c}{\partial x_{c,i,j}} = \frac{1}{HW}"
    torch = "F.adaptive_avg_pool2d({x}, 1)"
    adapts = True
    onnx = ("GlobalAveragePool",)
    saved = ()

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.add.reduce(x, axis=(2, 3), out=y, keepdims=True)
        np.multiply(y, self._share(x), y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.multiply(dy, self._share(x), dx)

    def _share(self, x: Array) -> float:
        return 1.0 / math.prod(x.shape[2:])


@register
class GlobalMaxPool2d(_WholePool):
    """Keeps the largest value of every channel: was the feature anywhere in the image?

    N×C×H×W becomes N×C×1×1. Only the winner gets the gradient, the first one where several are equal.
    """

    formula = "y = max of each channel"
    latex = r"y_c = \max_{i,j}\, x_{c,i,j}"
    derivative = r"\frac{\partial y_c}{\partial x_{c,i,j}} = [(i,j)\ \mathrm{wins}]"
    torch = "F.adaptive_max_pool2d({x}, 1)"
    onnx = ("GlobalMaxPool",)
    saved = ("x",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.maximum.reduce(x, axis=(2, 3), out=y, keepdims=True)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        channels = x.reshape(math.prod(x.shape[:2]), x.shape[2] * x.shape[3])
        winners = np.argmax(channels, axis=1)
        np.copyto(dx, 0)
        dx.reshape(channels.shape)[np.arange(len(channels)), winners] = dy.reshape(len(channels))
