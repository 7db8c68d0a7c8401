"""Another document put into this one as one group: its model, without what it was trained with.

What is fed becomes a socket: every Input, and every output of a data set that the model uses. Losses, what follows
them, and what only prepares their targets stay out: the group is what computes predictions. What is then used by
nobody becomes a result. A document that would be left with nothing comes whole.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import GraphError
from ..ops import by_role
from . import edits
from .document import Document, Edge, Node, Point
from .grouping import APART, adopt
from .groups import add_use, checked, ports, role, title_of
from .naming import free_name


def insert(
    document: Document, guest: Document, place: Point = (0.0, 0.0), name: str = ""
) -> tuple[Document, Node]:
    """With one more node, a group that holds the guest's model. GraphError when there is nothing to hold."""
    if not guest.nodes:
        raise GraphError(
            f"{name or guest.name} is empty, so there is nothing to insert.", hint="Open it instead."
        )
    model = with_ports(model_of(guest))
    if all(role(node) == "port in" for node in model.nodes.values()):
        raise GraphError(
            f"{name or guest.name} computes nothing: it holds no more than what is fed.",
            hint="Open it, and copy what you need.",
        )
    after, definition = adopt(document, model, title_of(name or guest.name))
    after, node = add_use(after, definition, place)
    return checked(after), node


def model_of(guest: Document) -> Document:
    """The guest without losses, what follows them, and what serves them alone, unless nothing would be left."""
    losses = [i for i, node in guest.nodes.items() if node.is_known and node.make().scalar_loss]
    gone = _downstream(guest, losses)
    predicted = {edge.source for i in losses for edge in _first_wires(guest, i)}
    for i in reversed(_in_order(guest)):
        targets = {edge.target for edge in guest.consumers(i)}
        if i not in gone and targets and targets <= gone and i not in predicted:
            gone.add(i)
    left = [i for i in guest.nodes if i not in gone and not _is_source(guest.nodes[i])]
    return edits.remove(guest, gone) if left else guest


def with_ports(guest: Document) -> Document:
    """With a port in the place of every value that is fed from outside; constants stay. Ports there are stay, too."""
    body = guest
    for node in [n for n in guest.nodes.values() if _is_source(n)]:
        used = list(dict.fromkeys(edge.output for edge in guest.consumers(node.id)))
        if node.make().brings:
            body = _opened(body, node, used)
        elif not ports(guest, "port in"):
            body = body.with_(nodes={**body.nodes, node.id: _port(node.id, node.name, node.position)})
    return body


def _opened(body: Document, node: Node, outputs: Iterable[str]) -> Document:
    """With ports in the place of a data set: one for each output that is used."""
    wires = body.consumers(node.id)
    body = edits.remove(body, [node.id])
    for k, output in enumerate(outputs):
        x, y = node.position
        name = free_name(body.ids_by_name, output)
        port = _port(f"n{body.next_id}", name, (x, y + k * APART))
        moved = {
            (e.target, e.input): Edge(port.id, port.make().results()[0], e.target, e.input)
            for e in wires
            if e.output == output
        }
        body = body.with_(
            nodes={**body.nodes, port.id: port}, edges={**body.edges, **moved}, next_id=body.next_id + 1
        )
    return body


def _port(id: str, name: str, place: Point) -> Node:
    return Node(id, by_role("port in").__name__, name, {}, place)


def _is_source(node: Node) -> bool:
    """Whether it is fed from outside."""
    return node.is_known and node.make().source


def _first_wires(guest: Document, loss: str) -> list[Edge]:
    """The wire into a loss that brings what was predicted: that of its first socket."""
    sockets = guest.nodes[loss].make().sockets()
    edge = guest.inputs_of(loss).get(sockets[0].name) if sockets else None
    return [edge] if edge is not None else []


def _downstream(guest: Document, starts: Iterable[str]) -> set[str]:
    found, todo = set(starts), list(starts)
    while todo:
        for edge in guest.consumers(todo.pop()):
            if edge.target not in found and role(guest.nodes[edge.target]) != "port out":
                found.add(edge.target)
                todo.append(edge.target)
    return found


def _in_order(guest: Document) -> list[str]:
    """The nodes, every one after all that it depends on."""
    order: dict[str, None] = {}
    left = {i: len({e.source for e in guest.inputs_of(i).values()}) for i in guest.nodes}
    todo = [i for i, count in left.items() if not count]
    while todo:
        here = todo.pop()
        order[here] = None
        for target in {edge.target for edge in guest.consumers(here)}:
            left[target] -= 1
            if not left[target]:
                todo.append(target)
    return list(order)
