"""Groups on the clipboard: one more use in the same graph, brought along to another, not brought twice."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from graphlab.errors import BrokenFileError, GraphError
from graphlab.graph import Graph
from graphlab.ui.canvas import clipboard

from .conftest import Desk

CTRL = Qt.KeyboardModifier.ControlModifier


def nested(units: int = 4) -> Graph:
    """x → [outer: [inner: lin → act] → out]; inner is g1, outer g2."""
    g = Graph("nested")
    x = g.add("Input", name="x", shape=("N", 3))
    act = g.add("Tanh", g.add("Linear", x, name="lin", units=units), name="act")
    g.add("Linear", act, name="out", units=1)
    g.group("lin", "act", name="inner")
    g.group("inner", "out", name="outer")
    return g


def copied(graph: Graph, *names: str) -> clipboard.Copied:
    ids = [graph[name].id for name in names]
    found = clipboard.from_text(clipboard.to_text(graph.document, ids, clipboard.mark_of(graph)))
    assert found is not None
    return found


def pasted(graph: Graph, what: clipboard.Copied) -> list[str]:
    """The names of what came."""
    return [graph.document.nodes[i].name for i in clipboard.paste(graph, what, (0.0, 0.0))]


def test_in_the_same_graph_it_is_one_more_use(desk: Desk) -> None:
    desk.graph.group("hidden", "act", name="cell")
    desk.select("cell")
    desk.key(Qt.Key.Key_C, CTRL)
    desk.key(Qt.Key.Key_V, CTRL)
    assert desk.selected() == {"cell2"}
    assert desk.session.document.node("cell2").params["definition"] == "g1"
    assert set(desk.session.whole.definitions) == {"g1"}
    desk.key(Qt.Key.Key_Z, CTRL)
    assert "cell2" not in desk.graph


def test_ctrl_d_makes_one_more_use_with_the_wires_that_enter(desk: Desk) -> None:
    desk.graph.group("hidden", "act", name="cell")
    desk.select("cell")
    desk.key(Qt.Key.Key_D, CTRL)
    document = desk.session.document
    assert document.node("cell2").params["definition"] == "g1"
    assert document.inputs_of(document.node("cell2").id)["x"].source == desk.id("x")


def test_a_use_that_is_pasted_after_an_edit_inside_follows_the_group_as_it_is_now() -> None:
    g = nested()
    what = copied(g, "outer")
    inside = g.inside("outer")
    inside.add("GroupOutput", inside["inner"], name="early")
    assert pasted(g, what) == ["outer2"]
    assert set(g.document.definitions) == {"g1", "g2"}
    assert g["outer2"].node.params["gives"] == g["outer"].node.params["gives"]


def test_a_wire_into_a_port_that_has_gone_meanwhile_is_left_out() -> None:
    g = nested()
    g.add("Tanh", "x", name="before")
    g.connect("before", "outer", "x")
    what = copied(g, "before", "outer")
    g.inside("outer").rename("x", "features")
    assert pasted(g, what) == ["outer2", "before2"]
    assert not g.document.inputs_of(g["outer2"].id)


def test_another_graph_gets_the_groups_along_under_free_ids() -> None:
    other = Graph("other")
    other.add("Sigmoid", other.add("Input", name="x"), name="s")
    other.group("s", name="mine")
    assert pasted(other, copied(nested(), "outer")) == ["outer"]
    definitions = other.document.definitions
    assert {d.name for d in definitions.values()} == {"mine", "inner", "outer"}
    outer = definitions[other["outer"].node.params["definition"]]
    assert definitions[outer.node("inner").params["definition"]].name == "inner"
    other.undo()
    assert set(other.document.definitions) == {"g1"}


def test_pasting_twice_into_another_graph_is_two_uses_of_one_group() -> None:
    other, what = Graph("other"), copied(nested(), "outer")
    pasted(other, what)
    assert pasted(other, what) == ["outer2"]
    assert len(other.document.definitions) == 2
    assert other["outer"].node.params["definition"] == other["outer2"].node.params["definition"]


def test_a_group_that_was_cut_comes_back() -> None:
    g = nested()
    what = copied(g, "outer")
    g.remove("outer")
    assert not g.document.definitions
    assert pasted(g, what) == ["outer"]
    assert len(g.document.definitions) == 2


def test_an_old_copy_in_another_graph_stays_as_it_was_copied() -> None:
    g, other = nested(), Graph("other")
    what = copied(g, "outer")
    g.inside("outer", "inner").set("lin", units=9)
    pasted(other, what)
    inner = next(d for d in other.document.definitions.values() if d.name == "inner")
    assert inner.node("lin").params["units"] == 4


def test_a_group_is_not_pasted_into_itself() -> None:
    g = nested()
    what = copied(g, "outer")
    inside, before = g.inside("outer"), g.document
    with pytest.raises(GraphError, match="cannot contain itself"):
        clipboard.paste(inside, what, (0.0, 0.0))
    assert g.document is before


def test_ports_are_pasted_in_groups_only() -> None:
    g = nested()
    inside = g.inside("outer")
    what = copied(inside, "x", "out")
    assert pasted(inside, what) == ["out2", "x2"]
    assert g["outer"].node.params["takes"] == ("x", "x2")
    assert pasted(g, what) == ["out"]
    with pytest.raises(GraphError, match="inside"):
        clipboard.paste(g, copied(inside, "x"), (0.0, 0.0))


def test_what_one_use_sets_for_itself_goes_along() -> None:
    from graphlab.graph.groups import set_setting, settings_of
    from graphlab.graph.promoting import promote

    g, other = nested(), Graph("other")
    inside = g.inside("outer")
    inside.replace(promote(inside.document, "out", "units"), "Show on the group")
    g.replace(set_setting(g.document, g["outer"].id, "units", 7), "Change outer")
    pasted(other, copied(g, "outer"))
    assert settings_of(other.document, other["outer"].node) == {"units": 7}


@pytest.mark.parametrize("damage", ["itself", "ports", "record"])
def test_damaged_groups_on_the_clipboard_are_told_and_change_nothing(desk: Desk, damage: str) -> None:
    record = json.loads(clipboard.to_text(nested().document, [nested()["outer"].id]))
    groups = record["groups"]["document"]["definitions"]
    if damage == "itself":
        groups["g1"]["nodes"][0] |= {
            "op": "Group",
            "params": {"definition": "g2", "takes": ["x"], "gives": ["y"]},
        }
    elif damage == "ports":
        groups["g1"]["nodes"] = [n for n in groups["g1"]["nodes"] if n["op"] != "GroupInput"]
    else:
        record["groups"] = {"format": "graphlab", "version": 1, "document": 7}
    QGuiApplication.clipboard().setText(json.dumps(record))
    before = desk.session.document
    desk.view.paste()
    assert desk.session.document is before
    assert desk.session.notices[-1].level == "error"


def test_a_text_without_groups_is_read_as_before() -> None:
    text = json.dumps({"format": clipboard.FORMAT, "nodes": [{"id": "a", "op": "Tanh", "name": "t"}]})
    found = clipboard.from_text(text)
    assert found is not None
    g = Graph()
    assert pasted(g, found) == ["t"]
    with pytest.raises(BrokenFileError):
        clipboard.from_text(text[:-3])
