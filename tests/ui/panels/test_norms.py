"""The panel of norms: fed by the engine while seen, by layer or parameter, never losing a peak."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.graph import Graph
from graphlab.ui.norms import MOST, History, NormHistory, with_layers
from graphlab.ui.panels.norms import RATIO, NormsPanel
from graphlab.ui.session import Session
from tests.ui.panels.test_watches import PATIENCE, xor


@pytest.fixture
def panel(quiet_session: Session, qtbot: Any) -> Any:
    made = NormsPanel(quiet_session)
    qtbot.addWidget(made)
    made.resize(700, 260)
    made.show()
    qtbot.waitExposed(made)
    return made


def tell(panel: NormsPanel, steps: Any, values: Any) -> None:
    norms = panel.norms
    shape = (len(steps), len(norms.ends), 3)
    event = m.Norms(0, norms.request, np.asarray(steps), np.broadcast_to(values, shape))
    panel.session.engine.answered.emit(event)
    panel._redraw()


# What is kept


def test_no_peak_is_lost_however_many_readings_there_are() -> None:
    history, rng = History(1), np.random.default_rng(0)
    count = 10 * MOST + 77
    values = rng.random(count)
    values[12_345], values[30_001] = 9.0, -5.0
    for step, value in enumerate(values, 1):
        history.take(step, np.full((1, 4), value))
    assert history.size <= MOST
    steps, drawn = history.curve(0, 0, 300)
    assert len(steps) <= 602
    assert (drawn.max(), drawn.min()) == (9.0, -5.0)
    near = abs(steps[int(drawn.argmax())] - 12_346)
    assert near <= count / 300 + 2 * history.stride


def test_memory_stays_what_it_is() -> None:
    history = History(8)
    row = np.ones((8, 4))
    for step in range(2 * MOST):
        history.take(step, row)
    tracemalloc.start()
    for step in range(2 * MOST, 30_000):
        history.take(step, row)
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert grown < 20_000


def test_steps_taken_back_are_forgotten() -> None:
    history = History(1)
    for step in (1, 2, 3, 4):
        history.take(step, np.full((1, 4), float(step)))
    history.take(3, np.full((1, 4), 30.0))
    assert history.steps.tolist() == [1, 2, 3]
    assert history.at(3)[0, 0] == 30.0
    assert history.at(2.5)[0, 0] == 2.0
    assert np.isnan(history.at(0.5)).all()


def test_a_layer_is_all_its_parameters_together() -> None:
    norms = np.array([[3.0, 0.3, 30.0], [4.0, 0.4, 40.0], [5.0, 0.0, 0.0]])
    found = with_layers(norms, [("a", "weight"), ("a", "bias"), ("b", "bias")], ["a", "b"])
    assert found.shape == (5, 4)
    assert found[0].tolist() == pytest.approx([5.0, 0.5, 50.0, 0.01])
    assert found[2].tolist() == pytest.approx([3.0, 0.3, 30.0, 0.01])
    assert np.isnan(found[1, 3])  # nothing against nothing


# The panel


def test_curves_of_layers_or_of_parameters(panel: NormsPanel) -> None:
    tell(panel, [1, 2, 5], [3.0, 0.004, 4.0])
    assert [b.text().split()[0] for b in panel.legend.buttons] == ["z", "y", "gate"]
    assert "4.243" in panel.legend.buttons[0].text()  # √(3² + 3²)
    panel.parameters.click()
    panel._redraw()
    assert [b.text().split()[0] for b in panel.legend.buttons][:2] == ["z.weight", "z.bias"]
    assert "3.000" in panel.legend.buttons[0].text()
    panel.choice.setCurrentIndex(RATIO)
    panel._redraw()
    assert "0.001" in panel.legend.buttons[0].text()
    assert panel.view._guide.isVisible()
    assert panel.view._guide.value() == pytest.approx(-3)
    panel.set_logarithmic(False)
    assert panel.view._guide.value() == pytest.approx(1e-3)
    panel.choice.setCurrentIndex(0)
    assert not panel.view._guide.isVisible()


def test_a_click_in_the_legend_hides_a_curve(panel: NormsPanel) -> None:
    tell(panel, [1, 2], [3.0, 0.004, 4.0])
    QTest.mouseClick(panel.legend.buttons[1], Qt.MouseButton.LeftButton)
    panel._redraw()
    drawn = [curve.getData()[0] for curve in panel.view._curves]
    assert [0 if x is None else len(x) for x in drawn] == [2, 0, 2]
    header, rows = panel.table()
    assert header == ["step", "layer", "gradient norm", "update norm", "weight norm", "update ÷ weights"]
    assert {row[1] for row in rows} == {"z", "gate"}


def test_the_keys_read_the_curves(panel: NormsPanel) -> None:
    tell(panel, [1, 2, 3], np.array([1.0, 2.0, 4.0])[:, None, None] * np.ones(3))
    panel.view.setFocus()
    QTest.keyClick(panel.view, Qt.Key.Key_Left)
    QTest.keyClick(panel.view, Qt.Key.Key_Left)
    assert "step 2" in panel.words.text()
    assert f"{2 * np.sqrt(2):.3f}" in panel.legend.buttons[0].text()


def test_readings_that_somebody_asked_for_before_do_not_count(panel: NormsPanel) -> None:
    old = panel.norms.request
    panel.session.graph.add("Linear", "h", name="more", units=3)
    panel.graph_changed()
    assert panel.norms.request != old
    panel.session.engine.answered.emit(m.Norms(0, old, np.array([1]), np.ones((1, 6, 3))))
    assert panel.norms.history.size == 0


def test_a_panel_that_is_opened_after_the_training_shows_it(
    quiet_session: Session, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(quiet_session.engine, "send", sent.append)
    norms = NormHistory.of(quiet_session)  # as the window does when it is made
    assert [len(each.ends) for each in sent if isinstance(each, m.WatchNorms)] == [6]
    quiet_session.engine.answered.emit(m.Norms(0, norms.request, np.array([1, 2]), np.ones((2, 6, 3))))
    made = NormsPanel(quiet_session)
    qtbot.addWidget(made)
    made.show()
    assert not made.missing()
    assert made.norms.history.steps.tolist() == [1, 2]
    quiet_session.graph.add("Linear", "h", name="more", units=3)
    qtbot.waitUntil(lambda: len(sent[-1].ends) == 8)  # without anybody's looking


def test_a_training_fills_it_and_a_reset_empties_it(qtbot: Any) -> None:
    session = Session(Graph(xor().document))
    made = NormsPanel(session)
    qtbot.addWidget(made)
    made.resize(600, 240)
    made.show()
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    session.phase("update")
    qtbot.waitUntil(lambda: made.norms.history.size == 1, timeout=PATIENCE)
    session.engine.send(m.Train(60))
    qtbot.waitUntil(lambda: made.norms.history.size == 61, timeout=PATIENCE)
    values = made.norms.history.at(61)
    assert (values[:2, :3] > 0).all()
    assert values[0, RATIO] == pytest.approx(values[0, 1] / values[0, 2], rel=1e-5)
    session.reset()
    qtbot.waitUntil(lambda: made.norms.history.size == 0, timeout=PATIENCE)
    session.close()
