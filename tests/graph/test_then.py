"""A document as it was at an earlier step, without taking back what does not matter to training."""

from graphlab.graph import Graph
from graphlab.graph.then import as_then


def small() -> Graph:
    g = Graph("small")
    x = g.add("Input", name="x", shape=("N", 2))
    g.add("Tanh", g.add("Linear", x, name="hidden", units=3), name="act")
    return g


def test_only_the_settings_return_where_the_graph_is_the_same() -> None:
    g = small()
    then = g.document
    g.configure(lr=0.5)
    g.move({"hidden": (700.0, 80.0)})
    g.rename("act", "squash")
    g.add_note("mind this")
    found = as_then(g.document, then)
    assert found.training == then.training
    assert (found.nodes, found.notes) == (g.document.nodes, g.document.notes)


def test_another_graph_returns_and_stands_where_its_nodes_stand_now() -> None:
    g = small()
    then = g.document
    g.set("hidden", units=9)
    g.add("Sigmoid", name="new")
    g.move({"hidden": (700.0, 80.0)})
    note = g.add_note("mind this")
    found = as_then(g.document, then)
    assert found.node("hidden").params["units"] == 3
    assert found.node("hidden").position == (700.0, 80.0)
    assert "new" not in found.ids_by_name
    assert note.id in found.notes
    assert found.next_id >= g.document.next_id
