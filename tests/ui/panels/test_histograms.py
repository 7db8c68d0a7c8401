"""The panel of histograms over time: asks while seen, keeps each kind, is read by hand and by keyboard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.engine.spreads import spread_of
from graphlab.ui.panels.histograms import HistogramsPanel
from graphlab.ui.session import Session
from tests.ui.panels.test_watches import PATIENCE, xor


@pytest.fixture
def sent(quiet_session: Session, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    commands: list[Any] = []
    monkeypatch.setattr(quiet_session.engine, "send", commands.append)
    return commands


@pytest.fixture
def panel(quiet_session: Session, sent: list[Any], qtbot: Any) -> HistogramsPanel:
    made = HistogramsPanel(quiet_session)
    for widget in (made, *made.header_tools()):
        qtbot.addWidget(widget)
    made.resize(700, 300)
    made.show()
    qtbot.waitExposed(made)
    return made


def tell(panel: HistogramsPanel, readings: dict[int, Any]) -> None:
    """`readings`: at which step which numbers, the same for every array."""
    spreads = panel.spreads
    rows = [[spread_of(np.asarray(a, float))] * len(spreads.keys) for a in readings.values()]
    columns = [np.array([[each[k] for each in row] for row in rows]) for k in range(4)]
    event = m.Spreads(0, spreads.request, np.array(list(readings)), *columns)
    panel.session.engine.answered.emit(event)
    panel._redraw()


def wishes(sent: list[Any]) -> list[m.WatchSpreads]:
    return [each for each in sent if isinstance(each, m.WatchSpreads)]


def test_it_asks_for_what_is_chosen_and_goes_on_when_hidden(panel: HistogramsPanel, sent: list[Any]) -> None:
    name = panel.session.name_of
    asked = [(key.kind, name(key.node), key.socket) for key in wishes(sent)[-1].keys]
    assert ("value", "z", "weight") in asked
    assert len(asked) == 6
    panel.kinds.setCurrentText("activations")
    panel.kinds.textActivated.emit("activations")
    asked = [(key.kind, name(key.node)) for key in wishes(sent)[-1].keys]
    assert asked == [("value", "z"), ("value", "h"), ("value", "y"), ("value", "gate")]
    panel.set_kind("activation gradients")
    assert {key.kind for key in wishes(sent)[-1].keys} == {"grad"}
    asked_so_far = len(sent)
    panel.hide()
    assert len(sent) == asked_so_far


def test_what_was_read_of_a_kind_is_kept_while_another_is_looked_at(panel: HistogramsPanel) -> None:
    tell(panel, {0: [1, 2], 5: [3, 4]})
    panel.set_kind("activations")
    assert panel.spreads.history.size == 0
    tell(panel, {6: [3.0]})
    panel.set_kind("weights")
    assert panel.spreads.history.steps.tolist() == [0, 5]


def test_the_first_step_of_another_training_forgets(panel: HistogramsPanel) -> None:
    tell(panel, {0: [1, 2], 5: [3, 4]})
    panel.session.engine.status_changed.emit(m.Status(0, "idle", 0, 0, 0, None))
    assert panel.spreads.history.size == 0
    tell(panel, {0: [1, 2]})
    panel.session.engine.status_changed.emit(m.Status(0, "idle", 0, 0, 0, None))
    assert panel.spreads.history.steps.tolist() == [0]


def test_every_layer_stands_in_a_cell_and_a_click_shows_one_alone(panel: HistogramsPanel) -> None:
    tell(panel, {step: np.linspace(-1, 1, 50) * (step + 1) for step in range(30)})
    names = [spread.title for spread in panel.view.spreads]
    assert names == ["z.weight", "z.bias", "y.weight", "y.bias", "gate.weight", "gate.bias"]
    spot = panel.view.cell(2).center().toPoint()
    QTest.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=spot)
    panel._redraw()
    assert [spread.title for spread in panel.view.spreads] == ["y.weight"]
    assert panel.layers.currentText() == "y.weight"
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    panel._redraw()
    assert len(panel.view.spreads) == 6


def test_the_newest_ridge_has_its_hill_where_the_numbers_are(panel: HistogramsPanel) -> None:
    tell(panel, {0: np.full(50, -2.0), 10: [*np.full(49, 3.0), 3.5]})
    spread = panel.view.spreads[0]
    assert (spread.low, spread.steps[-1]) == (pytest.approx(-2, abs=0.1), 10)
    peak = spread.low + (spread.high - spread.low) * (spread.shares[-1].argmax() + 0.5) / 64
    assert peak == pytest.approx(3.0, abs=0.2)


def test_the_map_goes_by_steps_and_holds_what_was_read_before(panel: HistogramsPanel) -> None:
    tell(panel, {0: [0.0, 1.0], 1: [0.0, 4.0], 100: [0.0, 4.0]})
    panel.switch.setChecked(True)
    panel._redraw()
    spread = panel.view.spreads[0]
    assert spread.steps[0] == 0
    assert spread.steps[-1] == 100
    assert len(spread.steps) == 101
    upper = spread.shares[:, 40:].sum(axis=1)
    assert upper[0] == 0
    assert np.allclose(upper[1:], 0.5, atol=0.05)


def test_pointing_and_the_keys_read_out_a_step(panel: HistogramsPanel) -> None:
    tell(panel, {0: [0.0, 1.0], 50: [0.0, 4.0], 100: [0.0, 4.0]})
    view = panel.view
    QTest.mouseMove(view, view.frame(0).center().toPoint())
    assert "z.weight: step " in view.accessibleDescription()
    assert "%" in view.accessibleDescription()
    view.read_at(None)
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.accessibleDescription() == "z.weight: step 100"
    QTest.keyClick(view, Qt.Key.Key_Left)
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.accessibleDescription() == "z.bias: step 50"
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert panel.layer == "z.bias"


def test_the_table_has_every_count_of_what_is_shown(panel: HistogramsPanel) -> None:
    tell(panel, {3: [0.5, 0.5, np.nan, 2.0]})
    panel.set_layer("z.weight")
    header, rows = panel.table()
    assert header == ["step", "array", "from", "to", "elements", "no number"]
    found = list(rows)
    assert [(row[0], row[1], row[4], row[5]) for row in found] == [
        (3, "z.weight", 2, 1),
        (3, "z.weight", 1, 1),
    ]
    assert all(row[2] <= value < row[3] for row, value in zip(found, (0.5, 2.0), strict=True))
    assert panel.view.spreads[0].note == "1 no number"


def test_one_line_says_what_would_fill_it(panel: HistogramsPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    panel._redraw()
    assert "weights of each layer" in panel.empty.label.text()
    asked = []
    monkeypatch.setattr(panel.session, "train", lambda: asked.append(1))
    panel._redraw()
    panel.empty.button.click()
    panel.set_kind("weight gradients")
    panel._redraw()
    assert "no loss" in panel.empty.label.text()


def test_it_fills_while_a_real_engine_trains(qtbot: Any) -> None:
    session = Session(xor())
    panel = HistogramsPanel(session)
    for widget in (panel, *panel.header_tools()):
        qtbot.addWidget(widget)
    panel.show()
    qtbot.waitExposed(panel)
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    panel.set_kind("activation gradients")
    session.engine.send(m.Train(60))
    qtbot.waitUntil(lambda: session.status.state == "finished", timeout=PATIENCE)
    qtbot.waitUntil(lambda: panel.spreads.history.size > 30, timeout=PATIENCE)

    def is_drawn() -> bool:
        return len(panel.view.spreads) == 3 and all(each.steps[-1] == 60 for each in panel.view.spreads)

    qtbot.waitUntil(is_drawn, timeout=PATIENCE)
    session.close()
