"""Questions in step with training: one at a time, none lost, and the engine rests between them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject

from graphlab.engine import messages as m
from graphlab.ui.plane.asker import Asker
from graphlab.ui.session import Session


class Engine:
    """Holds the questions that were sent, and answers when it is told to."""

    def __init__(self, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
        self.session, self.asked = session, list[m.Evaluate]()
        monkeypatch.setattr(session.engine, "send", self.asked.append)

    def answer(self, place: int = -1) -> None:
        request = self.asked[place].request
        self.session.engine.evaluated.emit(m.Evaluated(0, request, 5, (np.zeros(1),)))


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
    quiet_session.engine.status = m.Status(0, "training", 1, 0, 0, None)
    asked.want()
    qtbot.waitUntil(lambda: len(engine.asked) == 1)
    qtbot.wait(60)  # so long the answer takes
    engine.answer()
    asked.want()
    qtbot.wait(300)
    assert len(engine.asked) == 1
    quiet_session.engine.status = m.Status(0, "paused", 1, 0, 0, None)
    asked.want()
    qtbot.waitUntil(lambda: len(engine.asked) == 2, timeout=200)
    assert came == [0]


def test_a_lost_answer_is_asked_for_again_and_comes_late_for_nothing(
    quiet_session: Session, engine: Engine, qtbot: Any
) -> None:
    asked, came = asker(quiet_session, quiet_session)
    asked.want()
    qtbot.waitUntil(lambda: len(engine.asked) == 1)
    asked.want()
    qtbot.waitUntil(lambda: len(engine.asked) == 2, timeout=3000)
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
