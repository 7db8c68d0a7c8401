"""Pictures' questions to the engine, with the real process: the newest counts, and none is left waiting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from graphlab.engine import messages as m
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.ui.evaluating import Evaluation
from graphlab.ui.session import Session

WAIT = 20_000


@pytest.fixture
def session(qtbot: Any) -> Iterator[Session]:
    made = Session(load(example("xor").path)[0])
    qtbot.waitUntil(lambda: made.engine.loaded is not None, timeout=WAIT)
    yield made
    made.close()


def test_of_many_questions_the_last_is_answered(session: Session, qtbot: Any) -> None:
    asked, answers = Evaluation(session), []
    asked.arrived.connect(answers.append)
    data, out = (session.document.node(name).id for name in ("xor", "out"))
    grids = [np.full((n, 2), n, np.float32) for n in range(1, 40)]
    for grid in grids:
        asked.of_arrays({(data, "x"): grid}, [(data, "x"), (out, "y")])
    qtbot.waitUntil(lambda: bool(answers) and len(answers[-1].values[0]) == 39, timeout=WAIT)
    assert len(answers) < 10
    assert np.array_equal(answers[-1].values[0], grids[-1])
    assert answers[-1].values[1].shape == (39, 1)


def test_two_pictures_get_each_its_own_answer(session: Session, qtbot: Any) -> None:
    data = session.document.node("xor").id
    pictures = [Evaluation(session) for _ in range(2)]
    got: list[list[m.Evaluated]] = [[], []]
    for picture, answers in zip(pictures, got, strict=True):
        picture.arrived.connect(answers.append)
    pictures[0].of_rows("train", [(data, "x")], [0])
    pictures[1].of_rows("train", [(data, "target")])
    qtbot.waitUntil(lambda: all(got), timeout=WAIT)
    assert got[0][0].values[0].shape == (1, 2)
    assert got[1][0].values[0].shape == (4, 1)
    assert [len(answers) for answers in got] == [1, 1]


def test_what_cannot_be_answered_is_told_in_words(session: Session, qtbot: Any) -> None:
    asked, answers = Evaluation(session), []
    asked.arrived.connect(answers.append)
    asked.of_rows("spare", [(session.document.node("out").id, "y")])
    qtbot.waitUntil(lambda: bool(answers), timeout=WAIT)
    assert "no spare rows" in answers[0].message
    assert answers[0].values == ()
