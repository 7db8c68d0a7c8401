"""The score over two hyperparameters, between the trials that there are: linear on a Delaunay triangulation.

Trials that lie close together count as one with their mean, whatever else they differ in. Beyond the outermost trials
nothing is said. The triangulation adds one point after the other (Bowyer 1981, Watson 1981).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...errors import SettingsError
from .axes import Axis

CELLS = 24  # along an axis of numbers, within which trials count as one
FAR = 1e4  # where the corners of the first triangle lie
SHAKEN = 1e-6  # by so much points are moved, so that no four of them lie on one circle

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def merged(places: Floats, scores: Floats, x: Axis, y: Axis) -> tuple[Floats, Floats]:
    """(m, 2) shares of both axes, and (m,) mean scores. places: (n, 2); what is not finite is left out."""
    wide = np.array([x.high - x.low or 1.0, y.high - y.low or 1.0])
    shares = (places - [x.low, y.low]) / wide
    good = np.isfinite(shares).all(axis=1) & np.isfinite(scores)
    shares, scores = shares[good], scores[good]
    fine = [1e6 if axis.is_listed else CELLS for axis in (x, y)]
    _, which = np.unique(np.round(shares * fine), axis=0, return_inverse=True)
    which = which.reshape(-1)
    sizes = np.bincount(which)
    points = np.stack([np.bincount(which, column) / sizes for column in shares.T], axis=1)
    return points, np.bincount(which, scores) / sizes


def landscape(
    places: Floats, scores: Floats, x: Axis, y: Axis, columns: int = 160, rows: int = 120
) -> Floats:
    """(rows, columns): scores from the low to the high end of both axes; NaN beyond the outermost trials.

    places: (n, 2) on the axes. SettingsError: the trials lie on one line, or are fewer than three.
    """
    points, means = merged(places, scores, x, y)
    corners = triangles(points)
    if not len(corners):
        raise SettingsError(
            "The trials lie on one line, so there is no surface between them.",
            hint="Three trials that differ in both are the least.",
        )
    found = np.full((rows, columns), np.nan)
    for corner in corners:
        _fill(found, points[corner], means[corner])
    return found


def triangles(points: Floats) -> Ints:
    """(m, 3): the corners of the Delaunay triangulation of points (n, 2) in the unit square; none where all lie on one
    line.
    """
    if len(points) < 3 or np.linalg.matrix_rank(points - points.mean(axis=0), tol=1e-6) < 2:
        return np.zeros((0, 3), np.int64)
    count = len(points)
    moved = points + SHAKEN * np.random.Generator(np.random.Philox(0)).standard_normal(points.shape)
    first = np.array([[-FAR, -FAR], [FAR, -FAR], [0.5, FAR]])
    at = np.concatenate([moved, first])
    found = np.array([[count, count + 1, count + 2]], np.int64)
    for k in range(count):
        inside = _in_circle(at[found], at[k])
        edges = _outline(found[inside])
        new = np.concatenate([edges, np.full((len(edges), 1), k)], axis=1)
        found = np.concatenate([found[~inside], new])
    return found[(found < count).all(axis=1)]


def _in_circle(corners: Floats, point: Floats) -> NDArray[np.bool_]:
    """Which triangles (m, 3, 2), each counter-clockwise, have the point within the circle through their corners."""
    apart = corners - point
    squares = (apart**2).sum(axis=2)
    (ax, ay), (bx, by), (cx, cy) = apart[:, 0].T, apart[:, 1].T, apart[:, 2].T
    a, b, c = squares.T
    found: NDArray[np.bool_] = ax * (by * c - b * cy) - ay * (bx * c - b * cx) + a * (bx * cy - by * cx) > 0
    return found


def _outline(triangles: Ints) -> Ints:
    """(k, 2): the edges of a heap of triangles that only one of them has, in its direction."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    _, which, often = np.unique(np.sort(edges, axis=1), axis=0, return_inverse=True, return_counts=True)
    found: Ints = edges[often[which.reshape(-1)] == 1]
    return found


def _fill(grid: Floats, corners: Floats, values: Floats) -> None:
    """Writes a triangle (3, 2) in shares of the grid into it, linear between its corners."""
    rows, columns = grid.shape
    scale = np.array([columns - 1, rows - 1])
    (x0, y0), (x1, y1), (x2, y2) = corners * scale
    left, right = int(np.ceil(min(x0, x1, x2) - 1e-9)), int(np.floor(max(x0, x1, x2) + 1e-9))
    top, bottom = int(np.ceil(min(y0, y1, y2) - 1e-9)), int(np.floor(max(y0, y1, y2) + 1e-9))
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, columns - 1), min(bottom, rows - 1)
    area = (y1 - y2) * (x0 - x2) + (x2 - x1) * (y0 - y2)
    if right < left or bottom < top or abs(area) < 1e-9:
        return
    xs, ys = np.arange(left, right + 1)[None, :], np.arange(top, bottom + 1)[:, None]
    a = ((y1 - y2) * (xs - x2) + (x2 - x1) * (ys - y2)) / area
    b = ((y2 - y0) * (xs - x2) + (x0 - x2) * (ys - y2)) / area
    inside = (a >= -1e-9) & (b >= -1e-9) & (a + b <= 1 + 1e-9)
    part = grid[top : bottom + 1, left : right + 1]
    part[inside] = (a * values[0] + b * values[1] + (1 - a - b) * values[2])[inside]
