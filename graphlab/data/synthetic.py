"""Small two-dimensional problems made from a seed: the same seed gives the same points.

Classes alternate row by row, so that they are balanced whatever the number of samples.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..ops.catalogue import Bounds, Card
from ..ops.context import stream
from .checks import MOST_SAMPLES, MOST_SEED
from .registry import dataset

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

TAU = 2 * np.pi
TWO = ("blue", "orange")


def _card(name: str, title: str, description: str, noise: float, **changed: Any) -> Card:
    """The card of a set of points in the plane."""
    samples = changed.setdefault("samples", 400)
    changed.setdefault("classes", TWO)
    parameters = {
        "samples": Bounds(samples, len(changed["classes"]), MOST_SAMPLES),
        "noise": Bounds(noise, 0.0, 10.0),
        "seed": Bounds(0, 0, MOST_SEED),
    }
    return Card(
        name,
        title,
        description,
        image_shape=None,
        **{"feature_shape": (2,), "target": "binary", "parameters": parameters, **changed},
    )


@dataset(
    _card(
        "xor",
        "XOR",
        "The four corners of a square; 1 where exactly one coordinate is 1. No straight line separates them.",
        noise=0.0,
        samples=4,
        classes=("0", "1"),
        held_out=0.0,
    )
)
def xor(samples: int = 4, noise: float = 0.0, seed: int = 0) -> tuple[Floats, Labels]:
    """Exclusive or: x (samples, 2) around the corners of the unit square, target (samples, 1), 0 or 1.

    More than four samples go round the corners again; `noise` is the standard deviation of their scatter.
    """
    corner = np.arange(samples) % 4
    x = np.stack([corner // 2, corner % 2], axis=1)
    return x + noise * _scatter("xor", samples, seed), x[:, 0] ^ x[:, 1]


@dataset(
    _card("spirals", "Two spirals", "Two arms wound into each other, one and a half turns each.", noise=0.03)
)
def spirals(samples: int = 400, noise: float = 0.03, seed: int = 0) -> tuple[Floats, Labels]:
    """Two spirals (after Lang and Witbrock 1988): x (samples, 2) in about [−1, 1], target (samples, 1), 0
    or 1.
    """
    label = np.arange(samples) % 2
    along = np.sqrt(
        stream(seed, "spirals", "along").uniform(0.005, 1, samples)
    )  # the root evens out the density
    x = along[:, None] * _on_circle(1.5 * TAU * along + np.pi * label)
    return x + noise * _scatter("spirals", samples, seed), label


@dataset(_card("circles", "Circles", "A small ring inside a large one.", noise=0.08))
def circles(samples: int = 400, noise: float = 0.08, seed: int = 0) -> tuple[Floats, Labels]:
    """Rings of radius 1 (target 0) and ½ (target 1): x (samples, 2), target (samples, 1)."""
    label = np.arange(samples) % 2
    angle = stream(seed, "circles", "along").uniform(0, TAU, samples)
    x = np.where(label, 0.5, 1.0)[:, None] * _on_circle(angle)
    return x + noise * _scatter("circles", samples, seed), label


@dataset(_card("moons", "Moons", "Two half circles, each reaching into the other.", noise=0.1))
def moons(samples: int = 400, noise: float = 0.1, seed: int = 0) -> tuple[Floats, Labels]:
    """Interleaved half circles around the origin: x (samples, 2), target (samples, 1), 0 or 1."""
    label = np.arange(samples) % 2
    angle = stream(seed, "moons", "along").uniform(0, np.pi, samples) + np.pi * label
    x = _on_circle(angle) + np.where(label[:, None], [0.5, 0.25], [-0.5, -0.25])
    return x + noise * _scatter("moons", samples, seed), label


@dataset(
    _card(
        "blobs",
        "Blobs",
        "Three round clouds around the corners of a triangle.",
        noise=0.3,
        target="class",
        classes=("blue", "orange", "green"),
    )
)
def blobs(samples: int = 400, noise: float = 0.3, seed: int = 0) -> tuple[Floats, Labels]:
    """Three Gaussian clouds at distance 1 from the origin: x (samples, 2), target (samples,) int64, 0 to 2.

    `noise` is the standard deviation of each cloud.
    """
    label = np.arange(samples) % 3
    return _on_circle(TAU * (label / 3 + 0.25)) + noise * _scatter("blobs", samples, seed), label


@dataset(_card("clouds", "Two clouds", "Two round clouds that a straight line separates.", noise=0.3))
def clouds(samples: int = 400, noise: float = 0.3, seed: int = 0) -> tuple[Floats, Labels]:
    """Gaussian clouds around (−1, −½) (target 0) and (1, ½) (target 1): x (samples, 2), target (samples, 1).

    `noise` is the standard deviation of each cloud.
    """
    label = np.arange(samples) % 2
    centre = np.where(label[:, None], [1.0, 0.5], [-1.0, -0.5])
    return centre + noise * _scatter("clouds", samples, seed), label


@dataset(
    _card(
        "interval",
        "Points on a line",
        "One class in the middle of a line, the other on both sides of it: no threshold separates them.",
        noise=0.0,
        samples=200,
        feature_shape=(1,),
    )
)
def interval(samples: int = 200, noise: float = 0.0, seed: int = 0) -> tuple[Floats, Labels]:
    """Points between −1 and 1: x (samples, 1), target (samples, 1), 1 where |x| < ½. None lies within 0.05 of a border.

    `noise` is the standard deviation of what is added to x afterwards.
    """
    label = np.arange(samples) % 2
    along = stream(seed, "interval", "along").uniform(0, 0.45, samples)
    side = np.where(np.arange(samples) // 2 % 2, 1.0, -1.0)
    x = side * np.where(label, along, 0.55 + along)
    return (x + noise * _scatter("interval", samples, seed)[:, 0])[:, None], label


def _on_circle(angle: Floats) -> Floats:
    """(n,) angles → (n, 2) points of the unit circle."""
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _scatter(name: str, samples: int, seed: int) -> Floats:
    """(samples, 2) standard normal numbers of a stream of its own, so that noise = 0 leaves the points in
    place.
    """
    return stream(seed, name, "noise").standard_normal((samples, 2))
