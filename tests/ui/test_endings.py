"""A training that ended by itself, as the window tells it, and what it offers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QPushButton

from graphlab.engine import messages as m
from graphlab.engine.messages import ReportRecord, Scalars
from graphlab.graph import Graph
from graphlab.io import load
from graphlab.ui.endings import notice_of
from graphlab.ui.inspector.document_page import DocumentPage
from graphlab.ui.session import Session
from tests.ui.window_trial import Make

BEST = m.BestRecord("validation loss", 7, 70, 0.123)


def stopped(reason: str = "it has taken 5 seconds", returns: bool = False, step: int = 100) -> m.Stopped:
    return m.Stopped(0, step, 10, reason, BEST, returns)


def test_what_is_said_of_an_end() -> None:
    gone: list[int] = []
    why = "Training ended after epoch 10: it has taken 5 seconds."
    told = notice_of(stopped(), gone.append)
    assert told.text == f"{why} Best: validation loss 0.123, epoch 7."
    assert told.choice is not None
    told.choice[1]()
    assert (told.choice[0], gone) == ("Go to the best epoch", [70])
    back = notice_of(stopped(returns=True), gone.append)
    assert back.text == f"{why} The weights are those of the best epoch (validation loss 0.123, epoch 7)."
    assert back.choice is None
    assert notice_of(stopped(step=70), gone.append).text == why
    assert notice_of(stopped("", returns=True), gone.append).text.startswith(
        "Training has ended. The weights"
    )


def test_the_strip_offers_the_best_epoch_and_the_step_before_a_fault(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make(Graph("empty"))
    window.session.engine._take([m.Trail(0, 0, 100, np.arange(100), 1000, 2000)])
    gone: list[int] = []
    monkeypatch.setattr(window.session.engine, "send", lambda c: gone.append(getattr(c, "step", 0)))
    for event, title in (
        (stopped(), "Go to the best epoch"),
        (m.Failed("out became NaN.", "Lower the learning rate.", "out", 41), "Go to the step before"),
    ):
        window.session.engine._take([event])
        (button,) = [b for b in window.stage.findChildren(QPushButton) if b.text() == title]
        button.click()
    assert gone == [70, 41]


def test_the_best_step_is_that_of_what_is_watched(quiet_session: Session) -> None:
    session = quiet_session
    figures = [(0.9, 0.5), (0.3, 0.6), (0.4, 0.9), (float("nan"), 0.7)]
    reports = tuple(
        ReportRecord(k, 10 * k, 1.0, {}, loss, {"accuracy": accuracy}, 0.0)
        for k, (loss, accuracy) in enumerate(figures, 1)
    )
    assert session.endings.best_step() == 0
    session.engine.scalars.emit(Scalars(0, 0, np.ones(40), reports))
    assert session.endings.best_step() == 20
    session.root.configure(stop_on="metric")
    assert session.endings.best_step() == 30


def test_best_weights_are_saved_beside_the_document(
    quiet_session: Session, qtbot: Any, tmp_path: Path
) -> None:
    session = quiet_session
    weights = {"z.weight": np.full((4, 3), 2.0, np.float32)}
    session.engine.answered.emit(m.Improved(0, BEST, weights))
    assert "no file holds the document" in session.notices[-1].text
    session.path = tmp_path / "net.graphlab"
    with qtbot.waitSignal(session.endings.saved, timeout=5000):
        session.engine.answered.emit(m.Improved(0, BEST, weights))
    graph, found = load(tmp_path / "net.best.graphlab")
    assert np.array_equal(found["z.weight"], weights["z.weight"])
    assert graph.document.nodes.keys() == session.whole.nodes.keys()


def test_a_folder_that_is_gone_is_told_once_and_loses_nothing(
    quiet_session: Session, qtbot: Any, tmp_path: Path
) -> None:
    session = quiet_session
    session.path = tmp_path / "gone" / "net.graphlab"
    for _ in range(3):
        session.engine.answered.emit(m.Improved(0, BEST, {}))
    qtbot.waitUntil(lambda: bool(session.notices), timeout=5000)
    session.recording.clerk.wait()
    qtbot.wait(20)
    assert len(session.notices) == 1


def test_the_settings_stand_under_a_heading_of_their_own(quiet_session: Session, qtbot: Any) -> None:
    page = DocumentPage(quiet_session)
    qtbot.addWidget(page)
    page.show_document()
    assert "min_delta" not in page.stop_form.names()
    quiet_session.root.configure(stop_patience=5)
    page.show_document()
    assert {"stop_patience", "stop_on", "min_delta", "keep_best", "save_best"} <= set(page.stop_form.names())
    assert "stop_patience" not in page.form.names()
    assert page._commit("stop_loss", 0.25, False) == ""
    assert quiet_session.root.document.training.stop_loss == 0.25
    assert "stop_seconds" in page._commit("stop_seconds", -1.0, False)
