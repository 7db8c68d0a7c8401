"""What an edit changed is told in a few words, and stands as a mark on the curves."""

from __future__ import annotations

from typing import Any

import pytest

from graphlab.engine import messages as m
from graphlab.engine.messages import Status
from graphlab.graph import Graph
from graphlab.graph.codec import to_bytes
from graphlab.ui.edits_told import changes
from graphlab.ui.knobs import knobs_of, learners_of, rate_now, warning_of
from graphlab.ui.marks_of_training import Mark
from graphlab.ui.session import Session
from tests.engine.networks import winding_graph


def told(edit: Any) -> list[str]:
    graph = winding_graph()
    before = graph.document
    edit(graph)
    return [change.text for change in changes(before, graph.document)]


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda g: g.configure(lr=0.003), ["lr 0.05 → 0.003"]),
        (
            lambda g: g.configure(batch_size=64, optimizer="SGD"),
            ["optimizer Adam → SGD", "batch size 16 → 64"],
        ),
        (lambda g: g.configure(amsgrad=True), ["amsgrad off → on"]),
        (lambda g: g.configure(epochs=7, order="depth", stop_patience=3, keep_best=True), []),
        (lambda g: g.configure(goal="loss"), ["goal changed"]),
        (lambda g: g.set("dropout", p=0.5), ["dropout p 0.4 → 0.5"]),
        (lambda g: g.set("data", noise=0.5), ["data noise 0.3 → 0.5"]),
        (lambda g: g.set("shared", shape=(4, 3)), ["shared shape changed"]),
        (lambda g: g.set_flags("first", frozen=True), ["first frozen"]),
        (lambda g: g.set_flags("tanh", muted=True), ["tanh muted"]),
        (lambda g: g.rename("first", "one"), []),
        (lambda g: g.move({"first": (5.0, 5.0)}), []),
        (lambda g: g.add("Tanh"), ["graph edited"]),
    ],
)
def test_an_edit_is_told(edit: Any, words: list[str]) -> None:
    assert told(edit) == words


@pytest.fixture
def session(qtbot: Any) -> Any:
    session = Session(winding_graph(), engine=False)
    yield session
    session.close()


def at(session: Session, step: int) -> None:
    session.engine._take_status(Status(0, "training", step, 0, 0, None))


def test_an_edit_while_it_trains_is_marked(session: Session) -> None:
    at(session, 40)
    session.root.configure(lr=0.003)
    session.root.set_flags("first", frozen=True)
    session.marks.settle()
    assert session.marks.all == (Mark(40, "lr 0.05 → 0.003; first frozen"),)


def test_the_settings_of_then_are_no_change(session: Session) -> None:
    """Who goes back to a step sees what it was trained with; nobody has set anything."""
    then = to_bytes(session.root.document)
    at(session, 40)
    session.root.configure(lr=0.003)
    session.marks.settle()
    before = session.marks.all
    session.travel._arrive(m.Travelled(0, 20, 1, then))
    session.marks.settle()
    assert session.root.document.training.lr == 0.05
    assert session.marks.all == before


def test_a_drag_is_one_mark_at_its_end(session: Session, qtbot: Any) -> None:
    for step, rate in ((10, 0.04), (20, 0.02), (30, 0.003)):
        at(session, step)
        session.root.configure("slide training.lr", lr=rate)
    assert session.marks.all == ()
    with qtbot.waitSignal(session.marks.changed):
        pass
    assert session.marks.all == (Mark(30, "lr 0.05 → 0.003"),)


def test_changes_at_the_same_step_stand_as_one(session: Session) -> None:
    at(session, 40)
    for rate in (0.02, 0.003):
        session.root.configure(lr=rate)
        session.marks.settle()
    assert session.marks.all == (Mark(40, "lr 0.05 → 0.003"),)
    session.root.configure(lr=0.05)
    session.marks.settle()
    assert session.marks.all == ()


def test_what_is_undone_later_is_marked_as_well(session: Session) -> None:
    at(session, 40)
    session.root.configure(lr=0.003)
    session.marks.settle()
    at(session, 90)
    session.root.undo()
    session.marks.settle()
    assert [mark.text for mark in session.marks.all] == ["lr 0.05 → 0.003", "lr 0.003 → 0.05"]


def test_before_the_first_step_and_for_another_document_nothing_is_marked(session: Session) -> None:
    session.root.configure(lr=0.003)
    session.marks.settle()
    at(session, 40)
    session.open(Graph())
    session.marks.settle()
    assert session.marks.all == ()


def test_knobs_and_learners_of_a_document(session: Session) -> None:
    document = session.whole
    assert [(k.title, k.value, k.low, k.high) for k in knobs_of(document)] == [
        ("data noise", 0.3, 0.0, 1.0),
        ("dropout p", 0.4, 0.0, 1.0),
    ]
    found = {each.title: each.size for each in learners_of(document, session.seen.whole)}
    assert found == {"shared": 8, "bias": 4, "scores": 15}


def test_a_rate_far_from_the_usual_is_warned_of(session: Session) -> None:
    def said(rows: int = 0, **more: Any) -> str:
        session.root.configure(**more)
        return warning_of(session.whole.training, m.Loaded(0, (), 1, True, 1, rows=rows))

    assert said(optimizer="Adam", lr=0.01) == ""
    assert "So large" in said(lr=50.0)
    assert "So small" in said(lr=1e-9)
    assert said(optimizer="Adadelta", lr=1.0) == ""
    assert "A batch of 200 is more than the 120 rows" in said(rows=120, batch_size=200)
    assert said(rows=4, batch_size=32) == ""  # what every document begins with


def test_the_rate_of_the_next_step_follows_the_schedule(session: Session) -> None:
    session.root.configure(lr=0.1, schedule="StepLR", step_size=1, gamma=0.5)
    training = session.whole.training
    assert [rate_now(training, 10, step) for step in (0, 10, 20)] == [0.1, 0.05, 0.025]
    session.root.configure(schedule="ReduceLROnPlateau")
    assert rate_now(session.whole.training, 10, 20) is None
