"""Lining things up: new places for rectangles that are to be aligned, spread evenly, or straightened along their wires.

Functions of rectangles to corners; who they are (nodes, notes, frames) is nobody's business here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from .document import Point
from .rect import Rect

LEAST_GAP = 20.0  # between things that are spread where they do not fit

Side = Literal["left", "right", "top", "bottom", "column", "row"]
Way = Literal["row", "column"]


class Level(NamedTuple):
    """A wire by what it joins, and how far below the tops of source and target its ends sit."""

    source: str
    target: str
    leaves: float
    enters: float


def aligned(rects: Mapping[str, Rect], side: Side) -> dict[str, Point]:
    """All with their left, right, top or bottom edges, or their middles, on one line.

    The line is the outermost of the edges; middles meet half way across all of them: "column" puts them one above
    another, "row" side by side.
    """
    if not rects:
        return {}
    axis = 0 if side in ("left", "right", "column") else 1
    low = min(r.start(axis) for r in rects.values())
    high = max(r.end(axis) for r in rects.values())

    def start(rect: Rect) -> float:
        if side in ("left", "top"):
            return low
        return high - rect.size(axis) if side in ("right", "bottom") else (low + high - rect.size(axis)) / 2

    return {i: rect.moved_to(axis, start(rect)) for i, rect in rects.items()}


def distributed(rects: Mapping[str, Rect], way: Way) -> dict[str, Point]:
    """All with equal gaps between them, in a row or a column, in the order in which their middles lie.

    The outer two stay; where there is no room for the others between them, the last ones give way.
    """
    if not rects:
        return {}
    axis = 0 if way == "row" else 1
    order = sorted(rects, key=lambda i: rects[i].middle(axis))
    at = rects[order[0]].start(axis)
    room = rects[order[-1]].end(axis) - at - sum(r.size(axis) for r in rects.values())
    gap = max(room / max(len(order) - 1, 1), LEAST_GAP)
    places: dict[str, Point] = {}
    for i in order:
        places[i] = rects[i].moved_to(axis, at)
        at += rects[i].size(axis) + gap
    return places


def straightened(rects: Mapping[str, Rect], wires: Iterable[Level]) -> dict[str, Point]:
    """Moved up or down so that wires between them run level, the first of each chain staying where it is.

    Each follows one and leads one: of several wires the one that is nearest to level.
    """
    follows: dict[str, Level] = {}
    leads: set[str] = set()
    for wire in sorted(wires, key=lambda w: _off(rects, w)):
        if wire.source in leads or wire.target in follows or _closes(follows, wire):
            continue
        leads.add(wire.source)
        follows[wire.target] = wire
    places: dict[str, Point] = {}

    def settle(item: str) -> float:
        chain = [item]
        while chain[-1] in follows and chain[-1] not in places:
            chain.append(follows[chain[-1]].source)
        for each in reversed(chain):
            wire = follows.get(each)
            if each not in places:
                y = places[wire.source][1] + wire.leaves - wire.enters if wire else rects[each].y
                places[each] = rects[each].x, y
        return places[item][1]

    for item in rects:
        settle(item)
    return places


def _off(rects: Mapping[str, Rect], wire: Level) -> float:
    return abs(rects[wire.source].y + wire.leaves - rects[wire.target].y - wire.enters)


def _closes(follows: Mapping[str, Level], wire: Level) -> bool:
    """Whether the source of a wire follows its target already; possible only where somebody wires in a circle."""
    item = wire.source
    while item in follows:
        item = follows[item].source
        if item == wire.target:
            return True
    return False
