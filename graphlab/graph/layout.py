"""Where nodes go: layers from left to right, few crossings, main paths level, and lanes for wires that pass nodes by.

`layers` chooses the columns, `ordering` the order in each, `levels` the heights. Here the parts of a graph are laid out
one by one and put together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from ..errors import CancelledError
from ..ops import get
from .connect import input_names
from .document import Document, Node, Point
from .groups import role
from .layers import LEAF, NODE_GAP, PARAMETER, PLAIN, Floats, Ints, Wire, depths, flow, layers, web
from .levels import AXIS, levelled
from .ordering import ordered
from .steps import Steps, within

COLUMN = 250.0  # from one column to the next, where nodes have the usual size
ROW = 140.0
WIDTH, HEIGHT = 160.0, 2 * AXIS  # of a node of which nobody says how large it is
SOCKET = 18.0  # a node with more than three sockets is so much higher for each
CLEAR = 20.0  # what a selection keeps from the nodes and notes around it
_GAP = COLUMN - WIDTH
_PART_GAP = 64.0
_HAIR = 0.01

Sizes = Mapping[str, Point]
Levels = Mapping[tuple[str, str], Point]
Progress = Callable[[float], bool]


def layered(
    document: Document,
    ids: Iterable[str] | None = None,
    *,
    sizes: Sizes | None = None,
    levels: Levels | None = None,
    progress: Progress | None = None,
) -> dict[str, Point]:
    """New places for the nodes (all, or those given), starting at the present top left corner of them.

    Every wire points to the right. A wire over several layers keeps a lane free in each, so that it runs around the
    nodes between. Parts that no wire joins stand one below another. What would come to lie on a note, or on a node that
    is not laid out, makes the whole step aside as little as possible.

    Args:
        document: the graph.
        ids: the nodes to lay out; nobody else moves.
        sizes: (width, height) by node id; others get the usual size.
        levels: by the wire's (target, input): how far below the tops of its source and target its ends sit.
        progress: told how far it is, from 0 to 1; when it returns False the layout ends.

    Raises:
        CancelledError: `progress` said so.
    """
    steps = laying_out(document, ids, sizes=sizes, levels=levels)
    while True:
        try:
            part = next(steps)
        except StopIteration as end:
            places: dict[str, Point] = end.value
            return places
        if progress is not None and not progress(part):
            raise CancelledError("Tidying up was cancelled.", hint="Nothing has moved.")


def laying_out(
    document: Document,
    ids: Iterable[str] | None = None,
    *,
    sizes: Sizes | None = None,
    levels: Levels | None = None,
) -> Steps[dict[str, Point]]:
    """`layered` in small steps, for whoever has other things to do between."""
    wanted = set(document.nodes if ids is None else ids)
    chosen = [i for i in document.nodes if i in wanted]
    if not chosen:
        return {}
    sheet = _Sheet(document, chosen, sizes or {}, levels or {})
    yield 0.0
    places = np.zeros((len(chosen), 2))
    parts, alone = sheet.parts()
    bottom, widest, done = 0.0, 0.0, 0
    for part in parts:
        share = done / len(chosen), (done + len(part)) / len(chosen)
        places[part] = yield from within(sheet.laid_out(part), *share)
        places[part, 1] += bottom
        right, low = (places[part] + sheet.sizes[part]).max(axis=0).tolist()
        bottom, widest, done = low + _PART_GAP, max(widest, right), done + len(part)
    sheet.set_out(alone, places, bottom, widest)
    places += sheet.corner() - places.min(axis=0)
    places += sheet.aside(places)
    rows = np.round(places).tolist()
    return {i: (x, y) for i, (x, y) in zip(chosen, rows, strict=True)}


def size_of(node: Node) -> Point:
    """About the size of a node on the canvas, where nobody can be asked."""
    sockets = len(node.make().sockets()) if node.is_known else 1
    return WIDTH, HEIGHT + SOCKET * max(sockets - 3, 0)


class _Sheet:
    """The nodes that are laid out, by number, with their sizes and wires."""

    def __init__(self, document: Document, chosen: list[str], sizes: Sizes, levels: Levels) -> None:
        self._document, self._chosen, self._levels = document, chosen, levels
        self._sizes = sizes
        self._number = {i: k for k, i in enumerate(chosen)}
        self._nodes = [document.nodes[i] for i in chosen]
        self.sizes = np.array([self._size(i) for i in chosen])
        self._wires = self._wired()
        self._part: list[int] = []  # of each node
        self._wires_of: dict[int, list[Wire]] = {}  # of each part

    def _size(self, node: str) -> Point:
        return self._sizes.get(node) or size_of(self._document.nodes[node])

    def _wired(self) -> list[Wire]:
        number, axis = self._number, np.minimum(self.sizes[:, 1] / 2, AXIS)
        found = []
        for key, edge in self._document.edges.items():
            a, b = number.get(edge.source, -1), number.get(edge.target, -1)
            if a >= 0 and b >= 0:
                leaves, enters = self._levels.get(key) or (axis[a], axis[b] + self._below(b, edge.input))
                found.append(Wire(a, b, float(leaves), float(enters)))
        return found

    def _below(self, node: int, socket: str) -> float:
        """A hair for each socket above: enough to know their order by."""
        names = input_names(self._nodes[node])
        return _HAIR * names.index(socket) if socket in names else 0.0

    # Parts

    def parts(self) -> tuple[list[Ints], Ints]:
        """The numbers of the nodes of each connected part, the largest first; and those of nodes without wires."""
        net = flow(len(self._chosen), [(w.source, w.target) for w in self._wires])
        self._part = part = [-1] * len(self._chosen)
        parts: list[list[int]] = []
        for start in range(len(part)):
            if part[start] >= 0:
                continue
            found, part[start] = [start], len(parts)
            for n in found:  # grows while it is read
                for m in (*net.before[n], *net.after[n]):
                    if part[m] < 0:
                        part[m] = len(parts)
                        found.append(m)
            parts.append(sorted(found))
        self._wires_of = {}
        for wire in self._wires:
            self._wires_of.setdefault(part[wire.source], []).append(wire)
        wired = sorted((p for p in parts if len(p) > 1), key=len, reverse=True)
        alone = [p[0] for p in parts if len(p) == 1]
        return [np.array(p, dtype=np.int64) for p in wired], np.array(alone, dtype=np.int64)

    def laid_out(self, part: Ints) -> Steps[Floats]:
        """The corners of the nodes of one part, from (0, 0)."""
        of = {n: k for k, n in enumerate(part.tolist())}
        own = self._wires_of[self._part[int(part[0])]]
        wires = [w._replace(source=of[w.source], target=of[w.target]) for w in own]
        nodes = [self._nodes[n] for n in part.tolist()]
        roles = [role(node) for node in nodes]
        yield 0.01
        net = flow(len(nodes), [(w.source, w.target) for w in wires])
        depth, height = depths(net)
        ports = ({n for n, r in enumerate(roles) if r == kind} for kind in ("port in", "port out"))
        layer = layers(net, depth, *ports)
        yield 0.03
        slim = np.array([r == "wire" for r in roles])
        ranks = _ranks(nodes, wires, depth, height)
        size = self.sizes[part]
        made = web(net, layer, size[:, 1], slim, wires, ranks)
        order = yield from within(ordered(made), 0.05, 0.7)
        tops = yield from within(levelled(made, order), 0.7, 0.98)
        is_node = made.node >= 0
        y = np.empty(len(nodes))
        y[made.node[is_node]] = tops[is_node]
        x = _columns(np.array(layer), size[:, 0])
        return np.stack([x, y - y.min()], axis=1)

    def set_out(self, alone: Ints, places: Floats, top: float, widest: float) -> None:
        """Sets nodes without wires in rows below the rest, about as wide as that or as a square of them."""
        if not len(alone):
            return
        width, height = self.sizes[alone].max(axis=0).tolist()
        step_x, step_y = width + _GAP, height + NODE_GAP
        square = math.ceil(math.sqrt(len(alone) * step_y / step_x))
        in_row = max(int((widest + _GAP) // step_x), square, 1)
        rows, columns = np.divmod(np.arange(len(alone)), in_row)
        places[alone] = np.stack([columns * step_x, top + rows * step_y], axis=1)

    # Where it stands

    def corner(self) -> Floats:
        """The top left corner of the nodes as they stand now."""
        corner: Floats = np.array([node.position for node in self._nodes]).min(axis=0)
        return corner

    def aside(self, places: Floats) -> Floats:
        """The shortest way up, down, left or right at whose end nothing lies on what stays."""
        document = self._document
        others = [(*n.position, *self._size(i)) for i, n in document.nodes.items() if i not in self._number]
        others += [(*note.position, *note.size) for note in document.notes.values()]
        own = np.concatenate([places, self.sizes], axis=1)
        return way_out(own, np.array(others, dtype=np.float64).reshape(-1, 4))


def _ranks(nodes: list[Node], wires: list[Wire], depth: list[int], height: list[int]) -> Ints:
    """How much each wire wants to be level: those on the longest paths most, those of a node's own parameters least."""
    fed: dict[int, int] = {}
    deepest: dict[int, int] = {}
    highest: dict[int, int] = {}
    for wire in wires:
        fed[wire.source] = fed.get(wire.source, 0) + 1
        deepest[wire.target] = max(deepest.get(wire.target, 0), depth[wire.source])
        highest[wire.source] = max(highest.get(wire.source, 0), height[wire.target])

    def rank(wire: Wire) -> int:
        if not depth[wire.source] and fed[wire.source] == 1:
            return PARAMETER if _is_parameter(nodes[wire.source]) else LEAF
        return (
            PLAIN
            + (depth[wire.source] == deepest[wire.target])
            + (height[wire.target] == highest[wire.source])
        )

    return np.array([rank(wire) for wire in wires], dtype=np.int64)


