"""Where there is room for a node that nobody gave a place."""

from __future__ import annotations

from collections.abc import Mapping

from .document import Node, Point

COLUMN = 240.0
ROW = 140.0


class Room:
    """The places that nodes take.

    It is kept from one node that is added to the next, as long as no other edit of nodes comes between, so that a
    thousand can be added without looking at all of them a thousand times.
    """

    _nodes: Mapping[str, Node]
    _taken: set[Point]
    _below: float
    _free: dict[Point, float]  # by where it was begun to look, how far all is taken

    def __init__(self) -> None:
        self._look({})

    def place(self, nodes: Mapping[str, Node], sources: list[str]) -> Point:
        """A free place right of what feeds the new node, else below everything."""
        if self._nodes is not nodes:
            self._look(nodes)
        x, y = 0.0, self._below
        if sources:
            x = max(nodes[i].position[0] for i in sources) + COLUMN
            y = sum(nodes[i].position[1] for i in sources) / len(sources)
        start = x, y
        y = self._free.get(start, y)
        while (x, y) in self._taken:
            y += ROW
        self._free[start] = y
        return x, y

    def put(self, before: Mapping[str, Node], after: Mapping[str, Node], place: Point) -> None:
        """A node at that place is all that `after` has more than `before`."""
        if self._nodes is before:
            self._below = max(self._below, place[1] + ROW) if self._taken else place[1] + ROW
            self._taken.add(place)
            self._nodes = after

    def _look(self, nodes: Mapping[str, Node]) -> None:
        self._nodes = nodes
        self._taken = {node.position for node in nodes.values()}
        self._below = max((node.position[1] + ROW for node in nodes.values()), default=0.0)
        self._free = {}
