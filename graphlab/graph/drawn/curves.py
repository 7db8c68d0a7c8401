"""The shapes of wires, all at once: Bézier curves between sockets, led around nodes that stand in the way.

A wire is one cubic, or, when it takes a detour, a cubic to a horizontal lane, the lane, and a cubic from it. Everything
here is arrays; drawing is the canvas's business, and `io/graph_svg`'s.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .rows import Rows, carried

Floats = NDArray[np.float64]

SAMPLES = 25
_T = np.linspace(0.0, 1.0, SAMPLES)
_TURN = np.linspace(0.0, 1.0, 10)  # a detour: ten samples of either turn, five of the lane between
_ALONG = np.linspace(0.0, 1.0, SAMPLES - 18)[1:-1]
_CELL = 16.0
_MOST_CELLS = 2048
_RIM = 48  # cells around all nodes that the raster has room for
_FEW = 200  # rectangles that are entered one by one
_AT_ONCE = 500  # ways of leading wires that are looked at together
_STEPS = (*range(32, 192, 16), *range(192, 385, 32))  # canvas units from the middle of a wire
_WRONG = 56  # a lane on the worse side counts as so much further away
_FAR_OUT = (
    0,
    96,
    112,
    128,
    144,
)  # where wires of up to 1, 2, 3, 4 and more spans look first: arcs in one another
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

    def carried(self, origin: Rows) -> Curves:
        """With its rows where they are now."""
        return Curves(*(carried(table, origin) for table in (self.ends, self.lane, self.points, self.boxes)))

    def put(self, rows: Rows, new: Curves) -> None:
        """Other curves in those rows."""
        self.ends[rows], self.lane[rows] = new.ends, new.lane
        self.points[rows], self.boxes[rows] = new.points, new.boxes

    def shift(self, rows: Rows, step: Floats) -> None:
        """Moves those rows by (dx, dy)."""
        self.ends[rows] += np.tile(step, 2)
        self.lane[rows] += step[1]
        self.points[rows] += step
        self.boxes[rows] += np.tile(step, 2)

    def parts(self, k: int) -> tuple[tuple[float, ...], ...]:
        """Wire `k` after its start, exactly: cubics as six numbers (two handles, the end), straight lines as two."""
        x0, y0, x1, y1 = self.ends[k].tolist()
        lane = float(self.lane[k])
        if np.isnan(lane):
            return (loose(x0, y0, x1, y1),)
        turn = self.ends[k : k + 1], self.lane[k : k + 1]
        a, b, r, s = (float(v[0]) for v in _turns(*turn))
        ahead = x1 > x0
        first = (x0 + r, y0, a - r if ahead else x0 + r, lane, a, lane)
        return first, (b, lane), (b + s if ahead else x1 - s, lane, x1 - s, y1, x1, y1)


def empty() -> Curves:
    return Curves(np.empty((0, 4)), np.empty(0), np.empty((0, SAMPLES, 2)), np.empty((0, 4)))


def curves(ends: Floats, lane: Floats) -> Curves:
    """The curves between `ends` (n, 4) that take the detours `lane` (n)."""
    points = _simple(ends)
    bent = ~np.isnan(lane)
    if bent.any():
        points[bent] = _laned(ends[bent], lane[bent])
    return Curves(ends, lane, points, _boxes(points))


def loose(x0: float, y0: float, x1: float, y1: float) -> tuple[float, ...]:
    """The cubic of a wire that nothing is in the way of: two handles and the end."""
    reach = float(_reach(np.array([[x0, y0, x1, y1]]))[0])
    return x0 + reach, y0, x1 - reach, y1, x1, y1


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
    """(n, 2) control points → (n, len(t), 2), each the same whichever others are asked for with it."""
    u = 1 - t
    weights = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
    points = np.zeros((len(p0), len(t), 2))
    for corner, weight in zip((p0, p1, p2, p3), weights, strict=True):
        points += corner[:, None] * weight[:, None]
    return points


def _simple(ends: Floats) -> Floats:
    reach = _reach(ends)
    start, end = ends[:, :2], ends[:, 2:]
    out = _xy(reach, np.zeros_like(reach))
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
    both = np.empty((len(x), 2))
    both[:, 0], both[:, 1] = x, y
    return both


class Obstacles:
    """Which places nodes cover, as a raster, to be looked up by many points at once.

    Its lines lie at multiples of `cell`, wherever the nodes are, and a cell doubles only where nodes are spread further
    than that. So what came or went is entered by itself, and changes nothing elsewhere.
    """

    def __init__(self, rects: Floats) -> None:
        """`rects` (n, 4): x, y, width, height."""
        self._enter_all(rects)

    def _enter_all(self, rects: Floats) -> None:
        self.cell = _cell_for(rects)
        self._first = np.zeros(2, dtype=np.intp)  # the cell in the raster's corner
        self._count = np.zeros((1, 1), dtype=np.int32)  # how many nodes cover each cell
        if len(rects):
            low, high = self._corners(rects)
            self._first = low.min(axis=0) - _RIM
            self._count = np.zeros(high.max(axis=0) + _RIM - self._first, dtype=np.int32)
            self._enter(low, high)

    def replace(self, gone: Floats, come: Floats, present: Floats) -> None:
        """`gone` lie there no more, `come` do now, and all together that is `present`."""
        if self.cell != _cell_for(present) or len(gone) + len(come) > _FEW or not self._has_room(come):
            self._enter_all(present)
            return
        for rects, by in ((gone, -1), (come, 1)):
            low, high = self._corners(rects)
            corners = np.hstack([low, high]) - np.tile(self._first, 2)
            for x0, y0, x1, y1 in corners.tolist():
                self._count[x0:x1, y0:y1] += by

    def _corners(self, rects: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The first cell that each covers, and the first behind it."""
        low = np.floor((rects[:, :2] + 4) / self.cell).astype(np.intp)
        high = np.ceil((rects[:, :2] + rects[:, 2:] - 4) / self.cell).astype(np.intp)
        return low, high

    def _has_room(self, rects: Floats) -> bool:
        """Whether they lie within the raster; its outermost cells stay free, as all is beyond it."""
        low, high = self._corners(rects)
        last = self._first + self._count.shape
        return bool((low > self._first).all() and (high < last).all())

    def _enter(self, low: NDArray[np.intp], high: NDArray[np.intp]) -> None:
        """One more over each: +1 and −1 at the corners, summed along both axes."""
        (x0, y0), (x1, y1) = (low - self._first).T, (high - self._first).T
        for x, y, by in ((x0, y0, 1), (x1, y1, 1), (x0, y1, -1), (x1, y0, -1)):
            np.add.at(self._count, (x, y), by)
        np.cumsum(self._count, axis=0, out=self._count)
        np.cumsum(self._count, axis=1, out=self._count)

    def count(self, points: Floats) -> NDArray[np.intp]:
        """(n, k, 2) points → how many of each n lie upon a node."""
        at = np.floor(points / self.cell).astype(np.intp) - self._first
        at = np.clip(at, 0, np.array(self._count.shape) - 1)
        hits: NDArray[np.intp] = np.count_nonzero(self._count[at[..., 0], at[..., 1]], axis=1)
        return hits


