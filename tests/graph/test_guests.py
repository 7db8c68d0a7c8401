"""Groups that come along from another document: added under free ids, or found to be here already."""

from __future__ import annotations

import pytest

from graphlab.errors import NameTakenError, ParamError
from graphlab.graph import Document, Graph
from graphlab.graph.groups import (
    clear_setting,
    put,
    rename_definition,
    set_setting,
    settings_of,
    sheet,
)
from graphlab.graph.guests import brought, take_in
from graphlab.graph.promoting import promote


def nested(units: int = 4) -> Graph:
    """x → [outer: [inner: lin → act] → out]; inner is g1, outer g2."""
    g = Graph("nested")
    x = g.add("Input", name="x", shape=("N", 3))
    act = g.add("Tanh", g.add("Linear", x, name="lin", units=units), name="act")
    g.add("Linear", act, name="out", units=1)
    g.group("lin", "act", name="inner")
    g.group("inner", "out", name="outer")
    return g


def test_nodes_bring_the_groups_they_use_and_those_inside_them() -> None:
    g = nested()
    assert set(brought(g.document, [g["outer"].id])) == {"g1", "g2"}
    assert brought(g.document, [g["x"].id]) == {}


def test_guests_get_free_ids_and_their_uses_follow() -> None:
    host = nested(units=8)
    guests = dict(nested().document.definitions)
    document, moved = take_in(host.document, guests)
    assert moved == {"g1": "g3", "g2": "g4"}
    assert document.definitions["g4"].node("inner").params["definition"] == "g3"
    assert document.definitions["g1"].node("lin").params["units"] == 8
    assert document.definitions["g3"].node("lin").params["units"] == 4


def test_guests_that_are_here_already_are_not_added_again() -> None:
    host = nested()
    document, moved = take_in(host.document, dict(nested().document.definitions))
    assert moved == {"g1": "g1", "g2": "g2"}
    assert document == host.document


def test_a_guest_is_recognised_under_another_id() -> None:
    host = Graph()
    host.add("Tanh", host.add("Input", name="x"), name="t")
    host.group("t", name="first")
    document, moved = take_in(host.document, dict(nested().document.definitions))
    again, same = take_in(document, dict(nested().document.definitions))
    assert same == moved == {"g1": "g2", "g2": "g3"}
    assert again == document


def test_a_group_is_renamed_and_its_uses_keep_their_names() -> None:
    g = nested()
    renamed = rename_definition(g.document, "g2", "block")
    assert renamed.definitions["g2"].name == "block"
    assert renamed.node("outer") == g.document.node("outer")


def test_a_group_cannot_take_the_name_of_another_or_an_impossible_one() -> None:
    g = nested()
    with pytest.raises(NameTakenError, match="inner"):
        rename_definition(g.document, "g2", "inner")
    for name in ("", "a.b", "x" * 70):
        with pytest.raises(ParamError):
            rename_definition(g.document, "g2", name)


def test_a_setting_that_is_cleared_follows_the_group_again() -> None:
    g = nested()
    inner = sheet(g.document, "g1")
    document = put(g.document, "g1", promote(inner, "lin", "units"))
    outer = sheet(document, "g2")
    node = outer.node("inner").id
    own = set_setting(outer, node, "units", 9)
    assert settings_of(own, own.nodes[node]) == {"units": 9}
    back = clear_setting(own, node, "units")
    assert settings_of(back, back.nodes[node]) == {"units": 4}
    assert back.nodes[node] == outer.nodes[node]


def test_new_ports_are_called_after_what_they_are_for() -> None:
    g = nested()
    inside = g.inside("outer")
    names = [inside.add(op).name for op in ("GroupInput", "GroupOutput", "GroupInput")]
    assert names == ["input", "output", "input2"]
    assert g["outer"].node.params["takes"][-1] == "input2"


def test_taking_in_nothing_changes_nothing() -> None:
    document = Document()
    assert take_in(document, {}) == (document, {})
