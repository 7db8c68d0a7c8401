"""The flat DAG that everything else in the engine works on, in topological order."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..graph import Document, touched
from ..ops import Op

End = tuple[str, str]  # a flat node's key and one of its outputs or sockets


@dataclass(frozen=True, slots=True)
class FlatNode:
    """One operation of the flat DAG.

    key: stable, the document's id (for nodes inside groups, ids joined by "/"). path: the readable name for people.
    op: None when this program does not know it. inputs: what is wired to each socket.
    """

    key: str
    path: str
    op_name: str
    op: Op | None
    inputs: Mapping[str, End]


@dataclass(frozen=True)
class Flat:
    """A document as a flat DAG: `nodes` by key, every one after all that it depends on."""

    document: Document = field(default_factory=Document)
    nodes: dict[str, FlatNode] = field(default_factory=dict)

    def consumers(self, key: str) -> set[str]:
        """The keys of the nodes that take a value of this one."""
        return {edge.target for edge in self.document.consumers(key)}


def flatten(document: Document, previous: Flat | None = None) -> Flat:
    """The document's nodes as a flat DAG.

    Among several orders the one that follows the order of creation is taken (Kahn's algorithm with a heap), so the
    same document always gives the same schedule. What equals a node of `previous`, the flat DAG of an earlier version,
    is that very object.
    """
    before = previous or Flat()
    fresh = {key: _flat_node(document, key) for key in _stale(before.document, document)}
    fresh = {key: node for key, node in fresh.items() if before.nodes.get(key) != node}
    if not _orders_alike(before.document, document):
        nodes = before.nodes | fresh
        return Flat(document, {key: nodes[key] for key in _topological(document)})
    return Flat(document, before.nodes | fresh if fresh else before.nodes)


def _stale(old: Document, new: Document) -> set[str]:
    """The nodes that may be another flat node than they were: their own object or a wire into them is another."""
    wires = (*touched(old.edges, new.edges), *touched(new.edges, old.edges))
    return {*touched(old.nodes, new.nodes), *(target for target, _ in wires if target in new.nodes)}


def _orders_alike(old: Document, new: Document) -> bool:
    same_wires = old.edges is new.edges or old.edges == new.edges
    return same_wires and (old.nodes is new.nodes or list(old.nodes) == list(new.nodes))


def _topological(document: Document) -> list[str]:
    names = list(document.nodes)
    rank = {key: place for place, key in enumerate(names)}
    waiting = [len(document.inputs_of(key)) for key in names]
    ready = [place for place, count in enumerate(waiting) if not count]
    order: list[str] = []
    while ready:
        key = names[heapq.heappop(ready)]
        order.append(key)
        for edge in document.consumers(key):
            place = rank[edge.target]
            waiting[place] -= 1
            if not waiting[place]:
                heapq.heappush(ready, place)
    return order


def _flat_node(document: Document, key: str) -> FlatNode:
    node = document.nodes[key]
    inputs = {socket: (edge.source, edge.output) for socket, edge in document.inputs_of(key).items()}
    return FlatNode(key, node.name, node.op, node.make() if node.is_known else None, inputs)
