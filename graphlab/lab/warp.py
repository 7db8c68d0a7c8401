"""The plane of the features as each layer sees it: where its lines and the rows go, as points to be drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .lines import straight
from .projection import Projection, alike, as_they_are, principal

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Stage:
    """One layer: `grid` (points of the lines, d) and `rows` (rows, d), and how values became coordinates.

    projected: there are more units than dimensions, so one looks along those in which the rows vary most.
    """

    grid: Floats
    rows: Floats
    projection: Projection
    projected: bool


def stage(
    grid: Floats,
    rows: Floats,
    dimensions: int = 2,
    before: Projection | None = None,
    previous: Stage | None = None,
) -> Stage:
    """Values of a layer at the points of the grid and at the rows, as points of `dimensions` coordinates.

    Of so many units the numbers themselves are the coordinates, of fewer the others are 0; of more, the principal
    components of the rows (of the grid, where there are fewer than three). These lie as they lay `before`; where there
    was no such time, as they do in the `previous` layer.
    """
    size = grid.shape[1]
    if size <= dimensions:
        made, projected = as_they_are(size), False
    else:
        made, projected = principal(rows if len(rows) > 2 else grid, dimensions, before), True
        if before is None and previous is not None:
            made = alike(made, made.of(grid), previous.grid)
    return Stage(_padded(made.of(grid), dimensions), _padded(made.of(rows), dimensions), made, projected)


def _padded(points: Floats, dimensions: int) -> Floats:
    lacking = dimensions - points.shape[1]
    return np.pad(points, ((0, 0), (0, lacking))) if lacking > 0 else points


def between(first: Stage, second: Stage, share: float) -> tuple[Floats, Floats]:
    """Grid and rows on their way from one layer to the next: at 0 those of the first, at 1 those of the second.

    Middle and extent go along evenly, and the points within them: so the eye sees how a layer bends, turns and folds,
    however large its numbers are.
    """
    eased = share * share * (3 - 2 * share)
    a, b = frame(first), frame(second)
    middle, extent = (1 - eased) * a[0] + eased * b[0], a[1] ** (1 - eased) * b[1] ** eased

    def on_the_way(start: Floats, end: Floats) -> Floats:
        within = (1 - eased) * (start - a[0]) / a[1] + eased * (end - b[0]) / b[1]
        made: Floats = middle + extent * within
        return made

    return on_the_way(first.grid, second.grid), on_the_way(first.rows, second.rows)


def frame(one: Stage) -> tuple[Floats, float]:
    """The middle of what a layer makes of the grid and the rows, and half its greatest extent."""
    both = np.concatenate([one.grid, one.rows])
    both = both[np.isfinite(both).all(axis=1)]
    if not len(both):
        return np.zeros(one.grid.shape[1]), 1.0
    low, high = both.min(axis=0), both.max(axis=0)
    return (low + high) / 2, float((high - low).max()) / 2 or 1.0


def is_long(one: Stage, most: float = 3.0) -> bool:
    """Whether a layer reaches so much farther one way than the other that one scale would hide the other."""
    both = np.concatenate([one.grid, one.rows])[:, :2]
    spans = np.ptp(both[np.isfinite(both).all(axis=1)], axis=0) if len(both) else np.ones(2)
    return bool(0 < spans.min() * most < spans.max())


def flat_scores(points: Floats, scores: Floats) -> Floats | None:
    """(classes, 3): each score as a·x + b·y + c of the points (n, 2); None unless every one is that."""
    found = [straight(points, column) for column in scores.T]
    return None if any(each is None for each in found) else np.array(found, np.float64)
