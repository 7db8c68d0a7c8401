"""What a filter does to a picture: filters that people know by name, and what each makes of an image.

A picture is (channels, height, width), from 0 to 1; a filter is (rows, columns), and goes over every channel by itself.
As in a convolutional layer it is not flipped: the number at the left weighs the pixel at the left. (Gonzalez and Woods,
"Digital Image Processing", chapter 3)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from ..ops import Clock, Context, Spec
from ..ops.convolution import Conv2d
from ..ops.padding import Pad

Floats = npt.NDArray[np.float64]

SIZES = (3, 5, 7)
LARGEST = 15  # pixels of a filter's side
BALANCED = 0.01  # of the sum of magnitudes: a sum below it is none
EDGES = {  # what lies beyond the edge of a picture, and what Pad calls it
    "zeros": "constant",
    "mirror": "reflect",
    "repeat": "replicate",
    "wrap": "circular",
    "none": "",
}
EDGES_TOLD = {
    "zeros": "Black beyond the edge, as padding does in a layer: it draws a rim where a filter looks past it",
    "mirror": "The picture mirrored at its edge",
    "repeat": "The pixels at the edge go on and on",
    "wrap": "The picture begins again on the other side",
    "none": "Nothing: the filter stays inside, and the output is smaller",
}


@dataclass(frozen=True)
class Named:
    """A filter with a name. says: what it does. why: how its numbers do that, for who has guessed wrong."""

    name: str
    says: str
    why: str
    make: Callable[[int], Floats]

    def of(self, size: int) -> Floats:
        """(size, size), size odd."""
        return np.asarray(self.make(size), np.float64)


def binomial(count: int) -> Floats:
    """A row of Pascal's triangle with so many numbers: 1 2 1."""
    return np.array([math.comb(count - 1, k) for k in range(count)], np.float64)


