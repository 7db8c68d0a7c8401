"""What a parameter looks for, as pictures: the filters of a convolution, the rows of a layer that looks at images."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LEAST_IMAGE = 36  # a row of so many numbers, a square, is taken for an image
COLOURS = 3


@dataclass(frozen=True)
class How:
    """by_norm: the strongest first, instead of by index. each: each picture from −1 to 1 by itself, instead of by the
    scale of all. channel: of which input, None for all; with three of them, all are a picture in colour.
    """

    by_norm: bool = False
    each: bool = False
    channel: int | None = None


def filters(values: Floats, shape: tuple[int, ...]) -> Floats | None:
    """(outputs, inputs, height, width) of a parameter of that shape; None where it holds no pictures.

    (outputs, s·s) and (outputs, 3·s·s) with s ≥ 6 that came whole are images; of three axes, the last two are one.
    """
    if values.ndim == 4:
        return values
    if values.ndim > 2:
        return values.reshape(-1, 1, *values.shape[-2:])
    if values.ndim < 2 or values.shape[1] != shape[1] or shape[0] < 2:
        return None
    for channels in (1, COLOURS):
        side = math.isqrt(shape[1] // channels)
        if channels * side * side == shape[1] and side * side >= LEAST_IMAGE:
            return values.reshape(-1, channels, side, side)
    return None


def norms(found: Floats) -> Floats:
    """The Euclidean norm of each output's filter, over all its inputs."""
    return np.asarray(np.sqrt((found**2).reshape(len(found), -1).sum(axis=1)))


def arranged(found: Floats, how: How) -> Floats:
    """The same filters in the order wanted, and of the input wanted: (outputs, inputs, height, width)."""
    if how.by_norm:
        found = found[np.argsort(-norms(found), kind="stable")]
    if how.channel is not None and how.channel < found.shape[1]:
        found = found[:, how.channel : how.channel + 1]
    return found


def is_in_colour(found: Floats) -> bool:
    """Whether the inputs of a filter are taken for red, green and blue."""
    return bool(found.shape[1] == COLOURS)


def by_itself(found: Floats) -> Floats:
    """Each picture (in colour: its three channels together) divided by its largest magnitude."""
    axes = (1, 2, 3) if is_in_colour(found) else (2, 3)
    largest = np.abs(found).max(axis=axes, keepdims=True, initial=0.0)
    return np.asarray(found / np.where(largest > 0, largest, 1.0))


def board(found: Floats) -> Floats:
    """Side by side, apart by NaN: (rows, columns), or (rows, columns, 3) in colour.

    A row for each output where it has several inputs that are no colours, else twice as many columns as rows.
    """
    in_colour = is_in_colour(found)
    tiles = np.moveaxis(found, 1, 3) if in_colour else found.reshape(-1, *found.shape[2:])[..., None]
    columns = found.shape[1] if found.shape[1] > 1 and not in_colour else _columns(len(tiles))
    return laid(tiles, columns)


def laid(tiles: Floats, columns: int) -> Floats:
    """Pictures (count, height, width, 1 or 3) row by row, apart by NaN: see `board`."""
    count, height, width, channels = tiles.shape
    rows = math.ceil(count / columns)
    made = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1, channels), np.nan)
    for k in range(count):
        top, left = k // columns * (height + 1), k % columns * (width + 1)
        made[top : top + height, left : left + width] = tiles[k]
    return made if channels == COLOURS else made[..., 0]


def _columns(count: int) -> int:
    return max(1, math.ceil(math.sqrt(count * 2)))
