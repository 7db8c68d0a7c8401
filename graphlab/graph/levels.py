"""The height of each item of an ordered web: main paths and lanes level, the rest near what it is linked with.

Brandes and Köpf 2001, "Fast and simple horizontal coordinate assignment", with the sizes and sockets of Rüegg et al.
2015, "Size- and port-aware horizontal node coordinate assignment": items are joined into level blocks and packed, once
from each corner, and of the four heights the two in the middle are averaged. Then blocks slide to where their links are
short.
"""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .layers import LANE_GAP, NODE_GAP, Floats, Ints, Web
from .ordering import Order
from .settling import height_of, settled
from .steps import Steps, within

AXIS = 58.0  # how far below the top of a usual node its sockets sit
EASE = 18.0  # a wire may climb so much on its way, for nodes to stand in a row
_SLIDES = 6
_TALLER = 1.25  # than the tallest column: up to that, level paths take no room worth speaking of
_LOOSER = 1.75  # so much longer wires, or a taller whole, are too much for the sake of level paths

Link = tuple[int, float]  # the other item, and how far its top lies below this one's when the link is level


def levelled(web: Web, order: Order) -> Steps[Floats]:
    """The height of each item's top: with level paths, unless that makes the whole much taller or its wires longer."""
    web = _eased(web)
    columns = [order.layer(k).tolist() for k in range(web.layers)]
    heights = yield from within(_blocked(web, order, columns), 0.0, 0.4)
    if _extent(web, heights)[1] > _TALLER * max(height_of(web, column) for column in columns):
        close = yield from within(settled(web, columns), 0.4, 0.7)
        (length, height), (least, lowest) = _extent(web, heights), _extent(web, close)
        heights = close if length > _LOOSER * least or height > _LOOSER * lowest else heights
    for part in (0.7, 0.85):
        heights = yield from within(_slid(web, columns, heights), part, part + 0.15)
    return heights


def _extent(web: Web, tops: Floats) -> tuple[float, float]:
    """How far the ends of links lie above or below each other, weighted; and the height of the whole."""
    off = np.abs(tops[web.source] + web.leaves - tops[web.target] - web.enters)
    return float((off * web.weight).sum()), float((tops + web.height).max() - tops.min())


def _blocked(web: Web, order: Order, columns: list[list[int]]) -> Steps[Floats]:
    links = _candidates(web, order)
    runs: list[Floats] = []
    for top in (True, False):
        for left in (True, False):
            part = len(runs) / 4
            tops = yield from within(_packed(web, columns, links, left, top), part, part + 1 / 4)
            runs.append(tops - (tops.min() if top else (tops + web.height).max()))
    low = min(runs, key=lambda r: float((r + web.height).max() - r.min()))
    for run in runs[:2]:
        run += low.min() - run.min()
    for run in runs[2:]:
        run += (low + web.height).max() - (run + web.height).max()
    heights: Floats = np.sort(np.stack(runs), axis=0)[1:3].mean(axis=0)
    return heights


def _eased(web: Web) -> Web:
    """With sockets near the axis of their node taken to be on it, so that a row of nodes does not become a staircase.

    The axis is half way up, of a tall node as far below its top as of a usual one.
    """
    axis = np.minimum(web.height / 2, AXIS)

    def ease(items: Ints, heights: Floats) -> Floats:
        return np.where(np.abs(heights - axis[items]) <= EASE, axis[items], heights)

    leaves, enters = ease(web.source, web.leaves), ease(web.target, web.enters)
    return dataclasses.replace(web, leaves=leaves, enters=enters)


# Blocks


def _candidates(web: Web, order: Order) -> NDArray[np.bool_]:
    """The links that may be made level: the heaviest at either end, and none that crosses an inner one."""
    heaviest_in, heaviest_out = np.zeros(len(web.node), np.int64), np.zeros(len(web.node), np.int64)
    np.maximum.at(heaviest_in, web.target, web.weight)
    np.maximum.at(heaviest_out, web.source, web.weight)
    best = (web.weight >= heaviest_in[web.target]) & (web.weight >= heaviest_out[web.source])
    return best & ~_crosses_inner(web, order)


