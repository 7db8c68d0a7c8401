"""Confusion and Predictions in the window's hands, on a real engine: counts, cells, cards, keys, tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.engine.verdicts import Verdicts
from graphlab.graph import Graph
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.ui.panels.confusion import ConfusionPanel
from graphlab.ui.panels.predictions import PredictionsPanel
from graphlab.ui.samples import AT_ONCE, samples_of
from graphlab.ui.session import Session

WAIT = 20_000


@pytest.fixture
def session(qtbot: Any) -> Iterator[Session]:
    made = Session(load(example("digits-mlp").path)[0])
    qtbot.waitUntil(lambda: made.engine.loaded is not None, timeout=WAIT)
    yield made
    made.close()


def shown(qtbot: Any, panel: Any, width: int = 900) -> Any:
    qtbot.addWidget(panel)
    panel.tools = panel.header_tools()
    for tool in panel.tools:
        qtbot.addWidget(tool)
    panel.resize(width, 300)
    panel.show()
    qtbot.waitExposed(panel)
    qtbot.waitUntil(lambda: panel._stack.currentWidget() is panel.content, timeout=WAIT)
    return panel


def test_the_matrix_counts_every_validation_row_and_a_cell_shows_its_rows(
    session: Session, qtbot: Any
) -> None:
    panel = shown(qtbot, ConfusionPanel(session))
    found: Verdicts = panel.samples.verdicts
    assert panel.samples.split == "validation"
    assert panel.confusion.total == len(found) == panel.samples.count == 270
    assert panel.confusion.counts.sum(axis=1).tolist() == np.bincount(found.true).tolist()
    counts = panel.confusion.counts.copy()
    np.fill_diagonal(counts, 0)
    cell = tuple(int(k) for k in np.unravel_index(counts.argmax(), counts.shape))
    QTest.mouseClick(
        panel.matrix, Qt.MouseButton.LeftButton, pos=panel.matrix.rect_of(cell).center().toPoint()
    )
    qtbot.waitUntil(lambda: panel.title.text().startswith(f"{counts.max()} of"))
    order = panel.cards.cards._order
    assert len(order) == counts.max()
    assert set(zip(found.true[order].tolist(), found.said[order].tolist(), strict=True)) == {cell}


def test_the_matrix_is_walked_by_keyboard(session: Session, qtbot: Any) -> None:
    panel = shown(qtbot, ConfusionPanel(session))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(panel.matrix, key)
    assert panel.matrix.picked == (1, 1)
    assert "rows of 1 are said to be 1" in panel.matrix.accessibleDescription()
    QTest.keyClick(panel.matrix, Qt.Key.Key_Escape)
    assert panel.matrix.picked is None


def test_the_figures_follow_training_and_are_exact_when_it_stops(session: Session, qtbot: Any) -> None:
    panel = shown(qtbot, ConfusionPanel(session))
    session.engine.send(m.Train(60))
    qtbot.waitUntil(lambda: session.status.step == 60 and session.status.state != "training", timeout=WAIT)
    qtbot.waitUntil(lambda: "step 60" in panel.said.text(), timeout=WAIT)
    assert not panel.samples.is_part
    assert panel.confusion.accuracy > 0.6
    header, rows = panel.table()
    assert header[:2] == ["true", "said 0"]
    assert header[-3:] == ["recall", "precision", "F1"]
    assert sum(sum(row[1:11]) for row in rows) == 270


def test_both_panels_ask_once_and_nobody_asks_when_neither_is_seen(session: Session, qtbot: Any) -> None:
    one, two = shown(qtbot, ConfusionPanel(session)), shown(qtbot, PredictionsPanel(session))
    assert one.samples is two.samples
    one.hide()
    two.hide()
    sent: list[object] = []
    session.engine.send = sent.append  # type: ignore[method-assign]
    session.values_changed.emit(set())
    qtbot.wait(120)
    assert sent == []


def test_another_part_is_chosen_in_the_title_bar_for_all(session: Session, qtbot: Any) -> None:
    panel = shown(qtbot, ConfusionPanel(session))
    panel.split.setCurrentText("train")
    panel.split.activated.emit(panel.split.currentIndex())
    qtbot.waitUntil(lambda: panel.samples.verdicts is not None and panel.samples.count > 1000, timeout=WAIT)
    assert len(panel.samples.verdicts) == panel.samples.count > AT_ONCE
    assert not panel.samples.is_part


def test_cards_stand_worst_first_and_one_is_shown_in_full(session: Session, qtbot: Any) -> None:
    panel = shown(qtbot, PredictionsPanel(session), 1200)
    found, cards = panel.samples.verdicts, panel.cards.cards
    losses = found.losses[panel.arranged(found)]
    assert not found.right[panel.arranged(found)[0]]
    assert losses[0] == found.losses[~found.right].max()
    QTest.mouseClick(cards, Qt.MouseButton.LeftButton, pos=cards.rect_of(1).center().toPoint())
    assert panel.row == found.rows[panel.arranged(found)[1]]
    assert panel.detail.isVisible()
    qtbot.waitUntil(lambda: len(panel.answer.strip.tiles.layers) == 3, timeout=WAIT)
    assert [layer.name for layer in panel.answer.strip.tiles.layers] == ["hidden", "relu", "out"]
    shown_in_full = panel.answer.strip.tiles.layers[-1].value
    k = int(np.flatnonzero(found.rows == panel.row)[0])
    raised = np.exp(shown_in_full - shown_in_full.max())
    assert np.allclose(raised / raised.sum(), found.chances[k], atol=1e-5)
    QTest.keyClick(cards, Qt.Key.Key_Right)
    assert cards.index == 2
    QTest.keyClick(cards, Qt.Key.Key_Escape)
    assert not panel.detail.isVisible()


def test_a_click_on_a_layer_selects_its_node(session: Session, qtbot: Any) -> None:
    panel = shown(qtbot, PredictionsPanel(session), 1200)
    panel.cards.cards.choose(0)
    tiles = panel.answer.strip.tiles
    qtbot.waitUntil(lambda: len(tiles.layers) == 3, timeout=WAIT)
    QTest.mouseClick(tiles, Qt.MouseButton.LeftButton, pos=tiles.rect_of(1).center().toPoint())
    assert session.selection == {session.document.node("relu").id}


def test_classes_are_filtered_and_the_table_has_what_is_shown(session: Session, qtbot: Any) -> None:
    panel = shown(qtbot, PredictionsPanel(session), 1200)
    panel.of_class.setCurrentText("only 3")
    panel.redraw()
    header, rows = panel.table()
    kept = list(rows)
    assert header[:5] == ["row", "true", "said", "right", "loss"]
    assert {row[1] for row in kept} == {"3"}
    assert len(kept) == (panel.samples.verdicts.true == 3).sum()
    assert all(abs(sum(row[5:]) - 1) < 1e-6 for row in kept)


def test_a_row_chosen_in_the_matrix_panel_is_shown_in_full_by_predictions(
    session: Session, qtbot: Any
) -> None:
    matrix, full = shown(qtbot, ConfusionPanel(session)), shown(qtbot, PredictionsPanel(session), 1200)
    matrix.cards.cards.choose(0)
    qtbot.waitUntil(lambda: full.detail.isVisible(), timeout=WAIT)
    assert full.row == matrix.cards.cards.row


def test_without_classes_it_says_what_is_missing(qtbot: Any) -> None:
    session = Session(Graph(), engine=False)
    panel = ConfusionPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: "tells classes apart" in panel.empty.label.text())
    assert samples_of(session) is panel.samples
    session.close()