def _cell_for(rects: Floats) -> float:
    """The size of a cell: large enough that a raster around all has no more than _MOST_CELLS a side."""
    if not len(rects):
        return _CELL
    span = (rects[:, :2] + rects[:, 2:]).max(axis=0) - rects[:, :2].min(axis=0)
    return _CELL * 2.0 ** max(math.ceil(math.log2(max(float(span.max()), 1.0) / (_CELL * _MOST_CELLS))), 0)


def route(
    ends: Floats,
    obstacles: Obstacles,
    clear_below: Floats,
    number: NDArray[np.intp] | None = None,
    side: Floats | None = None,
) -> Floats:
    """The lanes of the wires: NaN where the plain curve is free, else the nearest height at which a detour is.

    `clear_below` (n): a height under both nodes of a wire, taken by wires that run backwards. `number` (n): one of each
    wire's own, so that it lies the same whichever others there are. `side` (n): −1 for a wire that had better pass
    above what is in its way, 1 for one that had better pass below.
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


def _hits(points: Floats, obstacles: Obstacles) -> NDArray[np.intp]:
    return obstacles.count(points[:, 2:-2])


def _free_lanes(ends: Floats, obstacles: Obstacles, seed: NDArray[np.intp], side: Floats) -> Floats:
    """For each wire the lane that meets fewest nodes, the first of those tried; NaN where none is better than none.

    Short wires try the nearest first, long ones pass further out, and on the better side a lane may be further away.
    """
    best = _hits(_simple(ends), obstacles).astype(float)
    chosen = np.full(len(ends), np.nan)
    middle = (ends[:, 1] + ends[:, 3]) / 2 + (1 - seed % 3) * 3.0  # neighbours do not lie on one another
    todo, tried = np.arange(len(ends)), 0
    order = (
        _LANES[np.minimum((ends[:, 2] - ends[:, 0]) / _SPAN, len(_FAR_OUT) - 1).astype(int)] * side[:, None]
    )
    while len(todo) and tried < order.shape[1]:
        step = max(_AT_ONCE // len(todo), 1)  # all for a few wires, one by one for many
        lanes = middle[todo, None] + order[todo, tried : tried + step]
        tried += step
        found = _lane_hits(ends[todo], lanes, best[todo], obstacles)
        k, row = found.argmin(axis=1), np.arange(len(todo))  # the first of the best
        better = found[row, k] < best[todo]
        best[todo[better]] = found[row, k][better]
        chosen[todo[better]] = lanes[row, k][better]
        todo = todo[best[todo] > 0]
    return chosen


def _lane_hits(ends: Floats, lanes: Floats, best: Floats, obstacles: Obstacles) -> Floats:
    """What each of the lanes (n, k) meets, by half also what lies close beside it; inf where that is `best` or more."""
    each = np.broadcast_to(ends[:, None], (*lanes.shape, 4))
    on = _hits(_laned(each.reshape(-1, 4), lanes.ravel()), obstacles).reshape(lanes.shape)
    worth = on < best[:, None]  # only these can be better yet
    found = np.full(lanes.shape, np.inf)
    found[worth] = on[worth]
    for clearance in (-_CLEARANCE, _CLEARANCE):
        found[worth] += _hits(_laned(each[worth], lanes[worth] + clearance), obstacles) * 0.5
    return found
