"""Pooling: each window of a sequence or an image becomes one number, here its maximum."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from ..errors import ParamError, Unsupported
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .convolution import both_ends
from .explain_products import windowed
from .explaining import Call, Place
from .explanation import Elements, Term, extreme
from .footprint import Footprint
from .footprint import moving as moving_along
from .interchange import OtherRank
from .passage import COLUMNS, ROWS, largest, passage, to_winner
from .recipe_parts import sizes_text
from .registry import register
from .sliding import Sliding
from .window_recipe import TOOLS, moving
from .windows import Window, across, require_pixels, windows_in

PLANE = (
    Example(x=(2, 3, 4, 4)),
    Example({"kernel_size": 3, "stride": 1}, x=(2, 1, 5, 4)),
    Example({"kernel_size": 3, "stride": 2, "padding": 1}, x=(1, 2, 7, 6)),
    Example({"kernel_size": (2, 3), "stride": (1, 2), "padding": (0, 1)}, x=(2, 1, 5, 5)),
    Example({"kernel_size": 1}, x=(1, 1, 1, 1)),
    Example({"kernel_size": 2, "stride": 3}, x=(1, 2, 6, 5)),
    Example(x=(1, 1, 5, 5)),
    Example({"ceil_mode": True}, x=(2, 1, 5, 6)),
    Example({"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}, x=(1, 2, 6, 5)),
    Example({"kernel_size": 2, "stride": 3, "ceil_mode": True}, x=(1, 1, 6, 7)),
    Example(x=(0, 2, 4, 4)),
)
LINE = (
    Example(x=(2, 3, 6)),
    Example({"kernel_size": 3, "stride": 2, "padding": 1}, x=(2, 1, 7)),
    Example({"kernel_size": 3, "stride": 1}, x=(1, 2, 5)),
    Example({"kernel_size": 3, "stride": 2, "ceil_mode": True}, x=(2, 2, 6)),
    Example({"kernel_size": 1}, x=(1, 1, 1)),
    Example(x=(0, 2, 4)),
)


class Pool(Op):
    """Slides a window over every channel of a batch of images N×C×H×W or of sequences N×C×L."""

    category = "Layer"
    inputs = (Socket("x"),)
    field: ClassVar[int] = 2  # how many axes a window has
    kernel_size = Param(
        2, kind="ints", low=1, high=1024, symbol="k", help="How far a window reaches on each axis."
    )
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
        help="How much is added around x; half the window at most.",
    )
    ceil_mode = Param(
        False, help="Whether a last window may reach beyond the end, so that nothing is left out."
    )

    def check(self) -> None:
        window = self.window
        if any(2 * p > k for p, k in zip(window.padding, window.kernel, strict=True)):
            raise ParamError(
                f"{type(self).__name__}.padding {self.padding} is more than half of "
                f"kernel_size {self.kernel_size}.",
                hint="Use less padding: a window must not lie outside the image altogether.",
            )

    @cached_property
    def window(self) -> Window:
        """The params as pairs (vertical, horizontal)."""
        kernel = across(self.kernel_size, "kernel_size", self.field, 1)
        stride = kernel if self.stride is None else across(self.stride, "stride", self.field, 1)
        padding = across(self.padding, "padding", self.field, 0)
        return Window(kernel, stride, padding, self._dilation(), self.ceil_mode)

    def _dilation(self) -> tuple[int, int]:
        return 1, 1

    def infer(self, x: Spec) -> Spec:
        return x.with_shape(*x.shape[:2], *windows_in(x, self.window, self.field))

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        return moving_along(self.window, axis - self.field, x[axis], y[axis])

    def flops(self, *, y: tuple[int, ...], **others: tuple[int, ...]) -> int:
        """One for each number of each window."""
        return math.prod(self.window.kernel) * math.prod(y)

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        return len(wanted) * self.flops(**shapes)

    def workspace(self, **shapes: tuple[int, ...]) -> int:
        count, channels, height, width = self._image_shape(shapes["x"])
        rows, columns = self.window.output_size((height, width))
        return count * channels * (5 * height * columns + 3 * rows * columns)

    def apart(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> Sequence[Mapping[str, int]]:
        return [{"x": axis, "y": axis} for axis in (0, 1)]

    def in_window(self, call: Call, at: Place) -> Elements:
        """What an element of the result was made of."""
        return windowed(call, self.window, self.field, at)

    def _as_image(self, x: Array) -> Array:
        return x.reshape(self._image_shape(x.shape))

    def _image_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape if len(shape) == 4 else (*shape[:2], 1, shape[2])

    def _between(self, ctx: Context, name: str, x: Array) -> Array:
        """Scratch space for what lies between the two passages, N×C×H×W'."""
        return ctx.scratch(name, (*x.shape[:3], self.window.fitting(COLUMNS, x.shape[3])))

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        auto = attributes.get("auto_pad", "NOTSET")
        if auto not in ("NOTSET", "VALID"):
            raise Unsupported(f"{kind} pads by auto_pad {auto}.")
        if attributes.get("storage_order", 0):
            raise Unsupported(f"{kind} counts its indices by columns.")
        kernel = tuple(attributes["kernel_shape"])
        if len(kernel) != cls.field:
            raise OtherRank(f"{cls.__name__} has windows of {cls.field} axes, not {len(kernel)}.")
        params: dict[str, Any] = {
            "kernel_size": kernel,
            "stride": tuple(attributes.get("strides", (1,) * cls.field)),
            "padding": both_ends(kind, attributes.get("pads", (0,) * 2 * cls.field)),
            "ceil_mode": bool(attributes.get("ceil_mode", 0)),
        }
        return params | cls._onnx_more(attributes), {"x": inputs[0]}

    @classmethod
    def _onnx_more(cls, attributes: Mapping[str, Any]) -> dict[str, Any]:
        return {}


