"""Small pictures of coloured shapes, made from a seed: which shape is it, and which pixels belong to which?

The shapes are dark and of any colour, turned, larger and smaller, on light paper that is brighter on one side. So
neither colour nor brightness tells them apart, only their outline.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from ..ops.catalogue import Bounds, Card
from ..ops.context import stream
from .checks import MOST_SEED
from .registry import dataset

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int64]

SIDE = 32
SHAPES = ("circle", "square", "triangle", "cross", "ring")
GROUND = "ground"
EVEN = {
    "circle": 0.887,
    "square": 0.885,
    "triangle": 1.113,
    "cross": 0.964,
    "ring": 1.003,
}  # so all cover as much
MOST_PICTURES = 20_000  # 245 MB
_PAPER, _PAINT = (0.6, 1.0), (0.0, 0.6)  # what red, green and blue may be of paper and shapes
_MOST = 3
_LIGHT = 0.1  # how much brighter or darker than its mean the paper is at its edge


def _card(name: str, title: str, description: str, **changed: Any) -> Card:
    """The card of a set of pictures, 3×32×32."""
    parameters = {
        "samples": Bounds(2000, 2, MOST_PICTURES),
        "noise": Bounds(0.05, 0.0, 1.0),
        "seed": Bounds(0, 0, MOST_SEED),
    }
    shape = (3, SIDE, SIDE)
    flat = (3 * SIDE * SIDE,)
    return Card(name, title, description, flat, shape, samples=2000, parameters=parameters, **changed)


@dataset(
    _card(
        "shapes",
        "Shapes",
        "Pictures of 32×32 pixels with one coloured shape each: circle, square, triangle, cross or ring.",
        target="class",
        classes=SHAPES,
    )
)
def shapes(samples: int = 2000, noise: float = 0.05, seed: int = 0) -> tuple[Floats, Ints]:
    """One shape a picture: x (samples, 3·32·32) from 0 to 1, target (samples,) int64, the place in SHAPES.

    `noise` is the standard deviation of what is added to each number. Classes alternate.
    """
    return _one(samples, noise, seed)


@functools.lru_cache(maxsize=2)  # they take half a second
def _one(samples: int, noise: float, seed: int) -> tuple[Floats, Ints]:
    rng = stream(seed, "shapes")
    kind = np.arange(samples) % len(SHAPES)
    x = _paper(rng, samples)
    _put(rng, x, kind, rng.uniform(9.0, SIDE - 10.0, (samples, 2)), rng.uniform(6.0, 9.0, samples))
    return _kept(_noisy(rng, x, noise), kind)


@dataset(
    _card(
        "shape_masks",
        "Shapes, pixel by pixel",
        "Pictures of 32×32 pixels with one to three shapes: say of each pixel which shape it belongs to, or none.",
        target="mask",
        classes=(GROUND, *SHAPES),
    )
)
def shape_masks(samples: int = 2000, noise: float = 0.05, seed: int = 0) -> tuple[Floats, Ints]:
    """One to three shapes a picture, in front of one another: x (samples, 3·32·32), target (samples, 32, 32) int64.

    A target is 0 for the ground, else 1 and the place in SHAPES. `noise` is as in `shapes`.
    """
    return _several(samples, noise, seed)


@functools.lru_cache(maxsize=2)
def _several(samples: int, noise: float, seed: int) -> tuple[Floats, Ints]:
    rng = stream(seed, "shape_masks")
    x = _paper(rng, samples)
    target = np.zeros((samples, SIDE, SIDE), np.int64)
    many = rng.integers(1, _MOST, samples, endpoint=True)
    for k in range(_MOST):
        kind = rng.integers(0, len(SHAPES), samples)
        middle, size = rng.uniform(6.0, SIDE - 7.0, (samples, 2)), rng.uniform(5.0, 8.0, samples)
        cover = _put(rng, x, kind, middle, np.where(k < many, size, 0.0))
        target = np.where(cover > 0.5, kind[:, None, None] + 1, target)
    return _kept(_noisy(rng, x, noise), target)


def _kept(x: Floats, target: Ints) -> tuple[Floats, Ints]:
    """Read-only, so that who gets them again gets the same."""
    x.flags.writeable = target.flags.writeable = False
    return x, target


def _paper(rng: np.random.Generator, samples: int) -> Floats:
    """Paper of one colour each, brighter on one side."""
    angle = rng.uniform(0, 2 * np.pi, (samples, 1, 1))
    along = np.linspace(-1, 1, SIDE)
    light = np.cos(angle) * along[None, None, :] + np.sin(angle) * along[None, :, None]
    colour = rng.uniform(*_PAPER, (samples, 3, 1, 1))
    return np.asarray(colour + _LIGHT * light[:, None], np.float32)


def _put(rng: np.random.Generator, x: Floats, kind: Ints, middle: Floats, size: Floats) -> Floats:
    """Puts a shape into each picture; how much of each pixel it covers, 0 everywhere for one of size 0."""
    down, across = (np.arange(SIDE, dtype=np.float32) - middle[:, axis, None] for axis in (0, 1))
    turn = rng.uniform(0, 2 * np.pi, len(x))[:, None, None]
    u = np.asarray(np.cos(turn) * across[:, None, :] + np.sin(turn) * down[:, :, None], np.float32)
    v = np.asarray(np.cos(turn) * down[:, :, None] - np.sin(turn) * across[:, None, :], np.float32)
    cover = np.zeros_like(u)
    for k, name in enumerate(SHAPES):
        rows = np.flatnonzero((kind == k) & (size > 0))
        reach = (EVEN[name] * size[rows, None, None]).astype(np.float32)
        cover[rows] = np.clip(0.5 - _outside(name, u[rows], v[rows], reach), 0, 1)
    paint = rng.uniform(*_PAINT, (len(x), 3, 1, 1)).astype(np.float32)
    x += cover[:, None] * (paint - x)
    return cover


def _outside(name: str, u: Floats, v: Floats, size: Floats) -> Floats:
    """How far outside of that shape around (0, 0) the places u, v lie, roughly, in pixels; negative inside."""
    far, near = np.abs(u), np.abs(v)
    if name == "circle":
        found = np.hypot(u, v) - 0.9 * size
    elif name == "ring":
        found = np.abs(np.hypot(u, v) - 0.72 * size) - 0.22 * size
    elif name == "square":
        found = np.maximum(far, near) - 0.8 * size
    elif name == "triangle":
        found = np.maximum(v - 0.6 * size, (2 * far - v - 1.2 * size) / 5**0.5)
    else:
        bars = np.maximum(far - 0.32 * size, near - size), np.maximum(far - size, near - 0.32 * size)
        found = np.minimum(*bars)
    return np.asarray(found)


def _noisy(rng: np.random.Generator, x: Floats, noise: float) -> Floats:
    """With noise, kept between 0 and 1, as rows."""
    x = x + noise * rng.standard_normal(x.shape, dtype=np.float32)
    return np.clip(x, 0, 1).reshape(len(x), -1)
