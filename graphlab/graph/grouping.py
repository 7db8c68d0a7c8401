"""Nodes made one group, and taken apart again; another document taken in as a group. From document to document.

What a group is stands in `groups`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import GraphError
from ..ops import by_role
from . import edits
from .document import Document, Edge, Node, Point
from .groups import (
    checked,
    definition_of,
    free_definition,
    own_settings,
    ports,
    role,
    sockets_of,
    title_of,
)
from .guests import relabelled, take_in
from .naming import free_name
from .promoting import kept_of
from .searched import followed

SIDE = 240.0  # how far ports stand from what they serve
APART = 72.0  # and from each other
LOWER = 30.0  # they are small: so much lower, their socket is level with that of what they serve


def group(document: Document, ids: Iterable[str], name: str = "group") -> tuple[Document, Node]:
    """Makes those nodes (with notes and frames among them) one node, whose sockets are the wires that were cut.

    Every value that enters has one port, every output that is used outside (or by nobody at all) another. Node ids
    inside stay what they were.

    Raises:
        UnknownNodeError: an id is no node. GraphError: nothing is chosen, or a path leaves the chosen nodes and comes
        back, so that the group would feed itself; the message names a node on it.
    """
    chosen = dict.fromkeys(ids)
    nodes = [document.node(i).id for i in chosen if i not in document.notes and i not in document.frames]
    if not nodes:
        raise GraphError("There is nothing to group.", hint="Select some nodes first.")
    _require_no_way_round(document, set(nodes))
    body, entering, leaving = _body(document, nodes, chosen)
    definition = free_definition(document)
    body = body.with_(name=title_of(name))
    params = {"definition": definition, **sockets_of(body)}
    node = Node(
        f"n{document.next_id}",
        by_role("group").__name__,
        free_name(_others(document, nodes), title_of(name)),
        {key: params[key] for key in sorted(params)},
        _middle(document, nodes),
    )
    gone = set(nodes) | {i for i in chosen if i in document.notes or i in document.frames}
    after = edits.remove(document, gone).with_(
        next_id=document.next_id + 1,
        definitions={**document.definitions, definition: body},
        sweep=document.sweep,
    )
    after = after.with_nodes([node])
    edges = dict(after.edges)
    for (source, output), port in entering.items():
        edges[node.id, port] = Edge(source, output, node.id, port)
    for edge in document.edges.values():
        if edge.source in gone and edge.target not in gone:
            port = leaving[edge.source, edge.output]
            edges[edge.target, edge.input] = Edge(node.id, port, edge.target, edge.input)
    return checked(followed(document, after.with_(edges=edges))), node


def _body(
    document: Document, nodes: list[str], chosen: Mapping[str, None]
) -> tuple[Document, dict[tuple[str, str], str], dict[tuple[str, str], str]]:
    """The chosen nodes as a sheet with ports; the port of each value that enters, and of each output that leaves."""
    inside = set(nodes)
    body = Document(
        nodes={i: document.nodes[i] for i in document.nodes if i in inside},
        edges={k: e for k, e in document.edges.items() if e.source in inside and e.target in inside},
        notes={i: note for i, note in document.notes.items() if i in chosen},
        frames={i: frame for i, frame in document.frames.items() if i in chosen},
        definitions=document.definitions,
        **kept_of(document, lambda end: end.node in inside),
        next_id=document.next_id,
    )
    entering: dict[tuple[str, str], str] = {}
    left, right = _sides(document, nodes)
    for edge in _by_height(document, document.edges.values()):
        if edge.target in inside and edge.source not in inside:
            end = (edge.source, edge.output)
            if end not in entering:
                body, entering[end] = _port(body, "port in", edge.input, _beside(document, edge.target, left))
            port = body.node(entering[end])
            body = body.with_edges([Edge(port.id, port.make().results()[0], edge.target, edge.input)])
    body, leaving = _with_exits(body, document, nodes, right)
    return body.with_(definitions={}), entering, leaving


def _with_exits(
    body: Document, document: Document, nodes: list[str], right: float
) -> tuple[Document, dict[tuple[str, str], str]]:
    """With a port, at x = `right`, for each output of `nodes` that is to leave; and which port each has."""
    leaving: dict[tuple[str, str], str] = {}
    ends = _outgoing(document, nodes)
    for end in ends:
        word = _word(document, end, len(ends) == 1)
        body, leaving[end] = _port(body, "port out", word, _beside(document, end[0], right))
        port = body.node(leaving[end])
        body = body.with_edges([Edge(*end, port.id, port.make().sockets()[0].name)])
    return body, leaving


def _outgoing(document: Document, nodes: list[str]) -> list[tuple[str, str]]:
    """The outputs that somebody outside uses, or nobody at all, from top to bottom."""
    inside = set(nodes)
    ends: dict[tuple[str, str], None] = {}
    for i in sorted(nodes, key=lambda i: (document.nodes[i].position[1], document.nodes[i].position[0])):
        node = document.nodes[i]
        consumers = document.consumers(i)
        outputs = node.make().results() if node.is_known else tuple({e.output for e in consumers})
        for k, output in enumerate(outputs):
            targets = [e.target for e in consumers if e.output == output]
            if any(t not in inside for t in targets) or (
                not consumers and not k and role(node) != "port out"
            ):
                ends[i, output] = None
    return list(ends)


def _word(document: Document, end: tuple[str, str], is_only: bool) -> str:
    """What an output is called outside: as it was, or, where a group has several, after the node that makes it."""
    return end[1] if is_only else f"{document.nodes[end[0]].name} {end[1]}"


def _port(body: Document, kind: str, wish: str, place: Point) -> tuple[Document, str]:
    """With one more port; its name."""
    name = free_name(body.ids_by_name, title_of(wish))
    taken = {node.position for node in body.nodes.values()}
    x, y = place
    while (x, y) in taken:
        y += APART
    node = Node(f"n{body.next_id}", by_role(kind).__name__, name, {}, (x, y))
    return body.with_nodes([node], next_id=body.next_id + 1), name


def ungroup(document: Document, node_id: str) -> tuple[Document, list[str]]:
    """Puts a group's content in the place of the node. Returns the ids of what was inside.

    Ids stay what they were inside where they are free; names that are taken get a number. GraphError when the node is
    no group.
    """
    node = document.node(node_id)
    inner = definition_of(document, node) if role(node) == "group" else None
    if inner is None:
        raise GraphError(f"{node.name} is no group.", hint="Select a group first.", node=node.name)
    after = document.with_(next_id=max(document.next_id, inner.next_id))
    shift = _shift(node, inner)
    after, ids = _unpacked(edits.remove(after, [node.id]), inner, shift, own_settings(inner, node))
    after = after.with_(edges={**after.edges, **_rejoined(document, node, inner, ids)})
    return checked(after), list(ids.values())


def _unpacked(
    document: Document, inner: Document, shift: Point, settings: Mapping[str, Mapping[str, Any]]
) -> tuple[Document, dict[str, str]]:
    """With copies of all that is inside but the ports; the new id of each."""
    inside = [i for i, n in inner.nodes.items() if role(n) not in ("port in", "port out")]
    ids, next_id = _fresh_ids(document, [*inside, *inner.notes, *inner.frames])
    nodes, names = dict(document.nodes), set(document.ids_by_name)
    for old in inside:
        node = inner.nodes[old]
        name = free_name(names, node.name)
        names.add(name)
        params = {**node.params, **settings.get(old, {})}
        place = _moved(node.position, shift)
        nodes[ids[old]] = dataclasses.replace(node, id=ids[old], name=name, params=params, position=place)
    notes = {
        ids[i]: dataclasses.replace(note, id=ids[i], position=_moved(note.position, shift))
        for i, note in inner.notes.items()
    }
    frames = {
        ids[i]: dataclasses.replace(frame, id=ids[i], position=_moved(frame.position, shift))
        for i, frame in inner.frames.items()
    }
    edges = dict(document.edges)
    for edge in inner.edges.values():
        if edge.source in ids and edge.target in ids:
            moved = edge._replace(source=ids[edge.source], target=ids[edge.target])
            edges[moved.target, moved.input] = moved
    after = document.with_(
        nodes=nodes,
        notes={**document.notes, **notes},
        frames={**document.frames, **frames},
        edges=edges,
        next_id=next_id,
    )
    return after, ids


def _fresh_ids(document: Document, wanted: Iterable[str]) -> tuple[dict[str, str], int]:
    """An id for each: its own where the number is free, else the next one. And the number that is next then."""
    taken = {i[1:] for i in (*document.nodes, *document.notes, *document.frames)}
    ids, next_id = {}, document.next_id
    for old in wanted:
        number = old[1:]
        if number in taken:
            number, next_id = str(next_id), next_id + 1
        taken.add(number)
        ids[old] = old[0] + number
    return ids, next_id


def _rejoined(
    document: Document, node: Node, inner: Document, ids: Mapping[str, str]
) -> dict[tuple[str, str], Edge]:
    """The wires that led through the ports of a group that is gone."""
    wired = document.inputs_of(node.id)
    edges: dict[tuple[str, str], Edge] = {}

    def source_of(edge: Edge) -> tuple[str, str] | None:
        """Where a wire inside comes from, seen from outside."""
        if edge.source in ids:
            return ids[edge.source], edge.output
        outer = wired.get(inner.nodes[edge.source].name)
        return None if outer is None else (outer.source, outer.output)

    for edge in inner.edges.values():
        if edge.target in ids and edge.source not in ids and (end := source_of(edge)) is not None:
            target = ids[edge.target]
            edges[target, edge.input] = Edge(*end, target, edge.input)
    given = {inner.nodes[e.target].name: e for e in inner.edges.values() if e.target not in ids}
    for edge in document.consumers(node.id):
        if edge.output in given and (end := source_of(given[edge.output])) is not None:
            edges[edge.target, edge.input] = Edge(*end, edge.target, edge.input)
    return edges


def adopt(document: Document, guest: Document, name: str = "") -> tuple[Document, str]:
    """Takes another document in as a group; returns the definition's id. Its Inputs become ports, so do its ends.

    Data sets and constants stay inside. Groups that it brings along come in by `guests.take_in`.
    """
    document, moved = take_in(document, guest.definitions)
    body = _with_ports(relabelled(guest, moved).with_(definitions=document.definitions))
    definition = free_definition(document)
    body = body.with_(
        name=title_of(name or guest.name),
        definitions={},
        training=Document().training,
        sweep=Document().sweep,
        bookmarks=(),
    )
    return document.with_(definitions={**document.definitions, definition: body}), definition


def _is_fed_alone(node: Node) -> bool:
    """Whether it is an input with one value, as opposed to a data set."""
    return node.is_known and node.make().source and len(node.make().results()) == 1


def _with_ports(guest: Document) -> Document:
    """Inputs become ports of the same name; outputs that nobody uses get one."""
    body = guest
    if not ports(guest, "port in"):
        inputs = [n for n in guest.nodes.values() if _is_fed_alone(n)]
        kind = by_role("port in").__name__
        body = body.with_nodes([Node(n.id, kind, n.name, {}, n.position) for n in inputs])
    if not ports(guest, "port out"):
        computing = [i for i, n in body.nodes.items() if role(n) != "port in"]
        _, right = _sides(guest, list(guest.nodes)) if guest.nodes else (0.0, 0.0)
        body, _ = _with_exits(body, body, computing, right)
    return body


# Places and names


def _require_no_way_round(document: Document, inside: set[str]) -> None:
    """GraphError when a path leaves the nodes and comes back: as one node they would feed themselves."""
    first = {
        e.target: e.target for e in document.edges.values() if e.source in inside and e.target not in inside
    }
    todo = list(first)
    while todo:
        here = todo.pop()
        for edge in document.consumers(here):
            if edge.target in inside:
                name = document.nodes[first[here]].name
                raise GraphError(
                    f"These nodes cannot be one: a path leaves them for {name} and comes back.",
                    hint=f"Select {name} too.",
                    node=name,
                )
            if edge.target not in first:
                first[edge.target] = first[here]
                todo.append(edge.target)


def _others(document: Document, nodes: Iterable[str]) -> set[str]:
    gone = set(nodes)
    return {name for name, i in document.ids_by_name.items() if i not in gone}


def _sides(document: Document, nodes: list[str]) -> tuple[float, float]:
    places = [document.nodes[i].position[0] for i in nodes]
    return min(places) - SIDE, max(places) + SIDE


def _beside(document: Document, node: str, x: float) -> Point:
    return x, document.nodes[node].position[1] + LOWER


def _middle(document: Document, nodes: list[str]) -> Point:
    places = [document.nodes[i].position for i in nodes]
    return (
        round((min(x for x, _ in places) + max(x for x, _ in places)) / 2, 3),
        round((min(y for _, y in places) + max(y for _, y in places)) / 2, 3),
    )


def _shift(node: Node, inner: Document) -> Point:
    """How far what is inside moves, so that its middle stands where the group stood."""
    inside = [i for i, n in inner.nodes.items() if role(n) not in ("port in", "port out")]
    if not inside:
        return 0.0, 0.0
    x, y = _middle(inner, inside)
    return node.position[0] - x, node.position[1] - y


def _moved(place: Point, shift: Point) -> Point:
    return round(place[0] + shift[0], 3) + 0.0, round(place[1] + shift[1], 3) + 0.0


def _by_height(document: Document, edges: Iterable[Edge]) -> list[Edge]:
    """Edges by the height of the node that they enter, then by its sockets."""

    def place(edge: Edge) -> tuple[float, float, int]:
        node = document.nodes[edge.target]
        names = [s.name for s in node.make().sockets()] if node.is_known else []
        rank = names.index(edge.input) if edge.input in names else 0
        return (node.position[1], node.position[0], rank)

    return sorted(edges, key=place)
