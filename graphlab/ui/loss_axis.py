"""Where a step stands on the axis of a curve: by its number, its epoch, or the time that training took until then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..engine.messages import ReportRecord
from .losses import Floats

UNITS = ("steps", "epochs", "seconds")
FAR = 1e12  # steps: beyond what was measured it goes on as it went last


@dataclass(frozen=True)
class Axis:
    """The places of some steps, both growing; between them it goes straight. `unit`: one of UNITS."""

    unit: str
    steps: Floats
    places: Floats

    def place(self, steps: ArrayLike) -> Floats:
        """Where these steps stand."""
        if self.unit == "steps":
            return np.asarray(steps, dtype=np.float64)
        return np.interp(np.asarray(steps, dtype=np.float64), self.steps, self.places)

    def step(self, places: ArrayLike) -> Floats:
        """Which steps stand there."""
        if self.unit == "steps":
            return np.asarray(places, dtype=np.float64)
        return np.interp(np.asarray(places, dtype=np.float64), self.places, self.steps)


def axis_of(unit: str, reports: Sequence[ReportRecord], per_epoch: int = 0) -> Axis:
    """The axis of a run with these reports. `per_epoch`: its steps in an epoch, 0 when nobody knows.

    What cannot be told, such as the time while nothing has been reported, is told in steps.
    """
    known = [r for r in reports if r.step > 0]
    if unit == "epochs":
        if per_epoch and all(r.step // per_epoch == r.epoch for r in known):
            return _through(unit, [per_epoch], [1.0])
        firsts = {
            r.epoch: r.step for r in reversed(known) if r.epoch > 0
        }  # also after the batch size was changed
        if firsts:
            ordered = sorted(firsts)
            return _through(unit, [firsts[epoch] for epoch in ordered], ordered)
    if unit == "seconds" and known:
        return _through(unit, [r.step for r in known], [r.seconds for r in known])
    none = np.empty(0)
    return Axis("steps", none, none)


def _through(unit: str, steps: Sequence[float], places: Sequence[float]) -> Axis:
    at, to = np.array([0.0, *steps]), np.array([0.0, *places])
    keep = np.concatenate([[True], (np.diff(at) > 0) & (to[1:] > np.maximum.accumulate(to)[:-1])])
    at, to = at[keep], to[keep]
    if len(at) < 2:  # no time has passed
        return Axis("steps", np.empty(0), np.empty(0))
    slope = (to[-1] - to[-2]) / (at[-1] - at[-2])
    return Axis(unit, np.append(at, at[-1] + FAR), np.append(to, to[-1] + slope * FAR))
