"""Questions in step with training: one at a time, none lost, and the engine rests between them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject

from graphlab.engine import messages as m
from graphlab.ui import turns as turning
from graphlab.ui.asker import Asker
from graphlab.ui.samples import rows_for
from graphlab.ui.session import Session
from graphlab.ui.turns import SHARE, turns_of


class Engine:
    """Holds the questions that were sent, and answers when it is told to."""

    def __init__(self, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
        self.session, self.asked = session, list[m.Evaluate]()
        monkeypatch.setattr(session.engine, "send", self.asked.append)

    def answer(self, place: int = -1, seconds: float = 0.0) -> None:
        request = self.asked[place].request
        self.session.engine.evaluated.emit(m.Evaluated(0, request, 5, (np.zeros(1),), seconds=seconds))


@pytest.fixture
def engine(quiet_session: Session, monkeypatch: pytest.MonkeyPatch) -> Engine:
    return Engine(quiet_session, monkeypatch)


def asker(session: Session, owner: QObject) -> tuple[Asker, list[object]]:
    """An Asker whose questions are numbered, and what came back: the numbers."""
    numbers, came = iter(range(100)), list[object]()

    def question(asked: Any) -> int:
        asked.of_arrays({}, [("n1", "y")])
        return next(numbers)

    made = Asker(session, question, owner)
    made.arrived.connect(lambda about, event: came.append(about))
    return made, came


def train(session: Session) -> None:
    session.engine.status = m.Status(0, "training", 1, 0, 0, None)


def stand_still(session: Session) -> None:
    session.engine.status = m.Status(0, "paused", 1, 0, 0, None)
    session.engine.status_changed.emit(session.engine.status)


def test_many_wishes_while_an_answer_is_on_its_way_make_one_more_question(
    quiet_session: Session, engine: Engine, qtbot: Any
) -> None:
    asked, came = asker(quiet_session, quiet_session)
    asked.want()
    qtbot.waitUntil(lambda: len(engine.asked) == 1)
    for _ in range(5):
        asked.want()
    qtbot.wait(30)
    assert len(engine.asked) == 1
    engine.answer()
    qtbot.waitUntil(lambda: len(engine.asked) == 2)
    engine.answer()
    qtbot.wait(30)
    assert came == [0, 1]
    assert len(engine.asked) == 2


def test_while_it_trains_the_engine_rests_and_when_it_stops_nothing_waits(
    quiet_session: Session, engine: Engine, qtbot: Any
) -> None:
    asked, came = asker(quiet_session, quiet_session)
    train(quiet_session)
    asked.want()
    qtbot.waitUntil(lambda: len(engine.asked) == 1)
    engine.answer(seconds=0.06)
    asked.want()
    qtbot.wait(300)
    assert len(engine.asked) == 1
    stand_still(quiet_session)
    qtbot.waitUntil(lambda: len(engine.asked) == 2, timeout=200)
    assert came == [0]


def test_an_answer_lost_with_an_edit_is_asked_for_again_and_comes_late_for_nothing(
    quiet_session: Session, engine: Engine, qtbot: Any
) -> None:
    asked, came = asker(quiet_session, quiet_session)
    asked.want()
    qtbot.waitUntil(lambda: len(engine.asked) == 1)
    asked.want()
    quiet_session.whole_changed.emit(quiet_session.whole, quiet_session.whole)
    qtbot.waitUntil(lambda: len(engine.asked) == 2, timeout=1000)
    engine.answer(0)
    assert came == []
    engine.answer(1)
    assert came == [1]


def test_what_is_forgotten_never_comes(quiet_session: Session, engine: Engine, qtbot: Any) -> None:
    asked, came = asker(quiet_session, quiet_session)
    asked.want()
    qtbot.waitUntil(lambda: len(engine.asked) == 1)
    asked.forget()
    engine.answer()
    assert came == []


def test_while_it_trains_all_take_turns_and_together_no_more_than_their_share(
    quiet_session: Session, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(turning.time, "monotonic", lambda: clock[0])
    train(quiet_session)
    turns = turns_of(quiet_session)
    askers = [asker(quiet_session, quiet_session) for _ in range(4)]
    end = clock[0] + 20.0
    while clock[0] < end:
        for asked, _ in askers:
            asked.want()
        before = len(engine.asked)
        turns._go()
        assert len(engine.asked) - before <= 1
        if len(engine.asked) > before:
            clock[0] += 0.01
            engine.answer(seconds=0.01)
        clock[0] += 0.002
    assert turns.taken <= 1.05 * SHARE * 20.0
    assert turns.taken >= 0.9 * SHARE * 20.0
    counts = [len(came) for _, came in askers]
    assert max(counts) - min(counts) <= 1
    assert sum(counts) == len(engine.asked)


def test_a_hand_does_not_wait_but_what_it_asks_is_charged(
    quiet_session: Session, engine: Engine, qtbot: Any
) -> None:
    train(quiet_session)
    one, two = (asker(quiet_session, quiet_session)[0] for _ in range(2))
    one.want()
    qtbot.waitUntil(lambda: len(engine.asked) == 1)
    engine.answer(seconds=0.1)
    one.want()
    two.want(now=True)
    qtbot.waitUntil(lambda: len(engine.asked) == 2, timeout=200)
    engine.answer(seconds=0.1)
    qtbot.wait(100)
    assert len(engine.asked) == 2
    assert turns_of(quiet_session).taken == pytest.approx(0.2, abs=0.01)


def test_rows_are_as_many_as_take_about_a_hundredth_of_a_second() -> None:
    assert rows_for(0.001, 512, 512) == 512
    assert rows_for(0.04, 512, 512) == 128
    assert rows_for(1.0, 512, 512) == 128
    assert rows_for(0.004, 128, 128) == 128  # would be 256, but not by far
    assert rows_for(0.002, 128, 128) == 512
    assert rows_for(0.0, 0, 256) == 256
