"""What a document finds by itself stays right through every edit."""

from __future__ import annotations

import pytest

from graphlab.graph import Document, Edge, Graph, diff, touched
from tests.graph.random_edits import Editor
from tests.graph.test_graph import xor


def afresh(document: Document) -> Document:
    """An equal document that has yet to find everything by itself."""
    names = ("name", "nodes", "edges", "notes", "training", "next_id")
    return Document(**{name: getattr(document, name) for name in names})


@pytest.mark.parametrize("seed", range(25))
def test_names_and_wires_are_found_as_in_a_document_made_afresh(seed: int) -> None:
    editor = Editor(seed)
    for _ in range(60):
        kind = editor.step()
        found, expected = editor.document, afresh(editor.document)
        assert found.ids_by_name == expected.ids_by_name, kind
        for node in found.nodes:
            assert list(found.inputs_of(node).items()) == list(expected.inputs_of(node).items()), kind
            assert found.consumers(node) == expected.consumers(node), kind
        assert found._incoming.keys() == expected._incoming.keys(), kind
        assert found._outgoing.keys() == expected._outgoing.keys(), kind


@pytest.mark.parametrize("seed", range(10))
def test_a_diff_leads_from_one_document_to_the_other(seed: int) -> None:
    editor = Editor(seed)
    for _ in range(60):
        old = editor.document
        kind = editor.step()
        new, change = editor.document, diff(old, editor.document)
        assert set(change.added) == new.nodes.keys() - old.nodes.keys(), kind
        assert set(change.removed) == old.nodes.keys() - new.nodes.keys(), kind
        both = [i for i in new.nodes if i in old.nodes]
        assert change.changed == tuple(i for i in both if old.nodes[i] != new.nodes[i]), kind
        was, now = set(old.edges.values()), set(new.edges.values())
        assert change.added_edges == tuple(e for e in new.edges.values() if e not in was), kind
        assert change.removed_edges == tuple(e for e in old.edges.values() if e not in now), kind


def test_an_edit_shares_what_it_leaves_alone() -> None:
    g = xor()
    before = g.document
    assert before.consumers(g["x"].id)
    assert before.inputs_of(g["out"].id)
    g.move({"x": (5.0, 5.0)})
    moved = g.document
    assert moved.edges is before.edges
    assert moved.ids_by_name is before.ids_by_name
    assert moved.inputs_of(g["out"].id) is before.inputs_of(g["out"].id)
    g.disconnect("loss.target")
    assert g.document.inputs_of(g["out"].id) is before.inputs_of(g["out"].id)


def test_what_was_found_of_other_wires_and_nodes_is_forgotten() -> None:
    document = xor().document
    x = document.ids_by_name["x"]
    assert document.consumers(x)
    bare = document.with_(edges={})
    assert bare.consumers(x) == ()
    assert bare.inputs_of(document.ids_by_name["out"]) == {}
    assert document.with_(nodes={x: document.nodes[x]}).ids_by_name == {"x": x}


def test_two_nodes_may_exchange_their_names_in_one_edit() -> None:
    g = xor()
    ids = g.document.ids_by_name
    with g.edit("swap"):
        g.rename("hidden", "spare")
        g.rename("out", "hidden")
        g.rename("spare", "out")
    assert g.document.ids_by_name == ids | {"hidden": ids["out"], "out": ids["hidden"]}


def test_a_wire_takes_the_place_of_another_as_the_newest() -> None:
    g = Graph()
    a, b, tanh = g.add("Input", name="a"), g.add("Input", name="b"), g.add("Tanh", name="tanh")
    g.connect(a, tanh)
    g.add("Neg", a, name="neg")
    assert [e.target for e in g.document.consumers(a.id)] == [tanh.id, g["neg"].id]
    g.connect(b, tanh)
    g.connect(a, tanh)
    assert [e.target for e in g.document.consumers(a.id)] == [g["neg"].id, tanh.id]
    assert g.document.consumers(b.id) == ()


def test_only_what_is_another_object_is_touched() -> None:
    one, same = Edge("a", "y", "b", "x"), Edge("a", "y", "b", "x")
    old = {1: one, 2: one, 3: one}
    assert touched(old, old) == []
    assert touched(old, {4: one, 3: same, 1: one}) == [4, 3]
