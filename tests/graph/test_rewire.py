"""Edits that keep wires: an operation put into one, another operation in the place of a node."""

from __future__ import annotations

import pytest

from graphlab.errors import GraphError, ParamError, UnknownNodeError, UnknownOpError
from graphlab.graph import Document, Graph, edits, rewire
from graphlab.graph.document import Edge


def wires(document: Document) -> set[str]:
    name = {i: node.name for i, node in document.nodes.items()}
    return {f"{name[e.source]}.{e.output}→{name[e.target]}.{e.input}" for e in document.edges.values()}


def row(gap: float = 240.0) -> Graph:
    """x → a → b → c, in a row."""
    g = Graph("row")
    node = g.add("Input", name="x", shape=("N", 4), position=(0, 0))
    for k, name in enumerate("abc", 1):
        node = g.add("Tanh", node, name=name, position=(gap * k, 0))
    return g


# Into a wire


def test_a_wire_is_led_through_a_new_node():
    g = row()
    document, node = rewire.insert(g.document, (g["b"].id, "x"), "Linear", {"units": 4})
    assert {"a.y→linear.x", "linear.y→b.x"} <= wires(document)
    assert "a.y→b.x" not in wires(document)
    assert node.params == {"units": 4}


def test_what_is_to_the_right_makes_room():
    g = row()
    note = g.add_note("beside c", position=(720, 200))
    document, node = rewire.insert(g.document, (g["b"].id, "x"), "ReLU")
    x = {n.name: n.position[0] for n in document.nodes.values()}
    assert (x["x"], x["a"], x["relu"], x["b"], x["c"]) == (0, 240, 480, 720, 960)
    assert document.notes[note.id].position == (960, 200)
    assert node.position[1] == 0


def test_a_frame_around_the_place_grows_and_one_behind_it_moves():
    g = row()
    document, around = edits.add_frame(g.document, "around", (-20, -40), (700, 200))
    document, behind = edits.add_frame(document, "behind", (700, -40), (200, 200))
    document, _ = rewire.insert(document, (g["b"].id, "x"), "ReLU")
    assert document.frames[around.id].size == (940, 200)
    assert document.frames[around.id].position == (-20, -40)
    assert document.frames[behind.id].position == (940, -40)


def test_where_there_is_room_nothing_moves():
    g = row(500)
    document, node = rewire.insert(g.document, (g["b"].id, "x"), "ReLU")
    assert node.position == (750, 0)
    assert {i: n.position for i, n in document.nodes.items() if i in g.document.nodes} == {
        i: n.position for i, n in g.document.nodes.items()
    }


def test_a_new_node_never_lies_over_another():
    g = row(500)
    g.add("ReLU", name="in the way", position=(760, 20))
    _, node = rewire.insert(g.document, (g["b"].id, "x"), "ReLU")
    assert node.position[1] >= 20 + rewire.REACH[1]


def test_a_wire_that_goes_back_moves_nobody():
    g = Graph()
    x = g.add("Input", name="x", position=(500, 0))
    g.add("ReLU", x, name="y", position=(0, 0))
    document, node = rewire.insert(g.document, (g["y"].id, "x"), "Tanh")
    assert document.nodes[g["x"].id].position == (500, 0)
    assert node.position == (250, 0)


def test_a_wire_that_is_not_there_is_named_gone():
    with pytest.raises(UnknownNodeError, match="gone"):
        rewire.insert(Document(), ("n1", "x"), "ReLU")


# In the place of a node


def test_wires_name_place_flags_and_common_params_stay():
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 1, 8, 8))
    conv = g.add("Conv2d", x, name="features", out_channels=4, kernel_size=5, position=(300, 20))
    g.add("ReLU", conv, name="act")
    g.set_flags("features", frozen=True)
    document, lost = rewire.replace(g.document, conv.id, "ConvTranspose2d")
    node = document.nodes[conv.id]
    assert (node.op, node.name, node.position, node.frozen) == (
        "ConvTranspose2d",
        "features",
        (300, 20),
        True,
    )
    assert node.params == {"out_channels": 4, "kernel_size": 5}
    assert wires(document) == {"x.y→features.x", "features.y→act.x"}
    assert lost == ()


def test_data_goes_by_position_and_outputs_likewise():
    g = Graph()
    a, b = g.add("Input", name="a"), g.add("Input", name="b")
    loss = g.add("MSELoss", a, b, name="loss")
    g.add("Exp", loss, name="exp")
    document, lost = rewire.replace(g.document, loss.id, "Sub")
    assert wires(document) == {"a.y→loss.a", "b.y→loss.b", "loss.y→exp.x"}
    assert not lost


