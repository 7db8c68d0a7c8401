"""Augmentation: images shifted, flipped, cut and turned at random, so that a network sees each a little differently.

Each image of a batch is changed by itself, in training only. By what is a function of (seed, step, node).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..errors import ParamError, ShapeError
from . import recipe_images, recipe_tools
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .footprint import Footprint, itself, shifted
from .registry import register
from .windows import across

Rows = (
    Array  # (N, H', 1), (N, 1, W') or (N, H', W'): in which row (column) of x each pixel of the result lies
)


class _Augmentation(Op):
    """A batch of images N×C×H×W, of each of which the pixels are taken from other places of the same image."""

    category = "Layer"
    pictures = True
    inputs = (Socket("x", help="A batch of images N×C×H×W."),)
    saved = ()
    cost = 0

    def infer(self, x: Spec) -> Spec:
        if x.ndim != 4:
            raise ShapeError(
                f"x ({x}) is no batch of images N×C×H×W.",
                hint="Set layout of the data set to image, or put a Reshape before this node.",
                socket="x",
            )
        return x

    def places(self, ctx: Context, shape: tuple[int, ...]) -> tuple[Rows, Rows] | None:
        """In which rows and columns of x the pixels of this step lie; None where the images stay as they are."""
        raise TypeError(f"{type(self).__name__} takes nothing from anywhere")

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        found = self.places(ctx, x.shape)
        if found is None:
            np.copyto(y, x)
            return
        flat = x.reshape(-1)
        for k, (index, share) in enumerate(self._taps(ctx, x.shape, y.shape, *found)):
            part = y if k == 0 else ctx.scratch("part", y.shape)
            np.take(flat, index, out=part, mode="clip")
            np.multiply(part, share, part)
            if k:
                np.add(y, part, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        found = self.places(ctx, x.shape)
        if found is None:
            np.copyto(dx, dy)
            return
        np.copyto(dx, 0)
        for index, share in self._taps(ctx, x.shape, y.shape, *found):
            np.add.at(dx.reshape(-1), index, dy * share)

    def _taps(
        self, ctx: Context, before: tuple[int, ...], after: tuple[int, ...], rows: Rows, columns: Rows
    ) -> Iterator[tuple[Array, Array]]:
        """The pixels that each of the result is made of: where in x they lie, counted through, and their share."""
        images, channels, height, width = before
        planes = np.arange(images * channels).reshape(images, channels, 1, 1) * (height * width)
        index = ctx.scratch("index", after, np.int64)
        for row, column, share in _pixels(rows, columns):
            inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            near = np.clip(row, 0, height - 1) * width + np.clip(column, 0, width - 1)
            np.add(planes, near[:, None], out=index)
            yield index, (inside * share)[:, None].astype(ctx.dtype, copy=False)

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        return itself(x[axis])

    def workspace(self, x: tuple[int, ...]) -> int:
        return 5 * math.prod(x)


def _pixels(rows: Rows, columns: Rows) -> Iterator[tuple[Array, Array, Any]]:
    """Whole rows and columns, each with its share: places between pixels are blended of the four around them."""
    if rows.dtype.kind == "i":
        yield rows, columns, np.float32(1)
    else:
        yield from recipe_images.four_around(rows, columns)


def _moving(drawn: str) -> Recipe:
    """The recipe of images of which, in training, whole rows and columns are taken from elsewhere."""
    lines = "\n".join(f"                {line}" for line in drawn.splitlines())
    return Recipe(
        f"""
            if training:
{lines}
                y = taken_from(x, rows, columns)
            else:
                y = x
            """,
        "dx = put_back(dy, x, rows, columns) if training else dy",
        (recipe_tools.random_generator, recipe_images.taken_from, recipe_images.put_back),
    )


@register
class RandomShift(_Augmentation):
    """In training, shifts every image by a few pixels, drawn anew for every step. What comes in is black (0).

    A network then learns that it does not matter where something stands. (torchvision.transforms.RandomAffine with
    translate; Keras RandomTranslation)
    """

    synonyms = ("RandomTranslation", "RandomAffine", "Augmentation")
    formula = "y[i, j] = x[i − a, j − b], −shift ≤ a, b ≤ shift"
    latex = r"y_{ij} = x_{i-a,\,j-b}, \quad a, b \sim \mathcal{U}\{-s, \dots, s\}"
    derivative = r"\frac{\partial y_{ij}}{\partial x_{i-a,\,j-b}} = 1"
    shift = Param(
        2,
        kind="ints",
        low=0,
        high=1024,
        symbol="s",
        help="By how many pixels at most: down, right, or one for both.",
    )
    examples = (
        Example(x=(3, 2, 4, 5)),
        Example({"shift": (1, 0)}, x=(2, 1, 3, 3)),
        Example({"shift": (0, 3)}, x=(4, 1, 2, 6)),
        Example({"shift": 9}, x=(1, 1, 1, 1)),
        Example(x=(0, 1, 3, 3)),
    )

    def check(self) -> None:
        across(self.shift, "shift", 2, 0)

    def places(self, ctx: Context, shape: tuple[int, ...]) -> tuple[Rows, Rows] | None:
        if not ctx.training:
            return None
        draws = ctx.rng().random((2, shape[0], 1))
        down, right = (
            np.floor(draw * (2 * most + 1)).astype(np.int64) - most
            for draw, most in zip(draws, across(self.shift, "shift", 2, 0), strict=True)
        )
        rows, columns = np.arange(shape[2]) - down, np.arange(shape[3]) - right
        return rows[:, :, None], columns[:, None]

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        height, width = shapes["x"][2:]
        down, right = across(self.shift, "shift", 2, 0)
        start, along = "random_generator(key, step).random((2, len(x), 1))", "np.arange({})"
        return _moving(
            f"draws = {start}\n"
            f"rows = ({along.format(height)} - np.floor(draws[0] * {2 * down + 1}) + {down})[:, :, None].astype(int)\n"
            f"columns = ({along.format(width)} - np.floor(draws[1] * {2 * right + 1}) + {right})[:, None].astype(int)"
        )


class _Flip(_Augmentation):
    """Turns images over along one axis, each with probability p."""

    p = Param(0.5, low=0.0, high=1.0, symbol="p", help="The probability that an image is turned over.")
    knobs = ("p",)
    examples = (
        Example(x=(4, 2, 3, 4)),
        Example({"p": 1.0}, x=(2, 1, 2, 3)),
        Example({"p": 0.0}, x=(2, 1, 3, 2)),
        Example(x=(1, 1, 1, 1)),
        Example(x=(0, 1, 3, 3)),
    )
    axis = 3

    def places(self, ctx: Context, shape: tuple[int, ...]) -> tuple[Rows, Rows] | None:
        if not ctx.training:
            return None
        turned = ctx.rng().random((shape[0], 1, 1)) < self.p
        rows, columns = np.arange(shape[2])[None, :, None], np.arange(shape[3])[None, None]
        if self.axis == 2:
            return np.where(turned, rows[:, ::-1], rows), np.broadcast_to(columns, (shape[0], 1, shape[3]))
        return np.broadcast_to(rows, (shape[0], shape[2], 1)), np.where(turned, columns[..., ::-1], columns)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        over = ":, :, ::-1" if self.axis == 2 else ":, :, :, ::-1"
        return Recipe(
            f"""
            if training:
                turned = random_generator(key, step).random((len(x), 1, 1))[:, None] < p
                y = np.where(turned, x[{over}], x)
            else:
                y = x
            """,
            f"dx = np.where(turned, dy[{over}], dy) if training else dy",
            (recipe_tools.random_generator,),
        )


@register
class RandomHorizontalFlip(_Flip):
    """In training, mirrors every image left to right with probability p. (torchvision.transforms.RandomHorizontalFlip)

    Twice the data for things that look alike in a mirror, such as animals; not for digits or letters.
    """

    synonyms = ("RandomFlip", "Mirror", "Augmentation")
    formula = "y[i, j] = x[i, W − 1 − j] with probability p, else x[i, j]"
    latex = r"y_{ij} = x_{i,\,W-1-j} \text{ with probability } p"
    derivative = r"\frac{\partial y_{ij}}{\partial x_{i,\,W-1-j}} = 1"


@register
class RandomVerticalFlip(_Flip):
    """In training, turns every image upside down with probability p. (torchvision.transforms.RandomVerticalFlip)

    For images without an above and a below, such as those from a microscope or a satellite.
    """

    synonyms = ("RandomFlip", "Augmentation")
    formula = "y[i, j] = x[H − 1 − i, j] with probability p, else x[i, j]"
    latex = r"y_{ij} = x_{H-1-i,\,j} \text{ with probability } p"
    derivative = r"\frac{\partial y_{ij}}{\partial x_{H-1-i,\,j}} = 1"
    axis = 2


@register
class RandomCrop(_Augmentation):
    """Cuts a window out of every image: at random in training, from the middle in evaluation.

    `padding` first puts so many black pixels (0) around it. With the size that images have already and a padding of
    4, as CIFAR-10 is often trained, images are shifted by up to 4 pixels. (torchvision.transforms.RandomCrop)
    """

    synonyms = ("Augmentation",)
    formula = "y[i, j] = x[i + a, j + b], a and b at random"
    latex = r"y_{ij} = x_{i+a,\,j+b}, \quad a, b \text{ at random}"
    derivative = r"\frac{\partial y_{ij}}{\partial x_{i+a,\,j+b}} = 1"
    size = Param(
        24,
        kind="ints",
        low=1,
        high=16_384,
        symbol="k",
        help="Height and width of the window, or one for both.",
    )
    padding = Param(
        0, low=0, high=1024, symbol="p", help="How many black pixels are put around the image first."
    )
    examples = (
        Example({"size": 2}, x=(3, 2, 4, 5)),
        Example({"size": (3, 2), "padding": 1}, x=(2, 1, 3, 4)),
        Example({"size": 5, "padding": 2}, x=(2, 1, 5, 5)),
        Example({"size": 1}, x=(1, 1, 1, 1)),
        Example({"size": 4, "padding": 3}, x=(2, 1, 1, 2)),
        Example({"size": 2}, x=(0, 1, 3, 3)),
    )

    def check(self) -> None:
        across(self.size, "size", 2, 1)

    def infer(self, x: Spec) -> Spec:
        super().infer(x)
        height, width = across(self.size, "size", 2, 1)
        for axis, wanted in ((2, height), (3, width)):
            there = x.shape[axis]
            if not isinstance(there, int) or not there or there + 2 * self.padding < wanted:
                raise ShapeError(
                    f"A window of {height}×{width} does not fit into images of {x.shape[2]}×{x.shape[3]} "
                    f"with a padding of {self.padding}.",
                    hint=f"Set size to {there} or less, or use more padding.",
                    socket="x",
                )
        return x.with_shape(*x.shape[:2], height, width)

    def places(self, ctx: Context, shape: tuple[int, ...]) -> tuple[Rows, Rows] | None:
        count, found = shape[0], []
        draws = ctx.rng().random((2, count, 1)) if ctx.training else None
        for k, (there, wanted) in enumerate(zip(shape[2:], across(self.size, "size", 2, 1), strict=True)):
            room = there + 2 * self.padding - wanted
            if draws is None:
                start = np.full((count, 1), room // 2)
            else:
                start = np.floor(draws[k] * (room + 1)).astype(np.int64)
            found.append(np.arange(wanted) + start - self.padding)
        return found[0][:, :, None], found[1][:, None]

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        sizes, lines = across(self.size, "size", 2, 1), []
        for k, (name, there) in enumerate(zip(("rows", "columns"), shapes["x"][2:], strict=True)):
            room = there + 2 * self.padding - sizes[k]
            start = f"np.floor(draws[{k}] * {room + 1})"
            axes = "[:, :, None]" if k == 0 else "[:, None]"
            lines.append(
                f"start = {start} if training else np.full((len(x), 1), {room // 2})\n"
                f"{name} = (np.arange({sizes[k]}) + start - {self.padding}){axes}.astype(np.int64)"
            )
        drawn = "draws = random_generator(key, step).random((2, len(x), 1))"
        return Recipe(
            "\n".join([drawn, *lines, "y = taken_from(x, rows, columns)"]),
            "dx = put_back(dy, x, rows, columns)",
            (recipe_tools.random_generator, recipe_images.taken_from, recipe_images.put_back),
        )

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        room = x[axis] + 2 * self.padding - y[axis]
        return shifted(x[axis], y[axis], room // 2 - self.padding)

    def workspace(self, x: tuple[int, ...]) -> int:
        return 5 * x[0] * x[1] * math.prod(across(self.size, "size", 2, 1))


@register
class RandomRotation(_Augmentation):
    """In training, turns every image by an angle drawn anew for every step. (torchvision.transforms.RandomRotation)

    About its middle, by up to so many degrees either way. Pixels that come to lie between others are blended of the
    four around them; what comes in from outside is black (0).
    """

    synonyms = ("Augmentation",)
    formula = "y = x turned by φ, −degrees ≤ φ ≤ degrees"
    latex = r"y_p = \sum_{q} w_{pq}\, x_q, \quad \varphi \sim \mathcal{U}(-d, d)"
    derivative = r"\frac{\partial y_p}{\partial x_q} = w_{pq}"
    degrees = Param(10.0, low=0.0, high=180.0, symbol="d", help="By how many degrees at most.")
    cost = 7
    examples = (
        Example(x=(2, 2, 4, 5)),
        Example({"degrees": 180.0}, x=(2, 1, 3, 3)),
        Example({"degrees": 0.0}, x=(2, 1, 3, 2)),
        Example(x=(1, 1, 1, 1)),
        Example(x=(0, 1, 3, 3)),
    )

    def check(self) -> None:
        if not math.isfinite(self.degrees):
            raise ParamError("RandomRotation.degrees is not finite.", hint="Use a number from 0 to 180.")

    def places(self, ctx: Context, shape: tuple[int, ...]) -> tuple[Rows, Rows] | None:
        if not ctx.training:
            return None
        angles = np.radians((2 * ctx.rng().random(shape[0]) - 1) * self.degrees)
        height, width = shape[2:]
        down, right = np.arange(height)[:, None] - (height - 1) / 2, np.arange(width) - (width - 1) / 2
        cos, sin = np.cos(angles)[:, None, None], np.sin(angles)[:, None, None]
        return (height - 1) / 2 + cos * down + sin * right, (width - 1) / 2 - sin * down + cos * right

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        tools = recipe_images
        return Recipe(
            """
            if training:
                angles = np.radians((2 * random_generator(key, step).random(len(x)) - 1) * degrees)
                rows, columns = turned_places(x, angles)
                y = blended_from(x, rows, columns)
            else:
                y = x
            """,
            "dx = blended_back(dy, x, rows, columns) if training else dy",
            (
                recipe_tools.random_generator,
                tools.turned_places,
                tools.blended_from,
                tools.blended_back,
                tools.four_around,
                tools.taken_from,
                tools.put_back,
            ),
        )
