"""Runs in a whole window: trained, found, deleted, brought back by the notice, opened again with their weights."""

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from graphlab.ui.panels.runs import RunsPanel
from tests.ui.test_session import xor
from tests.ui.window_trial import PATIENCE, Make


def test_a_training_is_found_deleted_brought_back_and_opened(make: Make, qtbot: Any) -> None:
    window = make(xor(), engine=True)
    session = window.session
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    QTest.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: len(session.losses) > 100, timeout=PATIENCE)
    window.actions_.run("run.pause")
    qtbot.waitUntil(lambda: session.status.state == "paused", timeout=PATIENCE)
    weights, losses = session.weights(), session.losses.values.copy()
    window.actions_.run("run.runs")
    panel = window.docks["runs"].content
    assert isinstance(panel, RunsPanel)
    state = panel.model.column_of("state")
    qtbot.waitUntil(lambda: panel.model.index(0, state).data() == "paused", timeout=PATIENCE)
    window.actions_.run("run.reset")
    qtbot.waitUntil(lambda: [run.state for run in panel.model.runs] == ["stopped"], timeout=PATIENCE)
    qtbot.waitUntil(lambda: panel.grid.isVisible())
    panel.take_keyboard()
    assert panel.grid.hasFocus()

    QTest.keyClick(panel.grid, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: not panel.model.runs)
    (undo,) = [b for b in window.stage.strip.findChildren(QPushButton) if b.text() == "Undo"]
    QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(panel.model.runs) == 1)

    assert not np.array_equal(session.weights()["out.weight"], weights["out.weight"])
    panel.runs.put(panel.model.runs[0].id)
    qtbot.waitUntil(lambda: np.array_equal(session.weights()["out.weight"], weights["out.weight"]))
    assert session.notices[-1].text == "Took 4 of 4 arrays from run 1."
    window.actions_.run("edit.undo")
    qtbot.waitUntil(lambda: not np.array_equal(session.weights()["out.weight"], weights["out.weight"]))

    window.files.ask = lambda name: "discard"
    panel.take_keyboard()
    QTest.keyClick(panel.grid, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.whole.name == "xor run 1")
    found = session.weights()
    assert found.keys() == weights.keys()
    assert all(np.array_equal(found[name], weights[name]) for name in weights)
    assert np.array_equal(panel.runs.all[0].curve().losses, losses)
