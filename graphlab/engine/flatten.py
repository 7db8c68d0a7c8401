"""The flat DAG that everything else in the engine works on, in topological order: groups expanded, detours left out.

A document without groups is flat already; after an edit only what the edit touched is looked at again.
"""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import filterfalse

from ..graph import Document, touched
from ..graph.document import Node
from ..graph.groups import role
from .expansion import Expansion
from .flat import End, FlatNode

__all__ = ["End", "Flat", "FlatNode", "flatten", "topological"]

FEW = 8  # nodes; to look at more costs as much as to order all anew


@dataclass(frozen=True)
class Flat:
    """A document as a flat DAG: `nodes` by key, every one after all that it depends on.

    `aliases` has the outputs of groups, ports, reroute points and muted nodes: the end whose value they hand on, None
    where nothing is plugged in. `is_plain`: there are none of these.
    """

    document: Document = field(default_factory=Document)
    nodes: dict[str, FlatNode] = field(default_factory=dict)
    aliases: dict[End, End | None] = field(default_factory=dict)
    is_plain: bool = True

    def consumers(self, key: str) -> set[str]:
        """The keys of the nodes that take a value of this one."""
        if self.is_plain:
            return {edge.target for edge in self.document.consumers(key)}
        return self._consumers.get(key, set())

    @cached_property
    def _consumers(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for key, node in self.nodes.items():
            for source, _ in node.inputs.values():
                found.setdefault(source, set()).add(key)
        return found


def flatten(document: Document, previous: Flat | None = None) -> Flat:
    """The document's nodes as a flat DAG.

    Among several orders the one that follows the order of creation is taken (Kahn's algorithm with a heap), so the
    same document always gives the same schedule; what is in a group counts as created with the group. What equals a
    node of `previous`, the flat DAG of an earlier version, is that very object.
    """
    before = previous or Flat()
    if not _is_plain(document, before):
        return _expanded(document, before)
    if not before.is_plain or len(before.nodes) < len(before.document.nodes):
        before = Flat()  # a cycle, which no edit makes, kept nodes out of it
    fresh = {key: _flat_node(document, key) for key in _stale(before.document, document)}
    fresh = {key: node for key, node in fresh.items() if before.nodes.get(key) != node}
    gone = [] if document.nodes is before.document.nodes else _lacking(before.nodes, document.nodes)
    nodes = {**before.nodes, **fresh} if fresh or gone else before.nodes
    for key in gone:
        del nodes[key]
    if not _is_in_order(nodes, fresh, before, document):
        nodes = {key: nodes[key] for key in topological(document)}
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


def topological(document: Document) -> list[str]:
    """The ids of the nodes of one sheet, each after all that feed it, as far as that leaves open in their order."""
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
    op = node.make() if node.is_known else None
    return FlatNode(key, node.name, node.op, op, inputs, frozen=node.frozen)


def _is_plain(document: Document, before: Flat) -> bool:
    """Whether every node computes, so that the document is flat as it is."""
    if document.definitions:
        return False
    if before.is_plain:
        return all(
            map(_computes, (document.nodes[i] for i in touched(before.document.nodes, document.nodes)))
        )
    return all(map(_computes, document.nodes.values()))


def _computes(node: Node) -> bool:
    return not node.muted and role(node) in ("", "port in", "port out", "placeholder")


def _expanded(document: Document, before: Flat) -> Flat:
    """The flat DAG of a document with groups or detours."""
    drawn = Expansion(document)
    aliases = {end: drawn.behind(end) for end in drawn.through}
    made = {key: drawn.node(key) for key in drawn.inputs}
    nodes = {key: same if (same := before.nodes.get(key)) == node else node for key, node in made.items()}
    return Flat(document, _sorted(nodes), aliases, is_plain=False)


def _sorted(nodes: dict[str, FlatNode]) -> dict[str, FlatNode]:
    rank = {key: k for k, key in enumerate(nodes)}
    names = list(nodes)
    waiting: dict[str, int] = {}
    consumers: dict[str, list[str]] = {}
    for key, node in nodes.items():
        sources = {source for source, _ in node.inputs.values()}
        waiting[key] = len(sources)
        for source in sources:
            consumers.setdefault(source, []).append(key)
    ready = [rank[key] for key, count in waiting.items() if not count]
    flat: dict[str, FlatNode] = {}
    while ready:
        key = names[heapq.heappop(ready)]
        flat[key] = nodes[key]
        for target in consumers.get(key, ()):
            waiting[target] -= 1
            if not waiting[target]:
                heapq.heappush(ready, rank[target])
    return flat
