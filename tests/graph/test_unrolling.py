"""Unroll nodes in the document: made of groups, kept in step with their cell, saved, undone, sent to the engine."""

from __future__ import annotations

import pytest

from graphlab.errors import GraphError, ParamError
from graphlab.graph import Graph, groups, patch
from graphlab.graph.codec import from_bytes, to_bytes
from graphlab.ops.unroll import carried_by_name
from tests.engine.cells import elman, lstm, unrolled


def test_names_tell_which_output_becomes_which_input() -> None:
    assert carried_by_name(["x", "h_prev", "c_prev"], ["c", "y", "h"]) == (("h", "h_prev"), ("c", "c_prev"))
    assert carried_by_name(["prev_h", "x"], ["h"]) == (("h", "prev_h"),)
    assert carried_by_name(["h_in", "s"], ["h_out", "s_next"]) == (("h_out", "h_in"), ("s_next", "s"))
    assert carried_by_name(["x", "y"], ["z"]) == ()


def test_sockets_are_sequences_then_states_and_outputs_then_how_they_end() -> None:
    node = unrolled(lstm())["rnn"].node
    assert [s.name for s in node.make().sockets()] == ["x", "h_prev", "c_prev", "lengths"]
    assert node.make().results() == ("h", "c", "h_last", "c_last")
    assert node.params["takes"] == ("x", "h_prev", "c_prev")


def test_a_group_becomes_an_unroll_in_place_and_folds_back() -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 5, 3))
    h0 = g.add("Input", name="h0", shape=("N", 4))
    seen, kept = g.add("Linear", x, name="ih", units=4), g.add("Linear", h0, name="hh", units=4)
    total = g.add("Add", seen, kept)
    act = g.add("Tanh", total, name="act")
    g.add("Mean", act, name="loss")
    group = g.group(seen, kept, total, act, name="cell")
    inside = g.inside(group)
    inside.rename("x2", "h_prev")
    inside.rename("y", "h")
    before = g.document
    same = g.unroll(group, steps=5)
    wires = {(e.source, e.target, e.output, e.input) for e in g.document.edges.values()}
    assert {(x.id, same.id, "y", "x"), (h0.id, same.id, "y", "h_prev")} < wires
    assert len(wires) == 3
    assert same.id == group.id
    assert same.node.op == "Unroll"
    assert same.node.params["steps"] == 5
    assert g.undo()
    assert g.document == before
    assert g.redo()
    g.fold(same)
    assert g.document.node("cell").op == "Group"


def test_a_new_name_of_a_port_is_followed_by_wires_and_params() -> None:
    g = unrolled(elman(), carried=(("h", "h_prev"),), each_as=(("h", "all"),))
    g.add("Tanh", g["rnn"]["h_last"], name="end")
    inside = g.inside("rnn")
    inside.rename("h", "state")
    inside.rename("x", "seen")
    node = g["rnn"].node
    assert node.params["carried"] == (("state", "h_prev"),)
    assert node.params["each_as"] == (("state", "all"),)
    wires = {(e.output, e.input) for e in g.document.edges.values()}
    assert wires == {("y", "seen"), ("state", "x"), ("state_last", "x"), ("y", "x")}


def test_wires_go_with_the_port_that_they_were_plugged_into() -> None:
    g = unrolled(lstm())
    g.add("Tanh", g["rnn"]["c_last"], name="end")
    g.inside("rnn").remove("c")
    assert g["rnn"].node.make().results() == ("h", "h_last")
    assert not g.document.inputs_of(g["end"].id)


def test_it_survives_file_and_patch() -> None:
    g = unrolled(elman(), steps=7, begin="learnable")
    again = from_bytes(to_bytes(g.document))
    assert again == g.document
    before = g.document
    g.set("rnn", steps=9)
    g.inside("rnn").set("ih", units=4)
    assert patch.apply(before, patch.to_bytes(before, g.document)) == g.document


def test_another_cell_in_its_place_keeps_the_wires_of_like_name() -> None:
    g = unrolled(lstm())
    g.add("Tanh", g["rnn"]["h_last"], name="end")
    g.add("Tanh", g["rnn"]["c_last"], name="gone")
    other = g.unroll(elman(), name="other", steps=5).node.params["definition"]
    entries = len(g.history)
    g.set_cell("rnn", str(other))
    assert len(g.history) == entries + 1
    assert g["rnn"].node.params["takes"] == ("x", "h_prev")
    assert g.document.inputs_of(g["end"].id)
    assert not g.document.inputs_of(g["gone"].id)
    g.undo()
    assert g["rnn"].node.params["takes"] == ("x", "h_prev", "c_prev")


def test_copies_count_and_a_cell_cannot_contain_itself() -> None:
    g = unrolled(elman(), steps=5)
    assert groups.flat_count(g.document) == 3 + 5 * len(g.inside("rnn"))
    with pytest.raises(GraphError, match="cannot contain itself"):
        g.inside("rnn").unroll("g1")
    with pytest.raises(GraphError, match="200,000 are the most"):
        unrolled(big(), steps=10_000)
    deep = unrolled(big(), steps=5)
    with pytest.raises(GraphError, match="200,000 are the most"):
        deep.set("rnn", steps=10_000)
    with pytest.raises(ParamError, match=r"steps cannot be 0\. It takes a whole number from 1"):
        g.set("rnn", steps=0)


def big() -> Graph:
    cell = elman()
    end = cell["act"]
    for _ in range(20):
        end = cell.add("Tanh", end)
    return cell


def test_a_ready_made_cell_is_unrolled_by_its_key_with_its_settings() -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 5, 3))
    h0 = g.add("Input", name="h0", shape=("N", 6))
    rnn = g.unroll("lstm-cell", x, h_prev=h0, steps=5, hidden=6, outputs_as="last", name="rnn")
    assert g.history[1:] == ["Add Input", "Add Input", "Unroll"]
    assert rnn.node.params["values"] == (("hidden", 6),)
    assert set(g.document.inputs_of(rnn.id)) == {"x", "h_prev"}
    g.unroll("lstm-cell", x, steps=5)
    assert len(g.document.definitions) == 1
