"""The loss and accuracy curves."""

import time
from typing import Any

import numpy as np
from PySide6.QtWidgets import QMenu

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


def test_as_many_metrics_have_a_chart_as_there_is_room_for(quiet_session: Session, qtbot: Any) -> None:
    panel = shown(qtbot, quiet_session)
    of = {"accuracy": 0.9, "bits per character": 3.0, "exact": 0.1, "perplexity": 8.0}
    feed(quiet_session, np.ones(3), ReportRecord(1, 2, 0.5, of, 0.6, of, 0.1))

    def charts() -> list[str]:
        panel.redraw()
        return [name for name, chart in panel.metrics.items() if not chart.isHidden()]

    assert charts() == ["accuracy", "bits per character"]
    panel.resize(700, 200)
    assert charts() == list(of)
    menu = QMenu(panel)
    panel.fill_header_menu(menu)
    (entry,) = [action for action in menu.actions() if action.text() == "Chart of accuracy"]
    entry.trigger()
    panel.resize(240, 200)
    assert charts() == ["bits per character"]
