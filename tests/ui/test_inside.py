"""Entering groups: the session shows a sheet, and everything keeps its name there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from graphlab.engine.messages import TensorKey
from graphlab.graph import Graph
from graphlab.ui.session import Session


@pytest.fixture
def session(qtbot: Any) -> Iterator[Session]:
    """x → [cell: lin → act] → out, not running."""
    g = Graph("groups")
    x = g.add("Input", name="x", shape=("N", 3))
    act = g.add("Tanh", g.add("Linear", x, name="lin", units=4), name="act")
    g.add("Linear", act, name="out", units=1)
    g.group("lin", "act", name="cell")
    session = Session(g, engine=False)
    yield session
    session.close()


def names(session: Session) -> set[str]:
    return set(session.document.ids_by_name)


def test_entering_shows_what_is_inside_and_leaving_selects_the_group(session: Session) -> None:
    cell = session.document.node("cell").id
    assert session.enter(cell)
    assert names(session) == {"lin", "act", "x", "y"}
    assert session.inside == (cell,)
    session.leave()
    assert names(session) == {"x", "cell", "out"}
    assert session.selection == {cell}


def test_only_groups_can_be_entered(session: Session) -> None:
    assert not session.enter(session.document.node("out").id)
    assert session.inside == ()


def test_an_edit_inside_is_an_edit_of_the_whole_and_undo_works_from_there(session: Session) -> None:
    session.enter(session.document.node("cell").id)
    session.graph.set("lin", units=6)
    assert session.whole.definitions["g1"].node("lin").params["units"] == 6
    assert str(session.inference.specs[session.document.node("act").id, "y"]) == "N×6"
    assert session.is_modified
    session.graph.undo()
    assert str(session.inference.specs[session.document.node("act").id, "y"]) == "N×4"


def test_when_the_group_is_undone_one_is_outside_again(session: Session) -> None:
    session.enter(session.document.node("cell").id)
    heard = []
    session.entered.connect(heard.append)
    session.graph.undo()
    assert heard == [()]
    assert names(session) == {"x", "lin", "act", "out"}
    assert session.graph is session.root


def test_what_is_watched_on_a_sheet_is_asked_for_by_the_engines_keys(session: Session) -> None:
    cell = session.document.node("cell").id
    act = session.graph.inside("cell")["act"].id
    session.watch(session, [TensorKey("value", cell, "y")])
    assert [w.key for w in session.watching] == [TensorKey("value", f"{cell}/{act}", "y")]
    session.enter(cell)
    session.watch(session, [TensorKey("value", act, "y")])
    assert [w.key for w in session.watching] == [TensorKey("value", f"{cell}/{act}", "y")]


def test_breakpoints_inside_belong_to_the_group_outside(session: Session) -> None:
    cell = session.document.node("cell").id
    session.enter(cell)
    lin = session.document.node("lin").id
    session.toggle_breakpoint(lin)
    assert session.all_breakpoints == {(f"{cell}/{lin}", "forward")}
    session.leave()
    assert session.breakpoints == {(cell, "forward")}
    session.toggle_breakpoint(cell)
    assert not session.all_breakpoints


def test_a_fault_inside_leads_to_its_sheet(session: Session) -> None:
    session.graph.inside("cell").disconnect("act", "x")
    (problem,) = session.seen.whole.problems
    session.show(problem.node_id)
    assert session.selected_node == session.document.node("act").id
