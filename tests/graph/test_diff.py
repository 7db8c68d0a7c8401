"""What differs between two documents."""

from __future__ import annotations

from graphlab.graph import Graph, diff
from tests.graph.test_graph import xor


def test_equal_documents_do_not_differ() -> None:
    g = xor()
    assert not diff(g.document, g.document).computes_differently
    assert diff(g.document, xor().document) == diff(g.document, g.document)


def test_each_kind_of_edit_is_told_apart() -> None:
    g = xor()
    before = g.document
    g.move({"out": (1, 2)})
    g.rename("tanh", "act")
    g.set("hidden", units=3)
    found = diff(before, g.document)
    assert found.moved == (g["out"].id,)
    assert found.renamed == (g["act"].id,)
    assert found.reworked == (g["hidden"].id,)
    assert set(found.changed) == {g["out"].id, g["act"].id, g["hidden"].id}


def test_looks_alone_do_not_ask_for_a_new_plan() -> None:
    g = xor()
    before = g.document
    g.move({"out": (1, 2)})
    g.add_note("hello")
    g.rename("tanh", "act")
    assert not diff(before, g.document).computes_differently
    g.move({"hidden": (5, 5)})
    g.set("hidden", units=3)
    assert diff(before, g.document).computes_differently


def test_added_and_removed_nodes_and_edges_are_listed() -> None:
    g = xor()
    before = g.document
    new = g.add("ReLU", "hidden")
    g.disconnect("out")
    found = diff(before, g.document)
    assert found.added == (new.id,)
    assert [edge.target for edge in found.added_edges] == [new.id]
    assert [edge.target for edge in found.removed_edges] == [g["out"].id]
    back = diff(g.document, before)
    assert back.removed == (new.id,)
    assert back.added_edges == found.removed_edges


def test_notes_and_training_are_compared() -> None:
    g = Graph()
    note = g.add_note("a")
    before = g.document
    g.edit_note(note.id, text="b")
    g.configure(lr=1.0)
    found = diff(before, g.document)
    assert found.changed_notes == (note.id,)
    assert found.training
