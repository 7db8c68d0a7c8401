"""Sequences and images made larger, or smaller, by repeating elements or by blending neighbours."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ParamError, ShapeError
from . import recipe_windows
from .base import Array, Context, Example, Param, Recipe, Spec
from .recipe import sizes_text
from .registry import register
from .resampling import Resampling
from .resize import from_resize
from .spec import shape_text
from .windows import EVERYWHERE, Pair

NEAREST = ("nearest", "nearest-exact")
FOR = {1: (*NEAREST, "linear"), 2: (*NEAREST, "bilinear", "bicubic")}  # the modes for so many axes


@register
class Upsample(Resampling):
    """Makes sequences or images larger: by repeating elements (nearest), or by blending neighbours. (torch.nn.Upsample)

    N×C×H×W becomes N×C×(H·scale_factor)×(W·scale_factor), rounded down, or the given `size`; N×C×L likewise. Modes
    bilinear and bicubic are for images, linear for sequences; nearest-exact looks where the middle of a pixel lies,
    nearest where its edge does. With align_corners the corner pixels of both images lie upon each other; without,
    their outer edges do.
    """

    synonyms = ("Interpolate", "UpSampling")
    formula = "y = x, larger"
    latex = r"y_{ij} = \sum_{u,v} A_{iu}\, B_{jv}\; x_{uv}"
    derivative = r"\frac{\partial y_{ij}}{\partial x_{uv}} = A_{iu}\, B_{jv}"
    scale_factor = Param(
        2.0,
        kind="floats",
        low=0.0,
        high=64.0,
        low_open=True,
        help="How many times larger, on all axes or on each; below 1 it becomes smaller.",
    )
    size = Param(
        None, kind="ints", low=1, high=16384, help="The size of the result, instead of scale_factor."
    )
    mode = Param(
        "nearest",
        choices=("nearest", "nearest-exact", "linear", "bilinear", "bicubic"),
        help="Repeat pixels, or blend two neighbours or four on each axis.",
    )
    align_corners = Param(False, help="When blending: whether the corner pixels lie upon each other.")
    examples = (
        Example(x=(2, 2, 2, 3)),
        Example({"scale_factor": (1, 3)}, x=(1, 2, 2, 2)),
        Example({"size": (5, 4)}, x=(2, 1, 3, 6)),
        Example({"mode": "nearest-exact", "size": (5, 3)}, x=(2, 1, 3, 6)),
        Example({"scale_factor": (0.6, 1.5)}, x=(1, 1, 5, 3)),
        Example({"mode": "bilinear"}, x=(2, 1, 3, 2)),
        Example({"mode": "bilinear", "scale_factor": 3, "align_corners": True}, x=(1, 2, 2, 3)),
        Example({"mode": "bilinear", "size": (2, 7)}, x=(1, 1, 4, 3)),
        Example({"mode": "bilinear", "size": (1, 3), "align_corners": True}, x=(1, 1, 4, 1)),
        Example({"mode": "bilinear", "scale_factor": (0.7, 2.5)}, x=(1, 2, 4, 3)),
        Example({"mode": "bicubic"}, x=(2, 1, 3, 2)),
        Example({"mode": "bicubic", "size": (3, 7), "align_corners": True}, x=(1, 2, 4, 3)),
        Example({"mode": "bicubic", "scale_factor": 0.6}, x=(1, 1, 5, 6)),
        Example({"scale_factor": 3}, x=(2, 3, 4)),
        Example({"mode": "linear", "size": 7}, x=(1, 2, 3)),
        Example({"mode": "linear", "scale_factor": 1.5, "align_corners": True}, x=(2, 1, 4)),
        Example(x=(1, 1, 1, 1)),
        Example(x=(0, 1, 2, 2)),
    )
    onnx = ("Resize", "Upsample")

    def flops(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> int:
        return 0 if self.mode in NEAREST else super().flops(x=x, **others)

    def check(self) -> None:
        if self.align_corners and self.mode in NEAREST:
            raise ParamError(
                f"Upsample.align_corners means nothing for mode {self.mode}.",
                hint="Choose a mode that blends, or turn it off.",
            )

    def field_of(self, ndim: int) -> int:
        return 1 if ndim == 3 else 2

    def infer(self, x: Spec) -> Spec:
        field = self.field_of(x.ndim)
        if x.ndim in (3, 4) and self.mode not in FOR[field]:
            what = "sequences N×C×L" if field == 1 else "images N×C×H×W"
            raise ShapeError(
                f"Mode {self.mode} is not for {what} such as x ({x}).",
                hint=f"Choose {', '.join(FOR[field])}.",
                socket="x",
            )
        return super().infer(x)

    def size_of(self, image: Pair, field: int) -> Pair:
        """The sizes that are asked for, or those of x times scale_factor, rounded down."""
        if self.size is not None:
            rows, columns = self._each("size", field)
            return int(rows), int(columns)
        down, right = self._each("scale_factor", field)
        rows, columns = math.floor(image[0] * down), math.floor(image[1] * right)
        if not rows or not columns:
            raise ShapeError(
                f"scale_factor {self.scale_factor} leaves nothing of {shape_text(image[-field:])}.",
                hint="Make it larger.",
                socket="x",
            )
        return rows, columns

    def _each(self, name: str, field: int) -> tuple[float, float]:
        """That param for rows and columns; the one row of a sequence stays as it is."""
        value = self.params[name]
        values = value if isinstance(value, tuple) else (value,) * field
        if len(values) != field:
            raise ShapeError(
                f"{name} {values} has {len(values)} numbers for the {'two axes' if field == 2 else 'one axis'} "
                f"{EVERYWHERE[field]} of x.",
                hint="Give one number, or one for each axis.",
                socket="x",
            )
        return (1, values[0]) if field == 1 else values

    def way(
        self, size: int, before: int, axis: int, field: int
    ) -> tuple[Callable[..., Array], tuple[Any, ...]]:
        scale = None if self.size is not None else self._each("scale_factor", field)[axis]
        if scale is not None and scale * before == size:
            scale = None  # it comes out even
        if self.mode in NEAREST:
            return recipe_windows.repeating, (size, before, scale, self.mode == "nearest-exact")
        blend = recipe_windows.bending if self.mode == "bicubic" else recipe_windows.blending
        return blend, (size, before, scale, self.align_corners)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe | None:
        x, times = shapes["x"], self._times(shapes["x"], shapes["y"])
        if times is None:
            return super().recipe(shapes)
        repeated = "".join(f".repeat({count}, axis={axis})" for axis, count in enumerate(times, 2))
        blocks = sizes_text([*x[:2], *(n for pair in zip(x[2:], times, strict=True) for n in pair)])
        axes = tuple(range(3, 2 * len(x) - 2, 2))
        return Recipe(f"y = x{repeated}", f"dx = dy.reshape({blocks}).sum(axis={axes})")

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        blocks = self._blocks(x, y)
        if blocks is None:
            super().forward(ctx, x, y=y)
        else:
            first = blocks if x.ndim == 3 else blocks[:, :, :, 0]
            for column in range(first.shape[-1]):
                np.copyto(first[..., column], x)
            for row in range(1, 1 if x.ndim == 3 else blocks.shape[3]):
                np.copyto(blocks[:, :, :, row], first)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        blocks = self._blocks(x, dy)
        if dx is None or blocks is None:
            super().backward(ctx, dy, x=x, y=y, dx=dx)
        else:
            total = blocks
            if x.ndim == 4:
                total = ctx.scratch("total", (*x.shape, blocks.shape[5]))
                _add_up([blocks[:, :, :, row] for row in range(blocks.shape[3])], total)
            _add_up([total[..., column] for column in range(total.shape[-1])], dx)

    def _blocks(self, x: Array, y: Array) -> Array | None:
        """y in the blocks that repeat one pixel each, N×C×H×s×W×s; None where it is no plain repetition."""
        times = self._times(x.shape, y.shape)
        if times is None:
            return None
        shape = [size for pair in zip(x.shape[2:], times, strict=True) for size in pair]
        return y.reshape(*x.shape[:2], *shape)

    def _times(self, x: tuple[int, ...], y: tuple[int, ...]) -> list[int] | None:
        """How many times each pixel is repeated along each axis; None where it is no plain repetition."""
        times = [size // before for size, before in zip(y[2:], x[2:], strict=True)]
        if self.mode not in NEAREST or any(size % before for size, before in zip(y[2:], x[2:], strict=True)):
            return None
        if self.size is None and tuple(times) != tuple(self._each("scale_factor", len(times)))[-len(times) :]:
            return None  # rounded down
        return times

    def emit_torch(self, **names: str) -> str:
        size = f"scale_factor={self.scale_factor}" if self.size is None else f"size={self.size}"
        corners = "" if self.mode in NEAREST else f", align_corners={self.align_corners}"
        return f"F.interpolate({names['x']}, {size}, mode='{self.mode}'{corners})"

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return from_resize(kind, attributes, inputs), {"x": inputs[0]}


def _add_up(parts: Sequence[Array], out: Array) -> None:
    """`out` = the sum of these arrays, of which there is at least one."""
    if len(parts) == 1:
        np.copyto(out, parts[0])
    else:
        np.add(parts[0], parts[1], out)
    for part in parts[2:]:
        np.add(out, part, out)
