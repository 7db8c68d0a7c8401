"""Which learning rate a network can take: some steps on a copy of it, each at a higher rate than the one before.

Smith 2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...errors import NumericsError, SettingsError
from ..schedules import Schedule
from ..training import Trainer

Floats = npt.NDArray[np.float64]
LOW, HIGH, STEPS = 1e-7, 10.0, 120
KEPT = 0.9  # of the mean loss from step to step
ENOUGH = 4.0  # times the least loss at which it is over
FIRST = 10  # steps that are made in any case
FELL = 0.02  # of the first loss that it must fall by, for a rate to be suggested
LEAST_STEPS, MOST_STEPS = 10, 100_000


class Ramp(Schedule):
    """From `low` to `high` in `steps` steps, each the same number of times the one before; `first` is their number."""

    def __init__(self, low: float, high: float, steps: int, first: int = 0) -> None:
        super().__init__()
        self.low, self.high, self.steps, self.first = low, high, steps, first

    def _rate(self, lr: float, step: int) -> float:
        share = min(max((step - self.first) / (self.steps - 1), 0.0), 1.0)
        return float(self.low ** (1 - share) * self.high**share)


@dataclass(frozen=True)
class Suggestion:
    """Rates to choose from. steepest: where the loss fell fastest. tenth: a tenth of where it was least."""

    steepest: float
    tenth: float


class RateFinder:
    """Trains a twin of `trainer`; `work` makes a step at a time. `why`: what ended it, "" while it goes on.

    rates, losses, smoothed: of each step that was made; the loss is that before the update.

    Raises:
        SettingsError: impossible bounds. MemoryBudgetError: there is no room for a copy.
    """

    def __init__(self, trainer: Trainer, low: float = LOW, high: float = HIGH, steps: int = STEPS) -> None:
        if not (math.isfinite(low) and math.isfinite(high) and 0 < low < high <= 1e6):
            raise SettingsError(
                f"Learning rates from {low:g} to {high:g} cannot be tried.",
                hint="The first must be above 0 and below the last, which is 1,000,000 at most.",
            )
        if not LEAST_STEPS <= steps <= MOST_STEPS:
            raise SettingsError(
                f"{steps:,} steps are no trial.", hint=f"It takes from {LEAST_STEPS} to {MOST_STEPS:,}."
            )
        self._twin = trainer.twin()
        optimizer = self._twin.run.optimizer
        optimizer.schedule = Ramp(low, high, steps, optimizer.steps)
        self.steps = steps
        self._rates = np.geomspace(low, high, steps)
        self._losses: list[float] = []
        self.why = ""

    @property
    def rates(self) -> Floats:
        return self._rates[: len(self._losses)]

    @property
    def losses(self) -> Floats:
        return np.array(self._losses)

    @property
    def smoothed(self) -> Floats:
        return smoothed(self.losses)

    @property
    def suggestion(self) -> Suggestion | None:
        """None where the loss did not fall."""
        return suggest(self.rates, self.smoothed)

    def work(self) -> Iterator[None]:
        mean, weight, best = 0.0, 0.0, math.inf
        for _ in range(self.steps):
            try:
                loss = float(self._twin.advance(1)[0])
            except NumericsError:
                self.why = "the loss became infinite"
                return
            self._losses.append(loss)
            mean, weight = KEPT * mean + (1 - KEPT) * loss, KEPT * weight + 1 - KEPT
            best = min(best, mean / weight)
            if len(self._losses) >= FIRST and mean / weight > limit(self._losses[0], best):
                self.why = "the loss rose"
                return
            yield
        self.why = "all rates were tried"


def limit(first: float, best: float) -> float:
    """The loss at which a rate is known to be too high; a loss may lie below 0, too."""
    return best + (ENOUGH - 1) * max(abs(best), first - best)


def smoothed(losses: Floats) -> Floats:
    """The exponential moving mean, corrected for its beginning at 0."""
    found, mean = np.empty(len(losses)), 0.0
    for k, loss in enumerate(losses.tolist()):
        mean = KEPT * mean + (1 - KEPT) * loss
        found[k] = mean / (1 - KEPT ** (k + 1))
    return found


def suggest(rates: Floats, losses: Floats) -> Suggestion | None:
    """What a curve of (smoothed) losses says; None where it never falls by 2 % of where it began."""
    if len(losses) < FIRST:
        return None
    skip = len(losses) // 10  # the mean has to settle
    least = skip + int(np.argmin(losses[skip:]))
    if losses[0] - losses[least] < FELL * abs(float(losses[0])):
        return None
    falling = _slopes(np.log(rates), losses)[skip : least + 1]
    return Suggestion(float(rates[skip + int(np.argmin(falling))]), float(rates[least]) / 10)


def _slopes(x: Floats, y: Floats) -> Floats:
    """At each point the slope of the straight line that fits the points around it best."""
    around = max(2, len(x) // 20)
    found = np.empty(len(x))
    for k in range(len(x)):
        part = slice(max(0, k - around), k + around + 1)
        away = x[part] - x[part].mean()
        found[k] = float(away @ y[part] / (away @ away))
    return found


def plain_rate(rate: float) -> float:
    """A rate to one digit, as people write them: 0.0312 → 0.03."""
    return float(f"{rate:.0e}")


def told(found: Suggestion | None) -> tuple[str, str]:
    """What came out, and what to do about it, in a sentence each."""
    if found is None:
        return "The loss fell at no rate.", "Look whether gradients arrive, or try more steps."
    steep, least = plain_rate(found.steepest), plain_rate(found.tenth * 10)
    return f"The loss fell fastest at {steep:g} and was least at {least:g}.", ""
