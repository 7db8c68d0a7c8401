"""Pictures made for filters to be tried on: edges in every direction, stripes, corners, a ramp, and grain."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..ops.context import stream

Floats = npt.NDArray[np.float64]
SIDE = 96


def scene(number: int = 0, side: int = SIDE) -> Floats:
    """(3, side, side) from 0 to 1. The same number gives the same picture; others are laid out and coloured anew."""
    rng = stream(number, "filter scene")
    down, across = np.mgrid[0:side, 0:side] / (side - 1.0)
    sky, ground = rng.uniform(0.45, 0.95, (2, 3))
    made = (sky[:, None, None] * (1 - down) + ground[:, None, None] * down).astype(np.float64)
    horizon = rng.uniform(0.55, 0.7)
    earth = rng.uniform(0.1, 0.5, 3)
    _paint(made, _soft((down - horizon) * side), earth)
    _stripes(made, down, across, side, rng)
    for _ in range(3):
        _shape(made, down, across, side, rng)
    grain = rng.normal(0, 0.05, (side, side))
    patch = _soft(side * (np.maximum(np.abs(down - 0.85), np.abs(across - 0.2)) - 0.12) * -1)
    made += patch * grain
    return np.asarray(np.clip(made, 0, 1))


def _soft(signed: Floats) -> Floats:
    """From 0 to 1 where a distance in pixels passes 0, as soft as a pixel."""
    return np.asarray(np.clip(signed + 0.5, 0, 1))


def _paint(made: Floats, cover: Floats, colour: Floats) -> None:
    made += cover * (colour[:, None, None] - made)


def _stripes(made: Floats, down: Floats, across: Floats, side: int, rng: np.random.Generator) -> None:
    """A fence: upright stripes, and beams across."""
    left, top = rng.uniform(0.5, 0.6), rng.uniform(0.55, 0.62)
    inside = (across > left) & (across < left + 0.36) & (down > top) & (down < top + 0.32)
    wide = rng.choice([5, 6, 7])
    upright = ((across * (side - 1)).astype(int) % wide) < wide // 2
    _paint(made, (inside & upright).astype(np.float64), np.array([0.93, 0.9, 0.82]))
    beam = np.abs(down - top - 0.1) < 0.02
    _paint(made, (inside & beam).astype(np.float64), np.array([0.3, 0.2, 0.15]))


def _shape(made: Floats, down: Floats, across: Floats, side: int, rng: np.random.Generator) -> None:
    """A disc or a square that is turned, light or dark."""
    y, x, size = rng.uniform(0.15, 0.55), rng.uniform(0.12, 0.88), rng.uniform(0.08, 0.17)
    angle = rng.uniform(0, np.pi)
    u = (across - x) * np.cos(angle) + (down - y) * np.sin(angle)
    v = (down - y) * np.cos(angle) - (across - x) * np.sin(angle)
    reach = np.hypot(u, v) if rng.random() < 0.5 else np.maximum(np.abs(u), np.abs(v))
    _paint(made, _soft(side * (size - reach)), rng.uniform(0, 1, 3))
