"""Heights for dense webs, whose level blocks would stand far apart: each layer as near to its neighbours as it goes.

Back and forth, by least squares with the least distances kept (pool adjacent violators).
"""

from __future__ import annotations

import numpy as np

from .layers import LANE_GAP, NODE_GAP, Floats, Ints, Web
from .steps import Steps

SWEEPS = 12

Pull = tuple[Ints, Ints, Floats, Floats]  # links of a layer to one side: near item, far item, shift, weight


def settled(web: Web, columns: list[list[int]]) -> Steps[Floats]:
    """The height of each item's top; `columns` are the items of the layers, each from top to bottom."""
    arrays = [np.array(column, dtype=np.int64) for column in columns]
    rooms = [_rooms(web, column) for column in arrays]
    tops = np.empty(len(web.node))
    for column, room in zip(arrays, rooms, strict=True):
        tops[column] = room - (room[-1] + web.height[column[-1]]) / 2  # columns centred on each other
    shift = web.leaves - web.enters
    before = _pulls(web, web.target, web.source, shift)
    after = _pulls(web, web.source, web.target, -shift)
    for sweep in range(SWEEPS):
        start = tops.copy()
        forward = sweep % 2 == 0
        for n, k in enumerate(range(web.layers) if forward else range(web.layers - 1, -1, -1)):
            pulls = [before[k], after[k]] if sweep >= SWEEPS - 2 else [before[k] if forward else after[k]]
            _settle(web, arrays[k], rooms[k], pulls, tops)
            if n % 16 == 0:
                yield sweep / SWEEPS
        if sweep > 1 and np.abs(tops - start).mean() < 1.0 and sweep < SWEEPS - 2:
            break
    return tops


def height_of(web: Web, column: list[int]) -> float:
    """The height of a layer whose items stand as close as they may."""
    items = np.array(column, dtype=np.int64)
    return float(_rooms(web, items)[-1] + web.height[items[-1]])


def _rooms(web: Web, column: Ints) -> Floats:
    """How far each top of a layer lies below the first when all stand as close as they may."""
    slim = web.slim[column]
    gaps = np.where(slim[:-1] | slim[1:], LANE_GAP, NODE_GAP)
    return np.concatenate([[0.0], np.cumsum(web.height[column[:-1]] + gaps)])


def _pulls(web: Web, near: Ints, far: Ints, shift: Floats) -> list[Pull]:
    order = np.argsort(near, kind="stable")
    cuts = np.searchsorted(near[order], web.start)
    cut = [order[cuts[k] : cuts[k + 1]] for k in range(web.layers)]
    return [
        (near[c] - web.start[k], far[c], shift[c], web.weight[c].astype(np.float64))
        for k, c in enumerate(cut)
    ]


def _settle(web: Web, column: Ints, rooms: Floats, pulls: list[Pull], tops: Floats) -> None:
    first, size = int(column.min()), len(column)
    sums, weights = np.zeros(size), np.full(size, 0.01)  # what nothing pulls stays where it is
    sums += 0.01 * tops[first : first + size]
    for near, far, shift, weight in pulls:
        sums += np.bincount(near, weights=weight * (tops[far] + shift), minlength=size)
        weights += np.bincount(near, weights=weight, minlength=size)
    local = column - first
    wishes = sums[local] / weights[local] - rooms
    tops[column] = rooms + _rising(wishes.tolist(), weights[local].tolist())


def _rising(wishes: list[float], weights: list[float]) -> Floats:
    """The nearest values to the wishes (weighted least squares) that nowhere fall."""
    blocks: list[tuple[float, float, int]] = []  # value, weight, count
    for wish, weight in zip(wishes, weights, strict=True):
        value, count = wish, 1
        while blocks and blocks[-1][0] > value:
            above, heavy, many = blocks.pop()
            value = (value * weight + above * heavy) / (weight + heavy)
            weight, count = weight + heavy, count + many
        blocks.append((value, weight, count))
    return np.repeat([value for value, _, _ in blocks], [count for _, _, count in blocks])
