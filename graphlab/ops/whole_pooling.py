"""Pooling over whole sequences and images: every channel becomes one number."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..errors import ShapeError
from .base import Array, Context, Example, Op, Recipe, Socket, Spec
from .explain_rows import mean_of
from .explaining import Call, Place
from .explanation import Term, extreme
from .interchange import OtherRank
from .recipe_parts import sizes_text
from .registry import register
from .rows import sums
from .sliding import Sliding
from .windows import EVERYWHERE, image_size

IMAGES = (
    Example(x=(2, 3, 4, 5)),
    Example(x=(1, 2, 3, 3)),
    Example(x=(2, 1, 1, 4)),
    Example(x=(1, 1, 1, 1)),
    Example(x=(0, 2, 3, 3)),
)
SEQUENCES = (Example(x=(2, 3, 4)), Example(x=(1, 2, 5)), Example(x=(3, 1, 1)), Example(x=(0, 2, 3)))


class _WholePool(Op):
    """N×C×L becomes N×C×1, N×C×H×W becomes N×C×1×1."""

    category = "Layer"
    inputs = (Socket("x"),)
    field: ClassVar[int] = 2

    def infer(self, x: Spec) -> Spec:
        if 0 in image_size(x, self.field):
            what, least = ("images", "pixel") if self.field == 2 else ("sequences", "place")
            raise ShapeError(
                f"The {what} of x ({x}) have no {least}s.",
                hint=f"Feed {what} of one {least} or more.",
                socket="x",
            )
        return x.with_shape(*x.shape[:2], *(1,) * self.field)

    def apart(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> Sequence[Mapping[str, int]]:
        return [{"x": axis, "y": axis} for axis in (0, 1)]

    def across(self) -> tuple[int, ...]:
        """The axes that are pooled over."""
        return tuple(range(2, 2 + self.field))

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        ndim = getattr(inputs[0], "ndim", 4)
        if ndim != cls.field + 2:
            raise OtherRank(f"{cls.__name__} takes N×C×{EVERYWHERE[cls.field]}, not {ndim} axes.")
        return super().from_onnx(kind, attributes, inputs)


class _WholeAvgPool(_WholePool):
    synonyms = ("GlobalAveragePooling",)
    onnx = ("GlobalAveragePool",)
    saved = ()

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        across = self.across()
        axes = across if len(across) > 1 else across[0]
        return Recipe(
            f"y = x.mean(axis={axes}, keepdims=True)",
            f"dx = np.broadcast_to(dy / {math.prod(shapes['x'][2:])}, x.shape)",
        )

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        sums(ctx, x, self.across(), y)
        np.multiply(y, self._share(x), y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(dx, np.multiply(dy, self._share(x), ctx.scratch("share", dy.shape)))

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return mean_of(call.line("x", (*at[:2], *(slice(None),) * self.field)), call.keep)

    def sliding(self, x: tuple[int, ...]) -> Sliding:
        return Sliding.sharing("mean", (1, 1), x)

    def _share(self, x: Array) -> float:
        return 1.0 / math.prod(x.shape[2:])


class _WholeMaxPool(_WholePool):
    synonyms = ("GlobalMaxPooling",)
    onnx = ("GlobalMaxPool",)
    saved = ("x",)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        across, x = self.across(), shapes["x"]
        axes = across if len(across) > 1 else across[0]
        return Recipe(
            f"y = x.max(axis={axes}, keepdims=True)",
            f"""
            channels = x.reshape({sizes_text((*x[:2], math.prod(x[2:])))})
            wins = np.arange(channels.shape[2]) == channels.argmax(axis=2, keepdims=True)
            dx = (dy.reshape({sizes_text((*x[:2], 1))}) * wins).reshape(x.shape)
            """,
        )

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.maximum.reduce(x, axis=self.across(), out=y, keepdims=True)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return extreme(call.line("x", (*at[:2], *(slice(None),) * self.field)), keep=call.keep)

    def sliding(self, x: tuple[int, ...]) -> Sliding:
        return Sliding.sharing("max", (1, 1), x)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        channels = x.reshape(math.prod(x.shape[:2]), math.prod(x.shape[2:]))
        winners = np.argmax(channels, axis=1)
        np.copyto(dx, 0)
        dx.reshape(channels.shape)[np.arange(len(channels)), winners] = dy.reshape(len(channels))


@register
class GlobalAvgPool1d(_WholeAvgPool):
    """Averages every channel over the whole sequence: how much of the feature is there?

    N×C×L becomes N×C×1, however long the sequences are.
    """

    formula = "y = mean of each channel"
    latex = r"y_c = \frac{1}{L} \sum_i x_{c,i}"
    derivative = r"\frac{\partial y_c}{\partial x_{c,i}} = \frac{1}{L}"
    field = 1
    examples = SEQUENCES
    torch = "F.adaptive_avg_pool1d({x}, 1)"


@register
class GlobalAvgPool2d(_WholeAvgPool):
    """Averages every channel over the whole image: how much of the feature is there?

    N×C×H×W becomes N×C×1×1, whatever the size of the images. It stands before the last layer of ResNet and GoogLeNet
    (Lin, Chen and Yan 2014, "Network in network").
    """

    formula = "y = mean of each channel"
    latex = r"y_c = \frac{1}{HW} \sum_{i,j} x_{c,i,j}"
    derivative = r"\frac{\partial y_c}{\partial x_{c,i,j}} = \frac{1}{HW}"
    examples = IMAGES
    torch = "F.adaptive_avg_pool2d({x}, 1)"


@register
class GlobalMaxPool1d(_WholeMaxPool):
    """Keeps the largest value of every channel: was the feature anywhere in the sequence?

    N×C×L becomes N×C×1. Only the winner gets the gradient, the first one where several are equal.
    """

    formula = "y = max of each channel"
    latex = r"y_c = \max_i\, x_{c,i}"
    derivative = r"\frac{\partial y_c}{\partial x_{c,i}} = [i\ \mathrm{wins}]"
    field = 1
    examples = SEQUENCES
    torch = "F.adaptive_max_pool1d({x}, 1)"


@register
class GlobalMaxPool2d(_WholeMaxPool):
    """Keeps the largest value of every channel: was the feature anywhere in the image?

    N×C×H×W becomes N×C×1×1. Only the winner gets the gradient, the first one where several are equal.
    """

    formula = "y = max of each channel"
    latex = r"y_c = \max_{i,j}\, x_{c,i,j}"
    derivative = r"\frac{\partial y_c}{\partial x_{c,i,j}} = [(i,j)\ \mathrm{wins}]"
    examples = IMAGES
    torch = "F.adaptive_max_pool2d({x}, 1)"
