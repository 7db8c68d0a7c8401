"""Edits that keep the wires around them: put an operation into a wire, and another in the place of one.

Functions from document to document, like those of `edits`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..errors import ConnectError, GraphError, ParamError, UnknownNodeError
from ..ops import Op, by_role, get, make
from . import edits
from .connect import default_output
from .document import Document, Edge, Node, Point
from .groups import USES
from .promoting import kept_of

COLUMN = 240.0  # from one node of a chain to the next
CLOSEST = 80.0  # a target nearer than this is not to the right of its source
REACH = 170.0, 125.0  # nodes less apart than this lie over each other

Key = tuple[str, str]  # a wire: (target id, input socket)


def insert(
    document: Document, wire: Key, op: str, params: Mapping[str, Any] | None = None, socket: str = ""
) -> tuple[Document, Node]:
    """Leads a wire through a new node, through its input `socket` (else its first).

    In a chain from left to right what stands to the right makes room. UnknownOpError, ParamError; UnknownNodeError when
    there is no such wire, ConnectError when the op has no input or no output.
    """
    edge = document.edges.get(wire)
    if edge is None:
        raise UnknownNodeError("The wire is gone.", hint="Draw it anew.")
    document, place = _with_room(document, edge)
    document, node = edits.add_node(document, op, params or {}, position=place)
    sockets = node.make().sockets()
    if not sockets:
        raise ConnectError(f"{node.op} has no inputs.", node=node.name)
    entry = socket or sockets[0].name
    document = edits.connect(document, Edge(edge.source, edge.output, node.id, entry))
    return edits.connect(document, Edge(node.id, default_output(node), *wire)), node


def _with_room(document: Document, edge: Edge) -> tuple[Document, Point]:
    """A place between the ends of a wire, and the document with what is to the right moved away where it is narrow."""
    (x, y), (end, below) = document.nodes[edge.source].position, document.nodes[edge.target].position
    if end < x + CLOSEST:
        return document, _free(document, ((x + end) / 2, (y + below) / 2))
    missing = x + 2 * COLUMN - end
    if missing > 0:
        document, end = pushed(document, end, missing), end + missing
    return document, _free(document, ((x + end) / 2, (y + below) / 2))


def pushed(document: Document, from_: float, by: float) -> Document:
    """With everything at or behind an x moved to the right; a frame around that place grows."""
    items: dict[str, Any] = {**document.nodes, **document.notes, **document.frames}
    places = {i: (n.position[0] + by, n.position[1]) for i, n in items.items() if n.position[0] >= from_}
    document = edits.move(document, places)
    for frame in document.frames.values():
        if frame.id not in places and frame.position[0] + frame.size[0] > from_:
            document = edits.edit_frame(document, frame.id, size=(frame.size[0] + by, frame.size[1]))
    return document


def _free(document: Document, place: Point) -> Point:
    """That place, or the nearest below it where no node lies."""
    x, y = place
    near = sorted(n.position[1] for n in document.nodes.values() if abs(n.position[0] - x) < REACH[0])
    for other in near:
        if abs(other - y) < REACH[1]:
            y = other + REACH[1]
    return x, y


class Replaced(NamedTuple):
    """A document with another operation in the place of a node, and the wires for which it has no socket."""

    document: Document
    lost: tuple[Edge, ...]


def replace_all(document: Document, nodes: Iterable[str], op: str) -> Replaced:
    """The same for several nodes, by id. Those that are of that operation already stay as they are."""
    lost: list[Edge] = []
    name = get(op).__name__
    for node in nodes:
        if document.node(node).op != name:
            document, gone = replace(document, node, op)
            lost += gone
    return Replaced(document, tuple(dict.fromkeys(lost)))


def replace(document: Document, node_id: str, op: str) -> Replaced:
    """Puts another operation in the place of a node; id, name, place and flags stay.

    A data input takes the wire of the one at its position, else of one of its name; a learnable input, of one of its
    name; outputs likewise. What was set of params that both have is carried over where the new one takes it.

    Raises:
        UnknownNodeError, UnknownOpError.
        GraphError: one of the two is a port of a group, or the new one a group.
    """
    old, cls = document.node(node_id), get(op)
    if cls.role in (*USES, "port in", "port out"):
        raise GraphError(f"A node cannot become a {cls.__name__}.", hint="Group nodes, or add a port.")
    if old.is_known and old.make().role.startswith("port"):
        raise GraphError(f"{old.name} is a port of the group.", hint="Delete it, and add another node.")
    before = old.make() if old.is_known else None
    inputs = document.inputs_of(old.id)
    bare = document.with_(
        nodes={**document.nodes, old.id: dataclasses.replace(old, op=cls.__name__, params={})},
        edges={k: e for k, e in document.edges.items() if old.id not in (e.source, e.target)},
        **kept_of(document, lambda end: end.node != old.id or end.param in cls.params_of),
    )
    after = edits.set_params(bare, old.id, _carried(before, old, cls, len(inputs)))
    return rejoined(document, after, old.id)


def become_use(document: Document, node_id: str, params: Mapping[str, Any]) -> Replaced:
    """Puts a use of a group, with those params, in the place of an operation; wires go where `replace` has them go.

    GraphError: it is a port of a group.
    """
    old = document.node(node_id)
    if old.is_known and old.make().role.startswith("port"):
        raise GraphError(f"{old.name} is a port of the group.", hint="Delete it, and add another node.")
    use = dataclasses.replace(old, op=by_role("group").__name__, params=dict(sorted(params.items())))
    after = document.with_(
        nodes={**document.nodes, old.id: use},
        edges={k: e for k, e in document.edges.items() if old.id not in (e.source, e.target)},
        **kept_of(document, lambda end: end.node != old.id),
    )
    return rejoined(document, after, old.id)


def rejoined(document: Document, after: Document, node_id: str) -> Replaced:
    """With the wires that a node had in `document` led to what it is in `after`."""
    old, new = document.nodes[node_id], after.nodes[node_id].make()
    before = old.make() if old.is_known else None
    places = _inputs(before, new, list(document.inputs_of(node_id)))
    exits = _outputs(before, new, [edge.output for edge in document.consumers(node_id)])
    return _wired(document, after, node_id, places, exits)


def _wired(
    before: Document, after: Document, node: str, places: Mapping[str, str], exits: Mapping[str, str]
) -> Replaced:
    """With the wires of before, those at the node led to the sockets that `places` and `exits` say."""
    edges: dict[Key, Edge] = {}
    lost: list[Edge] = []
    for edge in before.edges.values():
        kept: Edge | None = edge
        if edge.target == node:
            kept = edge._replace(input=places[edge.input]) if edge.input in places else None
        elif edge.source == node:
            kept = edge._replace(output=exits[edge.output]) if edge.output in exits else None
        if kept is None:
            lost.append(edge)
        else:
            edges[kept.target, kept.input] = kept
    return Replaced(after.with_(edges=edges), tuple(lost))


def _carried(before: Op | None, old: Node, cls: type[Op], wires: int) -> dict[str, Any]:
    """What was set of the params that both have, as far as the new op takes it; as many sockets as there are wires."""
    params: dict[str, Any] = {}
    if cls.grows:
        params = _taken(cls, params, cls.grows, max(wires, cls.params_of[cls.grows].default))
    for name, value in old.params.items():
        param = cls.params_of.get(name)
        if param is None or not param.shown or name == cls.grows:
            continue
        if before is None or before.params_of[name].kind == param.kind:
            params = _taken(cls, params, name, value)
    if before is not None and before.role in USES and "batch_first" in cls.params_of:
        params = _taken(cls, params, "batch_first", True)  # as rows of data are, and parts take them
    return params


def _taken(cls: type[Op], params: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """With that param too, if the op then still can be."""
    more = {**params, name: value}
    try:
        make(cls.__name__, more)
    except ParamError:
        return params
    return more


def _inputs(before: Op | None, after: Op, wired: list[str]) -> dict[str, str]:
    """Where each wired input goes: data by position, the rest by name."""
    data = [s.name for s in after.sockets() if not s.learnable]
    known = [s.name for s in before.sockets() if not s.learnable] if before is not None else wired
    return _matched(known, data, [s.name for s in after.sockets()], wired)


def _outputs(before: Op | None, after: Op, used: list[str]) -> dict[str, str]:
    results = list(after.results())
    return _matched(list(before.results()) if before is not None else used, results, results, used)


def _matched(old: list[str], new: list[str], all_new: list[str], wanted: list[str]) -> dict[str, str]:
    """For each wanted name a new one: the one at the position that it has in `old`, else a free one of its own name."""
    places = {name: new[k] for k, name in enumerate(old) if name in wanted and k < len(new)}
    free = set(all_new) - set(places.values())
    return places | {name: name for name in wanted if name not in places and name in free}
