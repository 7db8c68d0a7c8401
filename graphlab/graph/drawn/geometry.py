"""Where nodes and wires of a document lie: tables of rectangles and curves that go from one version to the next.

A row is a node or a wire, in the document's order. Only what an edit touched is read from the document again, and only
wires near by are led anew; the other rows are carried over.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ...ops import CATEGORIES, get
from ..diff import touched
from ..document import Document, Edge
from .curves import FAR, Curves, Floats, Obstacles, curves, empty, route
from .rows import NEW, Rows, came_from, carried, gone, went_to
from .shapes import Form, NodeShape, shape_of

Key = tuple[str, str]  # a wire: (target id, input socket)
UNKNOWN = len(CATEGORIES)
_FAMILIES = {name: k for k, name in enumerate(CATEGORIES)}
_FEW = 200  # nodes; when more moved, it is quicker to lead all wires anew than to ask which are near them
_UNREAD = NodeShape(0.0, 0.0, (), (), (), (), (), 0.0, 0.0)


class Geometry:
    """The nodes and wires of a document as arrays: rectangles as x, y, width, height; wires as `Curves`."""

    def __init__(self) -> None:
        self.document = Document()
        self.ids: list[str] = []
        self.index: dict[str, int] = {}
        self.shapes: list[NodeShape] = []
        self.rects: Floats = np.empty((0, 4))
        self.families: Rows = np.empty(0, dtype=np.intp)
        self.forms: Rows = np.empty(0, dtype=np.intp)
        self.muted: NDArray[np.bool_] = np.empty(0, dtype=np.bool_)
        self.edges: list[Edge] = []
        self.wire_index: dict[Key, int] = {}
        self.sources: Rows = np.empty(0, dtype=np.intp)
        self.targets: Rows = np.empty(0, dtype=np.intp)
        self.wires: Curves = empty()
        self._offsets: Floats = np.empty((0, 4))  # of the ends of wires from the corners of their nodes
        self._numbers: Rows = np.empty(0, dtype=np.intp)
        self._sides: Floats = np.empty(0)  # of each wire: −1 where it had better pass above nodes, 1 below
        self._obstacles = Obstacles(self.rects)

    def follow(self, document: Document) -> None:
        """Turns to another document, and comes out as if it had been made of it from nothing."""
        old, self.document = self.document, document
        if document.nodes is old.nodes and document.edges is old.edges:
            return
        rects, forms = self.rects.copy(), self.forms.copy()
        origin, reshaped = self._follow_nodes(old)
        fresh = self._follow_wires(old, origin, reshaped)
        came = self._came(rects, forms, origin)
        went = np.concatenate([gone(origin, len(rects)), origin[came][origin[came] != NEW]])
        left, taken = rects[went], self.rects[came]
        cell = self._obstacles.cell
        blocking = left[forms[went] != Form.POINT], taken[self.forms[came] != Form.POINT]
        self._obstacles.replace(*blocking, self._in_the_way())
        if cell != self._obstacles.cell:
            self._lay(np.arange(len(self.edges)))
        elif len(left) or len(taken) or len(fresh):
            self._lay(self._disturbed(np.concatenate([left, taken]), fresh))

    # Nodes

    def _follow_nodes(self, old: Document) -> tuple[Rows, Rows]:
        """The rows that nodes had before, NEW for none; and those of nodes with another size or other sockets."""
        nodes = self.document.nodes
        ids, origin = list(nodes), np.arange(len(self.ids))
        if ids != self.ids:
            origin = came_from(self.index, ids)
            self.ids, self.index = ids, dict(zip(ids, range(len(ids)), strict=True))
            self.shapes = [_UNREAD if k == NEW else self.shapes[k] for k in origin.tolist()]
            self.rects, self.muted = carried(self.rects, origin), carried(self.muted, origin)
            self.families, self.forms = carried(self.families, origin), carried(self.forms, origin)
        stale = touched(old.nodes, nodes)
        if self.document.edges is not old.edges and (self.families == UNKNOWN).any():
            stale = [*stale, *(ids[k] for k in np.flatnonzero(self.families == UNKNOWN).tolist())]
        return origin, self._read(list(dict.fromkeys(stale)))

    def _read(self, ids: list[str]) -> Rows:
        """Takes over what the document says of these nodes; the rows of those with another size or other sockets."""
        nodes = [self.document.nodes[i] for i in ids]
        shapes = [shape_of(node, self.document) for node in nodes]
        rows = [self.index[i] for i in ids]
        reshaped = [k for k, shape in zip(rows, shapes, strict=True) if self.shapes[k] != shape]
        for k, shape in zip(rows, shapes, strict=True):
            self.shapes[k] = shape
        places = [(*node.position, s.width, s.height) for node, s in zip(nodes, shapes, strict=True)]
        self.rects[rows] = np.array(places, dtype=np.float64).reshape(-1, 4)
        self.forms[rows] = [shape.form for shape in shapes]
        self.families[rows] = [_FAMILIES[get(n.op).category] if n.is_known else UNKNOWN for n in nodes]
        self.muted[rows] = [node.muted for node in nodes]
        return np.array(reshaped, dtype=np.intp)

    def _came(self, rects: Floats, forms: Rows, origin: Rows) -> Rows:
        """The rows of nodes that are new, or not where or what they were by the tables of before."""
        there = origin != NEW
        was, now = origin[there], np.flatnonzero(there)
        is_other = ~there
        is_other[now] = (rects[was] != self.rects[now]).any(axis=1) | (forms[was] != self.forms[now])
        return np.flatnonzero(is_other)

    def _place(self, ids: Iterable[str]) -> None:
        for i in ids:
            self.rects[self.index[i], :2] = self.document.nodes[i].position

    def _in_the_way(self) -> Floats:
        """The rectangles that wires avoid: not those of points, which wires are led through."""
        solid: Floats = self.rects[self.forms != Form.POINT]
        return solid

    # Wires

    def _follow_wires(self, old: Document, origin: Rows, reshaped: Rows) -> Rows:
        """Puts the wires in their rows; those that are new, end at nodes that were reshaped, or pass elsewhere."""
        edges, place = self.document.edges, went_to(origin, len(old.nodes))
        self.sources, self.targets = place[self.sources], place[self.targets]
        if (keys := list(edges)) != list(self.wire_index):
            rows = came_from(self.wire_index, keys)
            self.wire_index = dict(zip(keys, range(len(keys)), strict=True))
            self.sources, self.targets = carried(self.sources, rows), carried(self.targets, rows)
            self._offsets, self._numbers = carried(self._offsets, rows), carried(self._numbers, rows)
            self._sides = carried(self._sides, rows)
            self.wires = self.wires.carried(rows)
        stale = touched(old.edges, edges)
        rows = np.array([self.wire_index[key] for key in stale], dtype=np.intp)
        self.edges = list(edges.values())
        self.sources[rows] = [self.index[edges[key].source] for key in stale]
        self.targets[rows] = [self.index[edges[key].target] for key in stale]
        fresh = np.union1d(rows, self._touching(reshaped)) if len(reshaped) else rows
        self._plug(fresh)
        sides, before = _sides(self.sources, self.targets, self._offsets), self._sides
        self._sides = sides
        return np.union1d(fresh, np.flatnonzero(sides != before))

    def _plug(self, rows: Rows) -> None:
        """Finds the sockets at which these wires end."""
        offsets, numbers = [], []
        pairs = self.sources[rows].tolist(), self.targets[rows].tolist()
        for k, source, target in zip(rows.tolist(), *pairs, strict=True):
            edge, taker = self.edges[k], self.shapes[target]
            offsets.append((*self.shapes[source].output_at(edge.output), *taker.input_at(edge.input)))
            numbers.append(_number(edge.target) + taker.inputs.index(edge.input))
        self._offsets[rows] = np.array(offsets, dtype=np.float64).reshape(-1, 4)
        self._numbers[rows] = numbers

    def _touching(self, nodes: Rows) -> Rows:
        """The wires at those nodes."""
        chosen = np.zeros(len(self.ids), dtype=np.bool_)
        chosen[nodes] = True
        return np.flatnonzero(chosen[self.sources] | chosen[self.targets])

    def _disturbed(self, rects: Floats, fresh: Rows) -> Rows:
        """The wires that nodes which left or took these rectangles may free or block, and those that end elsewhere."""
        ends = self._ends(np.arange(len(self.edges)))
        if len(rects) > _FEW:
            return np.arange(len(ends))
        other = (ends != self.wires.ends).any(axis=1)
        other[fresh] = True
        left, right = np.minimum(ends[:, 0], ends[:, 2]) - FAR, np.maximum(ends[:, 0], ends[:, 2]) + FAR
        top, bottom = np.minimum(ends[:, 1], ends[:, 3]) - FAR, np.maximum(ends[:, 1], ends[:, 3]) + FAR
        for x, y, w, h in rects.tolist():
            other |= (left < x + w) & (right > x) & (top < y + h) & (bottom > y)
        return np.flatnonzero(other)

    def _lay(self, rows: Rows) -> None:
        """Leads these wires from end to end, around what is in the way."""
        ends = self._ends(rows)
        bottoms = self.rects[:, 1] + self.rects[:, 3]
        numbers = self._numbers[rows]
        below = np.maximum(bottoms[self.sources[rows]], bottoms[self.targets[rows]]) + 26 + numbers % 3 * 7
        lanes = route(ends, self._obstacles, below.astype(np.float64), numbers, self._sides[rows])
        self.wires.put(rows, curves(ends, lanes))

    def _ends(self, rows: Rows) -> Floats:
        ends = self._offsets[rows].copy()
        ends[:, :2] += self.rects[self.sources[rows], :2]
        ends[:, 2:] += self.rects[self.targets[rows], :2]
        return ends


def _number(node: str) -> int:
    """By which wires side by side are told apart: of neighbours in the order of creation it differs by one."""
    return sum(node.encode())


def _sides(sources: Rows, targets: Rows, offsets: Floats) -> Floats:
    """A wire into a lower socket of a node comes from below and so crosses none into the others; likewise out of it."""
    side = np.zeros(len(offsets))
    for nodes, heights in ((targets, offsets[:, 3]), (sources, offsets[:, 1])):
        count = np.maximum(np.bincount(nodes), 1)
        mean = np.bincount(nodes, weights=heights) / count if len(nodes) else np.empty(0)
        side = np.where(side == 0, np.sign(np.round(heights - mean[nodes], 3)), side)
    return np.where(side == 0, -1.0, side)
