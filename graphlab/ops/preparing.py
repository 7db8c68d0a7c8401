"""Pictures made ready for a network: cut, scaled, normalised, made grey or coloured. What is random is augmentation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ParamError, ShapeError
from . import recipe_windows
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .footprint import Footprint, itself, shifted
from .registry import register
from .resampling import Resampling
from .spec import Dim
from .windows import Pair, across, image_size

GREY = (0.299, 0.587, 0.114)  # how much red, green and blue count for the eye: ITU-R BT.601
LARGEST = 16_384
PRESETS = {
    "ImageNet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "CIFAR-10": ((0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616)),
    "MNIST": ((0.1307,), (0.3081,)),
}
OWN = "own"
PICTURES = (Socket("x", help="A batch of pictures N×C×H×W."),)


def may_be_pictures(x: Spec) -> bool:
    """Whether it is a batch, or a single picture, and not the weight of a convolution."""
    return x.ndim == 4 and (isinstance(x.shape[0], Dim) or x.shape[0] == 1)


def require_pictures(x: Spec) -> None:
    """ShapeError for what is no batch of pictures."""
    if x.ndim != 4:
        raise ShapeError(
            f"x ({x}) is no batch of pictures N×C×H×W.",
            hint="Set layout of the data set to image, or put a Reshape before this node.",
            socket="x",
        )


@register
class Resize(Resampling):
    """Scales pictures to a given size, smoothing what becomes smaller. (torchvision.transforms.Resize, bilinear)

    N×C×H×W becomes N×C×H'×W'. On the way down each pixel of the result is a weighted mean of all that it covers, so
    that fine lines do not flicker (antialiasing); on the way up neighbours are blended. Proportions are not kept: cut
    with CenterCrop first where they matter.
    """

    synonyms = ("Interpolate", "Scale", "Thumbnail", "Antialias")
    pictures = True
    formula = "y = x at another size"
    latex = r"y_{ij} = \sum_{u,v} A_{iu}\, B_{jv}\; x_{uv}"
    derivative = r"\frac{\partial y_{ij}}{\partial x_{uv}} = A_{iu}\, B_{jv}"
    inputs = PICTURES
    adapts = True
    size = Param(
        (28, 28), kind="ints", low=1, high=LARGEST, help="Height and width of the result, or one for both."
    )
    examples = (
        Example({"size": 2}, x=(2, 2, 4, 5)),
        Example({"size": (3, 7)}, x=(1, 3, 5, 3)),
        Example({"size": (2, 9)}, x=(2, 1, 7, 4)),
        Example({"size": 3}, x=(1, 1, 1, 1)),
        Example({"size": 4}, x=(2, 1, 4, 4)),
        Example({"size": (1, 2)}, x=(0, 1, 2, 2)),
    )

    def check(self) -> None:
        across(self.size, "size", 2, 1)

    @classmethod
    def adaptations(cls, given: Spec, beside: Sequence[Spec]) -> Iterable[dict[str, Any]]:
        """To the size of pictures beside it."""
        for other in beside:
            size = other.shape[2:] if may_be_pictures(given) and other.ndim == 4 else ()
            if size and size != given.shape[2:] and all(isinstance(side, int) and side for side in size):
                yield {"size": size}

    def field_of(self, ndim: int) -> int:
        return 2

    def infer(self, x: Spec) -> Spec:
        require_pictures(x)
        return super().infer(x)

    def size_of(self, image: Pair, field: int) -> Pair:
        return across(self.size, "size", 2, 1)

    def way(
        self, size: int, before: int, axis: int, field: int
    ) -> tuple[Callable[..., Array], tuple[Any, ...]]:
        return recipe_windows.smoothing, (size, before)

    def emit_torch(self, **names: str) -> str:
        size = across(self.size, "size", 2, 1)
        return f"F.interpolate({names['x']}, size={size}, mode='bilinear', antialias=True)"


@register
class CenterCrop(Op):
    """Cuts a window out of the middle of every picture. (torchvision.transforms.CenterCrop)

    N×C×H×W becomes N×C×H'×W'. Where the rest is odd, the smaller half is cut off above and on the left. What is cut off
    gets no gradient. RandomCrop does it at random while it trains.
    """

    synonyms = ("Crop", "Cut out")
    category = "Layer"
    pictures = True
    formula = "y[i, j] = x[i + (H − H')/2, j + (W − W')/2]"
    latex = r"y_{ij} = x_{i + \lfloor (H-H')/2 \rfloor,\; j + \lfloor (W-W')/2 \rfloor}"
    derivative = r"\frac{\partial y_{ij}}{\partial x_{i+a,\,j+b}} = 1"
    inputs = PICTURES
    size = Param(
        24, kind="ints", low=1, high=LARGEST, help="Height and width of the window, or one for both."
    )
    examples = (
        Example({"size": 2}, x=(2, 2, 4, 5)),
        Example({"size": (3, 1)}, x=(1, 3, 3, 4)),
        Example({"size": 1}, x=(1, 1, 1, 1)),
        Example({"size": (2, 3)}, x=(2, 1, 5, 3)),
        Example({"size": 2}, x=(0, 1, 3, 3)),
    )
    cost = 0
    saved = ()

    def check(self) -> None:
        across(self.size, "size", 2, 1)

    def infer(self, x: Spec) -> Spec:
        require_pictures(x)
        size = across(self.size, "size", 2, 1)
        if any(there < wanted for there, wanted in zip(image_size(x, 2), size, strict=True)):
            height, width = x.shape[2:]
            raise ShapeError(
                f"A window of {size[0]}×{size[1]} does not fit into pictures of {height}×{width}.",
                hint=f"Set size to {height if height == width else (height, width)}, or put a Resize before it.",
                socket="x",
            )
        return x.with_shape(*x.shape[:2], *size)

    def _window(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """Which rows and columns are kept."""
        sizes = zip(shape[2:], across(self.size, "size", 2, 1), strict=True)
        rows, columns = (slice((there - k) // 2, (there - k) // 2 + k) for there, k in sizes)
        return rows, columns

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        return shifted(x[axis], y[axis], (x[axis] - y[axis]) // 2)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.copyto(y, x[:, :, *self._window(x.shape)])

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(dx, 0)
            np.copyto(dx[:, :, *self._window(x.shape)], dy)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        rows, columns = self._window(shapes["x"])
        window = f":, :, {rows.start}:{rows.stop}, {columns.start}:{columns.stop}"
        return Recipe(f"y = x[{window}]", f"dx = np.zeros_like(x)\ndx[{window}] = dy")

    def emit_torch(self, **names: str) -> str:
        x, (height, width) = names["x"], across(self.size, "size", 2, 1)
        rows = f"{x}.narrow(2, ({x}.shape[2] - {height}) // 2, {height})"
        return f"{rows}.narrow(3, ({x}.shape[3] - {width}) // 2, {width})"


@register
class NormalizeChannels(Op):
    """Takes a mean away from each channel and divides by a deviation. (torchvision.transforms.Normalize)

    A network that was trained on normalised pictures wants every picture so. `preset` has the numbers of well-known
    data sets, for pixels from 0 to 1; with own, `mean` and `std` are one number, or one for each channel. Standardise
    measures them on the batch instead, and Normalize makes vectors of length 1.
    """

    synonyms = ("Normalise", "transforms.Normalize", "Standardize", "Mean and std")
    category = "Layer"
    pictures = True
    formula = "y = (x − mean) / std, channel by channel"
    latex = r"y_{c} = \frac{x_{c} - \mu_{c}}{\sigma_{c}}"
    derivative = r"\frac{\partial y_{c}}{\partial x_{c}} = \frac{1}{\sigma_{c}}"
    inputs = PICTURES
    preset = Param(OWN, choices=(OWN, *PRESETS), help="The numbers of a data set, or your own.")
    mean = Param(0.5, kind="floats", symbol="μ", help="With own: what is taken away, one or one a channel.")
    std = Param(
        0.5,
        kind="floats",
        low=0.0,
        low_open=True,
        symbol="σ",
        help="With own: what is divided by, one or one a channel.",
    )
    examples = (
        Example(x=(2, 2, 3, 4)),
        Example({"preset": "ImageNet"}, x=(1, 3, 2, 2)),
        Example({"preset": "MNIST"}, x=(2, 1, 3, 3)),
        Example({"mean": (0.1, 0.2), "std": (2.0, 0.3)}, x=(3, 2, 1, 2)),
        Example({"mean": 0.25, "std": 1.5}, x=(1, 1, 1, 1)),
        Example(x=(0, 3, 2, 2)),
    )
    cost = 2
    backward_cost = {"x": 1}
    saved = ()

    def check(self) -> None:
        mean, std = self.numbers()
        if len(mean) != len(std) and 1 not in (len(mean), len(std)):
            raise ParamError(
                f"NormalizeChannels.mean has {len(mean)} numbers, std has {len(std)}.",
                hint="Give one for each channel.",
            )

    def numbers(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The means and the deviations in force."""
        if self.preset != OWN:
            return PRESETS[self.preset]
        mean, std = (v if isinstance(v, tuple) else (v,) for v in (self.mean, self.std))
        return mean, std

    def infer(self, x: Spec) -> Spec:
        require_pictures(x)
        count = max(map(len, self.numbers()))
        if count not in (1, x.shape[1]):
            whose = "own" if self.preset == OWN else self.preset
            hint = "Put an RGB node before it" if x.shape[1] == 1 else "Put a Grayscale node before it"
            raise ShapeError(
                f"x ({x}) has {x.shape[1]} channels, but the numbers ({whose}) are for {count}.",
                hint=f"{hint}, or choose other numbers."
                if {count, x.shape[1]} == {1, 3}
                else "Choose others.",
                socket="x",
            )
        return x

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        return itself(x[axis])

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        mean, std = self._columns(ctx)
        np.subtract(x, mean, y)
        np.divide(y, std, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.divide(dy, self._columns(ctx)[1], dx)

    def _columns(self, ctx: Context) -> tuple[Array, Array]:
        """(channels or 1, 1, 1) each, in the run's dtype."""
        mean, std = (np.asarray(v, ctx.dtype).reshape(-1, 1, 1) for v in self.numbers())
        return mean, std

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        mean, std = (
            str(v[0]) if len(v) == 1 else f"np.array({list(v)}, dtype)[:, None, None]" for v in self.numbers()
        )
        return Recipe(f"spread = {std}\ny = (x - {mean}) / spread", "dx = dy / spread")

    def emit_torch(self, **names: str) -> str:
        mean, std = (f"{names['x']}.new_tensor({list(v)})[:, None, None]" for v in self.numbers())
        return f"({names['x']} - {mean}) / {std}"

    def workspace(self, x: tuple[int, ...]) -> int:
        return 2 * x[1]


@register
class Grayscale(Op):
    """Coloured pictures made grey, as light as the eye sees them. (torchvision.transforms.Grayscale)

    N×3×H×W becomes N×1×H×W: 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601). What is grey already stays.
    """

    synonyms = ("Greyscale", "RGB to grey", "Luminance", "Black and white")
    category = "Layer"
    pictures = True
    formula = "y = 0.299 red + 0.587 green + 0.114 blue"
    latex = r"y = 0.299\, x_{\mathrm{red}} + 0.587\, x_{\mathrm{green}} + 0.114\, x_{\mathrm{blue}}"
    derivative = r"\frac{\partial y}{\partial x_{\mathrm{red}}} = 0.299"
    inputs = PICTURES
    adapts = True
    examples = (
        Example(x=(2, 3, 4, 5)),
        Example(x=(1, 1, 2, 3)),
        Example(x=(1, 3, 1, 1)),
        Example(x=(0, 3, 2, 2)),
    )
    saved = ()

    @classmethod
    def adaptations(cls, given: Spec, beside: Sequence[Spec]) -> Iterable[dict[str, Any]]:
        return ({},) if may_be_pictures(given) and given.shape[1] == 3 else ()

    def infer(self, x: Spec) -> Spec:
        require_channels(x)
        return x.with_shape(x.shape[0], 1, *x.shape[2:])

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        return itself(x[axis])

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        if x.shape[1] == 1:
            np.copyto(y, x)
            return
        part = ctx.scratch("part", y.shape)
        np.multiply(x[:, :1], GREY[0], y)
        for channel in (1, 2):
            np.multiply(x[:, channel : channel + 1], GREY[channel], part)
            np.add(y, part, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        if x.shape[1] == 1:
            np.copyto(dx, dy)
            return
        for channel, share in enumerate(GREY):
            np.multiply(dy, share, dx[:, channel : channel + 1])

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        if shapes["x"][1] == 1:
            return Recipe("y = x", "dx = dy")
        grey = " + ".join(f"{share} * x[:, {k}:{k + 1}]" for k, share in enumerate(GREY))
        back = ", ".join(f"{share} * dy" for share in GREY)
        return Recipe(f"y = {grey}", f"dx = np.concatenate([{back}], axis=1)")

    def emit_torch(self, **names: str) -> str:
        x = names["x"]
        grey = " + ".join(f"{share} * {x}[:, {k}:{k + 1}]" for k, share in enumerate(GREY))
        return f"({grey} if {x}.shape[1] == 3 else {x} * 1)"

    def flops(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> int:
        return 5 * math.prod(x) // 3 if x[1] == 3 else 0

    def backward_flops(self, wanted: Any, /, **shapes: tuple[int, ...]) -> int:
        return math.prod(shapes["x"]) * len(wanted) if shapes["x"][1] == 3 else 0

    def workspace(self, x: tuple[int, ...]) -> int:
        return math.prod(x) // max(1, x[1])


@register
class RGB(Op):
    """Grey pictures for a network that takes coloured ones: the channel is repeated. (torchvision.transforms.v2.RGB)

    N×1×H×W becomes N×3×H×W; what has three channels already stays. The gradients of the three are summed.
    """

    synonyms = ("Grey to RGB", "Colour", "Repeat channels")
    category = "Layer"
    pictures = True
    formula = "red = green = blue = x"
    latex = r"y_{\mathrm{red}} = y_{\mathrm{green}} = y_{\mathrm{blue}} = x"
    derivative = r"\frac{\partial y_{c}}{\partial x} = 1"
    inputs = PICTURES
    adapts = True
    examples = (
        Example(x=(2, 1, 4, 5)),
        Example(x=(1, 3, 2, 3)),
        Example(x=(1, 1, 1, 1)),
        Example(x=(0, 1, 2, 2)),
    )
    cost = 0
    saved = ()

    @classmethod
    def adaptations(cls, given: Spec, beside: Sequence[Spec]) -> Iterable[dict[str, Any]]:
        return ({},) if may_be_pictures(given) and given.shape[1] == 1 else ()

    def infer(self, x: Spec) -> Spec:
        require_channels(x)
        return x.with_shape(x.shape[0], 3, *x.shape[2:])

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        return itself(x[axis])

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.copyto(y, x)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        if x.shape[1] == 3:
            np.copyto(dx, dy)
        else:
            np.add.reduce(dy, axis=1, keepdims=True, out=dx)

    def backward_flops(self, wanted: Any, /, **shapes: tuple[int, ...]) -> int:
        return 2 * math.prod(shapes["x"]) * len(wanted) if shapes["x"][1] == 1 else 0

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        if shapes["x"][1] == 3:
            return Recipe("y = x", "dx = dy")
        return Recipe("y = x.repeat(3, axis=1)", "dx = dy.sum(axis=1, keepdims=True)")

    def emit_torch(self, **names: str) -> str:
        return f"{names['x']}.expand(-1, 3, -1, -1)"


def require_channels(x: Spec) -> None:
    """ShapeError for what is neither grey nor of three colours."""
    require_pictures(x)
    if x.shape[1] not in (1, 3):
        raise ShapeError(
            f"x ({x}) has {x.shape[1]} channels: it is neither grey (1) nor of three colours (3).",
            hint="Slice it to one or three channels first.",
            socket="x",
        )
