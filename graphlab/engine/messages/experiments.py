"""What is asked and said of experiments on a copy of the run: loss surfaces, learning rates tried, optimizer races."""

from __future__ import annotations

from typing import Any

import msgspec

View = tuple[float, float, float, float]  # low x, low y, high x, high y


class MapLoss(msgspec.Struct, frozen=True, tag=True):
    """Measure the loss over a plane through the present weights; answered by LossMapped events, each finer, and by
    Walked with the way so far. Another ends the one before.

    kind: "random" directions (drawn with `seed`), "path", "gradient", or "parameters"; see `experiments.cut`. For
    "path", the ways of a race count as well. rows: how many training rows. view: the part to measure, None for one that
    suits. `stay`: keep the plane of the map before, if there was one, and measure another part of it. seconds: of work
    that it may take, about; a finer grid that would take longer is left out.
    """

    request: int
    kind: str
    rows: int = 256
    seed: int = 0
    view: View | None = None
    stay: bool = False
    seconds: float = 6.0


class FindRate(msgspec.Struct, frozen=True, tag=True):
    """Try learning rates from `low` to `high` on a copy; answered by RatesTried events."""

    request: int
    low: float
    high: float
    steps: int


class StartRace(msgspec.Struct, frozen=True, tag=True):
    """Train copies with these optimizers and rates side by side, `steps` steps each (0: the document's epochs).

    fresh: from the weights of the document's seed, not from the present ones. Answered by Raced events.
    """

    request: int
    racers: tuple[tuple[str, float], ...]
    steps: int = 0
    fresh: bool = True


class StopExperiment(msgspec.Struct, frozen=True, tag=True):
    """The experiment of that number goes no further; nobody looks at its map any more. Nothing is said of it."""

    request: int


class LossMapped(msgspec.Struct, frozen=True, tag=True):
    """As much of a loss surface as is measured, or why there is none: `message` and `hint`.

    step: at which the plane was laid. losses: (side, side) over `view`, from low y upwards, infinite where it is not
    finite; None before the first grid. here: the loss at `origin`, where the weights were. names, shares, exact: see
    `Cut`. rows, of: how many of how many training rows; `of` 0 where the graph has no data.
    """

    run: int
    request: int
    step: int = 0
    kind: str = ""
    view: View = (-1.0, -1.0, 1.0, 1.0)
    names: tuple[str, str] = ("", "")
    shares: tuple[float, float] = (0.0, 0.0)
    exact: bool = False
    origin: tuple[float, float] = (0.0, 0.0)
    here: float = 0.0
    losses: Any = None
    done: int = 0
    total: int = 0
    rows: int = 0
    of: int = 0
    is_done: bool = False
    message: str = ""
    hint: str = ""


class Walked(msgspec.Struct, frozen=True, tag=True):
    """Where weights were on the plane of a map. `steps` that are known already, and those after them, are replaced.

    points: (steps, 3), the nearest point of the plane and how far off it they were. racer: whose weights, "" for the
    run's. now: the place of the last of `steps` is not to be kept, it is where the weights are at present.
    """

    run: int
    request: int
    steps: Any
    points: Any
    racer: str = ""
    now: bool = False


class RatesTried(msgspec.Struct, frozen=True, tag=True):
    """Learning rates and losses so far, or why there are none: `message` and `hint`.

    suggestion: (steepest, tenth), None where the loss did not fall; `why`: what ended it, "" while it goes on.
    """

    run: int
    request: int
    rates: Any = None
    losses: Any = None
    smoothed: Any = None
    steps: int = 0
    suggestion: tuple[float, float] | None = None
    why: str = ""
    is_done: bool = False
    message: str = ""
    hint: str = ""


class Lap(msgspec.Struct, frozen=True):
    """How a racer stands: see `experiments.race.Standing`; NaN where there is nothing."""

    step: int
    loss: float
    best: float
    best_step: int
    seconds: float
    validation_loss: float | None
    metrics: dict[str, float]
    ended: str


class Raced(msgspec.Struct, frozen=True, tag=True):
    """How far a race is, or why there is none: `message` and `hint`.

    losses: (racers, steps), of each step after the first `first` ones, in place of what is known of them; NaN where a
    racer made none. laps: by racer.
    looks: (racers, looks, 2), steps and held-out losses. done: of `total` steps.
    """

    run: int
    request: int
    first: int = 0
    losses: Any = None
    looks: Any = None
    laps: tuple[Lap, ...] = ()
    order: tuple[int, ...] = ()
    done: int = 0
    total: int = 0
    is_done: bool = False
    message: str = ""
    hint: str = ""
