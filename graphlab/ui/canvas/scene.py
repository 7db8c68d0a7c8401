"""The document as geometry: rectangles, sockets and wires in arrays, kept up to date by diffs, and what lies where.

Nothing is painted here, and nothing is edited.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from ...graph import Document, Edge, Point, diff
from ...ops import CATEGORIES, get
from .boards import Boards
from .curves import FAR, Curves, Floats, Obstacles, curves, empty, route
from .shapes import CORE, POINT, Form, NodeShape, shape_of

Key = tuple[str, str]  # a wire: (target id, input socket)
UNKNOWN = len(CATEGORIES)
_MANY = 400  # places that came or went: beyond, all wires are led anew


class SocketAt(NamedTuple):
    """A socket of the scene."""

    node: str
    name: str
    is_input: bool


class Scene:
    """The geometry of one document."""

    def __init__(self) -> None:
        self.document = Document()
        self.ids: list[str] = []
        self.index: dict[str, int] = {}
        self.shapes: list[NodeShape] = []
        self.rects: Floats = np.empty((0, 4))
        self.families: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self.forms: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self.muted: NDArray[np.bool_] = np.empty(0, dtype=np.bool_)
        self.edges: list[Edge] = []
        self.wire_index: dict[Key, int] = {}
        self.sources: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self.targets: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self.wires: Curves = empty()
        self.version = 0  # counts changes of geometry
        self._offsets: Floats = np.empty((0, 4))
        self._side: Floats = np.empty(0)  # of each wire: −1 where it had better pass above nodes, 1 below
        self._sockets: list[SocketAt] = []
        self._socket_node: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self._socket_offset: Floats = np.empty((0, 2))
        self._obstacles = Obstacles(self.rects)
        self._is_displaced = False  # drags and glides: wires lie as the hand has them
        self.boards = Boards()  # notes and frames

    # Following the document

    def show(self, document: Document) -> None:
        """Shows another document, doing no more than the difference asks for."""
        change = diff(self.document, document)
        self.document = document
        before, edges, side = self.rects.copy(), self.edges, self._side
        rewired = bool(change.added_edges or change.removed_edges)
        same_nodes = not (change.added or change.removed) and self._keep_shape(change.reworked)
        if rewired and (self.families == UNKNOWN).any():  # these have the sockets that are wired
            same_nodes = False
        if not same_nodes:
            self._build_nodes()
        elif change.moved:
            self._place(change.moved)
        if not same_nodes or change.reworked:
            self.muted = np.array([n.muted for n in document.nodes.values()], dtype=np.bool_)
        if not same_nodes or rewired:
            self._build_wires()
        if not same_nodes or rewired or change.moved:
            self._route_after(before, edges, side)
        self.boards.show(document)
        self.version += 1

    def _keep_shape(self, nodes: Iterable[str]) -> bool:
        """Whether these look as before in size and sockets, whatever their params say now."""
        family = [*CATEGORIES, ""]
        for i in nodes:
            node, k = self.document.nodes[i], self.index[i]
            category = get(node.op).category if node.is_known else ""
            if shape_of(node, self.document) != self.shapes[k] or category != family[self.families[k]]:
                return False
        return True

    def _build_nodes(self) -> None:
        nodes = self.document.nodes
        self.ids = list(nodes)
        self.index = {i: k for k, i in enumerate(self.ids)}
        self.shapes = [shape_of(node, self.document) for node in nodes.values()]
        rows = [
            (*node.position, s.width, s.height) for node, s in zip(nodes.values(), self.shapes, strict=True)
        ]
        self.rects = np.array(rows, dtype=np.float64).reshape(-1, 4)
        self.forms = np.array([shape.form for shape in self.shapes], dtype=np.intp)
        family = {name: k for k, name in enumerate(CATEGORIES)}
        self.families = np.array(
            [family[get(n.op).category] if n.is_known else UNKNOWN for n in nodes.values()], dtype=np.intp
        )
        self._build_sockets()

    def _build_sockets(self) -> None:
        sockets: list[SocketAt] = []
        rows: list[tuple[int, float, float]] = []
        for k, (node, shape) in enumerate(zip(self.ids, self.shapes, strict=True)):
            sockets.extend(SocketAt(node, name, True) for name in shape.inputs)
            rows.extend((k, 0.0, y) for y in shape.input_rows)  # of a point, at its rim
            sockets.extend(SocketAt(node, name, False) for name in shape.outputs)
            rows.extend((k, shape.width, y) for y in shape.output_rows)
        table = np.array(rows, dtype=np.float64).reshape(-1, 3)
        self._sockets = sockets
        self._socket_node = table[:, 0].astype(np.intp)
        self._socket_offset = table[:, 1:]

    def _build_wires(self) -> None:
        self.edges = list(self.document.edges.values())
        self.wire_index = {(e.target, e.input): k for k, e in enumerate(self.edges)}
        self.sources = np.array([self.index[e.source] for e in self.edges], dtype=np.intp)
        self.targets = np.array([self.index[e.target] for e in self.edges], dtype=np.intp)
        rows = [
            (*self.shapes[s].output_at(e.output), *self.shapes[t].input_at(e.input))
            for e, s, t in zip(self.edges, self.sources.tolist(), self.targets.tolist(), strict=True)
        ]
        self._offsets = np.array(rows, dtype=np.float64).reshape(-1, 4)
        self._side = _sides(self.sources, self.targets, self._offsets)

    def _place(self, ids: Iterable[str]) -> None:
        for i in ids:
            self.rects[self.index[i], :2] = self.document.nodes[i].position

    def _route(self) -> None:
        """All wires anew: a node that moved may free one wire and block another."""
        self._obstacles = Obstacles(self._in_the_way())
        self._is_displaced = False
        self.wires = self._curves(np.arange(len(self.edges)))

    def _route_after(self, before: Floats, edges: list[Edge], side: Floats) -> None:
        """The wires that nodes which came, went or moved may free or block; the others lie as they lie.

        `before`, `edges`, `side`: the rectangles, wires and their better sides until now.
        """
        obstacles, known = Obstacles(self._in_the_way()), len(edges)
        other_grid = obstacles.raster != self._obstacles.raster
        changed = set(map(tuple, before.tolist())) ^ set(map(tuple, self.rects.tolist()))
        many = len(changed) > _MANY
        if self._is_displaced or other_grid or many or self.edges[:known] != edges:
            self._route()
            return
        self._obstacles = obstacles
        ends, old = self._ends(np.arange(len(self.edges))), self.wires
        lie = np.ones(len(ends), dtype=bool)
        lie[known:] = False
        lie[:known] &= (ends[:known] == old.ends).all(axis=1) & (self._side[:known] == side)
        left, right = np.minimum(ends[:, 0], ends[:, 2]) - FAR, np.maximum(ends[:, 0], ends[:, 2]) + FAR
        top, bottom = np.minimum(ends[:, 1], ends[:, 3]) - FAR, np.maximum(ends[:, 1], ends[:, 3]) + FAR
        for x, y, w, h in changed:
            lie &= (left >= x + w) | (right <= x) | (top >= y + h) | (bottom <= y)
        more = len(ends) - known
        self.wires = Curves(ends, *(_grown(a, more) for a in (old.lane, old.points, old.boxes)))
        self._replace_wires(np.flatnonzero(~lie))

    def _curves(self, which: NDArray[np.intp]) -> Curves:
        ends = self._ends(which)
        bottoms = self.rects[:, 1] + self.rects[:, 3]
        below = np.maximum(bottoms[self.sources[which]], bottoms[self.targets[which]]) + 26 + which % 3 * 7
        lanes = route(ends, self._obstacles, below.astype(np.float64), which, self._side[which])
        return curves(ends, lanes)

    def _ends(self, which: NDArray[np.intp]) -> Floats:
        ends = self._offsets[which].copy()
        ends[:, :2] += self.rects[self.sources[which], :2]
        ends[:, 2:] += self.rects[self.targets[which], :2]
        return ends

    # Places that differ from the document's for a while: drags and glides

    def lift(self, items: Iterable[str]) -> None:
        """These are about to be dragged: wires need not avoid the places they leave."""
        self._is_displaced = True
        leaving = np.array([self.index[i] for i in items if i in self.index], dtype=np.intp)
        self._obstacles = Obstacles(self._in_the_way(leaving))

    def _in_the_way(self, leaving: NDArray[np.intp] | None = None) -> Floats:
        """The rectangles that wires avoid: not those of points, which wires are led through."""
        staying = self.forms != Form.POINT
        if leaving is not None:
            staying[leaving] = False
        return self.rects[staying]

    def displace(self, places: Mapping[str, Point]) -> QRectF:
        """Shows nodes, notes and frames elsewhere than the document says. Returns what must be repainted."""
        nodes = np.array([self.index[i] for i in places if i in self.index], dtype=np.intp)
        boards = {i: place for i, place in places.items() if i in self.boards}
        dirty = self._extent(nodes, boards)
        for i, place in places.items():
            if i in self.index:
                self.rects[self.index[i], :2] = place
        if boards:
            self.boards.displace(boards)
        if len(nodes):
            self._is_displaced = True
            self._redraw_wires(nodes)
        self.version += 1
        return dirty.united(self._extent(nodes, boards))

    def settle(self) -> None:
        """Everything where the document says."""
        self._place(self.ids)
        self.boards.settle()
        self._route()
        self.version += 1

    def _touching(self, nodes: NDArray[np.intp]) -> NDArray[np.intp]:
        if len(nodes) == 1:
            return np.flatnonzero((self.sources == nodes[0]) | (self.targets == nodes[0]))
        return np.flatnonzero(np.isin(self.sources, nodes) | np.isin(self.targets, nodes))

    def _redraw_wires(self, nodes: NDArray[np.intp]) -> None:
        self._replace_wires(self._touching(nodes))

    def _replace_wires(self, which: NDArray[np.intp]) -> None:
        new = self._curves(which)
        self.wires.ends[which], self.wires.lane[which] = new.ends, new.lane
        self.wires.points[which], self.wires.boxes[which] = new.points, new.boxes

    def _extent(self, nodes: NDArray[np.intp], boards: Iterable[str]) -> QRectF:
        whole = QRectF()
        if len(nodes):
            rects = self.rects[nodes]
            low, high = rects[:, :2].min(axis=0), (rects[:, :2] + rects[:, 2:]).max(axis=0)
            boxes = self.wires.boxes[self._touching(nodes)]
            if len(boxes):
                low, high = (
                    np.minimum(low, boxes[:, :2].min(axis=0)),
                    np.maximum(high, boxes[:, 2:].max(axis=0)),
                )
            whole = QRectF(QPointF(*low.tolist()), QPointF(*high.tolist()))
        return whole.united(self.boards.bounds(boards))

    # Asking

    def sizes(self) -> dict[str, Point]:
        """(width, height) of every node."""
        return {i: (shape.width, shape.height) for i, shape in zip(self.ids, self.shapes, strict=True)}

    def levels(self) -> dict[Key, Point]:
        """Of every wire, how far below the tops of its source and its target its ends sit."""
        return {
            (edge.target, edge.input): (leaves, enters)
            for edge, (_, leaves, _, enters) in zip(self.edges, self._offsets.tolist(), strict=True)
        }

    def rect(self, node: str) -> QRectF:
        return QRectF(*self.rects[self.index[node]].tolist())

    def shape(self, node: str) -> NodeShape:
        return self.shapes[self.index[node]]

    def place(self, item: str) -> Point:
        if item in self.index:
            x, y = self.rects[self.index[item], :2].tolist()
            return x, y
        return self.boards.place(item)

    def note_rect(self, note_id: str) -> QRectF:
        return self.boards.rect(note_id)

    def socket_place(self, socket: SocketAt) -> QPointF:
        """Where a socket is. KeyError or ValueError when there is none such."""
        shape = self.shape(socket.node)
        dx, dy = shape.input_at(socket.name) if socket.is_input else shape.output_at(socket.name)
        x, y = self.rects[self.index[socket.node], :2].tolist()
        return QPointF(x + dx, y + dy)

    def has_socket(self, socket: SocketAt) -> bool:
        if socket.node not in self.index:
            return False
        shape = self.shape(socket.node)
        return socket.name in (shape.inputs if socket.is_input else shape.outputs)

    def sockets(self) -> tuple[list[SocketAt], Floats]:
        """Every socket with its place (n, 2)."""
        return self._sockets, self._socket_offset + self.rects[self._socket_node, :2]

    def bounds(self, ids: Iterable[str] | None = None) -> QRectF:
        """The rectangle around nodes, notes and frames: all of them and their wires, or those named."""
        if ids is None:
            chosen, boards = np.arange(len(self.ids)), list(self.boards)
        else:
            names = list(ids)
            chosen = np.array([self.index[i] for i in names if i in self.index], dtype=np.intp)
            boards = [i for i in names if i in self.boards]
        whole = QRectF()
        if len(chosen):
            rects = self.rects[chosen]
            low, high = rects[:, :2].min(axis=0), (rects[:, :2] + rects[:, 2:]).max(axis=0)
            if ids is None and len(self.wires.boxes):
                low = np.minimum(low, self.wires.boxes[:, :2].min(axis=0))
                high = np.maximum(high, self.wires.boxes[:, 2:].max(axis=0))
            whole = QRectF(QPointF(*low.tolist()), QPointF(*high.tolist()))
        return whole.united(self.boards.bounds(boards))

    def nodes_in(self, area: QRectF, margin: float = 0.0) -> NDArray[np.intp]:
        """Indices of the nodes that touch `area`, widened by `margin`."""
        x, y, w, h = self.rects.T
        return np.flatnonzero(
            (x < area.right() + margin)
            & (x + w > area.left() - margin)
            & (y < area.bottom() + margin)
            & (y + h > area.top() - margin)
        )

    def wires_in(self, area: QRectF, margin: float = 0.0) -> NDArray[np.intp]:
        left, top, right, bottom = self.wires.boxes.T
        return np.flatnonzero(
            (left < area.right() + margin)
            & (right > area.left() - margin)
            & (top < area.bottom() + margin)
            & (bottom > area.top() - margin)
        )

    def node_at(self, place: QPointF, first: Iterable[str] = ()) -> str:
        """The topmost node there, "" for none; those of `first` lie above the others."""
        x, y, w, h = self.rects.T
        px, py = place.x(), place.y()
        hits = np.flatnonzero((px >= x) & (px < x + w) & (py >= y) & (py < y + h))
        if not len(hits):
            return ""
        above = set(first)
        names = [self.ids[k] for k in hits.tolist()]
        return next((n for n in reversed(names) if n in above), names[-1])

    def note_at(self, place: QPointF) -> str:
        return self.boards.note_at(place)

    def socket_at(self, place: QPointF, radius: float) -> SocketAt | None:
        """The nearest socket within `radius`."""
        if not self._sockets:
            return None
        _, places = self.sockets()
        away = np.hypot(places[:, 0] - place.x(), places[:, 1] - place.y())
        k = int(away.argmin())
        if away[k] > radius or self._in_core(self._socket_node[k], place, radius):
            return None
        return self._sockets[k]

    def _in_core(self, node: int, place: QPointF, radius: float) -> bool:
        """Whether that is the middle of a point, by which it is moved."""
        if self.forms[node] != Form.POINT:
            return False
        x, y, width, height = self.rects[node].tolist()
        off = QPointF(x + width / 2, y + height / 2) - place
        return float(np.hypot(off.x(), off.y())) <= min(CORE * radius / 9.0, POINT / 2)

    def wire_at(self, place: QPointF, radius: float) -> Key | None:
        """The nearest wire within `radius`."""
        near = self.wires_in(QRectF(place, place), radius)
        if not len(near):
            return None
        away = _distance(self.wires.points[near], place)
        k = int(away.argmin())
        edge = self.edges[int(near[k])]
        return (edge.target, edge.input) if away[k] <= radius else None

    def wires_cut_by(self, a: QPointF, b: QPointF) -> list[Key]:
        """The wires that the straight line from `a` to `b` crosses."""
        near = self.wires_in(QRectF(a, b).normalized(), 1.0)
        hits = near[_crossed(self.wires.points[near], a, b)]
        return [(self.edges[k].target, self.edges[k].input) for k in hits.tolist()]

    def middle(self, wire: int) -> QPointF:
        x, y = self.wires.points[wire, len(self.wires.points[wire]) // 2].tolist()
        return QPointF(x, y)


def _sides(sources: NDArray[np.intp], targets: NDArray[np.intp], offsets: Floats) -> Floats:
    """A wire into a lower socket of a node comes from below and so crosses none into the others; likewise out of it."""
    side = np.zeros(len(offsets))
    for nodes, heights in ((targets, offsets[:, 3]), (sources, offsets[:, 1])):
        count = np.maximum(np.bincount(nodes), 1)
        mean = np.bincount(nodes, weights=heights) / count if len(nodes) else np.empty(0)
        side = np.where(side == 0, np.sign(np.round(heights - mean[nodes], 3)), side)
    return np.where(side == 0, -1.0, side)


def _grown(rows: Floats, more: int) -> Floats:
    """With so many more rows at the end."""
    return np.concatenate([rows, np.empty((more, *rows.shape[1:]))]) if more else rows


def _distance(points: Floats, place: QPointF) -> Floats:
    """(n, k, 2) polylines → their distances from `place`."""
    start, step = points[:, :-1], np.diff(points, axis=1)
    away = np.array([place.x(), place.y()]) - start
    length = np.maximum((step**2).sum(axis=2), 1e-9)
    along = np.clip((away * step).sum(axis=2) / length, 0, 1)
    distances: Floats = np.linalg.norm(away - along[..., None] * step, axis=2).min(axis=1)
    return distances


def _crossed(points: Floats, a: QPointF, b: QPointF) -> NDArray[np.bool_]:
    """Which of the polylines (n, k, 2) cross the segment a–b: both ends of each lie on different sides of the other."""
    origin, way = np.array([a.x(), a.y()]), np.array([b.x() - a.x(), b.y() - a.y()])
    offset = points - origin
    side = offset[..., 0] * way[1] - offset[..., 1] * way[0] > 0
    start, step = points[:, :-1], np.diff(points, axis=1)
    of_a = step[..., 0] * (origin[1] - start[..., 1]) - step[..., 1] * (origin[0] - start[..., 0])
    end = origin + way
    of_b = step[..., 0] * (end[1] - start[..., 1]) - step[..., 1] * (end[0] - start[..., 0])
    crossing: NDArray[np.bool_] = ((side[:, :-1] != side[:, 1:]) & ((of_a > 0) != (of_b > 0))).any(axis=1)
    return crossing
