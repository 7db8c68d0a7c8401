"""Ports of the group that one is in: what they are called, where they stand, and how a new one comes about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...graph import Document, Edge, Point
from ...graph.drawn.shapes import HEADER, PAD, PORT_HEIGHT, VALUE
from ...graph.grouping import SIDE
from ...graph.groups import ports, role, title_of
from ...graph.naming import free_name
from ...ops import Op, by_role
from .scene import SocketAt
from .surgery import connect

if TYPE_CHECKING:
    from ...graph import Graph

_GAP = 16.0
_MIDDLE = HEADER + PAD + VALUE / 2  # of the node that it serves
KINDS = ("port in", "port out")


def port_name(document: Document, op: type[Op], origin: SocketAt) -> str | None:
    """What a port at the end of a wire from `origin` is called: as what it serves; None for other operations."""
    if op.role not in KINDS:
        return None
    wish = origin.name
    if op.role == "port out" and wish in document.ids_by_name:
        wish = f"{document.nodes[origin.node].name} {origin.name}"
    return free_name(document.ids_by_name, title_of(wish))


def new_port(graph: Graph, kind: str, origin: SocketAt | None = None, instead_of: Edge | None = None) -> str:
    """Adds a port ("port in" or "port out"), wired to `origin` if there is one; returns its id. One undo entry.

    `instead_of`: the wire whose end was dragged, which goes.
    """
    op = by_role(kind)
    with graph.edit("Add group input" if kind == "port in" else "Add group output"):
        document = graph.document
        name = port_name(document, op, origin) if origin is not None else None
        added = graph.add(op.__name__, name=name, position=place_of_port(document, kind, origin))
        if origin is not None and origin.is_input:
            connect(graph, [Edge(added.id, added.node.make().results()[0], origin.node, origin.name)])
        elif origin is not None:
            edge = Edge(origin.node, origin.name, added.id, added.node.make().sockets()[0].name)
            connect(graph, [edge], [] if instead_of is None else [instead_of])
    return added.id


def place_of_port(document: Document, kind: str, origin: SocketAt | None) -> Point:
    """In the column of its kind, level with what it serves, where no other port lies."""
    others = ports(document, kind)
    body = [n.position[0] for n in document.nodes.values() if role(n) not in KINDS]
    if others:
        x = others[-1].position[0]
    elif kind == "port in":
        x = min(body, default=0.0) - SIDE
    else:
        x = max(body, default=0.0) + SIDE
    if origin is not None:
        y = document.nodes[origin.node].position[1] + _MIDDLE - PORT_HEIGHT / 2
    else:
        y = max((n.position[1] for n in others), default=-PORT_HEIGHT - _GAP) + PORT_HEIGHT + _GAP
    taken = [n.position[1] for n in others]
    while any(abs(y - t) < PORT_HEIGHT + _GAP / 2 for t in taken):
        y += PORT_HEIGHT + _GAP
    return x, y
