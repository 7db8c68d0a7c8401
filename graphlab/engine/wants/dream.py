"""Deep dream: a picture made more like what a layer sees in it. (Mordvintsev, Olah and Tyka 2015)

The picture is dreamt upon small at first, then larger and larger (octaves); what was added is carried over. It may be
larger than what the network looks at: then it is looked at in tiles, whose seams are elsewhere at every step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import FeedError, SettingsError
from ...ops import stream
from .climb import raise_not_finite
from .eye import Tones, Unit
from .looker import Looker
from .pixels import resized, shifted

Array = npt.NDArray[Any]
LARGEST = 1024  # pixels of a side


@dataclass(frozen=True)
class Sleep:
    """How one dreams. octaves: how many sizes, each `scale` times the one before. steps: at each size. rate: how far
    a pixel moves in a step, as a share of the span of tones. seed: of where the seams are. SettingsError for what
    cannot be.
    """

    octaves: int = 3
    scale: float = 1.4
    steps: int = 20
    rate: float = 0.015
    seed: int = 0

    def __post_init__(self) -> None:
        good = (
            1 <= self.octaves <= 20 and 1 < self.scale <= 4 and 1 <= self.steps <= 10_000 and self.seed >= 0
        )
        if not (good and np.isfinite(self.rate) and self.rate > 0):
            raise SettingsError(
                f"One cannot dream so: {self}.",
                hint="Choose 1 to 20 octaves, a scale above 1, steps and a rate.",
            )


class Dream:
    """`work` goes some tiles at a time. picture: (1, C, H, W) as it is now, of the size of the octave under way.

    curve: what the layer said at each step, on average over the tiles. A unit without a place (a whole layer) is made
    to say more of whatever it says already: half the mean of its squares.
    """

    def __init__(
        self, looker: Looker, picture: Any, unit: Unit, sleep: Sleep | None = None, tones: Tones | None = None
    ) -> None:
        self.looker, self.unit = looker, unit
        self.sleep, self.tones = sleep or Sleep(), tones or Tones()
        unit.check(looker.run.plan.inference.specs.get(looker.end), looker.name)
        self.begun = _fitting(picture, looker.eye.shape)
        self.sizes = _sizes(self.begun.shape[2:], looker.eye.shape[1:], self.sleep)
        self.picture = resized(self.begun, *self.sizes[0])
        self.curve: list[float] = []
        self.total = len(self.sizes) * self.sleep.steps
        self._chance = stream(self.sleep.seed, "deep dream")

    @property
    def done(self) -> int:
        return len(self.curve)

    def work(self) -> Iterator[None]:
        added = np.zeros_like(self.picture)
        for height, width in self.sizes:
            base = resized(self.begun, height, width)
            self.picture = base + resized(added, height, width)
            for _ in range(self.sleep.steps):
                yield from self._step()
            added = self.picture - base

    def _step(self) -> Iterator[None]:
        height, width = self.picture.shape[2:]
        by = (int(self._chance.integers(height)), int(self._chance.integers(width)))
        total, count = np.zeros_like(self.picture), np.zeros_like(self.picture)
        yield from self._look(shifted(self.picture, by), total, count)
        gradient = shifted(total / np.maximum(count, 1), (-by[0], -by[1]))
        gradient = gradient - gradient.mean()  # the picture keeps its brightness
        size = float(np.abs(gradient).mean())
        if not np.isfinite(size):
            raise_not_finite(self.looker.name)
        if size:
            self.picture = self.picture + self.sleep.rate * self.tones.span * gradient / size
        np.clip(self.picture, self.tones.low, self.tones.high, out=self.picture)
        yield

    def _look(self, picture: Array, total: Array, count: Array) -> Iterator[None]:
        """Adds up the gradients tile by tile, and how many tiles a pixel is in."""
        _, tall, wide = self.looker.eye.shape
        places = [(y, x) for y in _tiles(picture.shape[2], tall) for x in _tiles(picture.shape[3], wide)]
        said: list[float] = []
        for k in range(0, len(places), self.looker.few):
            some = places[k : k + self.looker.few]
            passed = self.looker.slopes(
                np.concatenate([picture[:, :, y : y + tall, x : x + wide] for y, x in some]), self._seed
            )
            said += self._says(passed.values).tolist()
            for (y, x), slope in zip(some, passed.slopes, strict=True):
                total[0, :, y : y + tall, x : x + wide] += slope
                count[0, :, y : y + tall, x : x + wide] += 1
            if len(said) < len(places):
                yield
        self.curve.append(float(np.mean(said)))

    def _seed(self, values: Array) -> Array:
        seed = self.unit.seed(values)
        if not self.unit.at:
            seed *= values
        return seed

    def _says(self, values: Array) -> Array:
        if self.unit.at:
            return self.unit.says(values)
        half: Array = np.asarray(np.mean(self.unit.part(values) ** 2, axis=1, dtype=np.float64) / 2)
        return half


def _fitting(picture: Any, shape: tuple[int, int, int]) -> Array:
    """The picture as (1, C, H, W) with the channels of the network, no smaller than what it looks at. FeedError."""
    found = np.asarray(picture, np.float64)
    found = found.reshape((1,) * max(4 - found.ndim, 0) + found.shape)
    if found.ndim != 4 or len(found) != 1 or min(found.shape[2:]) < 1 or not np.isfinite(found).all():
        raise FeedError("That is no picture.", hint="Give one of H×W, or C×H×W.")
    found = with_channels(found, shape[0])
    height, width = found.shape[2:]
    grow = max(shape[1] / height, shape[2] / width, 1.0)
    shrink = min(LARGEST / max(height, width), 1.0)
    factor = grow if grow > 1 else shrink
    return resized(found, max(round(height * factor), shape[1]), max(round(width * factor), shape[2])).copy()


def with_channels(pictures: Array, channels: int) -> Array:
    """Grey as colour, or colour as grey: luma after ITU-R BT.601. FeedError for other numbers of channels."""
    has = pictures.shape[1]
    if has == channels:
        return pictures
    if has == 1:
        return np.repeat(pictures, channels, axis=1)
    if has == 3 and channels == 1:
        found: Array = np.tensordot(pictures, [0.299, 0.587, 0.114], (1, 0))[:, None]
        return found
    raise FeedError(
        f"The picture has {has} channels, and the network looks at {channels}.", hint="Choose another."
    )


def _sizes(final: tuple[int, ...], least: tuple[int, ...], sleep: Sleep) -> list[tuple[int, int]]:
    """The sizes of the octaves, the smallest first; none is smaller than what the network looks at."""
    found = [(int(final[0]), int(final[1]))]
    for _ in range(sleep.octaves - 1):
        height, width = (round(side / sleep.scale) for side in found[0])
        if height < least[0] or width < least[1]:
            break
        found.insert(0, (height, width))
    return found


def _tiles(size: int, tile: int) -> list[int]:
    found = list(range(0, size - tile + 1, tile))
    return found if found[-1] == size - tile else [*found, size - tile]
