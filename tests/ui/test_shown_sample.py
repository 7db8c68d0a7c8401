"""A sample on the canvas in place of the batch: clicked in a panel or drawn by hand, and Esc or a step ends it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.ui.panels.draw import DRAWING
from graphlab.ui.samples import samples_of
from graphlab.ui.session import Session
from graphlab.ui.shown_sample import shown_sample_of
from tests.ui.window_trial import PATIENCE, Make


def test_a_clicked_row_is_on_the_canvas_until_esc_and_a_drawing_until_a_step(make: Make, qtbot: Any) -> None:
    window = make(load(example("digits-mlp").path)[0], engine=True)
    session, canvas = window.session, window.canvas
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    session.phase("forward")

    def rows_of(name: str) -> int:
        tensor = session.tensor("value", session.document.node(name).id)
        return tensor.shape[0] if tensor is not None and tensor.fresh else 0

    qtbot.waitUntil(lambda: rows_of("out") == 32, timeout=PATIENCE)
    batch = session.tensor("value", session.document.node("out").id).array.copy()
    panel = window.docks.show_wide("predictions").build()
    qtbot.waitUntil(lambda: panel.samples.verdicts is not None, timeout=PATIENCE)
    cards = panel.cards.cards
    qtbot.waitUntil(lambda: len(cards._order) > 3, timeout=PATIENCE)
    QTest.mouseClick(cards, Qt.MouseButton.LeftButton, pos=cards.rect_of(0).center().toPoint())
    qtbot.waitUntil(lambda: rows_of("out") == rows_of("digits") == 1, timeout=PATIENCE)
    assert canvas.sample_chip.isVisible()
    assert canvas.sample_chip.words.text() == f"Values of row {panel.row:,} (validation)"
    k = int(np.flatnonzero(panel.samples.verdicts.rows == panel.row)[0])
    scores = session.tensor("value", session.document.node("out").id).array[0]
    assert int(scores.argmax()) == panel.samples.verdicts.said[k]
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: rows_of("out") == 32, timeout=PATIENCE)
    assert not canvas.sample_chip.isVisible()
    again = session.tensor("value", session.document.node("out").id).array
    np.testing.assert_array_equal(again, batch)

    draw = window.docks.show_wide("draw").build()
    qtbot.waitUntil(lambda: draw.row() is not None, timeout=PATIENCE)
    for x in (0.4, 0.6):
        stroke(draw.pad, x)
    QTest.mouseClick(draw.to_canvas, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown_sample_of(session).title == DRAWING, timeout=PATIENCE)
    qtbot.waitUntil(lambda: rows_of("out") == 1, timeout=PATIENCE)
    window.session.engine.send(m.Step(1))
    qtbot.waitUntil(lambda: not canvas.sample_chip.isVisible(), timeout=PATIENCE)
    qtbot.waitUntil(lambda: rows_of("out") == 32, timeout=PATIENCE)


def stroke(pad: Any, x: float) -> None:
    """A line from top to bottom."""
    spot = pad.rect().center()
    spot.setX(round(pad.rect().left() + x * pad.rect().width()))
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=spot)
    spot.setY(spot.y() + 20)
    QTest.mouseMove(pad, spot)
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=spot)


def test_while_it_trains_a_click_leaves_it_training(
    quiet_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(quiet_session.engine, "send", sent.append)
    samples = samples_of(quiet_session)
    quiet_session.engine.status = m.Status(0, "training", 1, 0, 0, None)
    samples.point_at(3)
    assert sent == []


def test_what_cannot_be_shown_is_told_and_the_batch_stays(quiet_session: Session) -> None:
    shown = shown_sample_of(quiet_session)
    quiet_session.engine.answered.emit(m.SampleShown(0, "row 3"))
    assert shown.title == "row 3"
    quiet_session.engine.answered.emit(m.SampleShown(0, "", "There is no such row.", "Choose another."))
    assert shown.title == ""
    assert quiet_session.notices[-1].text == "There is no such row."
