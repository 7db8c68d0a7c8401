"""Edits made of several simple ones: insert into a wire, delete and rejoin, re-plug, cut. One undo entry each.

These change a `Graph` and know nothing of the screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...engine import Inference
from ...engine.trial import outcome
from ...graph import Document, Edge, Graph, Point, edits
from ...graph.groups import is_use, role, set_setting, settings_of
from ...graph.parts import as_wide
from ...ops import Op, Spec, by_role
from .. import offers
from ..offers import op_at
from .fitting import misfit, op_misfit, specs_at

Key = tuple[str, str]


def socket_for(op: Op, spec: Spec | None) -> str:
    """The data socket of an op through which a wire would be led, "" if the op has none that takes `spec`."""
    for socket in op.sockets():
        if socket.learnable:
            continue
        if spec is None or not op_misfit(op, {socket.name: spec}, socket.name):
            return socket.name
    return ""


def can_insert(document: Document, inference: Inference, wire: Key, op: Op) -> bool:
    """Whether an op fits between the two ends of a wire."""
    edge = document.edges.get(wire)
    if edge is None or not op.results():
        return False
    spec = inference.specs.get((edge.source, edge.output))
    socket = socket_for(op, spec)
    if not socket:
        return False
    result = _result(op, socket, spec)
    target = document.nodes[edge.target]
    if result is None or not target.is_known or (edge.target, edge.input) in _misfits(document, inference):
        return True
    return not _takes(document, inference, edge, result)


def _result(op: Op, socket: str, spec: Spec | None) -> Spec | None:
    """What the op makes of `spec`, None when more than that one input is needed to tell."""
    made = None if spec is None else outcome(op, {socket: spec})
    return made[0] if made else None


def _takes(document: Document, inference: Inference, edge: Edge, spec: Spec) -> str:
    """Why the target of `edge` would not take `spec` there."""
    specs = specs_at(document, inference, edge.target)
    op = op_at(document, document.nodes[edge.target])
    return op_misfit(op, {**specs, edge.input: spec}, edge.input)


def _misfits(document: Document, inference: Inference) -> set[Key]:
    return {(p.node_id, p.socket) for p in inference.problems}


def insert(graph: Graph, node: str, wire: Key, inference: Inference) -> None:
    """Leads a wire through a node: source → node → target."""
    edge = graph.document.edges[wire]
    made = op_at(graph.document, graph.document.nodes[node])
    socket = socket_for(made, inference.specs.get((edge.source, edge.output)))
    first = edits.connect(graph.document, Edge(edge.source, edge.output, node, socket))
    last = edits.connect(first, Edge(node, made.results()[0], edge.target, edge.input))
    graph.replace(last, "Insert")


def lead_through(graph: Graph, wire: Key, place: Point, inference: Inference) -> str:
    """Leads a wire through a new reroute point; its id."""
    with graph.edit("Add reroute point"):
        point = graph.add(by_role("wire").__name__, position=place)
        insert(graph, point.id, wire, inference)
    return point.id


def add_at(graph: Graph, op: str, place: Point, wire: Key | None, inference: Inference) -> str:
    """Adds a node of what an `offers` key stands for, and leads `wire` through it where that fits. Returns its id."""
    found = None if offers.is_group(op) else offers.resolve(graph.document, op)
    with graph.edit(f"Add {found.__name__ if found is not None else 'group'}"):
        handle = offers.add(graph, op, place)
        edge = graph.document.edges.get(wire) if wire is not None else None
        if edge is not None:
            fit(graph, handle.id, inference.specs.get((edge.source, edge.output)))
        if wire is not None and can_insert(
            graph.document, inference, wire, op_at(graph.document, handle.node)
        ):
            insert(graph, handle.id, wire, inference)
    return handle.id


def fit(graph: Graph, node: str, spec: Spec | None) -> None:
    """Sets of a new node what follows from what it is to be fed.

    What repeats something gets as many steps as the sequence has; a part that does not take it becomes as wide as it.
    """
    length = offers.steps_of(spec)
    found = graph.document.nodes[node]
    if length and role(found) == "unroll":
        graph.set(node, steps=length)
    elif length and "steps" in settings_of(graph.document, found):
        graph.replace(set_setting(graph.document, node, "steps", length), "Steps")
    if spec is not None and spec.ndim:
        graph.replace(_as_wide(graph.document, node, spec), "Width")


def fit_width(graph: Graph, node: str, inference: Inference) -> None:
    """Sets the width of a part after what its first wire brings."""
    edge = next(iter(graph.document.inputs_of(node).values()), None)
    spec = None if edge is None else inference.specs.get((edge.source, edge.output))
    if spec is not None and spec.ndim:
        graph.replace(_as_wide(graph.document, node, spec), "Width")


def _as_wide(document: Document, node: str, spec: Spec) -> Document:
    """With a part as wide as what it is to be fed, if it takes that then and did not before."""
    found = document.nodes[node]
    if not is_use(found) or socket_for(op_at(document, found), spec):
        return document
    changed = document
    for name, value in as_wide(settings_of(document, found), spec.shape[-1]).items():
        changed = set_setting(changed, node, name, value)
    return changed if socket_for(op_at(changed, changed.nodes[node]), spec) else document


def connect(graph: Graph, edges: Sequence[Edge], instead_of: Sequence[Edge] = ()) -> None:
    """Draws wires; `instead_of` are those of which they were made by dragging an end.

    What was plugged into their sockets before is unplugged. ConnectError, and nothing changed.
    """
    if tuple(edges) == tuple(instead_of):
        return
    document = _without(graph.document, [(old.target, old.input) for old in instead_of])
    for edge in edges:
        document = edits.connect(document, edge)
    moved = "Move wire" if len(instead_of) == 1 else "Move wires"
    graph.replace(document, moved if instead_of else "Connect")


def unplug(graph: Graph, wires: Iterable[Key]) -> None:
    """Removes wires."""
    graph.replace(_without(graph.document, wires), "Delete wire")


def delete(graph: Graph, items: Iterable[str], wires: Iterable[Key] = ()) -> None:
    """Removes nodes, notes, frames and wires."""
    items = list(items)
    graph.replace(edits.remove(_without(graph.document, wires), items), "Delete" if items else "Delete wire")


def _without(document: Document, wires: Iterable[Key]) -> Document:
    for target, socket in wires:
        if (target, socket) in document.edges:
            document = edits.disconnect(document, target, socket)
    return document


def delete_and_rejoin(graph: Graph, items: Iterable[str], inference: Inference) -> int:
    """Removes nodes; where what fed a removed chain fits what the chain fed, they are wired. Returns how many were."""
    document = graph.document
    gone = [i for i in items if document.has(i)]
    nodes = {i for i in gone if i in document.nodes}
    joints = []
    for edge in document.edges.values():
        source = (
            _before(document, edge.source, nodes)
            if edge.source in nodes and edge.target not in nodes
            else None
        )
        if source is not None:
            joint = Edge(source.source, source.output, edge.target, edge.input)
            if not misfit(document, inference, joint):
                joints.append(joint)
    after = edits.remove(document, gone)
    for joint in joints:
        after = edits.connect(after, joint)
    graph.replace(after, "Delete and rejoin")
    return len(joints)


def _before(document: Document, node: str, gone: set[str]) -> Edge | None:
    """The wire that enters a chain of nodes that go, followed by its data socket."""
    while True:
        found = document.nodes[node]
        wired = document.inputs_of(node)
        data = [s.name for s in found.make().sockets() if not s.learnable] if found.is_known else list(wired)
        edge = next((wired[name] for name in data if name in wired), None)
        if edge is None or edge.source not in gone:
            return edge
        node = edge.source
