"""The document as geometry: rectangles, sockets and wires in arrays, kept up to date by diffs, and what lies where.

Nothing is painted here, and nothing is edited.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from ...graph import Document, Point
from ...graph.drawn.curves import Floats
from ...graph.drawn.geometry import UNKNOWN, Geometry, Key
from ...graph.drawn.rows import Rows
from ...graph.drawn.shapes import CORE, POINT, Form, NodeShape, shape_of
from .boards import Boards

__all__ = ["UNKNOWN", "Key", "Scene", "SocketAt"]

_CROWD = 100  # nodes; the wires among more are not led anew at each move of the hand
_NOWHERE: Floats = np.empty((0, 4))


class SocketAt(NamedTuple):
    """A socket of the scene."""

    node: str
    name: str
    is_input: bool


class Scene(Geometry):
    """The geometry of one document, with what a hand holds elsewhere for a while; answers what lies where."""

    def __init__(self) -> None:
        super().__init__()
        self.version = 0  # counts changes of geometry
        self._away: Rows = np.empty(0, dtype=np.intp)  # nodes that are shown elsewhere than the document says
        self._reshaped: set[str] = set()  # nodes that are shown with another shape than the document says
        self._lifted: Rows = np.empty(0, dtype=np.intp)  # nodes that wires need not avoid
        self.boards = Boards()  # notes and frames

    def show(self, document: Document) -> None:
        """Shows another document, doing no more than the difference asks for."""
        self._land()
        self.follow(document)
        self.boards.show(document)
        self.version += 1

    # Places that differ from the document's for a while: drags and glides

    def lift(self, items: Iterable[str]) -> None:
        """These are about to be dragged: wires need not avoid the places they leave."""
        self._land()
        self._lifted = self._rows(items)
        solid = self._lifted[self.forms[self._lifted] != Form.POINT]
        staying = self.forms != Form.POINT
        staying[solid] = False
        self._obstacles.replace(self.rects[solid], _NOWHERE, self.rects[staying])

    def displace(self, places: Mapping[str, Point]) -> QRectF:
        """Shows nodes, notes and frames elsewhere than the document says. Returns what must be repainted."""
        nodes = self._rows(places)
        boards = {i: place for i, place in places.items() if i in self.boards}
        dirty = self._extent(nodes, boards)
        if boards:
            self.boards.displace(boards)
        if len(nodes):
            before = self.rects[nodes, :2]
            self.rects[nodes, :2] = [place for i, place in places.items() if i in self.index]
            self._away = np.union1d(self._away, nodes)
            self._lay(self._after_shift(nodes, self.rects[nodes, :2] - before))
        self.version += 1
        return dirty.united(self._extent(nodes, boards))

    def _after_shift(self, nodes: Rows, steps: Floats) -> Rows:
        """The wires to be led anew when nodes have made those steps: all at them, but of a crowd that moves as one only
        those that leave it, as the others come along.
        """
        if len(nodes) <= _CROWD or np.ptp(steps, axis=0).max() > 1e-6:
            return self._touching(nodes)
        moving = np.zeros(len(self.ids), dtype=np.bool_)
        moving[nodes] = True
        source, target = moving[self.sources], moving[self.targets]
        self.wires.shift(np.flatnonzero(source & target), steps[0])
        return np.flatnonzero(source != target)

    def reshape(self, node: str, shape: NodeShape) -> None:
        """Shows a node with another size and its sockets elsewhere, until it is settled."""
        k = self.index[node]
        self._reshaped.add(node)
        self.shapes[k], self.rects[k, 2:] = shape, (shape.width, shape.height)
        self._lead(k)
        self.version += 1

    def _lead(self, node: int) -> None:
        """Leads the wires at a node anew to its sockets."""
        wires = self._touching(np.array([node], dtype=np.intp))
        self._plug(wires)
        self._lay(wires)

    def settle(self) -> None:
        """Everything where the document says."""
        self._land()
        self.boards.settle()
        self.version += 1

    def _land(self) -> None:
        """What a hand had lifted or put elsewhere lies where the document says, and so do the wires at it."""
        reshaped, self._reshaped = self._reshaped, set()
        for node in reshaped:
            k, shape = self.index[node], shape_of(self.document.nodes[node], self.document)
            self.shapes[k], self.rects[k, 2:] = shape, (shape.width, shape.height)
            self._lead(k)
        if not len(self._away) and not len(self._lifted):
            return
        away, lifted = self._away, self._lifted
        self._away = self._lifted = np.empty(0, dtype=np.intp)
        self._place(self.ids[k] for k in away.tolist())
        solid = lifted[self.forms[lifted] != Form.POINT]
        self._obstacles.replace(_NOWHERE, self.rects[solid], self._in_the_way())
        self._lay(self._touching(away))

    def _rows(self, items: Iterable[str]) -> Rows:
        return np.array([self.index[i] for i in items if i in self.index], dtype=np.intp)

    def _extent(self, nodes: Rows, boards: Iterable[str]) -> QRectF:
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

    def sockets(self, nodes: Iterable[int] | None = None) -> tuple[list[SocketAt], Floats]:
        """The sockets of nodes, by their rows (of all by default), with their places (n, 2); of a point, at its rim."""
        found: list[SocketAt] = []
        places: list[tuple[float, float]] = []
        for k in range(len(self.ids)) if nodes is None else nodes:
            name, shape = self.ids[k], self.shapes[k]
            x, y = self.rects[k, :2].tolist()
            found.extend([SocketAt(name, socket, True) for socket in shape.inputs])
            places.extend([(x, y + dy) for dy in shape.input_rows])
            found.extend([SocketAt(name, socket, False) for socket in shape.outputs])
            places.extend([(x + shape.width, y + dy) for dy in shape.output_rows])
        return found, np.array(places, dtype=np.float64).reshape(-1, 2)

    def sockets_near(self, place: QPointF, radius: float) -> list[tuple[SocketAt, float]]:
        """The sockets within `radius`, nearest first, with their distance."""
        found, places = self.sockets(self.nodes_in(QRectF(place, place), radius + 1).tolist())
        away = np.hypot(places[:, 0] - place.x(), places[:, 1] - place.y())
        order = np.argsort(away, kind="stable")[: int(np.count_nonzero(away <= radius))]
        return [(found[k], float(away[k])) for k in order.tolist()]

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
        near = self.sockets_near(place, radius)
        if not near or self._in_core(self.index[near[0][0].node], place, radius):
            return None
        return near[0][0]

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
