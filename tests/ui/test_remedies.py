"""Fixes are looked for when somebody asks, a little at a time, and forgotten with the document they were for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from graphlab.engine.fixes import Search
from graphlab.graph import Graph
from graphlab.ui import remedies as module
from graphlab.ui.session import Session


@pytest.fixture
def session(qtbot: Any) -> Iterator[Session]:
    """a (N×8) + b (N×16)"""
    graph = Graph()
    x = graph.add("Input", name="x", shape=("N", 3))
    graph.add(
        "Add",
        graph.add("Linear", x, name="a", units=8),
        graph.add("Linear", x, name="b", units=16),
        name="sum",
    )
    session = Session(graph, engine=False)
    yield session
    session.close()


def node(session: Session) -> str:
    return session.document.node("sum").id


def test_nobody_looks_before_somebody_asks(session: Session, qtbot: Any, monkeypatch: Any) -> None:
    looked: list[Any] = []
    monkeypatch.setattr(Search, "step", lambda self: looked.append(self))
    qtbot.wait(20)
    assert not looked
    assert session.remedies.at(node(session)) == []
    qtbot.waitUntil(lambda: bool(looked))


def test_what_is_found_is_announced_once(session: Session, qtbot: Any) -> None:
    with qtbot.waitSignal(session.remedies.changed):
        assert session.remedies.at(node(session)) == []
    labels = [fix.label for fix in session.remedies.at(node(session))]
    assert labels == ["Set units of b to 8", "Set units of a to 16"]
    told: list[bool] = []
    session.remedies.changed.connect(lambda: told.append(True))
    session.remedies.at(node(session))
    qtbot.wait(30)
    assert not told


def test_a_menu_does_not_wait_for_the_event_loop(session: Session) -> None:
    assert len(session.remedies.finish(node(session))) == 2
    assert len(session.remedies.finish(node(session), "b")) == 2
    assert session.remedies.finish(node(session), "a") == []


def test_a_menu_waits_only_so_long(session: Session, monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.05)
    monkeypatch.setattr(Search, "step", lambda self: time.sleep(0.02) or True)
    start = time.perf_counter()
    assert session.remedies.finish(node(session)) == []
    assert time.perf_counter() - start < 1


def test_another_document_is_looked_at_anew(session: Session, qtbot: Any) -> None:
    session.remedies.finish(node(session))
    session.graph.set("b", units=5)
    assert session.remedies.at(node(session)) == []
    qtbot.waitUntil(lambda: len(session.remedies.at(node(session))) == 2)
    assert {fix.label for fix in session.remedies.at(node(session))} == {
        "Set units of b to 8",
        "Set units of a to 5",
    }


def test_a_fault_inside_a_group_is_found_from_every_sheet(session: Session) -> None:
    session.graph.group("a", "sum", name="cell")
    cell = session.document.node("cell").id
    (problem,) = session.remedies.problems(cell)
    assert problem.node == "cell/sum"
    session.enter(cell)
    assert session.remedies.problems(node(session)) == [problem]
    assert session.remedies.problems(node(session), "a") == []
    assert {fix.label for fix in session.remedies.finish(node(session))} == {
        "Set units of b to 8",
        "Set units of a to 16",
    }


def test_an_undone_fix_can_be_made_again(session: Session) -> None:
    fix = session.remedies.finish(node(session))[0]
    assert session.remedies.apply(fix)
    assert not session.inference.problems
    session.graph.undo()
    assert session.remedies.apply(fix)
    assert not session.inference.problems
