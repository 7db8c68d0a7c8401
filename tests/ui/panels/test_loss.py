"""The loss and accuracy curves."""

import time
from typing import Any

import numpy as np

from graphlab.engine.messages import ReportRecord, Scalars
from graphlab.ui.panels.loss import LossPanel
from graphlab.ui.session import Session


def shown(qtbot: Any, session: Session) -> LossPanel:
    panel = LossPanel(session)
    qtbot.addWidget(panel)
    panel.resize(420, 200)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def feed(session: Session, losses: np.ndarray, *reports: ReportRecord) -> None:
    session.engine.scalars.emit(Scalars(0, 0, losses, reports))


def report(validation: float | None, accuracy: float | None) -> ReportRecord:
    metrics = {} if accuracy is None else {"accuracy": accuracy}
    return ReportRecord(1, 2, 0.5, metrics, validation, metrics, 0.1)


def test_a_million_steps_are_redrawn_fast_from_two_thousand_points(
    quiet_session: Session, qtbot: Any
) -> None:
    panel = shown(qtbot, quiet_session)
    feed(quiet_session, np.random.default_rng(0).random(1_000_000))
    panel.redraw()
    best = 1.0
    for _ in range(10):
        begin = time.perf_counter()
        panel.redraw()
        best = min(best, time.perf_counter() - begin)
    drawn = sum(len(curve.getData()[0]) for curve in (panel.loss.train, panel.loss.range))
    assert drawn <= 2100
    assert best < 4e-3


def test_losses_that_are_not_numbers_do_not_reach_the_plot(quiet_session: Session, qtbot: Any) -> None:
    panel = shown(qtbot, quiet_session)
    feed(quiet_session, np.array([1.0, np.nan, np.inf, -1.0, 0.5]))
    for logarithmic in (False, True):
        panel.set_logarithmic(logarithmic)
        panel.redraw()
        values = panel.loss.train.getOriginalDataset()[1]
        assert values.dtype == np.float64
        assert np.isfinite(values).all()
    assert (panel.loss.train.getOriginalDataset()[1] > 0).all()


def test_accuracy_shows_only_where_there_is_one(quiet_session: Session, qtbot: Any) -> None:
    panel = shown(qtbot, quiet_session)
    feed(quiet_session, np.ones(3), report(0.6, None))
    panel.redraw()
    assert panel.accuracy.isHidden()
    feed(quiet_session, np.ones(3), report(0.6, 0.9))
    panel.redraw()
    assert not panel.accuracy.isHidden()
    assert "90.0 %" in panel.accuracy.words.text()


def test_the_newest_losses_stand_above_the_curve(quiet_session: Session, qtbot: Any) -> None:
    panel = shown(qtbot, quiet_session)
    feed(quiet_session, np.array([1.0, 0.25]), report(0.375, None))
    panel.redraw()
    assert "0.2500" in panel.loss.words.text()
    assert "0.3750" in panel.loss.words.text()
