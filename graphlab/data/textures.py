"""Pictures in colour with the statistics of natural ones, made from a seed: leaves over leaves, grain, pebbles, clouds.

Things of every size hide one another (the dead leaves model: Matheron 1968; Lee, Mumford and Huang 2001), light varies
more than colour, and a shade lies over each thing. What is learnt from such pictures looks for edges and blobs.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from ..ops.catalogue import Bounds, Card
from ..ops.context import stream
from .checks import MOST_SEED
from .registry import dataset

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]
Rng = np.random.Generator

SIDE = 32
CLASSES = ("lying", "rising", "standing", "falling", "pebbles", "clouds")
GRAIN = 4  # of these classes, those in which leaves lie in one direction
LEAVES = 44  # drawn one behind another; then hardly a pixel is left that none covers
SLENDER = 5.0  # how much longer than wide a leaf of a grain is
STRAY = 0.16  # radians that its direction strays
LEAST, MOST = (
    1.6,
    9.0,
)  # the half width of things, in pixels; how many there are of a size falls with its cube
LIGHT, TINT = 0.22, 0.07  # how far light, and red against green and blue against yellow, stray
TINTS = np.array([[1.0, -1.0, 0.0], [0.5, 0.5, -1.0]], np.float32)
SOFT = 0.8  # pixels over which an edge goes from one thing to the other


@dataset(
    Card(
        "textures",
        "Textures",
        "Pictures of 32×32 pixels in colour: leaves that lie, rise, stand or fall, pebbles, and clouds.",
        feature_shape=(3 * SIDE * SIDE,),
        image_shape=(3, SIDE, SIDE),
        target="class",
        classes=CLASSES,
        samples=1500,
        parameters={"samples": Bounds(1500, len(CLASSES), 20_000), "seed": Bounds(0, 0, MOST_SEED)},
    )
)
def textures(samples: int = 1500, seed: int = 0) -> tuple[Floats, Labels]:
    """Textures: x (samples, 3·32·32) red, green and blue from 0 to 1, target (samples,), 0 to 5 in turn.

    `textures().with_layout("image")` is (samples, 3, 32, 32). No class has a colour or a brightness of its own, so only
    the forms tell them apart.
    """
    return _made(samples, seed)


@functools.lru_cache(maxsize=2)  # it takes a second
def _made(samples: int, seed: int) -> tuple[Floats, Labels]:
    target = np.arange(samples) % len(CLASSES)
    x = np.empty((samples, 3, SIDE, SIDE), np.float32)
    for label in range(len(CLASSES)):
        of_class = np.flatnonzero(target == label)
        rng = stream(seed, f"textures {label}")
        is_cloud = CLASSES[label] == "clouds"
        x[of_class] = (
            clouds(rng, len(of_class), SIDE) if is_cloud else leaves(rng, len(of_class), SIDE, label)
        )
    rows = x.reshape(samples, -1)
    rows.flags.writeable = False
    return rows, target


def leaves(rng: Rng, count: int, side: int, label: int = GRAIN, many: int = LEAVES) -> Floats:
    """(count, 3, side, side): leaves in the direction of a class of grain, in any for another class."""
    picture = _colour(rng, count)[:, :, None, None] * np.ones((1, 1, side, side), np.float32)
    open_ = np.ones(
        (count, side, side), np.float32
    )  # how much of a pixel nothing lies on yet: from the top down
    found = np.zeros_like(picture)
    along = np.arange(side, dtype=np.float32)
    for _ in range(many):
        cover, shade = _leaf(rng, count, side, along, label)
        seen = open_ * cover
        tone = _colour(rng, count)[:, :, None, None] * shade[:, None]
        found += seen[:, None] * tone
        open_ *= 1 - cover
    return np.clip(found + open_[:, None] * picture, 0, 1)


def _leaf(rng: Rng, count: int, side: int, along: Floats, label: int) -> tuple[Floats, Floats]:
    """One thing in each of the pictures: how much of each pixel it covers, and how light it is there."""
    half = (LEAST**-2 - rng.random(count) * (LEAST**-2 - MOST**-2)) ** -0.5  # a power law of −3
    is_grain = label < GRAIN
    turn = label * np.pi / 4 + STRAY * rng.standard_normal(count) if is_grain else np.pi * rng.random(count)
    long = half * (SLENDER if is_grain else rng.uniform(1.0, 1.3, count))
    half = half * (0.55 if is_grain else 1.0)
    middle = rng.uniform(-half[:, None], side - 1 + half[:, None], (count, 2))
    cos, sin, thin, tall = (
        v.astype(np.float32)[:, None, None] for v in (np.cos(turn), np.sin(turn), half, long)
    )
    right = along[None, None, :] - middle[:, 0, None, None].astype(np.float32)
    up = middle[:, 1, None, None].astype(np.float32) - along[None, :, None]
    u, v = (cos * right + sin * up) / tall, (cos * up - sin * right) / thin
    distance = np.sqrt(u * u + v * v)
    cover = np.clip(0.5 + (1 - distance) * thin / SOFT, 0, 1)
    slope = rng.normal(0, 0.12, (2, count)).astype(np.float32)[:, :, None, None]
    return cover, np.clip(1 + slope[0] * u + slope[1] * v, 0.4, 1.6)


def clouds(rng: Rng, count: int, side: int) -> Floats:
    """(count, 3, side, side): noise whose amplitude falls with its frequency, somewhat faster than 1/f."""
    down, right = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None]
    fall = np.maximum(np.hypot(down, right), 1 / side) ** -1.4
    waves = np.fft.rfft2(rng.standard_normal((count, 3, side, side))) * fall
    waves[..., 0, 0] = 0
    planes = np.fft.irfft2(waves, s=(side, side)).astype(np.float32)
    planes /= planes.std(axis=(2, 3), keepdims=True)
    light, tints = LIGHT * planes[:, :1], TINT * np.einsum("nkij,kc->ncij", planes[:, 1:], TINTS)
    ground = 0.5 + 0.4 * (_colour(rng, count)[:, :, None, None] - 0.5)  # or much would be white or black
    made: Floats = np.clip(ground + 0.8 * light + tints, 0, 1).astype(np.float32)
    return made


def _colour(rng: Rng, count: int) -> Floats:
    """(count, 3): light varies most, its tint less."""
    light = 0.5 + LIGHT * rng.standard_normal((count, 1))
    tint = TINT * rng.standard_normal((count, 2)) @ TINTS
    return np.clip(light + tint, 0.02, 0.98).astype(np.float32)
