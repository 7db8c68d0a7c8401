"""The flat DAG that everything else in the engine works on, in topological order."""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import filterfalse

from ..graph import Document, touched
from ..ops import Op

End = tuple[str, str]  # a flat node's key and one of its outputs or sockets
FEW = 8  # nodes; to look at more costs as much as to order all anew


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
    if len(before.nodes) < len(before.document.nodes):  # a cycle, which no edit makes, kept nodes out of it
        before = Flat()
    fresh = {key: _flat_node(document, key) for key in _stale(before.document, document)}
    fresh = {key: node for key, node in fresh.items() if before.nodes.get(key) != node}
    gone = [] if document.nodes is before.document.nodes else _lacking(before.nodes, document.nodes)
    nodes = {**before.nodes, **fresh} if fresh or gone else before.nodes
    for key in gone:
        del nodes[key]
    if not _is_in_order(nodes, fresh, before, document):
        nodes = {key: nodes[key] for key in _topological(document)}
    return Flat(document, nodes)


def _stale(old: Document, new: Document) -> list[str]:
    """The nodes that may be another flat node than they were: their own object or a wire into them is another.

    New ones come in the order of creation.
    """
    wires = (*touched(old.edges, new.edges), *touched(new.edges, old.edges))
    targets = (target for target, _ in wires if target in new.nodes)
    return list(dict.fromkeys((*touched(old.nodes, new.nodes), *targets)))


def _lacking(keys: Iterable[str], there: Container[str]) -> list[str]:
    return list(filterfalse(there.__contains__, keys))


def _is_in_order(
    nodes: Mapping[str, FlatNode], fresh: Mapping[str, FlatNode], before: Flat, document: Document
) -> bool:
    """Whether these nodes, those of before with the new ones at the end, are as Kahn's algorithm would order them.

    It would where every node follows what it depends on and could not have come earlier: between its sources and
    itself stand only nodes created before it. That holds for a node whose wires stayed, whatever else came or went, as
    long as nodes created later stand at the end; so only the others are looked at. False may also say: too many.
    """
    new = [key for key in fresh if key not in before.nodes]
    if document.nodes is not before.document.nodes:
        stayed = filter(document.nodes.__contains__, before.document.nodes)
        if [*stayed, *new] != list(document.nodes):
            return False
    rewired = [k for k in fresh if k not in before.nodes or before.nodes[k].inputs != fresh[k].inputs]
    if not rewired or len(rewired) > FEW:
        return not rewired
    order, rank = list(nodes), {key: k for k, key in enumerate(document.nodes)}
    place = {key: k for k, key in enumerate(order)}
    for key in rewired:
        here, sources = place[key], (place.get(end[0], len(order)) for end in nodes[key].inputs.values())
        latest = max(sources, default=-1)
        newest = max(map(rank.__getitem__, order[latest + 1 : here]), default=-1)
        if latest >= here or newest > rank[key]:
            return False
    return True


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
