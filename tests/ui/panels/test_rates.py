"""The learning-rate finder: found with a click, read with pointer and keys, taken with another click, undone in one."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.engine.experiments.rates import plain_rate
from graphlab.ui.panels.rates import RatesPanel
from graphlab.ui.session import Session
from tests.engine.networks import winding_graph
from tests.ui.experiments_trial import Beside

Open = Callable[..., tuple[RatesPanel, Beside]]


@pytest.fixture
def shown(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """A shown panel, and what answers it; with `found`, once rates were tried."""
    made: list[Session] = []

    def begin(found: bool = True) -> tuple[RatesPanel, Beside]:
        session = Session(winding_graph(), engine=False)
        made.append(session)
        beside = Beside(session, monkeypatch)
        panel = RatesPanel(session)
        qtbot.addWidget(panel)
        panel.resize(620, 260)
        panel.show()
        qtbot.waitExposed(panel)
        qtbot.waitUntil(lambda: panel.empty.button.text() == "Find a learning rate")
        if found:
            QTest.mouseClick(panel.empty.button, Qt.MouseButton.LeftButton)
            beside.work()
            qtbot.waitUntil(lambda: panel._made and panel.steepest.isVisible())
        return panel, beside

    yield begin
    for session in made:
        session.close()


def test_a_click_tries_rates_and_another_takes_one_that_one_undo_takes_back(shown: Open) -> None:
    panel, beside = shown()
    assert isinstance(beside.asked[0], m.FindRate)
    root = panel.session.root
    before = root.document.training.lr
    assert panel.found is not None
    assert panel.found.suggestion is not None
    rate = plain_rate(panel.found.suggestion[0])
    assert panel.steepest.text() == f"Use {rate:g}"
    QTest.mouseClick(panel.steepest, Qt.MouseButton.LeftButton)
    assert root.document.training.lr == rate
    panel.redraw()
    assert panel.steepest.text() == f"{rate:g} is used"
    assert not panel.steepest.isEnabled()
    root.undo()
    assert root.document.training.lr == before


def test_other_bounds_are_typed(shown: Open, qtbot: Any) -> None:
    panel, beside = shown()
    line = panel.fields["low"].line()
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "0.001")
    QTest.keyClick(line, Qt.Key.Key_Return)
    QTest.mouseClick(panel.run_button, Qt.MouseButton.LeftButton)
    assert (beside.asked[-1].low, beside.asked[-1].high) == (0.001, 10.0)
    beside.work()
    qtbot.waitUntil(lambda: panel.found is not None and panel.found.is_done)
    assert panel.found.rates[0] == pytest.approx(0.001)


def test_bounds_the_wrong_way_round_are_told_in_place(shown: Open, qtbot: Any) -> None:
    panel, beside = shown()
    panel._enter("low", 20.0)
    panel.find()
    beside.tell()
    qtbot.waitUntil(lambda: "cannot be tried" in panel.empty.label.text())
    QTest.mouseClick(panel.empty.button, Qt.MouseButton.LeftButton)
    beside.work()
    qtbot.waitUntil(lambda: panel.found is not None and panel.found.is_done)


def test_arrows_read_the_curve_and_enter_takes_the_rate(shown: Open) -> None:
    panel, _ = shown()
    assert panel.found is not None
    panel.chart.setFocus()
    QTest.keyClick(panel.chart, Qt.Key.Key_Left)
    QTest.keyClick(panel.chart, Qt.Key.Key_Left)
    at = len(panel.found.rates) - 2
    assert f"mean {panel.found.smoothed[at]:.4g}"[:8] in panel.read_out.toolTip()
    QTest.keyClick(panel.chart, Qt.Key.Key_Return)
    assert panel.session.whole.training.lr == plain_rate(float(panel.found.rates[at]))


def test_it_can_be_stopped(shown: Open, qtbot: Any) -> None:
    panel, beside = shown()
    QTest.mouseClick(panel.run_button, Qt.MouseButton.LeftButton)
    beside.events += beside.experiments.go_on(beside.space, 0, 0.0, False)
    beside.tell()
    panel.redraw()
    assert panel.run_button.text() == "Stop"
    QTest.mouseClick(panel.run_button, Qt.MouseButton.LeftButton)
    assert not beside.experiments.is_busy
    qtbot.waitUntil(lambda: panel.run_button.text() == "Find" or panel.empty.isVisible())


def test_marks_stand_at_the_rates_and_where_the_document_is(shown: Open) -> None:
    panel, _ = shown()
    assert panel.found is not None
    assert panel.found.suggestion is not None
    rates = [mark.rate for mark, _ in panel.chart._marks]
    assert rates == [panel.session.whole.training.lr, *panel.found.suggestion]
    places = [line.value() for _, line in panel.chart._marks]
    assert places == pytest.approx(np.log10(rates))


def test_its_numbers_can_be_saved(shown: Open) -> None:
    panel, _ = shown()
    assert panel.found is not None
    rows = list(csv.reader(io.StringIO(panel._numbers(".csv").decode())))
    assert rows[0] == ["learning rate", "loss", "mean loss"]
    assert [float(row[1]) for row in rows[1:]] == panel.found.losses.tolist()
    assert panel._picture(".png").startswith(b"\x89PNG")


def test_without_a_loss_it_says_so(qtbot: Any, quiet_session: Session) -> None:
    panel = RatesPanel(quiet_session)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: "no loss yet" in panel.empty.label.text())
