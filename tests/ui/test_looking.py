"""Questions about arrays never pile up, and their answers reach whoever asked, if it is still there."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QObject
from shiboken6 import delete

from graphlab.engine.messages import Look, Looked, Range, Ranged, TensorKey
from graphlab.ui.display import set_display
from graphlab.ui.session import Session
from graphlab.ui.widgets.stats_line import stats_of

KEY = TensorKey("value", "n1", "y")


@pytest.fixture
def sent(quiet_session: Session, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    commands: list[Any] = []
    monkeypatch.setattr(quiet_session.engine, "send", commands.append)
    return commands


def ask(session: Session, owner: QObject, number: int, took: list[Any], lane: str = "a") -> None:
    spans = ((number, number + 1, 1),)
    session.looking.ask(owner, lane, lambda request: Look(request, KEY, spans), took.append)


def answer(session: Session, command: Any) -> None:
    session.engine.looked.emit(Looked(0, command.request, spans=command.spans))


def test_of_many_questions_only_the_newest_waits(quiet_session: Session, sent: list[Any]) -> None:
    took: list[Any] = []
    for number in range(5):
        ask(quiet_session, quiet_session, number, took)
    assert len(sent) == 1
    answer(quiet_session, sent[0])
    assert [command.spans[0][0] for command in sent] == [0, 4]
    answer(quiet_session, sent[1])
    assert [event.spans[0][0] for event in took] == [0, 4]


def test_lanes_do_not_wait_for_one_another(quiet_session: Session, sent: list[Any]) -> None:
    took: list[Any] = []
    ask(quiet_session, quiet_session, 1, took, "a")
    ask(quiet_session, quiet_session, 2, took, "b")
    assert len(sent) == 2


def test_an_answer_that_is_lost_does_not_block_the_lane(
    quiet_session: Session, sent: list[Any], qtbot: Any
) -> None:
    took: list[Any] = []
    quiet_session.looking.ask(quiet_session, "a", lambda r: Look(r, KEY, ()), took.append, patience=20)
    ask(quiet_session, quiet_session, 2, took)
    qtbot.waitUntil(lambda: len(sent) == 2)
    answer(quiet_session, sent[1])
    assert len(took) == 1


def test_whoever_is_gone_gets_no_answer(quiet_session: Session, sent: list[Any]) -> None:
    took: list[Any] = []
    owner = QObject(quiet_session)
    ask(quiet_session, owner, 1, took)
    quiet_session.looking.forget(owner)
    answer(quiet_session, sent[0])
    assert took == []


def test_owners_that_are_gone_are_let_go(quiet_session: Session, sent: list[Any]) -> None:
    looking = quiet_session.looking
    owners = [QObject(), QObject()]
    for owner in owners:
        ask(quiet_session, owner, 1, [])
        delete(owner)
    ask(quiet_session, quiet_session, 1, [])
    assert list(looking._owners.values()) == [quiet_session]
    assert [place for place, _ in looking._lanes] == [id(quiet_session)]


def test_another_graph_frees_the_lanes(quiet_session: Session, sent: list[Any]) -> None:
    took: list[Any] = []
    ask(quiet_session, quiet_session, 1, took)
    ask(quiet_session, quiet_session, 2, took)
    quiet_session.inference_changed.emit(quiet_session.inference)
    assert [command.spans[0][0] for command in sent if isinstance(command, Look)] == [1, 2]


def test_scales_ask_for_the_largest_only_where_it_is_wanted(
    quiet_session: Session, sent: list[Any], qtbot: Any
) -> None:
    scales, stats = quiet_session.scales, stats_of([1.0, -2.0])
    quiet_session.values_changed.emit({"n1"})
    qtbot.wait(250)
    assert not any(isinstance(command, Range) for command in sent)
    assert scales.of(KEY, stats) == 2.0
    assert scales.of(KEY, stats, shown=[0.5]) == 2.0
    set_display(scale="shown")
    assert scales.of(KEY, stats, shown=[0.5]) == 0.5
    set_display(scale="graph")
    question = next(command for command in sent if isinstance(command, Range))
    with qtbot.waitSignal(scales.changed):
        quiet_session.engine.ranged.emit(
            Ranged(0, question.request, {"value": 7.0, "grad": 3.0}, {"value": {"n1": 5.0}})
        )
    assert scales.of(KEY, stats) == 7.0
    assert scales.of(TensorKey("term", "n1", "n2.x"), stats) == 3.0
    set_display(scale="node")
    assert scales.of(KEY, stats) == 5.0
    assert scales.of(TensorKey("value", "n9", "y"), stats) == 2.0
