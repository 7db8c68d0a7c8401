"""Pooling by the average of each window."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import Unsupported
from .base import Array, Context, Example, Param, Recipe
from .explain_rows import mean_of
from .explaining import Call, Place
from .explanation import Term
from .passage import COLUMNS, ROWS, passage, to_all, total
from .pooling import LINE, PLANE, Pool
from .recipe_parts import sizes_text
from .registry import register
from .sliding import Sliding
from .window_recipe import TOOLS, moving

NARROW = 64  # pixels in a row of windows up to which averages are a product


def _in_stripes(images: Array, y: Array) -> Array:
    """The images with the pixels of each row of windows in one row, N × C·H' × …"""
    count, channels, rows, _ = y.shape
    return images.reshape(count, channels * rows, math.prod(images.shape[2:]) // rows)


class _AvgPool(Pool):
    """Averages each window."""

    count_include_pad = Param(
        True, help="Whether padding counts as zeros; if not, only real values are averaged."
    )
    synonyms = ("AveragePooling",)
    onnx = ("AveragePool",)
    saved = ()

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        forth, back = moving(self.window, self.field, shapes["y"][2:])
        inside, spread = ((-2, -1), "..., None, None") if self.field == 2 else (-1, "..., None")
        lines, mean = "", f"parts.mean(axis={inside})"
        share = f"dy / {self.window.kernel[0] * self.window.kernel[1]}"
        if self.window.ceil or not self.count_include_pad:
            lines, mean = self._counted(shapes, inside), f"parts.sum(axis={inside}) / count"
            share = "dy / count"
        return Recipe(
            f"parts = windows(x, {forth})\n{lines}\ny = {mean}",
            f"""
            dparts = np.broadcast_to(({share})[{spread}], parts.shape)
            dx = windows_gradient(dparts, x.shape, {back})
            """,
            TOOLS,
        )

    def _counted(self, shapes: Mapping[str, tuple[int, ...]], inside: Any) -> str:
        """How many numbers each window averages, where windows reach beyond what is counted."""
        sizes, window = shapes["x"][2:], self.window
        if self.count_include_pad:
            padding = window.padding[-self.field :]
            sizes = tuple(size + 2 * p for size, p in zip(sizes, padding, strict=True))
            window = window._replace(padding=(0, 0))
        forth, _ = moving(window, self.field, shapes["y"][2:])
        return (
            f"ones = np.ones((1, 1, {sizes_text(sizes)}), dtype)\n"
            f"count = windows(ones, {forth}).sum(axis={inside})"
        )

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        x, y = self._as_image(x), self._as_image(y)
        if self._is_narrow(x):
            np.matmul(_in_stripes(x, y), self._weights(ctx, x, y), _in_stripes(y, y))
            return
        rows = ctx.scratch("rows", (*y.shape[:3], x.shape[3]))
        total(x, rows, passage(self.window, ROWS, x.shape[2]))
        total(rows, y, passage(self.window, COLUMNS, x.shape[3]))
        np.multiply(y, self._share(ctx, x), y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        dy, x, dx = self._as_image(dy), self._as_image(x), self._as_image(dx)
        if self._is_narrow(x):
            np.matmul(_in_stripes(dy, dy), self._weights(ctx, x, dy, turned=True), _in_stripes(dx, dy))
            return
        share = np.multiply(dy, self._share(ctx, x), ctx.scratch("share", dy.shape))
        drows = ctx.scratch("drows", (*dy.shape[:3], x.shape[3]))
        to_all(share, drows, passage(self.window, COLUMNS, x.shape[3]))
        to_all(drows, dx, passage(self.window, ROWS, x.shape[2]))

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """The sum of the window over how many numbers count in it."""
        found, sizes = self.in_window(call, at), call.array("x").shape[-self.field :]
        place, image = at[-self.field :], sizes if self.field == 2 else (1, *sizes)
        rows, columns = place if self.field == 2 else (0, *place)
        count = self._sizes(ROWS, image[0])[rows] * self._sizes(COLUMNS, image[1])[columns]
        return mean_of(found, call.keep, int(count))

    def sliding(self, x: tuple[int, ...]) -> Sliding:
        return Sliding.pooling("mean", self.window, x, self.count_include_pad)

    def _is_narrow(self, x: Array) -> bool:
        """Whether a product with a matrix is quicker than passages: rows of windows stand below one another, and are
        so narrow that the zeros in that matrix cost less than numbers that lie apart.
        """
        return (
            self.window.kernel[0] * x.shape[3] <= NARROW and passage(self.window, ROWS, x.shape[2]).covering
        )

    def _weights(self, ctx: Context, x: Array, y: Array, turned: bool = False) -> Array:
        """How much each pixel counts in each window of a row of windows, k·W×W', or W'×k·W."""
        name, width, count = "turned" if turned else "weights", x.shape[3], y.shape[3]
        shape = (self.window.kernel[0], width, count)
        kept = ctx.kept(name)
        if kept is None or kept.size != math.prod(shape):
            start = np.arange(count) * self.window.stride[1] - self.window.padding[1]
            distance = np.arange(width)[:, None] - start
            meets = (distance >= 0) & (distance < self.window.kernel[1])
            share = meets / (self.window.kernel[0] * self._sizes(COLUMNS, width))
            weights = np.broadcast_to(share, shape).reshape(-1, count)
            weights = weights.T if turned else weights
            kept = ctx.scratch(name, weights.shape)
            np.copyto(kept, weights)
        return kept

    def _share(self, ctx: Context, x: Array) -> Any:
        """1 over how many numbers a window averages: one number, or H'×W' numbers where windows differ."""
        if self.count_include_pad and not self.window.ceil:
            return 1 / (self.window.kernel[0] * self.window.kernel[1])
        shape = self.window.output_size(x.shape[2:])
        shares = ctx.kept("shares")
        if shares is None or shares.shape != shape:
            shares = ctx.scratch("shares", shape)
            down, right = self._sizes(ROWS, x.shape[2]), self._sizes(COLUMNS, x.shape[3])
            np.copyto(shares, 1 / np.multiply.outer(down, right))
        return shares

    def _sizes(self, axis: int, size: int) -> Array:
        """How many numbers each window reaches over along that axis."""
        kernel, padding = self.window.kernel[axis], self.window.padding[axis]
        start = np.arange(self.window.fitting(axis, size)) * self.window.stride[axis] - padding
        end = np.minimum(start + kernel, size + padding)
        return end - start if self.count_include_pad else np.minimum(end, size) - np.maximum(start, 0)

    @classmethod
    def _onnx_more(cls, attributes: Mapping[str, Any]) -> dict[str, Any]:
        if any(step != 1 for step in attributes.get("dilations", ())):
            raise Unsupported(f"{cls.__name__} has no dilation.")
        return {"count_include_pad": bool(attributes.get("count_include_pad", 0))}


@register
class AvgPool1d(_AvgPool):
    """Averages each window of a sequence. (torch.nn.AvgPool1d)

    N×C×L becomes N×C×L'.
    """

    formula = "y = mean of each window"
    latex = r"y_i = \frac{1}{k} \sum_{u\, \in\, \mathrm{window}_i} x_u"
    derivative = r"\frac{\partial y_i}{\partial x_u} = \frac{1}{k}"
    field = 1
    examples = (
        *LINE,
        Example({"kernel_size": 3, "padding": 1, "stride": 2, "count_include_pad": False}, x=(2, 1, 6)),
    )
    torch = "F.avg_pool1d({x}, {kernel_size}, {stride}, {padding}, {ceil_mode}, {count_include_pad})"


@register
class AvgPool2d(_AvgPool):
    """Averages each window: how strong was the feature here? (torch.nn.AvgPool2d)

    N×C×H×W becomes N×C×H'×W'. Padding counts as zeros, as PyTorch does by default.
    """

    formula = "y = mean of each k×k window"
    latex = r"y_{ij} = \frac{1}{k^2} \sum_{(u,v)\, \in\, \mathrm{window}_{ij}} x_{uv}"
    derivative = r"\frac{\partial y_{ij}}{\partial x_{uv}} = \frac{1}{k^2}"
    examples = (
        *PLANE,
        Example({"kernel_size": 3, "padding": 1, "stride": 2, "count_include_pad": False}, x=(2, 1, 6, 5)),
        Example(
            {"kernel_size": 3, "padding": 1, "stride": 2, "count_include_pad": False, "ceil_mode": True},
            x=(1, 2, 6, 5),
        ),
    )
    torch = "F.avg_pool2d({x}, {kernel_size}, {stride}, {padding}, {ceil_mode}, {count_include_pad})"
