"""The flat DAG that everything else in the engine works on, in topological order."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass

from ..graph import Document
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


def flatten(document: Document) -> dict[str, FlatNode]:
    """The document's nodes as a flat DAG: every node after all that it depends on.

    Among several orders the one that follows the order of creation is taken (Kahn's algorithm with a heap), so the
    same document always gives the same schedule.
    """
    rank = {node_id: k for k, node_id in enumerate(document.nodes)}
    names = list(document.nodes)
    waiting = {i: len({e.source for e in document.inputs_of(i).values()}) for i in document.nodes}
    ready = [rank[i] for i, count in waiting.items() if not count]
    flat: dict[str, FlatNode] = {}
    while ready:
        key = names[heapq.heappop(ready)]
        flat[key] = _flat_node(document, key)
        for target in dict.fromkeys(edge.target for edge in document.consumers(key)):
            waiting[target] -= 1
            if not waiting[target]:
                heapq.heappush(ready, rank[target])
    return flat


def _flat_node(document: Document, key: str) -> FlatNode:
    node = document.nodes[key]
    inputs = {socket: (edge.source, edge.output) for socket, edge in document.inputs_of(key).items()}
    return FlatNode(key, node.name, node.op, node.make() if node.is_known else None, inputs)
