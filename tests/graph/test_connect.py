"""May this wire be drawn? What closes a cycle is refused, and nothing else is refused for it."""

from __future__ import annotations

import itertools

import networkx as nx
import pytest

from graphlab.errors import CycleError
from graphlab.graph import Document, Edge
from graphlab.graph.connect import check_connect, find_path
from tests.graph.random_edits import Editor


def worked_on(seed: int) -> Document:
    """The one with most wires among sixty versions."""
    editor = Editor(seed, nodes=14)
    versions = [editor.document]
    for _ in range(60):
        editor.step()
        versions.append(editor.document)
    return max(versions, key=lambda document: len(document.edges))


def possible_wires(document: Document) -> list[Edge]:
    """One from every node to every node, whether or not it closes a cycle."""
    known = [node for node in document.nodes.values() if node.is_known]
    return [
        Edge(a.id, a.make().results()[0], b.id, b.make().sockets()[0].name)
        for a, b in itertools.product(known, known)
        if b.make().sockets()
    ]


@pytest.mark.parametrize("seed", range(6))
def test_a_wire_is_refused_exactly_where_it_closes_a_cycle(seed: int) -> None:
    document = worked_on(seed)
    oracle = nx.DiGraph((edge.source, edge.target) for edge in document.edges.values())
    oracle.add_nodes_from(document.nodes)
    wires = possible_wires(document)
    closing = [wire for wire in wires if nx.has_path(oracle, wire.target, wire.source)]
    assert 0 < len(closing) < len(wires)
    for wire in wires:
        if wire not in closing:
            check_connect(document, wire)
    for wire in closing:
        with pytest.raises(CycleError) as caught:
            check_connect(document, wire)
        path = [document.ids_by_name[name] for name in caught.value.path]
        assert (path[0], path[-1]) == (wire.target, wire.source)
        assert len(path) == nx.shortest_path_length(oracle, wire.target, wire.source) + 1
        assert all(oracle.has_edge(*step) for step in itertools.pairwise(path))


def test_no_path_is_an_empty_one() -> None:
    document = worked_on(3)
    end = next(i for i in document.nodes if not document.consumers(i))
    other = next(i for i in document.nodes if i != end)
    assert find_path(document, end, other) == []
    assert find_path(document, end, end) == [end]
