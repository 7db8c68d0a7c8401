"""Drawn pictures of two shapes, and the sentence that describes each."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..ops.context import stream
from .tasks import NOTHING, Rows, one_late, sequence_task

Floats = npt.NDArray[np.floating[Any]]

SIDE = 32
COLOURS = {
    "red": (0.85, 0.2, 0.2),
    "green": (0.15, 0.6, 0.25),
    "blue": (0.2, 0.35, 0.85),
    "yellow": (0.95, 0.8, 0.2),
}
SHAPES = ("circle", "square", "triangle")
PLACES = ("above", "left of")  # not below and right of: each picture has one sentence
WORDS = (NOTHING, *COLOURS, *SHAPES, *PLACES)
PAPER = 0.97
APART = 8.0  # from the middle of the picture to that of a shape, before it strays


@sequence_task("captions", "Pictures and captions", "encoder-decoder", outputs=("x", "previous", "target"))
def captions(samples: int, seed: int) -> Rows:
    """Two coloured shapes on paper: say what is seen, such as red circle above blue square.

    x (samples, 3, 32, 32): red, green and blue from 0 to 1. target (samples, 5): colour, shape, place, colour, shape.
    """
    rng = stream(seed, "captions")
    colours = rng.integers(0, len(COLOURS), (samples, 2))
    shapes = rng.integers(0, len(SHAPES), (samples, 2))
    place = rng.integers(0, len(PLACES), samples)
    x = np.full((samples, 3, SIDE, SIDE), PAPER, np.float32)
    aside = np.array([(0, -APART), (-APART, 0)])[place]
    for k, way in ((0, 1.0), (1, -1.0)):
        middle = SIDE / 2 - 0.5 + way * aside + rng.uniform(-2.5, 2.5, (samples, 2))
        _draw(x, middle, rng.uniform(4.0, 6.0, samples), colours[:, k], shapes[:, k])
    first_shape, first_place = 1 + len(COLOURS), 1 + len(COLOURS) + len(SHAPES)
    said = (
        colours[:, 0] + 1,
        shapes[:, 0] + first_shape,
        place + first_place,
        colours[:, 1] + 1,
        shapes[:, 1] + first_shape,
    )
    target = np.stack(said, axis=1)
    return Rows(x, target, previous=one_late(target), classes=WORDS)


def _draw(
    x: Floats, middle: Floats, size: Floats, colour: npt.NDArray[np.int64], shape: npt.NDArray[np.int64]
) -> None:
    """Puts one shape into each picture, its edge as soft as a pixel."""
    across, down = (np.arange(SIDE) - middle[:, axis, None] for axis in (0, 1))
    dx, dy = across[:, None, :], down[:, :, None]
    reach = size[:, None, None]
    outside = np.where(
        (shape == 0)[:, None, None],
        np.hypot(dx, dy) - reach,
        np.where(
            (shape == 1)[:, None, None],
            np.maximum(np.abs(dx), np.abs(dy)) - 0.9 * reach,
            np.maximum(dy - 0.8 * reach, (2 * np.abs(dx) - dy - 1.2 * reach) / np.sqrt(5)),
        ),
    )
    cover = np.clip(0.5 - outside, 0, 1)[:, None]
    paint = np.array(list(COLOURS.values()), np.float32)[colour][:, :, None, None]
    x += (cover * (paint - x)).astype(np.float32)
