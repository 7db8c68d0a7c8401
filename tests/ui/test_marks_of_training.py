"""Marks on the curves, and curves of other runs over them."""

from typing import Any

import numpy as np
import pytest

from graphlab.engine.messages import Status
from graphlab.graph import Graph
from graphlab.ui.marks_of_training import Mark
from graphlab.ui.overlays import overlay
from graphlab.ui.session import Session


def at(session: Session, step: int) -> None:
    session.status_changed.emit(Status(0, "paused", step, 0, 0, None))


def test_what_is_changed_at_one_step_is_one_mark(quiet_session: Session, qtbot: Any) -> None:
    marks = quiet_session.marks
    with qtbot.waitSignal(marks.changed):
        marks.add(40, "lr 0.1 → 0.01")
    marks.add(10, "batch 4 → 8")
    marks.add(40, "momentum 0 → 0.9")
    marks.add(40, "lr 0.1 → 0.01")
    assert marks.all == (Mark(10, "batch 4 → 8"), Mark(40, "lr 0.1 → 0.01; momentum 0 → 0.9"))


def test_there_is_no_curve_to_mark_before_the_first_step(quiet_session: Session) -> None:
    quiet_session.marks.add(0, "lr 0.1 → 0.01")
    assert quiet_session.marks.all == ()


def test_marks_of_steps_taken_back_go(quiet_session: Session) -> None:
    for step in (10, 20, 30):
        quiet_session.marks.add(step, "lr")
    at(quiet_session, 19)
    assert [mark.step for mark in quiet_session.marks.all] == [10, 20]
    at(quiet_session, 12)
    assert [mark.step for mark in quiet_session.marks.all] == [10]


@pytest.mark.parametrize("clear", [lambda s: at(s, 0), lambda s: s.open(Graph())], ids=["reset", "opened"])
def test_a_reset_and_another_document_clear_them(clear: Any, quiet_session: Session) -> None:
    quiet_session.marks.add(1, "lr")
    clear(quiet_session)
    assert quiet_session.marks.all == ()


def test_curves_of_runs_get_strokes_of_their_own_and_keep_them(quiet_session: Session) -> None:
    overlays = quiet_session.overlays
    for name in ("a", "b", "c"):
        overlays.add(overlay(name, np.ones(3)))
    assert [each.stroke for each in overlays.all] == [1, 2, 3]
    overlays.remove("a")
    overlays.add(overlay("d", np.ones(3)))
    overlays.add(overlay("b", np.zeros(2), first=5))
    assert [(each.name, each.stroke) for each in overlays.all] == [("b", 2), ("c", 3), ("d", 1)]
    assert overlays.all[0].curve.first == 5
    overlays.show("c", False)
    assert [each.is_shown for each in overlays.all] == [True, False, True]
