"""Drawing by hand, by keyboard and by undo, read by a network that has learnt digits, on a real engine."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.graph import Graph
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.ui.panels.draw import DrawPanel
from graphlab.ui.session import Session
from graphlab.ui.widgets.draw_pad import DrawPad
from graphlab.ui.widgets.layer_strip import board

WAIT = 20_000
ZERO = [
    (0.5 + 0.2 * math.sin(k * math.tau / 24), 0.5 - 0.35 * math.cos(k * math.tau / 24)) for k in range(25)
]
Key = Qt.Key


@pytest.fixture(params=["digits-mlp", "digits-cnn"])
def panel(request: Any, qtbot: Any) -> Iterator[DrawPanel]:
    session = Session(load(example(request.param).path)[0])
    qtbot.waitUntil(lambda: session.engine.loaded is not None, timeout=WAIT)
    made = DrawPanel(session)
    qtbot.addWidget(made)
    made.resize(1000, 260)
    made.show()
    qtbot.waitUntil(lambda: made._stack.currentWidget() is made.content, timeout=WAIT)
    yield made
    session.close()


def stroke(pad: DrawPad, places: Any) -> None:
    paper = pad.paper()

    def at(place: tuple[float, float]) -> QPoint:
        x, y = place
        return QPoint(round(paper.left() + x * paper.width()), round(paper.top() + y * paper.height()))

    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=at(places[0]))
    for place in places[1:]:
        QTest.mouseMove(pad, at(place))
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=at(places[-1]))


def test_a_zero_is_read_and_follows_training(panel: DrawPanel, qtbot: Any) -> None:
    stroke(panel.pad, ZERO)
    qtbot.waitUntil(lambda: panel.chances is not None, timeout=WAIT)
    assert panel.chances is not None
    assert panel.chances.sum() == pytest.approx(1)
    panel.session.engine.send(m.Train(240))
    qtbot.waitUntil(lambda: "step 240" in panel.said.text(), timeout=WAIT)
    assert panel.said.text().startswith("It reads 0")
    assert panel.answer.strip.tiles.layers[-1].name == "out"
    header, rows = panel.table()
    assert header == ["class", "probability"]
    assert max(rows, key=lambda row: row[1])[0] == "0"


def test_the_run_is_not_disturbed(panel: DrawPanel, qtbot: Any) -> None:
    before = panel.session.weights()
    step = panel.session.status.step
    stroke(panel.pad, ZERO)
    qtbot.waitUntil(lambda: panel.chances is not None, timeout=WAIT)
    after = panel.session.weights()
    assert panel.session.status.step == step
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_strokes_are_taken_back_and_brought_again_and_the_document_is_not(
    panel: DrawPanel, qtbot: Any
) -> None:
    pad = panel.pad
    stroke(pad, ZERO[:12])
    stroke(pad, ZERO[12:])
    full = pad.ink()
    pad.setFocus()
    QTest.keyClick(pad, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(pad.strokes) == 1
    assert pad.ink().sum() < full.sum()
    panel.redo.click()
    assert np.array_equal(pad.ink(), full)
    QTest.keyClick(pad, Key.Key_Delete)
    assert pad.is_empty
    assert panel.chances is None
    assert panel.said.text().startswith("Draw one of: 0, 1, 2")
    panel.undo.click()
    assert np.array_equal(pad.ink(), full)


def test_the_keyboard_draws(qtbot: Any) -> None:
    pad = DrawPad()
    qtbot.addWidget(pad)
    pad.resize(200, 200)
    for key in (Key.Key_Up, Key.Key_Space, Key.Key_Right, Key.Key_Right, Key.Key_Space, Key.Key_Down):
        QTest.keyClick(pad, key)
    (only,) = pad.strokes
    assert [round(x, 2) for x, _, _ in only.places] == [0.5, 0.54, 0.58]
    assert pad.ink().max() == 1
    brush = pad.brush
    QTest.keyClicks(pad, "++")
    assert pad.brush > brush
    QTest.keyClick(pad, Key.Key_Backspace)
    assert pad.is_empty


def test_a_graph_without_images_offers_one_with(qtbot: Any) -> None:
    session = Session(Graph(), engine=False)
    made = DrawPanel(session)
    qtbot.addWidget(made)
    made.show()
    wanted: list[object] = []
    session.file_wanted.connect(wanted.append)
    qtbot.waitUntil(lambda: made.empty.button.text() == "Open the digits")
    made.empty.button.click()
    assert wanted == [example("digits-mlp").path]
    session.close()


def test_a_layer_is_laid_out_as_one_picture() -> None:
    assert board(np.zeros((4, 8, 8))).shape == (17, 17)
    assert board(np.zeros(64)).shape == (8, 8)
    assert np.isnan(board(np.zeros(60)).reshape(-1)[60:]).all()
    assert board(np.zeros(10)).shape == (10, 1)
    assert board(np.zeros(())).shape == (1, 1)
