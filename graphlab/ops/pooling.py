"""Pooling: each window of an image becomes one number, its maximum or its average."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ..errors import ParamError
from .base import Array, Context, Example, Op, Param, Socket, Spec
from .registry import register
from .windows import COLUMNS, ROWS, Passage, Window, pair, passage, windows_in


class _Pool(Op):
    """Slides a window over every channel of a batch of images N×C×H×W."""

    category = "Layer"
    inputs = (Socket("x"),)
    kernel_size = Param(2, kind="ints", low=1, high=1024, symbol="k", help="Height and width of the window.")
    stride = Param(
        None,
        kind="ints",
        low=1,
        high=1024,
        symbol="s",
        help="The step from window to window; as large as the window when empty.",
    )
    padding = Param(
        0,
        kind="ints",
        low=0,
        high=512,
        symbol="p",
        help="Rows and columns added around the image; half the window at most.",
    )
    examples = (
        Example(x=(2, 3, 4, 4)),
        Example({"kernel_size": 3, "stride": 1}, x=(2, 1, 5, 4)),
        Example({"kernel_size": 3, "stride": 2, "padding": 1}, x=(1, 2, 7, 6)),
        Example({"kernel_size": (2, 3), "stride": (1, 2), "padding": (0, 1)}, x=(2, 1, 5, 5)),
        Example({"kernel_size": 1}, x=(1, 1, 1, 1)),
        Example({"kernel_size": 2, "stride": 3}, x=(1, 2, 6, 5)),
        Example(x=(1, 1, 5, 5)),
    )

    def check(self) -> None:
        kernel, _, padding = self.window
        if any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
            raise ParamError(
                f"{type(self).__name__}.padding {self.padding} is more than half of "
                f"kernel_size {self.kernel_size}.",
                hint="Use less padding: a window must not lie outside the image altogether.",
            )

    @cached_property
    def window(self) -> Window:
        """The params as pairs (vertical, horizontal)."""
        kernel = pair(self.kernel_size, "kernel_size")
        stride = kernel if self.stride is None else pair(self.stride, "stride")
        return Window(kernel, stride, pair(self.padding, "padding"))

    def infer(self, x: Spec) -> Spec:
        return x.with_shape(*x.shape[:2], *windows_in(x, self.window))

    def workspace(self, **shapes: tuple[int, ...]) -> int:
        count, channels, height, width = shapes["x"]
        rows, columns = self.window.output_size((height, width))
        return count * channels * (5 * height * columns + 3 * rows * columns)

    def _between(self, ctx: Context, name: str, x: Array) -> Array:
        """Scratch space for what lies between the two passages, N×C×H×W'."""
        return ctx.scratch(name, (*x.shape[:3], self.window.output_size(x.shape[2:])[1]))


@register
class MaxPool2d(_Pool):
    """Keeps the largest value of each window: was the feature anywhere here? (torch.nn.MaxPool2d)

    N×C×H×W becomes N×C×H'×W'. Only the winner gets the gradient, the first one where several are equal.
    """

    formula = "y = max of each k×k window"
    latex = r"y_{ij} = \max\, \{\, x_{uv} : (u,v) \in \mathrm{window}_{ij} \,\}"
    derivative = r"\frac{\partial y_{ij}}{\partial x_{uv}} = [(u,v)\ \mathrm{wins}]"
    torch = "F.max_pool2d({x}, {kernel_size}, {stride}, {padding})"

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        _largest(self._rows(ctx, x), y, passage(self.window, ROWS, x.shape[2]))

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        """First to the row that holds the maximum, then along it: the first winner in reading order, as PyTorch."""
        if dx is None:
            return
        rows = ctx.kept("rows")
        if rows is None or rows.shape[:3] != x.shape[:3]:
            rows = self._rows(ctx, x)
        drows = ctx.scratch("drows", rows.shape)
        _to_winner(ctx, "row", dy, rows, y, drows, passage(self.window, ROWS, x.shape[2]))
        _to_winner(ctx, "column", drows, x, rows, dx, passage(self.window, COLUMNS, x.shape[3]))

    def _rows(self, ctx: Context, x: Array) -> Array:
        """The maximum along each row of each window, N×C×H×W'."""
        rows = self._between(ctx, "rows", x)
        _largest(x, rows, passage(self.window, COLUMNS, x.shape[3]))
        return rows


