"""Ways over a plane as they become known piece by piece, in bounded memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST = 2048  # points of a way


class Way:
    """Points (n, 3) by step: two coordinates, and how far off the plane. The last may be there for the moment only."""

    def __init__(self) -> None:
        self.steps: NDArray[np.int64] = np.zeros(0, np.int64)
        self.points: Floats = np.zeros((0, 3))
        self._is_passing = False

    def take(self, steps: NDArray[np.int64], points: Floats, passing: bool = False) -> None:
        """Adds points in place of all that are known of their steps and later ones.

        passing: the last is where the weights are at present, and goes when others come.
        """
        if not len(steps):
            return
        if self._is_passing:
            self.steps, self.points = self.steps[:-1], self.points[:-1]
        kept = int(np.searchsorted(self.steps, steps[0]))
        if passing and len(steps) == 1 and kept < len(self.steps) and self.steps[kept] == steps[0]:
            kept += 1  # it stands where a point is kept: both are shown
        self.steps = np.concatenate([self.steps[:kept], np.asarray(steps, np.int64)])
        self.points = np.concatenate([self.points[:kept], np.asarray(points, np.float64)])
        self._is_passing = passing
        if len(self.steps) > MOST:
            chosen = np.union1d(np.arange(0, len(self.steps), 2), [len(self.steps) - 1])
            self.steps, self.points = self.steps[chosen], self.points[chosen]

    @property
    def flat(self) -> Floats:
        """(n, 2): its points on the plane."""
        return self.points[:, :2]

    def pieces(self) -> Floats:
        """(n − 1, 2, 2): the line from point to point."""
        return np.stack([self.flat[:-1], self.flat[1:]], axis=1)

    @property
    def share(self) -> float:
        """How much of the squared distance from the last point to the first lies in the plane; NaN where it has not
        moved."""
        if len(self.points) < 2:
            return float("nan")
        first = self.points[0]
        whole = float(first @ first)
        return 1 - float(first[2] ** 2) / whole if whole else float("nan")