def _crosses_inner(web: Web, order: Order) -> NDArray[np.bool_]:
    """Whether each link crosses one between two slim items, which goes first."""
    inner = np.flatnonzero(web.slim[web.source] & web.slim[web.target])
    crosses = np.zeros(len(web.source), dtype=bool)
    if not len(inner):
        return crosses
    base = np.repeat(web.start[:-1], np.diff(web.start)) + order.place  # counts on from layer to layer
    a, b = base[web.source], base[web.target]
    inner = inner[np.argsort(a[inner], kind="stable")]
    at, ends = a[inner], b[inner]
    # Of the inner links that start above, the lowest end; of those below, the highest: a link must lie between.
    low = np.concatenate([[-1.0], np.maximum.accumulate(ends)])
    high = np.concatenate([np.minimum.accumulate(ends[::-1])[::-1], [np.inf]])
    crosses = (low[np.searchsorted(at, a, side="left")] > b) | (
        high[np.searchsorted(at, a, side="right")] < b
    )
    crosses[inner] = False
    return crosses


def _packed(
    web: Web, columns: list[list[int]], candidates: NDArray[np.bool_], left: bool, top: bool
) -> Steps[Floats]:
    """Heights of the tops, with blocks grown from the left or the right and packed from the top or the bottom."""
    place = _places(columns, top)
    near, far = (web.target, web.source) if left else (web.source, web.target)
    shift = _shift(web, top) * (1.0 if left else -1.0)
    links: list[list[Link]] = [[] for _ in range(len(web.node))]
    for k in np.flatnonzero(candidates).tolist():
        links[near[k]].append((int(far[k]), float(shift[k])))
    ordered = [column if top else column[::-1] for column in (columns if left else columns[::-1])]
    yield 0.3
    root, offset = _joined(ordered, links, place)
    yield 0.6
    tops = _stacked(web, ordered, root, offset)
    return tops if top else -(tops + web.height)


def _places(columns: list[list[int]], top: bool) -> list[int]:
    place = [0] * sum(map(len, columns))
    for column in columns:
        for k, item in enumerate(column if top else reversed(column)):
            place[item] = k
    return place


def _shift(web: Web, top: bool) -> Floats:
    """How far the top of each link's target lies below the source's when it is level; upside down if not `top`."""
    if top:
        return web.leaves - web.enters
    return (web.height[web.source] - web.leaves) - (web.height[web.target] - web.enters)