def _is_parameter(node: Node) -> bool:
    return node.is_known and get(node.op).category == "Parameter"


def _columns(layer: Ints, widths: Floats) -> Floats:
    """The left edges: every column as wide as its widest node, narrower ones in its middle."""
    wide = np.zeros(int(layer.max()) + 1)
    np.maximum.at(wide, layer, widths)
    left = np.concatenate([[0.0], np.cumsum(wide + _GAP)[:-1]])
    edges: Floats = left[layer] + (wide[layer] - widths) / 2
    return edges


def way_out(own: Floats, others: Floats) -> Floats:
    """The shortest straight way that takes all of `own` clear of all `others`; both (n, 4) as x y width height."""
    ways: list[Floats] = []
    for axis in (1, 0):
        step = _shortest(own, others, axis)
        ways.append(np.array([0.0, step] if axis else [step, 0.0]))
    return min(ways, key=lambda way: float(np.abs(way).sum()))


def _shortest(own: Floats, others: Floats, axis: int) -> float:
    """The shortest step along one axis (0: x, 1: y): each pair that could meet forbids an interval of steps."""
    if not len(others):
        return 0.0
    across = 1 - axis
    taken: list[Floats] = []
    for x, y, w, h in own.tolist():
        rect = np.array([x, y, w, h])
        meets = (others[:, across] < rect[across] + rect[across + 2] + CLEAR) & (
            others[:, across] + others[:, across + 2] + CLEAR > rect[across]
        )
        near = others[meets]
        low = near[:, axis] - rect[axis] - rect[axis + 2] - CLEAR
        taken.append(np.stack([low, near[:, axis] + near[:, axis + 2] + CLEAR - rect[axis]], axis=1))
    spans = np.concatenate(taken)
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    ends = np.maximum.accumulate(spans[:, 1])
    if not len(spans):
        return 0.0
    # Free steps are those between one merged interval and the next.
    gap = np.flatnonzero(spans[1:, 0] >= ends[:-1])
    lows = np.concatenate([spans[:1, 0], spans[gap + 1, 0]])
    highs = np.concatenate([ends[gap], ends[-1:]])
    inside = (lows < 0) & (highs > 0)
    if not inside.any():
        return 0.0
    k = int(np.flatnonzero(inside)[0])
    return float(lows[k]) if -lows[k] < highs[k] else float(highs[k])
