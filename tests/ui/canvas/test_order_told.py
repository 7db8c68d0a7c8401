"""Why a node is computed when it is, asked at the node."""

from __future__ import annotations

from graphlab.ui.canvas.order_told import explain_order
from tests.ui.window_trial import Make

from .conftest import Hand


def test_a_node_says_what_it_waits_for_and_lights_the_wires(chain: Hand) -> None:
    act = chain.id("act")
    explain_order(chain.view, act)
    bubble = chain.view.bubble
    assert bubble.isVisible()
    assert bubble.text == "act is number 3 of 4: it waits for hidden (2)."
    assert bubble.hint == "It can stand nowhere else."
    assert chain.view.selected_wires == {(act, "x")}


def test_a_source_could_stand_elsewhere(chain: Hand) -> None:
    chain.graph.add("Constant", value=1.0, name="one")
    chain.graph.add("Add", "act", "one", name="sum")
    explain_order(chain.view, chain.id("one"))
    assert "nothing feeds it" in chain.view.bubble.text
    assert chain.view.bubble.hint == "Any place from 1 to 5 would do, with the same numbers."


def test_orders_are_gone_through_and_undone(make: Make) -> None:
    window = make()
    graph = window.session.root
    x = graph.add("Constant", value=1.0, name="x")
    a, b = graph.add("Tanh", x, name="a_"), graph.add("Sin", x, name="b_")
    graph.add("Add", graph.add("Square", a, name="c_"), b, name="d_")
    names = [window.session.document.nodes[k].name for k in window.session.inference.order]
    assert names == ["x", "a_", "b_", "c_", "d_"]
    window.actions_.run("run.order")
    window.actions_.run("run.order")
    names = [window.session.document.nodes[k].name for k in window.session.inference.order]
    assert names == ["x", "a_", "c_", "b_", "d_"]
    assert window.canvas.looks.of(window.session.document.node("b_").id).order == 4
    graph.undo()
    graph.undo()
    assert window.session.whole.training.order == "created"