def _identity(size: int) -> Floats:
    made = np.zeros((size, size))
    made[size // 2, size // 2] = 1
    return made


def _shift(size: int) -> Floats:
    made = np.zeros((size, size))
    made[size // 2, 0] = 1
    return made


def _box(size: int) -> Floats:
    return np.full((size, size), 1 / size**2)


def _gaussian(size: int) -> Floats:
    made = np.outer(binomial(size), binomial(size))
    return np.asarray(made / made.sum())


def _streak(size: int) -> Floats:
    made = np.zeros((size, size))
    made[size // 2] = 1 / size
    return made


def _laplacian(size: int) -> Floats:
    """Of three: the four neighbours less four times the middle. Larger: a narrow bell less a wide one."""
    if size == 3:
        return np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], np.float64)
    narrow = np.pad(_gaussian(3), (size - 3) // 2)
    return 4 * (_gaussian(size) - narrow)


def _sharpen(size: int) -> Floats:
    return _identity(size) - _laplacian(size)


def _sobel_x(size: int) -> Floats:
    """A bell along the edge, a difference across it. (Sobel and Feldman 1968)"""
    return np.outer(binomial(size), np.convolve(binomial(size - 2), [-1, 0, 1]))


def _sobel_y(size: int) -> Floats:
    return _sobel_x(size).T


def _diagonal(size: int) -> Floats:
    """Above the diagonal from top left to bottom right plus, below it minus."""
    there = np.arange(size)
    bell = np.outer(binomial(size), binomial(size))
    return np.asarray(np.sign(there[None, :] - there[:, None]) * bell)


def _emboss(size: int) -> Floats:
    there = np.arange(size) - size // 2
    made = (there[:, None] + there[None, :]).astype(np.float64)
    made[np.abs(made) > 2] = 0
    return np.asarray(made * (4 / made[made > 0].sum()) + _identity(size))


def _outline(size: int) -> Floats:
    return size**2 * _identity(size) - np.ones((size, size))


NAMED = (
    Named(
        "Identity",
        "leaves the picture as it is",
        "a single 1 in the middle: each pixel becomes itself",
        _identity,
    ),
    Named(
        "Box blur",
        "makes it soft: each pixel becomes the mean of its neighbourhood",
        "all numbers are equal and sum to 1: a plain mean",
        _box,
    ),
    Named(
        "Gaussian blur",
        "makes it soft: a mean in which near pixels count more",
        "a bell that sums to 1: a mean that weighs the middle most",
        _gaussian,
    ),
    Named(
        "Streak",
        "smears it sideways, as a moving camera does",
        "only the middle row counts: a mean along the row, none down the column",
        _streak,
    ),
    Named(
        "Sharpen",
        "makes edges crisp and leaves flat parts alone",
        "more than 1 in the middle and negative around it, sum 1: differences grow, flat parts stay",
        _sharpen,
    ),
    Named(
        "Sobel x",
        "answers to vertical edges: plus where it gets brighter to the right, minus where it gets darker",
        "columns of opposite sign that sum to 0: it measures the step from left to right",
        _sobel_x,
    ),
    Named(
        "Sobel y",
        "answers to horizontal edges: plus where it gets brighter downwards, minus where it gets darker",
        "rows of opposite sign that sum to 0: it measures the step from top to bottom",
        _sobel_y,
    ),
    Named(
        "Diagonal",
        "answers to edges that run from top left to bottom right",
        "the corners top right and bottom left have opposite signs: it measures the step between them",
        _diagonal,
    ),
    Named(
        "Laplacian",
        "answers to bends: where a pixel differs from the mean of its neighbours",
        "the middle against its surroundings, alike in every direction, sum 0: flat parts and even ramps vanish",
        _laplacian,
    ),
    Named(
        "Emboss",
        "makes a relief, lit from one corner",
        "minus in one corner, plus in the other, and 1 in the middle keeps the picture",
        _emboss,
    ),
    Named(
        "Outline",
        "leaves thin lines wherever something changes, in any direction",
        "a large middle against all around it, sum 0: flat parts vanish, whatever differs stands out",
        _outline,
    ),
    Named(
        "Shift",
        "moves the picture to the right",
        "a single 1 at the left: each pixel becomes its neighbour at the left",
        _shift,
    ),
)


def named(name: str) -> Named:
    """DataError where none is called that."""
    for each in NAMED:
        if each.name == name:
            return each
    raise DataError(f"There is no filter '{name}'.", hint=f"There are {', '.join(n.name for n in NAMED)}.")


def recognised(kernel: Floats) -> Named | None:
    """The filter of that name that these are the numbers of, whatever they are multiplied by."""
    if kernel.shape[0] != kernel.shape[1] or kernel.shape[0] not in SIZES:
        return None
    for each in NAMED:
        model = each.of(len(kernel))
        factor = float((kernel * model).sum() / (model**2).sum())
        if factor > 0 and np.allclose(kernel, factor * model, rtol=1e-6, atol=1e-9 * abs(factor)):
            return each
    return None


def is_balanced(kernel: Floats) -> bool:
    """Whether plus and minus cancel, so that flat parts of a picture become 0."""
    whole = np.abs(kernel).sum()
    return bool(abs(kernel.sum()) < BALANCED * whole) if whole else False


def normalised(kernel: Floats) -> Floats:
    """So that brightness stays: the sum becomes 1; where it is none, the positive numbers sum to 1.

    DataError for a filter of zeros.
    """
    if not np.abs(kernel).sum():
        raise DataError("All numbers of the filter are 0.", hint="Set one first.")
    by = kernel[kernel > 0].sum() if is_balanced(kernel) else kernel.sum()
    return np.asarray(kernel / by)


def flipped(kernel: Floats) -> Floats:
    """Turned by half: what mathematics calls convolution does this first."""
    return kernel[::-1, ::-1].copy()


def resized(kernel: Floats, size: int) -> Floats:
    """(size, size) with the same numbers around the middle: cut off outside, or zeros."""
    made = np.zeros((size, size))
    (rows, columns), middle = kernel.shape, size // 2
    for i in range(rows):
        for j in range(columns):
            at = i - rows // 2 + middle, j - columns // 2 + middle
            if min(at) >= 0 and max(at) < size:
                made[at] = kernel[i, j]
    return made


def grey(picture: Floats) -> Floats:
    """One channel (1, height, width), as bright as an eye finds it. (ITU-R BT.601)"""
    if len(picture) != 3:
        return picture[:1]
    weights = np.array([0.299, 0.587, 0.114])
    return np.asarray(np.tensordot(weights, picture, 1)[None])


def applied(picture: Floats, kernel: Floats, edges: str = "zeros") -> Floats:
    """What the filter makes of every channel, by the operations that a network uses, in float64.

    ShapeError where the picture is smaller than the filter needs; DataError for sizes that nobody can look at.
    """
    if max(kernel.shape) > LARGEST:
        raise DataError(
            f"A filter of {kernel.shape[0]}×{kernel.shape[1]} is too large for the bench.",
            hint=f"{LARGEST} pixels a side are the most.",
        )
    x = np.asarray(picture, np.float64)[:, None]
    mode = EDGES[edges]
    if mode:
        (rows, columns) = kernel.shape
        ends = ((columns - 1) // 2, columns // 2, (rows - 1) // 2, rows // 2)
        x = _result(Pad(pad=ends, mode=mode), x)
    conv = Conv2d(out_channels=1, kernel_size=tuple(kernel.shape), bias=False)
    found = _result(conv, x, np.asarray(kernel, np.float64)[None, None])[:, 0]
    rounding = 1e-14 * np.abs(kernel).sum() * np.abs(x).max(initial=0.0)
    found[np.abs(found) <= rounding] = 0.0  # what cancels, cancels: its last bits are no picture
    return np.asarray(found)


def _result(op: Any, *given: Any) -> Any:
    """What an operation with one output makes of arrays."""
    arrays = dict(zip((socket.name for socket in op.inputs), (*given, None, None), strict=False))
    specs = {name: None if array is None else Spec(array.shape) for name, array in arrays.items()}
    y = np.empty(op.infer(**specs).shape)
    op.forward(Context("bench", Clock(), np.float64), **arrays, y=y)
    return y


def window(at: tuple[int, int], kernel: Floats, edges: str) -> tuple[int, int, int, int]:
    """First and last+1 row, first and last+1 column of the pixels behind one of the output; some may lie outside."""
    rows, columns = kernel.shape
    top, left = at
    if EDGES[edges]:
        top, left = top - (rows - 1) // 2, left - (columns - 1) // 2
    return top, top + rows, left, left + columns


def shade(result: Floats, kernel: Floats) -> Floats:
    """A result as grey or colour that can be seen, from 0 to 1: of a balanced filter, 0 is middle grey."""
    if not is_balanced(kernel):
        total = kernel.sum()
        seen = result / total if total > 1 else result  # brightness as it was
        return np.asarray(np.clip(seen, 0, 1))
    largest = np.abs(result).max(initial=0.0)
    return np.asarray(0.5 + result / (2 * largest) if largest else np.full(result.shape, 0.5))


def from_0_to_1(picture: Floats) -> Floats:
    """Numbers of any range stretched from black to white; what is no number is black."""
    finite = picture[np.isfinite(picture)]
    if not finite.size:
        return np.zeros(picture.shape)
    low, high = float(finite.min()), float(finite.max())
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    return np.asarray(np.nan_to_num((picture - low) / ((high - low) or 1.0), posinf=1.0, neginf=0.0))