@register
class AvgPool2d(_Pool):
    """Averages each window: how strong was the feature here? (torch.nn.AvgPool2d)

    N×C×H×W becomes N×C×H'×W'. Padding counts as zeros, as PyTorch does by default.
    """

    formula = "y = mean of each k×k window"
    latex = r"y_{ij} = \frac{1}{k^2} \sum_{(u,v)\, \in\, \mathrm{window}_{ij}} x_{uv}"
    derivative = r"\frac{\partial y_{ij}}{\partial x_{uv}} = \frac{1}{k^2}"
    torch = "F.avg_pool2d({x}, {kernel_size}, {stride}, {padding})"

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        rows = self._between(ctx, "rows", x)
        _total(x, rows, passage(self.window, COLUMNS, x.shape[3]))
        _total(rows, y, passage(self.window, ROWS, x.shape[2]))
        np.multiply(y, self._share, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        share = np.multiply(dy, self._share, ctx.scratch("share", dy.shape))
        drows = self._between(ctx, "drows", x)
        _to_all(share, drows, passage(self.window, ROWS, x.shape[2]))
        _to_all(drows, dx, passage(self.window, COLUMNS, x.shape[3]))

    @property
    def _share(self) -> float:
        return 1 / (self.window.kernel[0] * self.window.kernel[1])


def _largest(x: Array, y: Array, along: Passage) -> None:
    """y = the maximum of each window."""
    parts = [(y[windows], x[pixels]) for windows, pixels in along.meetings]
    if not along.complete:
        y.fill(-np.inf)
    elif len(parts) == 1:
        np.copyto(y, parts[0][1])
        return
    else:
        np.maximum(parts[0][1], parts[1][1], out=y)
        parts = parts[2:]
    for best, values in parts:
        np.maximum(values, best, out=best)


def _total(x: Array, y: Array, along: Passage) -> None:
    """y = the sum of each window."""
    parts = [(y[windows], x[pixels]) for windows, pixels in along.meetings]
    if not along.complete:
        y.fill(0)
    elif len(parts) == 1:
        np.copyto(y, parts[0][1])
        return
    else:
        np.add(parts[0][1], parts[1][1], y)
        parts = parts[2:]
    for total, values in parts:
        np.add(values, total, total)


def _to_all(dy: Array, dx: Array, along: Passage) -> None:
    """dx = each window's dy, given to all its pixels."""
    if not along.covering:
        dx.fill(0)
    for windows, pixels in along.meetings:
        target = dx[pixels]
        if along.apart:
            np.copyto(target, dy)
        else:
            np.add(target, dy[windows], target)


def _to_winner(ctx: Context, name: str, dy: Array, x: Array, y: Array, dx: Array, along: Passage) -> None:
    """dx = each window's dy, given to the first of its pixels that equals the maximum y."""
    if not along.covering:
        dx.fill(0)
    if along.apart:
        _to_winner_apart(ctx, name, dy, x, y, dx, along)
        return
    won, share = ctx.scratch(f"{name} won", dy.shape, np.bool_), ctx.scratch(f"{name} share", dy.shape)
    left = ctx.scratch(f"{name} left", dy.shape)
    np.copyto(left, dy)
    for windows, pixels in along.meetings:
        here, its = share[windows], left[windows]
        np.equal(x[pixels], y[windows], won[windows])
        np.multiply(its, won[windows], here)
        np.subtract(its, here, its)
        target = dx[pixels]
        np.add(target, here, target)


def _to_winner_apart(
    ctx: Context, name: str, dy: Array, x: Array, y: Array, dx: Array, along: Passage
) -> None:
    """The same where nothing meets: no sums, and the last position of each window takes what is left."""
    *others, last = (pixels for _, pixels in along.meetings)
    left, rest = dy, dx[last]
    for pixels in others:
        won, target = ctx.scratch(f"{name} won", dy.shape, np.bool_), dx[pixels]
        np.equal(x[pixels], y, won)
        np.multiply(left, won, target)
        np.subtract(left, target, rest)
        left = rest
    if not others:
        np.copyto(rest, dy)