class _MaxPool(Pool):
    """Keeps the largest value of each window."""

    dilation = Param(
        1, kind="ints", low=1, high=1024, symbol="d", help="The spacing of the pixels that a window looks at."
    )
    synonyms = ("MaxPooling",)
    onnx = ("MaxPool",)
    saved: ClassVar[tuple[str, ...]] = ("x", "y")

    def _dilation(self) -> tuple[int, int]:
        return across(self.dilation, "dilation", self.field, 1)

    def infer(self, x: Spec) -> Spec:
        found = super().infer(x)
        require_pixels(x, self.window, self.field)
        return found

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        forth, back = moving(self.window, self.field, shapes["y"][2:])
        places = self.window.kernel[0] * self.window.kernel[1]
        inside = tuple(range(-self.field, 0)) if self.field > 1 else -1
        return Recipe(
            f"parts = windows(x, {forth}, fill=-np.inf)\ny = parts.max(axis={inside})",
            f"""
            first = parts.reshape({sizes_text((*shapes["y"], places))}).argmax(axis=-1)[..., None]
            dparts = (dy[..., None] * (np.arange({places}) == first)).reshape(parts.shape)
            dx = windows_gradient(dparts, x.shape, {back})
            """,
            TOOLS,
        )

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        x = self._as_image(x)
        largest(self._rows(ctx, x), self._as_image(y), passage(self.window, ROWS, x.shape[2]))

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        """First to the row that holds the maximum, then along it: the first winner in reading order, as PyTorch."""
        if dx is None:
            return
        dy, x, y, dx = (self._as_image(array) for array in (dy, x, y, dx))
        rows = ctx.kept("rows")
        if rows is None or rows.shape[:3] != x.shape[:3]:
            rows = self._rows(ctx, x)
        drows = ctx.scratch("drows", rows.shape)
        to_winner(ctx, "row", dy, rows, y, drows, passage(self.window, ROWS, x.shape[2]))
        to_winner(ctx, "column", drows, x, rows, dx, passage(self.window, COLUMNS, x.shape[3]))

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return extreme(self.in_window(call, at), keep=call.keep)

    def sliding(self, x: tuple[int, ...]) -> Sliding:
        return Sliding.pooling("max", self.window, x)

    def _rows(self, ctx: Context, x: Array) -> Array:
        """The maximum along each row of each window, N×C×H×W'."""
        rows = self._between(ctx, "rows", x)
        largest(x, rows, passage(self.window, COLUMNS, x.shape[3]))
        return rows

    @classmethod
    def _onnx_more(cls, attributes: Mapping[str, Any]) -> dict[str, Any]:
        return {"dilation": tuple(attributes.get("dilations", (1,) * cls.field))}


@register
class MaxPool1d(_MaxPool):
    """Keeps the largest value of each window of a sequence. (torch.nn.MaxPool1d)

    N×C×L becomes N×C×L'. Only the winner gets the gradient, the first one where several are equal.
    """

    formula = "y = max of each window"
    latex = r"y_i = \max\, \{\, x_u : u \in \mathrm{window}_i \,\}"
    derivative = r"\frac{\partial y_i}{\partial x_u} = [u\ \mathrm{wins}]"
    field = 1
    examples = (*LINE, Example({"kernel_size": 2, "dilation": 3, "stride": 1}, x=(2, 1, 7)))
    torch = "F.max_pool1d({x}, {kernel_size}, {stride}, {padding}, {dilation}, {ceil_mode})"
    saved = ("x",)


@register
class MaxPool2d(_MaxPool):
    """Keeps the largest value of each window: was the feature anywhere here? (torch.nn.MaxPool2d)

    N×C×H×W becomes N×C×H'×W'. Only the winner gets the gradient, the first one where several are equal.
    """

    formula = "y = max of each k×k window"
    latex = r"y_{ij} = \max\, \{\, x_{uv} : (u,v) \in \mathrm{window}_{ij} \,\}"
    derivative = r"\frac{\partial y_{ij}}{\partial x_{uv}} = [(u,v)\ \mathrm{wins}]"
    examples = (
        *PLANE,
        Example({"kernel_size": 2, "dilation": (2, 3), "stride": 1}, x=(2, 1, 5, 6)),
        Example(
            {"kernel_size": 3, "dilation": 2, "stride": 2, "padding": 1, "ceil_mode": True}, x=(1, 2, 7, 8)
        ),
    )
    torch = "F.max_pool2d({x}, {kernel_size}, {stride}, {padding}, {dilation}, {ceil_mode})"
