"""Images of another size: every row and column of the result is a weighted sum of rows and columns of x.

So each of these is two products with a small matrix, one along the rows and one along the columns.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ParamError, ShapeError, Unsupported
from .base import Array, Context, Example, Op, Param, Socket, Spec
from .interchange import constant
from .registry import register
from .windows import across, image_size


class _Resampling(Op):
    """N×C×H×W becomes N×C×H'×W': y = A·x·Bᵀ."""

    category = "Layer"
    inputs = (Socket("x"),)

    def size_of(self, image: tuple[int, int]) -> tuple[int, int]:
        """The size of the result for images of that size."""
        raise TypeError(f"{type(self).__name__} has no size")

    def weights(self, size: int, before: int) -> Array:
        """The matrix (size × before) that makes so many rows of so many."""
        raise TypeError(f"{type(self).__name__} has no weights")

    def infer(self, x: Spec) -> Spec:
        image = image_size(x)
        if 0 in image:
            raise ShapeError(
                f"The images of x ({x}) have no pixels.", hint="Feed images of one pixel or more.", socket="x"
            )
        return x.with_shape(*x.shape[:2], *self.size_of(image))

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        down, right = self._matrices(ctx, x)
        between = ctx.scratch("between", (*x.shape[:3], y.shape[3]))
        np.matmul(x, right.T, between)
        np.matmul(down, between, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        down, right = self._matrices(ctx, x)
        between = ctx.scratch("between", (*x.shape[:3], y.shape[3]))
        np.matmul(down.T, dy, between)
        np.matmul(between, right, dx)

    def workspace(self, **shapes: tuple[int, ...]) -> int:
        count, channels, height, width = shapes["x"]
        rows, columns = self.size_of((height, width))
        return count * channels * height * columns + rows * height + columns * width

    def _matrices(self, ctx: Context, x: Array) -> tuple[Array, Array]:
        image = (x.shape[2], x.shape[3])
        made = [
            self._matrix(ctx, name, size, before)
            for name, size, before in zip(("down", "right"), self.size_of(image), image, strict=True)
        ]
        return made[0], made[1]

    def _matrix(self, ctx: Context, name: str, size: int, before: int) -> Array:
        found = ctx.kept(name)
        if found is None or found.shape != (size, before):
            found = ctx.scratch(name, (size, before))
            np.copyto(found, self.weights(size, before))
        return found


@register
class AdaptiveAvgPool2d(_Resampling):
    """Averages images down to a given size, whatever size they come in. (torch.nn.AdaptiveAvgPool2d)

    N×C×H×W becomes N×C×H'×W'. Row i of the result averages rows ⌊i·H/H'⌋ to ⌈(i+1)·H/H'⌉ − 1 of x; windows differ by
    one where the sizes do not divide, and may overlap.
    """

    formula = "y = mean of each of H'×W' windows"
    latex = r"y_{ij} = \mathrm{mean}\, \{\, x_{uv} : \lfloor iH/H' \rfloor \leq u < \lceil (i+1)H/H' \rceil, \ldots \}"
    derivative = r"\frac{\partial y_{ij}}{\partial x_{uv}} = \frac{1}{|\mathrm{window}_{ij}|}"
    output_size = Param(1, kind="ints", low=1, high=4096, help="Height and width of the result.")
    examples = (
        Example(x=(2, 3, 4, 5)),
        Example({"output_size": (2, 3)}, x=(2, 1, 4, 6)),
        Example({"output_size": 3}, x=(1, 2, 5, 4)),
        Example({"output_size": (4, 1)}, x=(1, 2, 2, 3)),
        Example(x=(1, 1, 1, 1)),
        Example({"output_size": 2}, x=(0, 2, 3, 3)),
    )
    torch = "F.adaptive_avg_pool2d({x}, {output_size})"

    def check(self) -> None:
        across(self.output_size, "output_size", 2, 1)

    def size_of(self, image: tuple[int, int]) -> tuple[int, int]:
        return across(self.output_size, "output_size", 2, 1)

    def weights(self, size: int, before: int) -> Array:
        return averaging(size, before)


@register
class Upsample(_Resampling):
    """Makes images larger: by repeating pixels (nearest) or by blending neighbours (bilinear). (torch.nn.Upsample)

    N×C×H×W becomes N×C×(H·scale_factor)×(W·scale_factor), or the given `size`. With align_corners the corner pixels of
    both images lie upon each other; without, their outer edges do.
    """

    formula = "y = x, larger"
    latex = r"y_{ij} = \sum_{u,v} A_{iu}\, B_{jv}\; x_{uv}"
    derivative = r"\frac{\partial y_{ij}}{\partial x_{uv}} = A_{iu}\, B_{jv}"
    scale_factor = Param(
        2, kind="ints", low=1, high=64, help="How many times larger, on both axes or on each."
    )
    size = Param(
        None, kind="ints", low=1, high=16384, help="Height and width of the result, instead of scale_factor."
    )
    mode = Param("nearest", choices=("nearest", "bilinear"), help="Repeat pixels, or blend neighbours.")
    align_corners = Param(False, help="Bilinear: whether the corner pixels lie upon each other.")
    examples = (
        Example(x=(2, 2, 2, 3)),
        Example({"scale_factor": (1, 3)}, x=(1, 2, 2, 2)),
        Example({"size": (5, 4)}, x=(2, 1, 3, 6)),
        Example({"mode": "bilinear"}, x=(2, 1, 3, 2)),
        Example({"mode": "bilinear", "scale_factor": 3, "align_corners": True}, x=(1, 2, 2, 3)),
        Example({"mode": "bilinear", "size": (2, 7)}, x=(1, 1, 4, 3)),
        Example({"mode": "bilinear", "size": (1, 3), "align_corners": True}, x=(1, 1, 4, 1)),
        Example(x=(1, 1, 1, 1)),
        Example(x=(0, 1, 2, 2)),
    )
    onnx = ("Resize", "Upsample")

    def check(self) -> None:
        across(self.scale_factor, "scale_factor", 2, 1)
        if self.size is not None:
            across(self.size, "size", 2, 1)
        if self.align_corners and self.mode == "nearest":
            raise ParamError(
                "Upsample.align_corners means nothing for mode nearest.",
                hint="Choose mode bilinear, or turn it off.",
            )

    def size_of(self, image: tuple[int, int]) -> tuple[int, int]:
        if self.size is not None:
            return across(self.size, "size", 2, 1)
        down, right = across(self.scale_factor, "scale_factor", 2, 1)
        return image[0] * down, image[1] * right

    def weights(self, size: int, before: int) -> Array:
        return (
            repeating(size, before) if self.mode == "nearest" else blending(size, before, self.align_corners)
        )

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        blocks = self._blocks(x, y)
        if blocks is None:
            super().forward(ctx, x, y=y)
        else:
            for column in range(blocks.shape[5]):
                np.copyto(blocks[:, :, :, 0, :, column], x)
            for row in range(1, blocks.shape[3]):
                np.copyto(blocks[:, :, :, row], blocks[:, :, :, 0])

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        blocks = self._blocks(x, dy)
        if dx is None or blocks is None:
            super().backward(ctx, dy, x=x, y=y, dx=dx)
        else:
            rows, columns = blocks.shape[3], blocks.shape[5]
            total = ctx.scratch("total", (*x.shape, columns))
            _add_up([blocks[:, :, :, row] for row in range(rows)], total)
            _add_up([total[..., column] for column in range(columns)], dx)

    def _blocks(self, x: Array, y: Array) -> Array | None:
        """y in the blocks that repeat one pixel each, N×C×H×s×W×s; None where it is no plain repetition."""
        (height, width), (rows, columns) = x.shape[2:], y.shape[2:]
        if self.mode != "nearest" or rows % height or columns % width:
            return None
        return y.reshape(*x.shape[:3], rows // height, width, columns // width)

    def emit_torch(self, **names: str) -> str:
        size = f"scale_factor={self.scale_factor}" if self.size is None else f"size={self.size}"
        corners = "" if self.mode == "nearest" else f", align_corners={self.align_corners}"
        return f"F.interpolate({names['x']}, {size}, mode='{self.mode}'{corners})"

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        mode = attributes.get("mode", "nearest")
        words = {"nearest": "nearest", "linear": "bilinear"}
        if mode not in words or attributes.get("antialias", 0):
            raise Unsupported(f"{kind} resamples in a way that Upsample does not have ({mode}).")
        if attributes.get("keep_aspect_ratio_policy", "stretch") != "stretch":
            raise Unsupported(f"{kind} keeps the aspect ratio, which depends on the image's size.")
        target = cls._onnx_target(kind, attributes, inputs)
        corners = cls._onnx_corners(kind, mode, attributes, by_whole="scale_factor" in target)
        return {"mode": words[mode], "align_corners": corners, **target}, {"x": inputs[0]}

    @classmethod
    def _onnx_target(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> dict[str, tuple[int, int]]:
        """The scale_factor or the size of the result."""
        _, *others = inputs if kind == "Resize" else (inputs[0], None, *inputs[1:])
        scales, sizes = (*others, None, None, None)[1:3]
        name, asked = ("scale_factor", scales) if sizes is None else ("size", sizes)
        numbers = [float(number) for number in constant(asked, name)]
        axes = tuple(int(axis) % 4 for axis in attributes.get("axes", range(4)))
        by_axis = dict(zip(axes, numbers, strict=False))
        if len(numbers) != len(axes) or not {2, 3} <= set(axes) <= {0, 1, 2, 3}:
            raise Unsupported(f"{kind} changes axes {axes}; Upsample those of images N×C×H×W.")
        if name == "scale_factor" and any(by_axis.get(axis, 1) != 1 for axis in (0, 1)):
            raise Unsupported(f"{kind} scales batch or channels.")
        height, width = by_axis[2], by_axis[3]
        if min(height, width) < 1 or height % 1 or width % 1:
            raise Unsupported(f"{kind} scales by {height:g} and {width:g}; Upsample by whole numbers.")
        return {name: (int(height), int(width))}

    @classmethod
    def _onnx_corners(cls, kind: str, mode: str, attributes: Mapping[str, Any], by_whole: bool) -> bool:
        where = (
            "asymmetric"
            if kind == "Upsample"
            else attributes.get("coordinate_transformation_mode", "half_pixel")
        )
        how = "floor" if kind == "Upsample" else attributes.get("nearest_mode", "round_prefer_floor")
        if mode == "nearest":
            # With whole factors no pixel lies half-way, and rounding from its middle is repeating.
            if (where, how) == ("asymmetric", "floor") or (
                by_whole and where == "half_pixel" and how.startswith("round")
            ):
                return False
            raise Unsupported(
                f"{kind} finds the nearest pixel by {where} and {how}, Upsample by asymmetric and floor."
            )
        if where not in ("half_pixel", "align_corners"):
            raise Unsupported(f"{kind} blends by {where}; Upsample by half_pixel or align_corners.")
        return bool(where == "align_corners")


def _add_up(parts: Sequence[Array], out: Array) -> None:
    if len(parts) == 1:
        np.copyto(out, parts[0])
    else:
        np.add(parts[0], parts[1], out)
    for part in parts[2:]:
        np.add(out, part, out)


@functools.lru_cache(maxsize=256)
def averaging(size: int, before: int) -> Array:
    """Row i averages the elements from ⌊i·before/size⌋ to ⌈(i+1)·before/size⌉ − 1."""
    matrix = np.zeros((size, before))
    for i in range(size):
        start, end = i * before // size, -(-(i + 1) * before // size)
        matrix[i, start:end] = 1 / (end - start)
    return matrix


@functools.lru_cache(maxsize=256)
def repeating(size: int, before: int) -> Array:
    """Row i takes the element ⌊i·before/size⌋."""
    matrix = np.zeros((size, before))
    matrix[np.arange(size), np.arange(size) * before // size] = 1
    return matrix


@functools.lru_cache(maxsize=256)
def blending(size: int, before: int, corners: bool) -> Array:
    """Row i blends the two elements between which it lies, as PyTorch's bilinear mode does."""
    if corners:
        places = np.arange(size) * ((before - 1) / (size - 1) if size > 1 else 0.0)
    else:
        places = np.maximum((np.arange(size) + 0.5) * (before / size) - 0.5, 0)
    first = np.minimum(places.astype(np.int64), before - 1)
    second, share = np.minimum(first + 1, before - 1), places - first
    matrix = np.zeros((size, before))
    np.add.at(matrix, (np.arange(size), first), 1 - share)
    np.add.at(matrix, (np.arange(size), second), share)
    return matrix
