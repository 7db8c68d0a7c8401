"""Groups put in the place of their uses, and whatever only hands a value on taken out of its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..graph import Document
from ..graph.document import Node
from ..graph.groups import definition_of, overridden, ports, role
from ..ops import Op
from .flat import End, FlatNode
from .unrolling import Unrolled, unrollable


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sheet stands in the whole: how keys and paths in it begin, and what its ports are given from outside."""

    key: str = ""
    path: str = ""
    owner: str = ""
    owner_path: str = ""
    frozen: bool = False
    given: Mapping[str, End] = field(default_factory=dict)


class Expansion:
    """Walks the document and, for each use, the groups in it.

    inputs: of each computing node what is wired to its sockets, as drawn. through: of each output that is none of
    theirs what it hands on, as drawn.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self.inputs: dict[str, dict[str, End]] = {}
        self.through: dict[End, End | None] = {}
        self._made: dict[str, FlatNode] = {}
        self._sheet(document, Place())

    def _sheet(self, sheet: Document, place: Place) -> None:
        for node in sheet.nodes.values():
            key = place.key + node.id
            wired = {s: (place.key + e.source, e.output) for s, e in sheet.inputs_of(node.id).items()}
            kind = role(node)
            if node.muted and node.is_known:
                self._pass_on(key, node.make(), wired)
            elif kind == "group" and (inner := definition_of(self._document, node)) is not None:
                self._group(overridden(inner, node), self._inside(place, key, node, inner, wired))
            elif kind == "unroll" and (inner := unrollable(self._document, node)) is not None:
                self._unrolled(node, overridden(inner, node), self._inside(place, key, node, inner, wired))
            elif kind == "port in" and place.key:
                self._hand_on(key, node.make(), place.given.get(node.name))
            elif kind == "wire":
                self._hand_on(key, node.make(), next(iter(wired.values()), None))
            elif kind != "port out" or not place.key:
                self._computes(key, node, place, wired)

    def _computes(self, key: str, node: Node, place: Place, wired: dict[str, End]) -> None:
        owner = place.owner + node.id if place.owner else ""
        path = place.path + node.name
        self.inputs[key] = wired
        self._made[key] = FlatNode(
            key,
            path,
            node.op,
            node.make() if node.is_known and role(node) != "group" else None,
            {},
            owner,
            place.owner_path + node.name if place.owner else "",
            node.frozen or place.frozen,
        )

    def _inside(self, place: Place, key: str, node: Node, inner: Document, wired: Mapping[str, End]) -> Place:
        owner, owner_path = place.owner, place.owner_path
        if owner:
            owner, owner_path = f"{owner}{node.id}/", f"{owner_path}{node.name}/"
        elif node.params.get("weights") == "shared":
            owner, owner_path = f"{node.params['definition']}:", f"{inner.name} (shared)/"
        elif role(node) == "unroll":
            owner, owner_path = f"{key}:", f"{place.path}{node.name}/"
        return Place(
            f"{key}/", f"{place.path}{node.name}/", owner, owner_path, place.frozen or node.frozen, wired
        )

    def _group(self, inner: Document, place: Place) -> None:
        self._sheet(inner, place)
        group = place.key[:-1]
        for port in ports(inner, "port out"):
            edge = next(iter(inner.inputs_of(port.id).values()), None)
            self.through[group, port.name] = None if edge is None else (place.key + edge.source, edge.output)

    def _unrolled(self, node: Node, inner: Document, place: Place) -> None:
        """Copies of a cell one after the other, and what stands around them; the node itself where that cannot be."""
        made = Unrolled(self._document, node, inner, place)
        for part in made.parts():
            if isinstance(part, FlatNode):
                self.inputs[part.key], self._made[part.key] = dict(part.inputs), part
            else:
                self._group(inner, part)
        self.through |= made.through

    def _pass_on(self, key: str, op: Op, wired: Mapping[str, End]) -> None:
        """A muted node: what feeds its first wired input comes out of it."""
        names = [socket.name for socket in op.sockets() if socket.name in wired]
        self._hand_on(key, op, wired[names[0]] if names else None)

    def _hand_on(self, key: str, op: Op, end: End | None) -> None:
        for output in op.results():
            self.through[key, output] = end

    def behind(self, end: End | None) -> End | None:
        """The end whose value this one has; None when nothing is plugged in on the way."""
        while end is not None and end in self.through:
            end = self.through[end]
        return end if end is not None and end[0] in self.inputs else None

    def node(self, key: str) -> FlatNode:
        found = self._made[key]
        wired = {socket: real for socket, end in self.inputs[key].items() if (real := self.behind(end))}
        return FlatNode(
            key,
            found.path,
            found.op_name,
            found.op,
            wired,
            found.owner,
            found.owner_path,
            found.frozen,
        )
