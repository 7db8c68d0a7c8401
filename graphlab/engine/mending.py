"""Edits that mend a fault, as values: an operation put into a wire, params set, an operation exchanged for its like.

Nodes are named as the engine does, with the groups that lead to them; an edit inside a group is one of its definition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from ..errors import UnknownNodeError
from ..graph import Document, copies, edits, rewire
from ..graph.document import Node
from ..graph.groups import ports, put, role, sheet
from .flatten import FlatNode

Settings = tuple[tuple[str, Any], ...]
Path = tuple[str, ...]  # the ids of the group nodes that lead to a sheet; () for the document itself


class Place(NamedTuple):
    """A node or, with `socket`, the wire into it."""

    path: Path
    node: str
    socket: str = ""


@dataclass(frozen=True, slots=True)
class Insert:
    """Leads a wire through a new node, through its input `entry`."""

    wire: Place
    op: str
    params: Settings
    entry: str

    def apply(self, document: Document) -> Document:
        """GraphError when the wire is gone."""
        key = self.wire.node, self.wire.socket

        def edit(there: Document) -> Document:
            return rewire.insert(there, key, self.op, dict(self.params), self.entry)[0]

        return _within(document, self.wire.path, edit)


@dataclass(frozen=True, slots=True)
class Change:
    """Sets params of a node."""

    at: Place
    params: Settings

    def apply(self, document: Document) -> Document:
        """GraphError when the node is gone or does not take them."""

        def edit(there: Document) -> Document:
            return edits.set_params(there, there.node(self.at.node).id, dict(self.params))

        return _within(document, self.at.path, edit)


@dataclass(frozen=True, slots=True)
class Replace:
    """Puts another operation in the place of a node, with its wires."""

    at: Place
    op: str

    def apply(self, document: Document) -> Document:
        """GraphError when the node is gone."""

        def edit(there: Document) -> Document:
            return rewire.replace(there, self.at.node, self.op).document

        return _within(document, self.at.path, edit)


@dataclass(frozen=True, slots=True)
class Bypass:
    """Mutes a node: what feeds it passes through."""

    at: Place

    def apply(self, document: Document) -> Document:
        """GraphError when the node is gone."""
        return _within(
            document, self.at.path, lambda there: edits.set_flags(there, [self.at.node], muted=True)
        )


@dataclass(frozen=True, slots=True)
class Remove:
    """Deletes nodes, each on its sheet."""

    at: tuple[Place, ...]

    def apply(self, document: Document) -> Document:
        """UnknownNodeError when one is gone."""
        for path in dict.fromkeys(place.path for place in self.at):
            ids = [place.node for place in self.at if place.path == path]
            document = _within(document, path, partial(edits.remove, ids=ids))
        return document


@dataclass(frozen=True, slots=True)
class Configure:
    """Changes settings of the training."""

    settings: Settings

    def apply(self, document: Document) -> Document:
        """SettingsError."""
        return edits.configure(document, **dict(self.settings))


@dataclass(frozen=True, slots=True)
class Fix:
    """One edit that mends a fault. label: what it does, "Insert Flatten". detail: the shape it leads to, "N×64"."""

    label: str
    detail: str
    steps: tuple[Insert | Change | Replace | Bypass | Remove | Configure, ...]

    def __str__(self) -> str:
        return f"{self.label} → {self.detail}" if self.detail else self.label

    def apply(self, document: Document) -> Document:
        """The whole document with it done. GraphError when what it is about is no longer there."""
        for step in self.steps:
            document = step.apply(document)
        return document


def _within(document: Document, path: Path, edit: Callable[[Document], Document]) -> Document:
    definition = _definition(document, path)
    return put(document, definition, edit(sheet(document, definition)))


def _definition(document: Document, path: Path) -> str:
    """The id of the group that the path leads into, "" for the document itself."""
    here = ""
    for step in path:
        here = str(sheet(document, here).node(step).params.get("definition", ""))
    return here


def place_of(node: FlatNode) -> Place:
    """Where a flat node stands."""
    path, name = copies.place_of(node.key)
    return Place(copies.bare(path), name)


def node_at(document: Document, place: Place) -> Node | None:
    """The node there, None for one that the engine made up (a parameter that uses of a group share)."""
    try:
        return sheet(document, _definition(document, place.path)).nodes.get(place.node)
    except UnknownNodeError:
        return None


def carriers(document: Document, place: Place) -> list[Place]:
    """The wires that carry the value at a socket, from the one that is plugged in there back to what computes it.

    There are several where it comes through a reroute point, a muted node or the socket of a group.
    """
    found: list[Place] = []
    at: Place | None = place
    while at is not None:
        there = sheet(document, _definition(document, at.path))
        edge = there.inputs_of(at.node).get(at.socket)
        if edge is None:
            break
        found.append(at)
        at = _behind(document, there, at.path, edge.source, edge.output)
    return found


def _behind(document: Document, there: Document, path: Path, source: str, output: str) -> Place | None:
    """The socket whose value an output hands on; None when it is computed there."""
    node, kind = there.nodes[source], role(there.nodes[source])
    wired = there.inputs_of(source)
    if node.muted or kind == "wire":
        first = next((s.name for s in node.make().sockets() if s.name in wired), None)
        return None if first is None else Place(path, source, first)
    if kind == "port in" and path:
        return Place(path[:-1], path[-1], node.name)
    if kind == "group":
        inside = sheet(document, str(node.params.get("definition", "")))
        port = next((p for p in ports(inside, "port out") if p.name == output), None)
        socket = None if port is None else next(iter(inside.inputs_of(port.id)), None)
        return None if port is None or socket is None else Place((*path, source), port.id, socket)
    return None
