"""The shapes of wires, all at once: Bézier curves between sockets, led around nodes that stand in the way.

A wire is one cubic, or, when it takes a detour, a cubic to a horizontal lane, the lane, and a cubic from it. Everything
here is arrays; drawing is `draw_wires`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

Floats = NDArray[np.float64]

SAMPLES = 25
_T = np.linspace(0.0, 1.0, SAMPLES)
_TURN = np.linspace(0.0, 1.0, 10)  # a detour: ten samples of either turn, five of the lane between
_ALONG = np.linspace(0.0, 1.0, SAMPLES - 18)[1:-1]
_CELL = 16.0
_MOST_CELLS = 1500
_STEPS = (*range(32, 192, 16), *range(192, 385, 32))  # canvas units from the middle of a wire
_WRONG = 56  # a lane on the worse side counts as so much further away
_FAR_OUT = (
    0,
    96,
    112,
    128,
    144,
)  # where wires of up to 1, 2, 3, 4 and more spans look first: arcs lie in one another
_SPAN = 1000.0
_CLEARANCE = 10.0
FAR = float(_STEPS[-1]) + 60.0  # what lies further above or below a wire has no part in its way


def _lanes(first: int) -> list[float]:
    """Steps to one side (positive) and the other in the order in which they are tried."""
    return sorted(
        [*map(float, _STEPS), *(-float(step) for step in _STEPS)],
        key=lambda step: abs(abs(step) - first) + _WRONG * (step < 0),
    )


_LANES = np.array([_lanes(first) for first in _FAR_OUT])


@dataclass
class Curves:
    """Of each wire: `ends` (n, 4) as x0 y0 x1 y1; `lane` (n), NaN where there is no detour; `points` (n, 25, 2);
    `boxes` (n, 4) as left top right bottom.
    """

    ends: Floats
    lane: Floats
    points: Floats
    boxes: Floats

    def path(self, k: int) -> QPainterPath:
        """Wire `k`, exactly."""
        x0, y0, x1, y1 = self.ends[k].tolist()
        lane = float(self.lane[k])
        path = QPainterPath(QPointF(x0, y0))
        if np.isnan(lane):
            reach = float(_reach(self.ends[k : k + 1])[0])
            path.cubicTo(x0 + reach, y0, x1 - reach, y1, x1, y1)
            return path
        turn = self.ends[k : k + 1], self.lane[k : k + 1]
        a, b, r, s = (float(v[0]) for v in _turns(*turn))
        path.cubicTo(x0 + r, y0, a - r if x1 > x0 else x0 + r, lane, a, lane)
        path.lineTo(b, lane)
        path.cubicTo(b + s if x1 > x0 else x1 - s, lane, x1 - s, y1, x1, y1)
        return path


def empty() -> Curves:
    return Curves(np.empty((0, 4)), np.empty(0), np.empty((0, SAMPLES, 2)), np.empty((0, 4)))


def curves(ends: Floats, lane: Floats) -> Curves:
    """The curves between `ends` (n, 4) that take the detours `lane` (n)."""
    points = _simple(ends)
    bent = ~np.isnan(lane)
    if bent.any():
        points[bent] = _laned(ends[bent], lane[bent])
    return Curves(ends, lane, points, _boxes(points))


def loose(x0: float, y0: float, x1: float, y1: float) -> QPainterPath:
    """The curve of a wire in somebody's hand."""
    reach = float(_reach(np.array([[x0, y0, x1, y1]]))[0])
    path = QPainterPath(QPointF(x0, y0))
    path.cubicTo(x0 + reach, y0, x1 - reach, y1, x1, y1)
    return path


def _boxes(points: Floats) -> Floats:
    if not len(points):
        return np.empty((0, 4))
    return np.concatenate([points.min(axis=1), points.max(axis=1)], axis=1)


def _reach(ends: Floats) -> Floats:
    """How far the handles of the cubic stick out of the sockets."""
    dx, dy = ends[:, 2] - ends[:, 0], np.abs(ends[:, 3] - ends[:, 1])
    forwards = np.clip(dx * 0.5, np.minimum(24 + dy * 0.25, 60), 160)
    backwards = np.clip(60 - dx * 0.35, 60, 240)
    return np.where(dx > 0, forwards, backwards)


def _cubic(p0: Floats, p1: Floats, p2: Floats, p3: Floats, t: Floats) -> Floats:
    """(n, 2) control points → (n, len(t), 2)."""
    u = 1 - t
    weights = np.stack([u**3, 3 * u * u * t, 3 * u * t * t, t**3])
    x, y = (np.stack([p[:, k] for p in (p0, p1, p2, p3)], axis=1) @ weights for k in (0, 1))
    return np.stack([x, y], axis=2)


def _simple(ends: Floats) -> Floats:
    reach = _reach(ends)
    start, end = ends[:, :2], ends[:, 2:]
    out = np.stack([reach, np.zeros_like(reach)], axis=1)
    return _cubic(start, start + out, end - out, end, _T)


