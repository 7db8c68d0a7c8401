"""Edits made of several simple ones: insert into a wire, delete and rejoin, re-plug, cut. One undo entry each.

These change a `Graph` and know nothing of the screen.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...engine.inference import Inference
from ...graph import Document, Edge, Graph, Point, edits
from ...ops import Op, Spec, by_role, get, known
from .. import offers
from ..offers import op_at
from .fitting import misfit, op_misfit

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
    if spec is None or any(s.must_be_wired and s.name != socket for s in op.sockets()):
        return None
    learnable = [s.name for s in op.sockets() if s.learnable]
    inputs: dict[str, Spec | None] = {
        s.name: spec if s.name == socket else None if s.learnable else Spec(()) for s in op.sockets()
    }
    if learnable:
        shapes = op.learnable(**{n: s for n, s in inputs.items() if n not in learnable})
        inputs |= {n: Spec(shape) for n, shape in shapes.items() if n in learnable}
    made = op.infer(**inputs)
    return made[0] if isinstance(made, tuple) else made


def _takes(document: Document, inference: Inference, edge: Edge, spec: Spec) -> str:
    """Why the target of `edge` would not take `spec` there."""
    specs = {
        name: found
        for name, wire in document.inputs_of(edge.target).items()
        if (found := inference.specs.get((wire.source, wire.output))) is not None
    }
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
    with graph.edit(f"Add {get(op).__name__ if known(op) else 'group'}"):
        handle = offers.add(graph, op, place)
        if wire is not None and can_insert(
            graph.document, inference, wire, op_at(graph.document, handle.node)
        ):
            insert(graph, handle.id, wire, inference)
    return handle.id


def connect(graph: Graph, edge: Edge, instead_of: Edge | None = None) -> None:
    """Draws a wire; `instead_of` is the one it was made of by dragging an end. ConnectError, and nothing changed."""
    if edge == instead_of:
        return
    document = graph.document
    if instead_of is not None:
        document = edits.disconnect(document, instead_of.target, instead_of.input)
    graph.replace(edits.connect(document, edge), "Connect" if instead_of is None else "Move wire")


def unplug(graph: Graph, wires: Iterable[Key]) -> None:
    """Removes wires."""
    graph.replace(_without(graph.document, wires), "Delete wire")


def delete(graph: Graph, items: Iterable[str], wires: Iterable[Key] = ()) -> None:
    """Removes nodes, notes and wires."""
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
    gone = [i for i in items if i in document.nodes or i in document.notes]
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