def _joined(
    columns: list[list[int]], links: list[list[Link]], place: list[int]
) -> tuple[list[int], list[float]]:
    """Joins each item with the middle one of its candidates, as long as no two joints cross: roots, and offsets."""
    root, offset = list(range(len(links))), [0.0] * len(links)
    for column in columns:
        last = -1
        for item in column:
            ends = links[item]
            if not ends:
                continue
            ends.sort(key=lambda end: place[end[0]])
            for middle in ((len(ends) - 1) // 2, len(ends) // 2):
                other, shift = ends[middle]
                if last < place[other]:
                    root[item], offset[item] = root[other], offset[other] + shift
                    last = place[other]
                    break
    return root, offset


def _stacked(web: Web, columns: list[list[int]], root: list[int], offset: list[float]) -> Floats:
    """The blocks as high as they go, then as near as they go to the ones below."""
    below, above = _neighbours(web, columns, root, offset)
    order = _from_top(above, below)
    y = [0.0] * len(root)
    for block in order:
        y[block] = max((y[other] + room for other, room in above[block].items()), default=0.0)
    for block in reversed(order):
        if below[block]:
            y[block] = max(y[block], min(y[other] - room for other, room in below[block].items()))
    return np.array([y[r] + o for r, o in zip(root, offset, strict=True)])


Rooms = list[
    dict[int, float]
]  # of each block the blocks next to it, with the least distance of the roots' tops


def _neighbours(
    web: Web, columns: list[list[int]], root: list[int], offset: list[float]
) -> tuple[Rooms, Rooms]:
    """What lies below each block and what above."""
    below: Rooms = [{} for _ in root]
    above: Rooms = [{} for _ in root]
    height, slim = web.height.tolist(), web.slim.tolist()
    for column in columns:
        for upper, lower in pairwise(column):
            gap = LANE_GAP if slim[upper] or slim[lower] else NODE_GAP
            room = offset[upper] + height[upper] + gap - offset[lower]
            a, b = root[upper], root[lower]
            if room > below[a].get(b, -np.inf):
                below[a][b] = above[b][a] = room
    return below, above


def _from_top(above: Rooms, below: Rooms) -> list[int]:
    waiting = [len(a) for a in above]
    order = [block for block, count in enumerate(waiting) if not count]
    for block in order:  # grows while it is read; what is no root has no neighbours and stands anywhere
        for other in below[block]:
            waiting[other] -= 1
            if not waiting[other]:
                order.append(other)
    return order


# Sliding


def _slid(web: Web, columns: list[list[int]], tops: Floats) -> Steps[Floats]:
    """With blocks of level items moved to the weighted median of where their links want them."""
    away = tops[web.source] + web.leaves - tops[web.target] - web.enters  # so much too high lies the target
    level = np.abs(away) < 0.5
    root = _united(len(tops), web.source[level].tolist(), web.target[level].tolist())
    offset = (tops - tops[root]).tolist()
    below, above = _neighbours(web, columns, root, offset)
    yield 0.2
    order = _from_top(above, below)
    wishes: list[list[tuple[float, int, int]]] = [[] for _ in root]  # (shift, weight, the other block)
    rows = zip(web.source.tolist(), web.target.tolist(), away.tolist(), web.weight.tolist(), strict=True)
    for a, b, off, weight in rows:
        if root[a] != root[b]:
            wishes[root[b]].append((off, weight, root[a]))
            wishes[root[a]].append((-off, weight, root[b]))
    start = tops[root]
    y, moved = start.tolist(), [0.0] * len(root)
    for sweep in range(_SLIDES):
        yield 0.3 + 0.7 * sweep / _SLIDES
        changed = False
        for block in order if sweep % 2 else reversed(order):
            if not wishes[block]:
                continue
            wish = _median([(off + moved[other], weight) for off, weight, other in wishes[block]])
            low = max((y[o] + room for o, room in above[block].items()), default=-np.inf)
            high = min((y[o] - room for o, room in below[block].items()), default=np.inf)
            new = min(max(y[block] - moved[block] + wish, low), high)
            if abs(new - y[block]) > 0.01:
                moved[block] += new - y[block]
                y[block], changed = new, True
        if not changed:
            break
    slid: Floats = tops + (np.array(y) - start)[root]
    return slid


def _united(count: int, a: list[int], b: list[int]) -> list[int]:
    """For each item the representative of all it is joined with."""
    root = list(range(count))

    def find(item: int) -> int:
        while root[item] != item:
            root[item] = root[root[item]]
            item = root[item]
        return item

    for x, y in zip(a, b, strict=True):
        root[find(x)] = find(y)
    return [find(item) for item in range(count)]


def _median(wishes: list[tuple[float, int]]) -> float:
    """The weighted median; between two, their mean."""
    wishes.sort()
    half, total = sum(weight for _, weight in wishes) / 2, 0
    for k, (wish, weight) in enumerate(wishes):
        total += weight
        if total == half:
            return (wish + wishes[k + 1][0]) / 2
        if total > half:
            return wish
    return 0.0
