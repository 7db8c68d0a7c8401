"""Activation maximisation: gradient ascent on the picture until a unit says as much as it can.

Erhan, Bengio, Courville and Vincent 2009. Left alone, the picture becomes a noise that no eye reads; what keeps it
readable is from Simonyan et al. 2014 (decay), Yosinski et al. 2015 (blur, clipping), Mahendran and Vedaldi 2015 (total
variation) and Mordvintsev et al. 2015 (jitter).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import NumericsError, SettingsError
from ...ops import stream
from .eye import Tones, Unit
from .looker import Looker
from .pixels import blurred, roughness_slope, shifted

Array = npt.NDArray[Any]
MOST_STEPS = 100_000


@dataclass(frozen=True)
class Knobs:
    """How a picture climbs. 0 turns a knob off.

    steps: how many. rate: how far a pixel moves in a step, as a share of the span of tones (root mean square). decay:
    what share of its distance from the middle grey a pixel loses in a step. blur: of so many pixels, every
    `blur_every` steps. smooth: how much the total variation counts against the unit, per pixel and of the size of the
    gradient. jitter: by up to how many pixels the picture is shifted at random for a step, and back. clip: beyond how
    many times its root mean square a pixel's gradient is cut. seed: of the noise that it begins with, and of the
    jitter.
    """

    steps: int = 150
    rate: float = 0.03
    decay: float = 0.005
    blur: float = 0.5
    blur_every: int = 4
    smooth: float = 0.1
    jitter: int = 1
    clip: float = 4.0
    seed: int = 0

    def __post_init__(self) -> None:
        """SettingsError for what cannot be."""
        if not 1 <= self.steps <= MOST_STEPS:
            raise SettingsError(
                f"A climb cannot take {self.steps} steps.", hint=f"Choose 1 to {MOST_STEPS:,}."
            )
        if not (np.isfinite(self.rate) and self.rate > 0):
            raise SettingsError(
                f"A climb cannot have the rate {self.rate}.", hint="Choose one above 0, such as 0.03."
            )
        if not 0 <= self.decay < 1:
            raise SettingsError(
                f"The decay {self.decay} is not from 0 to 1.", hint="Choose one such as 0.005."
            )
        for name in ("blur", "smooth", "jitter", "clip"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value >= 0):
                raise SettingsError(f"{name} cannot be {value}.", hint="Choose 0 for none, or more.")
        if self.blur_every < 1 or self.seed < 0:
            raise SettingsError("blur_every begins at 1 and seed at 0.", hint="Choose other numbers.")


BARE = Knobs(decay=0, blur=0, smooth=0, jitter=0, clip=0)  # the gradient alone


class Climb:
    """A picture on its way to what a unit wants. `work` goes a step at a time.

    picture: (1, C, H, W) in float64, as it is now. curve: what the unit said at the beginning and after each step
    (before a step's jitter, of the picture as it is shown). best: the most that it said.

    begin: the picture to begin with; None for noise around the mean of the data.
    """

    def __init__(
        self,
        looker: Looker,
        unit: Unit,
        knobs: Knobs | None = None,
        tones: Tones | None = None,
        begin: Array | None = None,
    ) -> None:
        self.looker, self.unit = looker, unit
        self.knobs, self.tones = knobs or Knobs(), tones or Tones()
        unit.check(looker.run.plan.inference.specs.get(looker.end), looker.name)
        self._chance = stream(self.knobs.seed, "what a unit wants", *looker.end, *map(str, unit.at))
        self.picture = self._noise() if begin is None else looker.eye.taken(begin).copy()
        self.begun = self.picture.copy()
        self.curve: list[float] = []

    @property
    def title(self) -> str:
        return self.unit.title(self.looker.name)

    @property
    def done(self) -> int:
        """How many steps were made."""
        return max(len(self.curve) - 1, 0)

    @property
    def best(self) -> float:
        return max(self.curve, default=float("nan"))

    def work(self) -> Iterator[None]:
        """Makes a step at a time, yielding after each."""
        for k in range(self.knobs.steps):
            self._step(k)
            yield
        self.curve.append(self._said(self.picture))
        yield

    def _noise(self) -> Array:
        tones = self.tones
        noise = self._chance.standard_normal((1, *self.looker.eye.shape))
        return np.clip(tones.mean + 0.3 * tones.spread * noise, tones.low, tones.high)

    def _said(self, picture: Array) -> float:
        (values,) = self.looker.values(picture)
        return float(self.unit.says(values)[0])

    def _step(self, k: int) -> None:
        knobs, tones = self.knobs, self.tones
        by = self._jitter()
        passed = self.looker.slopes(shifted(self.picture, by), self.unit.seed, awake=True)
        self.curve.append(
            self._said(self.picture) if by != (0, 0) else float(self.unit.says(passed.values)[0])
        )
        gradient = shifted(passed.slopes.astype(np.float64), (-by[0], -by[1]))
        self.picture += knobs.rate * tones.span * self._direction(gradient)
        if knobs.decay:
            self.picture -= knobs.decay * (self.picture - tones.mean)
        if knobs.blur and (k + 1) % knobs.blur_every == 0 and k + 1 < knobs.steps:
            self.picture = blurred(self.picture, knobs.blur)
        np.clip(self.picture, tones.low, tones.high, out=self.picture)

    def _jitter(self) -> tuple[int, int]:
        reach = self.knobs.jitter
        if not reach:
            return 0, 0
        down, right = self._chance.integers(-reach, reach + 1, 2).tolist()
        return down, right

    def _direction(self, gradient: Array) -> Array:
        """The gradient of size 1 a pixel, less what is rough, with nothing that sticks out; at random where it is 0."""
        size = float(np.sqrt(np.mean(gradient**2)))
        if not np.isfinite(size):
            raise_not_finite(self.title)
        if not size:  # the unit is silent, and no gradient says where it wakes up
            return np.asarray(self._chance.standard_normal(gradient.shape))
        direction = gradient / size
        if self.knobs.clip:
            direction = np.clip(direction, -self.knobs.clip, self.knobs.clip)
        if self.knobs.smooth:
            direction = direction - self.knobs.smooth * roughness_slope(self.picture)
        return direction


def raise_not_finite(name: str) -> None:
    """NumericsError: the weights have run away."""
    raise NumericsError(f"What {name} says is no number any more.", hint="Train anew, with a lower rate.")
