"""Sliding windows over images and sequences: how many fit, and what to say when none does.

A sequence N×C×L is treated as an image of one row, so that one and two axes share all of it.
"""

from __future__ import annotations

from typing import NamedTuple

from ..errors import ParamError, ShapeError
from .spec import Spec, shape_text

Pair = tuple[int, int]
Ints = int | tuple[int, ...]

EVERYWHERE = {1: "L", 2: "H×W"}  # what the axes that a window moves along are called


class Window(NamedTuple):
    """A window's size, step, padding and spacing (dilation), each (vertical, horizontal).

    ceil: a last window that begins on the image may reach beyond it.
    """

    kernel: Pair
    stride: Pair
    padding: Pair
    dilation: Pair = (1, 1)
    ceil: bool = False

    @property
    def extent(self) -> Pair:
        """How many pixels a window reaches over."""
        (kh, kw), (dh, dw) = self.kernel, self.dilation
        return (kh - 1) * dh + 1, (kw - 1) * dw + 1

    def output_size(self, image: tuple[int, ...]) -> Pair:
        """How many windows fit into an image of that size (Dumoulin and Visin 2016, relationship 15)."""
        return self.fitting(0, image[0]), self.fitting(1, image[1])

    def fitting(self, axis: int, size: int) -> int:
        """How many windows fit along that axis (0: vertical, 1: horizontal) of an image that is `size` long there."""
        stride, padding = self.stride[axis], self.padding[axis]
        room = size + 2 * padding - self.extent[axis]
        if not self.ceil or room < 0:
            return room // stride + 1
        count = -(-room // stride) + 1
        return count - 1 if (count - 1) * stride >= size + padding else count

    def misses(self, axis: int, size: int) -> bool:
        """Whether some window along that axis meets padding alone."""
        reach = range(0, self.extent[axis], self.dilation[axis])
        starts = (i * self.stride[axis] - self.padding[axis] for i in range(self.fitting(axis, size)))
        return any(all(not 0 <= start + step < size for step in reach) for start in starts)

    def input_size(self, image: tuple[int, ...]) -> Pair:
        """The smallest image in which so many windows fit (relationship 14)."""
        rows, columns = (
            (count - 1) * s - 2 * p + e
            for count, s, p, e in zip(image, self.stride, self.padding, self.extent, strict=True)
        )
        return rows, columns


def across(value: Ints, name: str, axes: int, still: int) -> Pair:
    """A param as (vertical, horizontal): one number counts for every axis. ParamError for any other count.

    With a single axis, the vertical one gets `still`: what leaves it as it is.
    """
    values = (value,) * axes if isinstance(value, int) else value
    if len(values) != axes:
        hint = "Give one number." if axes == 1 else "Give one, or two (vertical, horizontal)."
        raise ParamError(f"{name} has {len(values)} sizes.", hint=hint)
    return (still, values[0]) if axes == 1 else (values[0], values[1])


def image_size(x: Spec, axes: int = 2) -> Pair:
    """Height and width of images N×C×H×W, (1, length) of sequences N×C×L. ShapeError when x is nothing like that."""
    if x.ndim != axes + 2:
        raise _no_images(x) if axes == 2 else _no_sequences(x)
    sizes = [size for size in x.shape[1:] if isinstance(size, int)]
    if len(sizes) < axes + 1:
        raise ShapeError(
            f"x ({x}) needs fixed channels, {'height and width' if axes == 2 else 'and a fixed length'}.",
            hint="Only N may be open.",
            socket="x",
        )
    return (sizes[1], sizes[2]) if axes == 2 else (1, sizes[1])


def _no_images(x: Spec) -> ShapeError:
    return ShapeError(
        f"x ({x}) is not a batch of images N×C×H×W.",
        hint="Set layout of the data set to image, or put a Reshape before this node.",
        socket="x",
    )


def _no_sequences(x: Spec) -> ShapeError:
    return ShapeError(
        f"x ({x}) is not a batch of sequences N×C×L.",
        hint="Put a Reshape or an Unsqueeze before this node.",
        socket="x",
    )


def windows_in(x: Spec, window: Window, axes: int = 2) -> tuple[int, ...]:
    """How many windows fit into the images of x, (rows, columns), or (columns,). ShapeError when none does."""
    image = image_size(x, axes)
    out = window.output_size(image)
    if min(out) < 1:
        raise _too_small(image[-axes:], window, axes)
    return out[-axes:]


def require_pixels(x: Spec, window: Window, axes: int = 2) -> None:
    """ShapeError when some window meets padding alone: spread by dilation it may step over all that is between."""
    if window.dilation == (1, 1) or window.padding == (0, 0):
        return
    if any(window.misses(axis, size) for axis, size in enumerate(image_size(x, axes))):
        raise ShapeError(
            f"A window with dilation {shape_text(window.dilation[-axes:])} and padding "
            f"{shape_text(window.padding[-axes:])} steps over x ({x}): of no pixel at all there is no maximum.",
            hint="Use less padding, or less dilation.",
            socket="x",
        )


def _too_small(image: tuple[int, ...], window: Window, axes: int) -> ShapeError:
    padding, extent = window.padding[-axes:], window.extent[-axes:]
    padded = tuple(size + 2 * p for size, p in zip(image, padding, strict=True))
    beside = f" (padded to {shape_text(padded)})" if any(padding) else ""
    spaced = f" (dilated to {shape_text(extent)})" if extent != window.kernel[-axes:] else ""
    fitting = max(
        1, min((size - 1) // d + 1 for size, d in zip(padded, window.dilation[-axes:], strict=True))
    )
    return ShapeError(
        f"A {shape_text(window.kernel[-axes:])} window{spaced} does not fit into "
        f"{'images' if axes == 2 else 'sequences'} of {shape_text(image)}{beside}.",
        hint=f"Set kernel_size to {fitting} or less, or use more padding.",
        socket="x",
    )
