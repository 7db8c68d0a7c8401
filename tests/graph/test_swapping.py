"""Another cell in the place of one: what stays wired, what stays set, and what is lost."""

from __future__ import annotations

import pytest

from graphlab.engine import infer
from graphlab.errors import GraphError, UnknownNodeError
from graphlab.graph import Graph
from graphlab.graph.groups import settings_of
from graphlab.graph.swapping import swap_for_part


@pytest.fixture
def graph() -> Graph:
    """x (N×6×3) → LSTM of 9, its state h wired from outside → y and c_last are used."""
    g = Graph("swap")
    x, h = g.add("Input", name="x", shape=("N", 6, 3)), g.add("Input", name="h", shape=("N", 9))
    layer = g.add_layer("lstm-cell", x, h_prev=h, hidden=9, steps=6, outputs_as="last")
    g.add("Linear", layer, name="out", units=2)
    g.add("Linear", layer["c_last"], name="memory", units=2)
    return g


def wires(g: Graph) -> set[str]:
    names = {i: node.name for i, node in g.document.nodes.items()}
    return {f"{names[e.source]}.{e.output}→{names[e.target]}.{e.input}" for e in g.document.edges.values()}


def test_a_layer_is_one_node_of_the_cell_it_repeats(graph: Graph) -> None:
    layer = graph["LSTM"]
    assert layer.node.op == "Unroll"
    assert graph.document.definitions[layer.node.params["definition"]].name == "LSTM cell"
    found = infer(graph.document)
    assert not found.problems
    assert str(found.specs[layer.id, "y"]) == "N×9"
    assert graph.history[-3] == "Add layer of LSTM cell"


def test_what_has_a_place_stays_and_the_rest_is_told(graph: Graph) -> None:
    before = graph.document
    layer = graph["LSTM"]
    after, lost = swap_for_part(before, layer.id, "gru-cell")
    assert [edge.output for edge in lost] == ["c_last"]
    graph.replace(after, "Swap")
    node = layer.node
    assert node.name == "GRU"
    assert node.params["steps"] == 6
    assert node.params["outputs_as"] == "last"
    assert settings_of(graph.document, node) == {"hidden": 9}
    assert wires(graph) == {"x.y→GRU.x", "h.y→GRU.h_prev", "GRU.y→out.x"}
    assert [p.node for p in infer(graph.document).problems] == ["memory"]
    assert [d.name for d in graph.document.definitions.values()] == ["GRU cell"]
    graph.undo()
    assert graph.document == before


def test_there_and_back_is_one_undo_entry_each(graph: Graph) -> None:
    before = len(graph.history)
    graph.swap_cell("LSTM", "Elman cell")
    graph.swap_cell("Elman", "lstm-cell")
    assert graph.history[before:] == ["Replace by Elman cell", "Replace by LSTM cell"]
    assert graph["LSTM"].node.params["steps"] == 6


def test_a_name_that_a_person_gave_stays(graph: Graph) -> None:
    graph.rename("LSTM", "reader")
    graph.swap_cell("reader", "gru-cell")
    assert "reader" in graph


def test_a_plain_group_is_swapped_as_well() -> None:
    g = Graph()
    x, h = g.add("Input", name="x", shape=("N", 3)), g.add("Input", name="h", shape=("N", 4))
    g.add("Linear", g.add_part("elman-cell", x, h, hidden=4)["y"], name="out")
    g.swap_cell("Elman cell", "gru-cell")
    assert wires(g) == {"x.y→GRU cell.x", "h.y→GRU cell.h_prev", "GRU cell.y→out.x"}
    assert not infer(g.document).problems


def test_inside_a_layer_one_of_its_cells_is_swapped_and_sizes_still_go_together() -> None:
    g = Graph()
    layer = g.add_part("stacked-lstm", g.add("Input", name="x", shape=("N", 5, 3)), steps=5, hidden=7)
    inside = g.inside(layer)
    inside.swap_cell("layer 1", "gru-cell")
    assert g.history[-1] == "Replace by GRU cell"
    assert sorted(d.name for d in g.document.definitions.values()) == [
        "GRU cell",
        "LSTM cell",
        "Stacked LSTM",
    ]
    found = infer(g.document)
    assert not found.problems
    assert str(found.specs[layer.id, "y"]) == "N×5×7"
    g.undo()
    assert sorted(d.name for d in g.document.definitions.values()) == ["LSTM cell", "Stacked LSTM"]


def test_what_uses_no_group_is_refused(graph: Graph) -> None:
    with pytest.raises(GraphError, match="out uses no group"):
        graph.swap_cell("out", "gru-cell")
    with pytest.raises(UnknownNodeError, match="no part 'grru'"):
        graph.swap_cell("LSTM", "grru")