def test_a_learnable_input_goes_by_name():
    g = Graph()
    x, w = g.add("Input", name="x"), g.add("Parameter", name="w", shape=(8, 2))
    layer = g.add("Linear", x, weight=w, name="layer", units=8)
    document, lost = rewire.replace(g.document, layer.id, "Embedding")
    assert wires(document) == {"x.y→layer.x", "w.y→layer.weight"}
    assert not lost


def test_wires_without_a_place_are_told():
    g = Graph()
    a, b = g.add("Input", name="a"), g.add("Input", name="b")
    add = g.add("Add", a, b, name="sum")
    g.add("Exp", add, name="exp")
    document, lost = rewire.replace(g.document, add.id, "ReLU")
    assert wires(document) == {"a.y→sum.x", "sum.y→exp.x"}
    assert lost == (Edge(b.id, "y", add.id, "b"),)


def test_a_second_output_is_lost_where_there_is_one_only():
    g = Graph()
    data = g.add("Dataset", name="data")
    g.add("MSELoss", data, data["target"], name="loss")
    document, lost = rewire.replace(g.document, data.id, "Input")
    assert wires(document) == {"data.y→loss.input"}
    assert [edge.output for edge in lost] == ["target"]


def test_an_op_that_grows_gets_as_many_inputs_as_there_are_wires():
    g = Graph()
    parts = [g.add("Input", name=name) for name in "abc"]
    joined = g.add("Concat", *parts, name="joined", dim=-1)
    document, lost = rewire.replace(g.document, joined.id, "Stack")
    assert document.nodes[joined.id].params == {"count": 3, "dim": -1}
    assert not lost
    assert len(document.inputs_of(joined.id)) == 3


def test_a_value_that_the_new_op_refuses_stays_behind():
    g = Graph()
    pool = g.add("MaxPool2d", g.add("Input", name="x", shape=("N", 1, 8, 8)), kernel_size=4, padding=2)
    document, _ = rewire.replace(g.document, pool.id, "Conv1d")
    assert document.nodes[pool.id].params == {"kernel_size": 4, "padding": 2}
    pair = g.add("MaxPool2d", "x", kernel_size=(4, 2))
    document, _ = rewire.replace(g.document, pair.id, "Conv1d")
    assert document.nodes[pair.id].params == {}


def test_a_node_of_an_unknown_op_can_be_replaced():
    g = row()
    nodes = dict(g.document.nodes)
    lost_op = nodes[g["b"].id]
    import dataclasses

    nodes[lost_op.id] = dataclasses.replace(lost_op, op="Missing", params={"units": 3})
    document, lost = rewire.replace(g.document.with_(nodes=nodes), lost_op.id, "Linear")
    assert wires(document) == wires(g.document)
    assert document.nodes[lost_op.id].params == {"units": 3}
    assert not lost


def test_several_are_replaced_at_once_and_those_of_that_op_left_alone():
    g = row()
    g.add("Sigmoid", name="d")
    ids = [g[name].id for name in "abd"]
    document, lost = rewire.replace_all(g.document, ids, "Sigmoid")
    assert [document.nodes[i].op for i in ids] == ["Sigmoid"] * 3
    assert document.nodes[g["d"].id] is g.document.nodes[g["d"].id]
    assert document.nodes[g["c"].id].op == "Tanh"
    assert not lost


def test_a_setting_of_the_group_goes_with_its_param():
    g = row()
    g.add("Linear", "a", name="lin", units=3)
    lin = g["lin"].id
    sheet = g.document.with_(promoted={"units": (lin, "units"), "bias": (lin, "bias")})
    document, _ = rewire.replace(sheet, lin, "Conv1d")
    assert document.promoted == {"bias": (lin, "bias")}


def test_ports_stay_ports_and_groups_are_made_by_grouping():
    g = row()
    g.group("a", "b", name="cell")
    inside = g.inside("cell").document
    port = next(i for i, n in inside.nodes.items() if n.op == "GroupInput")
    with pytest.raises(GraphError, match="port"):
        rewire.replace(inside, port, "ReLU")
    with pytest.raises(GraphError, match="cannot become"):
        rewire.replace(g.document, g["c"].id, "Group")
    with pytest.raises(UnknownOpError):
        rewire.replace(g.document, g["c"].id, "Nonsense")


def test_a_group_can_give_way_to_an_operation():
    g = row()
    cell = g.group("a", "b", name="cell")
    document, lost = rewire.replace(g.document, cell.id, "ReLU")
    assert wires(document) == {"x.y→cell.x", "cell.y→c.x"}
    assert not lost


def test_params_are_checked_as_always():
    g = row()
    with pytest.raises(ParamError):
        rewire.insert(g.document, (g["b"].id, "x"), "Linear", {"units": 0})
