"""What happens while a sweep goes on, one after the other, for whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .records import Epoch, Fit, Key
from .trials import Trial


@dataclass(frozen=True)
class Begun:
    """A sitting begins. expected: trials there are going to be, 0 unknown. done: those that were over before.
    fits_each: trainings of a trial. spent: seconds of sittings before. limit: seconds in all, 0 for no limit.
    best: of the trials before.
    """

    path: Path
    metric: str
    expected: int
    done: int
    fits_each: int
    spent: float = 0.0
    limit: float = 0.0
    best: Trial | None = None


@dataclass(frozen=True)
class EpochNoted:
    """A fit has come so far. Not every epoch is told where they are many."""

    key: Key
    epoch: Epoch


@dataclass(frozen=True)
class FitDone:
    """A training is over, and written."""

    fit: Fit


@dataclass(frozen=True)
class TrialDone:
    """All that is to be known of a trial is. is_best: it is better than all before it."""

    trial: Trial
    is_best: bool


@dataclass(frozen=True)
class Ended:
    """The sitting is over. state: "finished", "stopped", "out of time". seconds: of all sittings together."""

    state: str
    seconds: float
    reason: str = ""


Event = Begun | EpochNoted | FitDone | TrialDone | Ended
