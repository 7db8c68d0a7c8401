"""Another operation in the place of nodes: by menu and by keyboard, with the wires that fit."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from graphlab.engine import infer
from graphlab.graph import Graph
from graphlab.ops import get
from graphlab.ui import offers
from graphlab.ui.canvas import surgery
from graphlab.ui.canvas.replacing import can_replace

from .conftest import Hand


def offered(hand: Hand) -> list[str]:
    rows = hand.view.search.list
    return [rows.item(k).text() for k in range(rows.count())]


def pick(hand: Hand, *names: str) -> None:
    hand.view.session.select(hand.id(name) for name in names)


@pytest.mark.qt_log_ignore(
    "does not support", extend=True
)  # a menu asks the offscreen plugin for more than it has
def test_a_node_is_replaced_from_its_menu(chain: Hand) -> None:
    menu = chain.view.open_menu(QPointF(chain.header("act")))
    before = len(chain.graph.history)
    (line,) = [line for line in menu.actions() if line.text().startswith("Replace by")]
    line.trigger()
    menu.close()
    chain.search("sigm")
    node = chain.view.session.document.node("act")
    assert node.op == "Sigmoid"
    assert chain.graph.history[before:] == ["Replace by Sigmoid"]
    assert chain.view.session.document.inputs_of(node.id)["x"].source == chain.id("hidden")
    assert chain.view.session.document.consumers(node.id)[0].target == chain.id("out")
    assert chain.selected() == {"act"}
    chain.graph.undo()
    assert chain.view.session.document.node("act").op == "Tanh"


def test_relatives_come_first_and_only_what_fits_is_offered(chain: Hand) -> None:
    pick(chain, "act")
    chain.view.replace_selected()
    found = offered(chain)
    assert found[0] == "Activation"  # a heading
    assert {get(name).category for name in found[1:9]} == {"Activation"}
    assert not {"Tanh", "Conv2d", "MSELoss", "MatMul", "Input", "Group", "GroupInput"} & set(found)
    assert {"ReLU", "Linear", "LayerNorm"} <= set(found)
    assert chain.view.search.line.placeholderText() == "Replace act by"


def test_escape_leaves_everything_as_it_was(chain: Hand) -> None:
    before = chain.view.session.document
    pick(chain, "act")
    chain.view.replace_selected()
    QTest.keyClick(chain.view.search.line, Qt.Key.Key_Escape)
    assert chain.view.session.document is before
    assert not chain.view.search.isVisible()


def test_several_are_replaced_in_one_step(chain: Hand) -> None:
    chain.graph.add("ReLU", "out", name="end", position=(960, 100))
    pick(chain, "act", "end")
    chain.view.replace_selected()
    before = len(chain.graph.history)
    chain.search("gelu")
    nodes = chain.view.session.document
    assert {nodes.node(name).op for name in ("act", "end")} == {"GELU"}
    assert len(chain.graph.history) == before + 1


def test_params_that_both_have_are_kept(chain: Hand) -> None:
    chain.graph.set("hidden", units=5, bias=False)
    chain.graph.add("Input", name="other", shape=("N", 2), position=(0, 400))
    chain.graph.add("Bilinear", "x", "other", name="bi", units=9, bias=False, position=(240, 400))
    pick(chain, "bi")
    chain.view.replace_selected()
    chain.search("linear")
    node = chain.view.session.document.node("bi")
    assert (node.op, node.params) == ("Linear", {"bias": False, "units": 9})


def test_wires_that_cannot_be_kept_are_told(chain: Hand) -> None:
    told: list[Any] = []
    chain.view.session.notice.connect(told.append)
    chain.graph.add("Add", "hidden", "act", name="sum", position=(720, 400))
    pick(chain, "sum")
    chain.view.replace_selected()
    chain.search("relu")
    assert chain.view.session.document.node("sum").op == "ReLU"
    assert told[-1].text == "1 wire could not be kept: act.y → sum.b."
    assert told[-1].hint == "Undo brings them back."


def test_a_result_that_the_next_node_does_not_take_is_not_offered() -> None:
    from graphlab.engine import infer

    g = Graph()
    x = g.add("Input", name="x", shape=("N", 1, 8, 8))
    g.add("MaxPool2d", g.add("ReLU", x, name="act"), name="pool")
    found = infer(g)
    assert can_replace(g.document, found, g["act"].id, get("Conv2d"))
    assert not can_replace(g.document, found, g["act"].id, get("Flatten"))


def test_the_ports_of_a_group_are_left_alone(chain: Hand) -> None:
    told: list[Any] = []
    chain.view.session.notice.connect(told.append)
    chain.graph.group("hidden", "act", name="cell")
    session = chain.view.session
    session.enter(chain.id("cell"))
    ports = [n.id for n in session.document.nodes.values() if n.op.startswith("Group")]
    session.select(ports)
    chain.view.replace_selected()
    assert "ports" in told[-1].text
    assert not chain.view.search.isVisible()
    session.select([*ports, chain.id("act")])
    chain.view.replace_selected()
    chain.search("relu")
    assert session.document.node("act").op == "ReLU"


def test_an_unknown_operation_can_be_replaced(chain: Hand) -> None:
    import dataclasses

    document = chain.view.session.document
    lost = dataclasses.replace(document.node("act"), op="Missing")
    chain.graph.replace(document.with_(nodes={**document.nodes, lost.id: lost}), "Damage")
    pick(chain, "act")
    chain.view.replace_selected()
    chain.search("tanh")
    assert chain.view.session.document.node("act").op == "Tanh"
    assert not chain.view.session.inference.problems


@pytest.fixture
def layer(chain: Hand) -> Hand:
    """seq (N×6×3) → LSTM (repeats an LSTM cell of 9) → head, beside the chain."""
    g = chain.graph
    seq = g.add("Input", name="seq", shape=("N", 6, 3), position=(0, 600))
    g.add_layer("lstm-cell", seq, hidden=9, steps=6, position=(300, 600))
    g.add("Linear", g["LSTM"], name="head", units=2, position=(600, 600))
    return chain


def test_a_cell_that_is_repeated_is_replaced_by_another(layer: Hand) -> None:
    pick(layer, "LSTM")
    layer.view.replace_selected()
    found = offered(layer)
    assert {"Elman cell", "GRU cell", "MGU cell"} <= set(found[1:12])
    assert not {"LSTM cell", "Stacked LSTM", "Unrolled GRU", "GRU"} & set(found)
    before = len(layer.graph.history)
    layer.search("gru")
    assert layer.graph.history[before:] == ["Replace by GRU cell"]
    node = layer.graph["GRU"].node
    assert (node.op, node.params["steps"], dict(node.params["values"])) == ("Unroll", 6, {"hidden": 9})
    assert layer.view.session.document.inputs_of(node.id)["x"].source == layer.id("seq")
    assert layer.view.session.document.inputs_of(layer.id("head"))["x"].output == "y"
    layer.graph.undo()
    assert "LSTM" in layer.graph


def test_a_layer_that_is_put_into_a_wire_has_as_many_steps_as_the_sequence(layer: Hand) -> None:
    graph = layer.graph
    wire = layer.id("LSTM"), "x"
    id = surgery.add_at(graph, "layer:elman-cell", (150.0, 700.0), wire, layer.view.session.inference)
    assert graph.document.nodes[id].params["steps"] == 6
    assert graph.document.inputs_of(layer.id("LSTM"))["x"].source == id
    assert graph.history[-1] == "Add Unrolled Elman"
    id = surgery.add_at(graph, "part:stacked-lstm", (150.0, 900.0), wire, infer(graph.document))
    assert dict(graph.document.nodes[id].params["values"]) == {"steps": 6}


def test_a_group_that_gives_nothing_at_an_output_may_still_stand_there() -> None:
    g = Graph("gives nothing")
    node = g.add("Conv2d", g.add("Input", name="x", shape=("N", 1, 8, 8)), name="conv")
    g.add("Flatten", g.add("ReLU", node, name="relu"), name="flat")
    g.group("conv", name="body")
    g.inside("body").add("GroupOutput", name="empty", position=(900.0, -900.0))
    document = g.document
    op = offers.op_of_group(document, "g1")
    assert op().results()[0] == "empty"
    assert can_replace(document, infer(document), document.node("relu").id, op)