def _turns(ends: Floats, lane: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Where the lane begins and ends, and the reach of the handles at either end."""
    x0, y0, x1, y1 = ends.T
    dx = x1 - x0
    room = np.maximum(dx / 2 - 4, 20)
    first = np.minimum(np.clip(np.abs(lane - y0) * 0.9, 40, 120), room)
    last = np.minimum(np.clip(np.abs(lane - y1) * 0.9, 40, 120), room)
    ahead = dx > 0
    reach0 = np.where(ahead, first * 0.55, np.clip(np.abs(lane - y0) * 0.7, 40, 90))
    reach1 = np.where(ahead, last * 0.55, np.clip(np.abs(lane - y1) * 0.7, 40, 90))
    return np.where(ahead, x0 + first, x0), np.where(ahead, x1 - last, x1), reach0, reach1


def _laned(ends: Floats, lane: Floats) -> Floats:
    x0, y0, x1, y1 = ends.T
    a, b, r, s = _turns(ends, lane)
    ahead = x1 > x0
    down, up = np.where(ahead, a - r, x0 + r), np.where(ahead, b + s, x1 - s)
    first = _cubic(_xy(x0, y0), _xy(x0 + r, y0), _xy(down, lane), _xy(a, lane), _TURN)
    last = _cubic(_xy(b, lane), _xy(up, lane), _xy(x1 - s, y1), _xy(x1, y1), _TURN)
    t = _ALONG[None, :, None]
    middle = _xy(a, lane)[:, None] * (1 - t) + _xy(b, lane)[:, None] * t
    return np.concatenate([first, middle, last], axis=1)


def _xy(x: Floats, y: Floats) -> Floats:
    return np.stack([x, y], axis=1)


class Obstacles:
    """Which places nodes cover, as a raster, to be looked up by many points at once."""

    def __init__(self, rects: Floats) -> None:
        """`rects` (n, 4): x, y, width, height."""
        self.empty = not len(rects)
        self.raster: tuple[float, ...] = ()
        if self.empty:
            return
        low = rects[:, :2].min(axis=0) - 500
        span = (rects[:, :2] + rects[:, 2:]).max(axis=0) + 500 - low
        self._cell = max(_CELL, float(span.max()) / _MOST_CELLS)
        self._origin = low
        self.raster = (*low.tolist(), self._cell)
        size = np.ceil(span / self._cell).astype(int) + 2
        first = np.floor((rects[:, :2] + 4 - low) / self._cell).astype(int)
        last = np.ceil((rects[:, :2] + rects[:, 2:] - 4 - low) / self._cell).astype(int)
        edges = np.zeros((size[0] + 1, size[1] + 1), dtype=np.int32)
        np.add.at(edges, (first[:, 0], first[:, 1]), 1)
        np.add.at(edges, (last[:, 0], last[:, 1]), 1)
        np.add.at(edges, (first[:, 0], last[:, 1]), -1)
        np.add.at(edges, (last[:, 0], first[:, 1]), -1)
        self._covered = edges.cumsum(axis=0).cumsum(axis=1) > 0

    def count(self, points: Floats) -> NDArray[np.int64]:
        """(n, k, 2) points → how many of each n lie upon a node."""
        if self.empty:
            return np.zeros(len(points), dtype=np.int64)
        at = ((points - self._origin) / self._cell).astype(int)
        limits = np.array(self._covered.shape) - 1
        at = np.clip(at, 0, limits)
        return np.count_nonzero(self._covered[at[..., 0], at[..., 1]], axis=1)


def route(
    ends: Floats,
    obstacles: Obstacles,
    clear_below: Floats,
    number: NDArray[np.intp] | None = None,
    side: Floats | None = None,
) -> Floats:
    """The lanes of the wires: NaN where the plain curve is free, else the nearest height at which a detour is.

    `clear_below` (n): a height under both nodes of a wire, taken by wires that run backwards. `number` (n): theirs
    among all wires, so that each lies the same whichever others are routed with it. `side` (n): −1 for a wire that had
    better pass above what is in its way, 1 for one that had better pass below.
    """
    lane = np.full(len(ends), np.nan)
    if not len(ends):
        return lane
    back = ends[:, 2] < ends[:, 0] - 20
    lane[back] = clear_below[back]
    wide = ~back & (ends[:, 2] - ends[:, 0] > 120)
    blocked = np.flatnonzero(wide)[_hits(_simple(ends[wide]), obstacles) > 0]
    if len(blocked):
        numbers = blocked if number is None else number[blocked]
        sides = np.full(len(blocked), -1.0) if side is None else side[blocked]
        lane[blocked] = _free_lanes(ends[blocked], obstacles, numbers, sides)
    return lane


def _hits(points: Floats, obstacles: Obstacles) -> NDArray[np.int64]:
    return obstacles.count(points[:, 2:-2])


def _free_lanes(ends: Floats, obstacles: Obstacles, seed: NDArray[np.intp], side: Floats) -> Floats:
    """For each wire the lane that meets fewest nodes, the first of those tried; NaN where none is better than none.

    Short wires try the nearest first, long ones pass further out, and on the better side a lane may be further away.
    """
    best = _hits(_simple(ends), obstacles).astype(float)
    chosen = np.full(len(ends), np.nan)
    middle = (ends[:, 1] + ends[:, 3]) / 2 + (seed % 3 - 1) * 5.0  # neighbours do not lie on one another
    todo = np.arange(len(ends))
    spans = np.minimum((ends[:, 2] - ends[:, 0]) / _SPAN, len(_FAR_OUT) - 1).astype(int)
    for n in range(_LANES.shape[1]):
        lanes = middle[todo] + _LANES[spans[todo], n] * side[todo]
        lane_hits = _hits(_laned(ends[todo], lanes), obstacles).astype(float)
        worth = np.flatnonzero(lane_hits < best[todo])  # only these can be better yet
        for clearance in (-_CLEARANCE, _CLEARANCE):
            beside = _laned(ends[todo[worth]], lanes[worth] + clearance)
            lane_hits[worth] += _hits(beside, obstacles) * 0.5
        better = lane_hits < best[todo]
        best[todo[better]] = lane_hits[better]
        chosen[todo[better]] = lanes[better]
        todo = todo[best[todo] > 0]
        if not len(todo):
            break
    return chosen
