"""The lines of parallel coordinates, and what a hand does along an axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .trial_chart import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Lines:
    """A line a trial. shares: (trials, axes) from 0 at the low end of each axis to 1, NaN where there is nothing."""

    numbers: Ints
    shares: Floats
    merit: Floats
    dashed: Bools


@dataclass
class Drag:
    """A hand on an axis. kind: "new", "low", "high", "both" ends. at: the share where it took hold."""

    axis: int
    kind: str
    at: float
    before: tuple[float, float]
    is_moved: bool = False

    def ends(self, share: float) -> tuple[float, float]:
        """The range when the hand is at that share of the axis."""
        low, high = self.before
        if self.kind == "both":
            moved = float(np.clip(share - self.at, -low, 1 - high))
            return low + moved, high + moved
        return {"new": (self.at, share), "low": (share, high), "high": (low, share)}[self.kind]


def taken(axis: int, share: float, known: tuple[float, float] | None, edge: float) -> Drag:
    """What a hand takes hold of at a share of an axis: an end of the range that is there, all of it, or a new one."""
    if known is None:
        return Drag(axis, "new", share, (-1.0, -1.0))
    low, high = known
    kind = "both" if low < share < high else "new"
    kind = "low" if abs(share - low) <= edge else "high" if abs(share - high) <= edge else kind
    return Drag(axis, kind, share, known)
