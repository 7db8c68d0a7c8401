"""A node several times in a row, each copy taking what the one before it gives: as an edit of a document."""

from __future__ import annotations

import dataclasses

from ..errors import GraphError
from . import edits
from .connect import default_output
from .document import Document, Edge, Node
from .groups import checked, role
from .naming import free_name
from .rewire import COLUMN, pushed

MOST = 256  # copies


def in_row(document: Document, node_id: str, count: int) -> Document:
    """With `count` of a node in a row, 0: it is left out, and what feeds it passes through.

    Its first wired input is led through all; what else feeds it feeds each copy, and what it fed is fed by the last.
    Copies have names that are free, and parameters of their own.

    GraphError: it has nothing to pass on, what it gives is not what the next takes, or it is too often.
    """
    node = document.node(node_id)
    if not 0 <= count <= MOST:
        raise GraphError(f"{node.name} cannot stand {count:,} times in a row.", hint=f"{MOST} are the most.")
    if count == 1 and not node.muted:
        return document
    entry, output = passage(document, node)
    document = edits.set_flags(document, [node.id], muted=count == 0)
    if count < 2:
        return document
    leaving = document.consumers(node.id)
    document = pushed(document, node.position[0] + 1, (count - 1) * COLUMN)
    last = node.id
    for k in range(1, count):
        document, last = _behind(document, document.nodes[node.id], Edge(last, output, "", entry), k)
    led = [edge._replace(source=last) for edge in leaving]
    return checked(document.with_edges(led, drop=leaving))


def passage(document: Document, node: Node) -> tuple[str, str]:
    """The input that a node is led through in a row, and the output that goes on. GraphError: it has none."""
    wired = document.inputs_of(node.id)
    sockets = node.make().sockets() if node.is_known else ()
    entry = next((s.name for s in sockets if s.name in wired and not s.learnable), "")
    reason = _obstacle(document, node, entry)
    if reason:
        raise GraphError(
            f"{node.name} cannot stand in a row, or be left out: {reason}.",
            hint="Search this of a node that takes something and gives something like it.",
            node=node.name,
        )
    return entry, default_output(node)


def _obstacle(document: Document, node: Node, entry: str) -> str:
    if not node.is_known:
        return f"this program does not know the operation {node.op}"
    op = node.make()
    if role(node).startswith("port"):
        return "it is a port of its group"
    if op.scalar_loss or document.training.goal == node.id:
        return "it is what training makes small"
    if not op.results():
        return "it has no output"
    return "" if entry else "nothing is wired to it that it could pass on"


def _behind(document: Document, node: Node, lead: Edge, k: int) -> tuple[Document, str]:
    """With one more copy of a node, fed by `lead`, and by what else feeds the node."""
    name = free_name(document.ids_by_name, node.name)
    place = node.position[0] + k * COLUMN, node.position[1]
    copy = dataclasses.replace(node, id=f"n{document.next_id}", name=name, position=place)
    more = [
        edge._replace(target=copy.id) for s, edge in document.inputs_of(node.id).items() if s != lead.input
    ]
    document = document.with_nodes([copy], next_id=document.next_id + 1)
    return document.with_edges([lead._replace(target=copy.id), *more]), copy.id
