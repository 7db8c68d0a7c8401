"""Channels become pixels, and pixels channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ShapeError, Unsupported
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .footprint import Footprint, by_weights
from .recipe_parts import sizes_text
from .registry import register
from .windows import image_size


class _Rearranged(Op):
    """The same numbers, in images of another size with more or fewer channels."""

    category = "Layer"
    inputs = (Socket("x"),)

    def blocks(self, small: Array, large: Array, r: int) -> tuple[Array, Array]:
        """Views of the small images N×(C·r²)×H×W and of the large ones N×C×rH×rW, both N×C×H×r×W×r."""
        count, channels, height, width = large.shape
        apart = small.reshape(count, channels, r, r, height // r, width // r)
        return apart.transpose(0, 1, 4, 2, 5, 3), large.reshape(
            count, channels, height // r, r, width // r, r
        )

    def recipe_of(self, small: tuple[int, ...], large: tuple[int, ...], r: int) -> tuple[str, str]:
        """How small images with many channels become large ones with few, and back, with `_` for what is rearranged."""
        count, channels, height, width = large
        blocks = sizes_text((count, channels, r, r, height // r, width // r))
        pixels = sizes_text((count, channels, height // r, r, width // r, r))
        return (
            f"_.reshape({blocks}).transpose(0, 1, 4, 2, 5, 3).reshape({sizes_text(large)})",
            f"_.reshape({pixels}).transpose(0, 1, 3, 5, 2, 4).reshape({sizes_text(small)})",
        )


@register
class PixelShuffle(_Rearranged):
    """Makes images r times larger out of r² times the channels, each of which fills one place of a block of r×r pixels.

    N×(C·r²)×H×W becomes N×C×rH×rW. After a convolution it makes images larger without the chequered pattern of a
    transposed one. Shi et al. 2016, "Real-time single image … super-resolution"; torch.nn.PixelShuffle.
    """

    saved = ()
    formula = "y = x, its channels spread over r×r pixels"
    latex = r"y_{c,\,ri+u,\,rj+v} = x_{cr^2+ru+v,\,i,\,j}"
    derivative = r"\frac{\partial y_{c,\,ri+u,\,rj+v}}{\partial x_{cr^2+ru+v,\,i,\,j}} = 1"
    upscale_factor = Param(2, low=1, high=64, symbol="r", help="How many times larger on each axis.")
    examples = (
        Example(x=(2, 4, 3, 2)),
        Example({"upscale_factor": 3}, x=(1, 18, 2, 1)),
        Example({"upscale_factor": 1}, x=(1, 3, 2, 2)),
        Example(x=(1, 4, 1, 1)),
    )
    torch = "F.pixel_shuffle({x}, {upscale_factor})"
    onnx = ("DepthToSpace",)

    def infer(self, x: Spec) -> Spec:
        height, width = image_size(x)
        channels, r = x.shape[1], self.upscale_factor
        if channels % r**2:
            raise ShapeError(
                f"The {channels} channels of x ({x}) cannot be spread over {r}×{r} pixels.",
                hint=f"Give the layer before it a multiple of {r**2} channels.",
                socket="x",
            )
        return x.with_shape(x.shape[0], channels // r**2, height * r, width * r)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        spread, gathered = self.recipe_of(shapes["x"], shapes["y"], self.upscale_factor)
        return Recipe(f"y = {spread.replace('_', 'x', 1)}", f"dx = {gathered.replace('_', 'dy', 1)}")

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        source, target = self.blocks(x, y, self.upscale_factor)
        np.copyto(target, source)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            target, source = self.blocks(dx, dy, self.upscale_factor)
            np.copyto(target, source)

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        return by_weights(np.arange(y[axis])[:, None] // self.upscale_factor == np.arange(x[axis]))

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        if attributes.get("mode", "DCR") != "CRD":
            raise Unsupported(f"{kind} spreads channels in the order DCR, PixelShuffle in the order CRD.")
        return {"upscale_factor": attributes["blocksize"]}, {"x": inputs[0]}


@register
class PixelUnshuffle(_Rearranged):
    """Makes images r times smaller and keeps all numbers: each pixel of a block of r×r becomes a channel.

    N×C×rH×rW becomes N×(C·r²)×H×W: the reverse of PixelShuffle. (torch.nn.PixelUnshuffle)
    """

    saved = ()
    formula = "y = x, r×r pixels as channels"
    latex = r"y_{cr^2+ru+v,\,i,\,j} = x_{c,\,ri+u,\,rj+v}"
    derivative = r"\frac{\partial y_{cr^2+ru+v,\,i,\,j}}{\partial x_{c,\,ri+u,\,rj+v}} = 1"
    downscale_factor = Param(2, low=1, high=64, symbol="r", help="How many times smaller on each axis.")
    examples = (
        Example(x=(2, 1, 4, 6)),
        Example({"downscale_factor": 3}, x=(1, 2, 3, 6)),
        Example({"downscale_factor": 1}, x=(1, 3, 2, 2)),
        Example(x=(1, 1, 2, 2)),
    )
    torch = "F.pixel_unshuffle({x}, {downscale_factor})"

    def infer(self, x: Spec) -> Spec:
        height, width = image_size(x)
        r = self.downscale_factor
        if height % r or width % r:
            raise ShapeError(
                f"Images of {height}×{width} (x is {x}) cannot be cut into blocks of {r}×{r}.",
                hint="Pad them, or choose another downscale_factor.",
                socket="x",
            )
        return x.with_shape(x.shape[0], x.shape[1] * r**2, height // r, width // r)

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        return by_weights(np.arange(y[axis])[:, None] == np.arange(x[axis]) // self.downscale_factor)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        spread, gathered = self.recipe_of(shapes["y"], shapes["x"], self.downscale_factor)
        return Recipe(f"y = {gathered.replace('_', 'x', 1)}", f"dx = {spread.replace('_', 'dy', 1)}")

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        target, source = self.blocks(y, x, self.downscale_factor)
        np.copyto(target, source)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            source, target = self.blocks(dy, dx, self.downscale_factor)
            np.copyto(target, source)
