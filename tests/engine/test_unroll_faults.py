"""What is wrong with a cell that is repeated, said once, at the place that it is about, and with what mends it."""

from __future__ import annotations

from typing import Any

import pytest

from graphlab.engine import infer
from graphlab.engine.finding import Problem
from graphlab.engine.fixes import fixes
from graphlab.engine.seen import Seen
from graphlab.graph import Graph
from tests.engine.cells import elman, give, ports, unrolled
from tests.engine.test_unroll_feeding import masked, writing


def told(g: Graph, path: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    """(node, socket, message and hint) of every fault as seen from a sheet."""
    sheet = g.document if not path else g.inside(*(step.partition("/")[0] for step in path)).document
    seen = Seen(infer(g), sheet, path)
    return [(p.node, p.socket, f"{p.message} {p.hint}") for p in seen.inference.problems]


def mended(g: Graph) -> list[str]:
    found = infer(g)
    return [str(fix) for fix in fixes(g.document, found, found.problems[0])]


def test_the_wrong_number_of_steps_is_told_at_the_socket_with_the_fix() -> None:
    g = unrolled(elman(), steps=5)
    g.set("rnn", steps=4)
    assert told(g) == [("rnn", "x", "The sequence (N×5×3) has 5 steps, not 4. Set steps to 5.")]
    found = infer(g)
    best = fixes(g.document, found, found.problems[0])[0]
    assert best.label == "Set steps to 5"
    assert not infer(best.apply(g.document)).problems


def test_what_is_no_sequence_is_told_there_too() -> None:
    g = unrolled(elman(), steps=5)
    g.set("x", shape=("N",))
    assert told(g)[0][:2] == ("rnn", "x")
    assert "It takes a sequence, N×T×…, not N." in told(g)[0][2]


def test_an_open_socket_is_told_as_any_other() -> None:
    g = unrolled(elman())
    g.disconnect("rnn", "x")
    assert told(g) == [("rnn", "x", "x is not connected. Drag a wire to it.")]


def test_a_way_that_names_no_copy_leads_into_the_first() -> None:
    g = unrolled(elman())
    key, cell = g["rnn"].id, g.inside("rnn").document
    act = cell.node("act").id
    view = Seen(infer(g), cell, (key,))
    assert view.path == (f"{key}/t=0",)
    assert view.here(f"{key}/t=0/{act}") == act
    assert str(view.inference.specs[act, "y"]) == "N×4"
    assert view.parameters_of(cell.node("hh").id) == 20


def test_a_fault_at_the_unroll_node_is_not_looked_for_inside() -> None:
    """Its open socket has the name of a port inside."""
    g = unrolled(elman())
    g.disconnect("rnn", "x")
    assert told(g, (g["rnn"].id,)) == []


def test_a_fault_inside_the_cell_is_told_once_for_all_copies() -> None:
    g = unrolled(elman(), steps=20)
    inside = g.inside("rnn")
    inside.disconnect("act", "x")
    assert told(g) == [("rnn", "", "Inside, rnn/t=0/act: x is not connected. Drag a wire to it.")]
    key = g["rnn"].id
    assert told(g, (f"{key}/t=7",)) == [("act", "x", "x is not connected. Drag a wire to it.")]
    assert isinstance(mended(g), list)


def test_a_state_that_does_not_come_out_as_it_goes_in_is_told_at_its_socket() -> None:
    g = unrolled(elman())
    g.connect(g.add("Input", name="h", shape=("N", 5)), "rnn", "h_prev")
    (node, socket, message), *rest = told(g)
    assert (node, socket) == ("rnn", "h_prev")
    assert message.startswith("The state goes in as N×5 but comes out as N×4")
    assert not rest


def test_a_cell_that_fits_no_shape_of_its_state_says_what_goes_in_and_comes_out() -> None:
    cell = Graph("grows")
    x, h = ports(cell, "x", "h_prev")
    give(cell, h=cell.add("Concat", x, h))
    (node, socket, message), *_ = told(unrolled(cell))
    assert (node, socket) == ("rnn", "h_prev")
    assert "becomes" in message


def test_a_cell_that_carries_nothing_says_how_to_name_its_ports() -> None:
    cell = Graph("map")
    (x,) = ports(cell, "x")
    give(cell, y=cell.add("Tanh", x))
    ((node, _, message),) = told(unrolled(cell))
    assert node == "rnn"
    assert message.startswith("No output of the cell becomes an input at the next step")
    assert "y_prev" in message


@pytest.mark.parametrize("shape", [("N", 2), (3,)])
def test_lengths_are_one_for_each_row(shape: tuple[Any, ...]) -> None:
    g = masked(elman())
    g.set("lengths", shape=shape)
    problem: Problem = infer(g).problems[0]
    assert "should be one whole number for each row" in problem.message


def test_what_ends_a_sequence_must_be_fed_back_and_be_one_index_for_each_row() -> None:
    g = writing(stop=2)
    assert not infer(g).problems
    g.set("rnn", feedback=())
    ((_, _, message),) = told(g)
    assert message.startswith("No output is fed back, so none can end a sequence.")
    g.set("rnn", feedback=(("y", "x"),))
    assert any("cannot become x" in message for _, _, message in told(g))


def test_sequences_of_different_lengths_are_told_that_they_need_a_mask() -> None:
    g = unrolled(elman())
    g.set("x", shape=("N", "T", 3))
    ((_, socket, message),) = told(g)
    assert socket == "x"
    assert "Pad them to one number" in message
    assert "lengths" in message
