"""What a sheet shows of the whole: the engine's keys under the sheet's own names, and back."""

from __future__ import annotations

from graphlab.engine import infer
from graphlab.engine.seen import Seen
from graphlab.graph import Graph
from graphlab.graph.groups import sheet


def nested() -> Graph:
    """x → [outer: [inner: lin → act] → out] → loss"""
    g = Graph("nested")
    x = g.add("Input", name="x", shape=("N", 3))
    act = g.add("Tanh", g.add("Linear", x, name="lin", units=4), name="act")
    out = g.add("Linear", act, name="out", units=1)
    g.add("Mean", out, name="loss")
    g.group("lin", "act", name="inner")
    g.group("inner", "out", name="outer")
    return g


def seen(g: Graph, *names: str) -> Seen:
    inside = g.inside(*names) if names else g
    return Seen(infer(g), inside.document, getattr(inside, "path", ()))


def test_a_plain_document_is_seen_as_it_is() -> None:
    g = Graph()
    g.add("Tanh", g.add("Input", name="x", shape=("N", 2)), name="act")
    view = seen(g)
    assert view.inference is view.whole
    assert view.end(g["act"].id, "y") == (g["act"].id, "y")


def test_the_output_of_a_group_is_what_is_behind_it() -> None:
    g = nested()
    outer = g["outer"].id
    view = seen(g)
    out = sheet(g.document, "g2").node("out").id
    assert view.end(outer, "y") == (f"{outer}/{out}", "y")
    assert view.key(outer) == f"{outer}/{out}"
    assert str(view.inference.specs[outer, "y"]) == "N×1"


def test_keys_are_found_on_the_sheet_that_shows_them() -> None:
    g = nested()
    outer, inner = g["outer"].id, g.inside("outer")["inner"].id
    lin = g.inside("outer", "inner")["lin"].id
    key = f"{outer}/{inner}/{lin}"
    assert seen(g).here(key) == outer
    assert seen(g, "outer").here(key) == inner
    assert seen(g, "outer", "inner").here(key) == lin
    assert seen(g, "outer").here(g["x"].id) == ""


def test_a_node_is_shown_by_what_contains_it_and_by_what_hands_it_on() -> None:
    g = nested()
    point = g.add("Reroute", "outer", name="point")
    out = f"{g['outer'].id}/{g.inside('outer')['out'].id}"
    assert seen(g).shown_by({out}) == {out, g["outer"].id, point.id}


def test_counts_faults_and_goal_of_a_group_are_those_inside() -> None:
    g = nested()
    outer = g["outer"].id
    view = seen(g)
    assert view.parameters_of(outer) == 4 * 3 + 4 + 4 + 1
    assert view.inference.goal == g["loss"].id
    g.inside("outer").disconnect("out", "x")
    (problem,) = seen(g).inference.problems
    assert (problem.node_id, problem.node) == (outer, "outer")
    assert "outer/out" in problem.message
    (problem,) = seen(g, "outer").inference.problems
    assert (problem.node, problem.socket) == ("out", "x")
    assert not seen(g, "outer", "inner").inference.problems


def test_shared_parameters_are_seen_at_every_use_and_counted_once() -> None:
    g = nested()
    twin = g.add_use("g2", (600.0, 0.0))
    g.connect("x", twin, "x")
    for node in ("outer", twin):
        g.set(node, weights="shared")
    view, inside = seen(g), seen(g, "outer")
    out = g.inside("outer")["out"].id
    key, socket = inside.end(out, "weight")
    assert (key, socket) == (f"g2:{out}:weight", "value")
    assert inside.inference.learnables[out, "weight"] == (1, 4)
    assert view.parameters_of(twin.id) == view.parameters_of(g["outer"].id) == 21
    assert view.whole.total_parameters == 21


def test_a_wire_into_a_group_reaches_all_that_use_it_inside() -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 2))
    g.add("Add", g.add("Tanh", x, name="a"), g.add("Sigmoid", x, name="b"), name="sum")
    cell = g.group("a", "b", "sum", name="cell")
    inner = g.inside("cell")
    ends = seen(g).consumers(cell.id, "x")
    assert ends == [(f"{cell.id}/{inner[n].id}", "x") for n in ("a", "b")]


def test_a_wire_into_a_point_or_a_muted_node_reaches_what_lies_behind() -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 2))
    point = g.add("Reroute", x, name="point")
    act = g.add("Tanh", point, name="act")
    drop = g.add("Dropout", point, name="drop")
    out = g.add("Sigmoid", drop, name="out")
    g.set_flags("drop", muted=True)
    assert seen(g).consumers(point.id, "x") == [(act.id, "x"), (out.id, "x")]


def test_a_group_whose_socket_is_open_needs_it_as_any_node_does() -> None:
    g = nested()
    g.disconnect("outer", "x")
    (problem,) = seen(g).inference.problems
    assert (problem.node, problem.socket, problem.message) == ("outer", "x", "x is not connected.")
    (inside,) = seen(g, "outer").inference.problems
    assert (inside.node, inside.socket) == ("x", "")  # its port, at which it ends there
    assert "outside" in inside.message


def test_a_wire_that_does_not_fit_is_no_open_end() -> None:
    g = nested()
    g.set("x", dtype="int")
    (outside,) = seen(g).inference.problems
    assert outside.node == "outer"
    assert "class indices" in outside.message
    (inside,) = seen(g, "outer", "inner").inference.problems
    assert (inside.node, inside.socket) == ("lin", "x")


def test_what_comes_out_of_a_group_that_gives_nothing_is_told_where_it_should_go() -> None:
    g = nested()
    g.inside("outer").disconnect("y", "x")
    (problem,) = seen(g).inference.problems
    assert (problem.node, problem.socket, problem.message) == ("loss", "x", "outer.y gives nothing.")


def test_an_open_point_needs_a_wire_not_what_lies_behind_it() -> None:
    g = Graph()
    g.add("Tanh", g.add("Reroute", name="point"), name="act")
    (problem,) = seen(g).inference.problems
    assert (problem.node, problem.socket) == ("point", "x")


def test_two_that_lack_the_same_socket_say_so_once() -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 2))
    g.add("Add", g.add("Tanh", x, name="a"), g.add("Sigmoid", x, name="b"), name="sum")
    g.group("a", "b", "sum", name="cell")
    g.remove("x")
    assert [(p.node, p.socket) for p in seen(g).inference.problems] == [("cell", "x")]


def test_what_a_frozen_group_holds_is_seen_to_be_frozen() -> None:
    g = nested()
    g.set_flags("outer", frozen=True)
    inside = seen(g, "outer").inference
    assert inside.nodes[g.inside("outer")["out"].id].frozen
    assert not seen(g).inference.nodes[g["loss"].id].frozen
