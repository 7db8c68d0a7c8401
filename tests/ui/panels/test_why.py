"""Why this answer: every method on a row, a drawing and one's own picture, and the slider of adversarial steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest

from graphlab.data.pictures import to_png
from graphlab.engine import messages as m
from graphlab.graph import Graph
from graphlab.io.trained import trained_example
from graphlab.ui.map_images import flat, map_over
from graphlab.ui.panels.predictions import PredictionsPanel
from graphlab.ui.panels.why import DRAWN, OWN, ROW, WhyPanel
from graphlab.ui.session import Session
from graphlab.ui.theme import theme
from graphlab.ui.wanting import wanting_of
from tests.ui.experiments_trial import Beside
from tests.ui.panels.test_draw import ZERO, stroke

Shown = tuple[WhyPanel, Beside]


@pytest.fixture
def shown(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Shown]]:
    """A shown panel on the trained digits, and what answers it."""
    made: list[Session] = []

    def begin() -> Shown:
        graph, weights = trained_example("digits-cnn").read()
        session = Session(graph, engine=False)
        made.append(session)
        beside = Beside(session, monkeypatch)
        beside.space.set_weights(weights, {})
        panel = WhyPanel(session)
        qtbot.addWidget(panel)
        panel.resize(1000, 270)
        panel.show()
        answered(panel, beside, qtbot)
        return panel, beside

    yield begin
    for session in made:
        session.close()


def answered(panel: WhyPanel, beside: Beside, qtbot: Any) -> m.AskWhy:
    """Waits for the question that is due, and answers it."""
    before = len(beside.asked)
    qtbot.waitUntil(lambda: any(isinstance(each, m.AskWhy) for each in beside.asked[before:]))
    beside.work()
    panel._redraw()
    return next(each for each in reversed(beside.asked) if isinstance(each, m.AskWhy))


def test_at_once_it_tells_of_the_first_held_out_row(shown: Any, qtbot: Any) -> None:
    panel, beside = shown()
    told = panel.told
    row = int(beside.space.trainer.batches.rows("validation")[0])
    assert (told.method, told.row) == ("gradient", row)
    assert panel.before.title == f"Row {row:,}: {told.classes[told.true]}"
    assert panel.bars.best == int(told.chances.argmax())
    assert panel.said.text().startswith("blue: brighter here would speak for")
    QTest.keyClick(panel, Qt.Key.Key_PageDown)
    asked = answered(panel, beside, qtbot)
    assert asked.place == 1
    header, lines = panel.table()
    kept = list(lines)
    assert header == ["y", "x", "pixel", "map"]
    assert len(kept) == 64
    assert kept[-1][3] == pytest.approx(float(panel.told.map[0, 7, 7]))


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("integrated", "together"),
        ("guided", "look for"),
        ("grad-cam", "where relu2 speaks for"),
        ("occlusion", "falls (blue) or rises (orange)"),
        ("times-input", "what is there speaks for"),
    ],
)
def test_each_method_says_what_its_colours_mean(shown: Any, qtbot: Any, method: str, words: str) -> None:
    panel, beside = shown()
    panel.choose(method)
    asked = answered(panel, beside, qtbot)
    assert asked.method == panel.told.method == method
    qtbot.waitUntil(lambda: words in panel.said.text())
    assert panel.pages.currentWidget() is panel.over
    assert panel.options.isVisible() is (method in ("integrated", "grad-cam", "occlusion"))


def test_options_and_class_are_part_of_the_question(shown: Any, qtbot: Any) -> None:
    panel, beside = shown()
    panel.choose("occlusion")
    answered(panel, beside, qtbot)
    panel.options.patch.setValue(3)
    panel.options.base.setCurrentText("mean")
    panel.options.base.activated.emit(1)
    panel.label.setCurrentIndex(6)
    panel.label.textActivated.emit("5")
    asked = answered(panel, beside, qtbot)
    assert (asked.patch, asked.stride, asked.base, asked.label) == (3, 2, "mean", 5)
    assert panel.told.label == 5
    panel.choose("grad-cam")
    answered(panel, beside, qtbot)
    assert [panel.options.layer.itemText(k) for k in range(3)] == ["the last with maps", "conv1", "relu1"]
    panel.options.layer.setCurrentIndex(1)
    panel.options.layer.activated.emit(1)
    asked = answered(panel, beside, qtbot)
    assert asked.layer == beside.space.run.names.key("conv1")
    assert "where conv1 speaks for" in panel.said.text()


def test_the_slider_moves_picture_bars_and_words_together(shown: Any, qtbot: Any) -> None:
    panel, beside = shown()
    panel.choose("fool")
    answered(panel, beside, qtbot)
    view = panel.fooling
    assert panel.pages.currentWidget() is view
    assert view.step == 0
    assert view.difference.title == "Difference: none"
    said = panel.bars.best
    QTest.mouseClick(view.go, Qt.MouseButton.LeftButton)
    assert view.step > 0
    assert panel.bars.best != said
    assert "it flips to" in panel.said.text()
    np.testing.assert_allclose(panel.bars.chances, panel.told.by_size[view.slider.value()])
    view.slider.setFocus()
    before = view.step
    QTest.keyClick(view.slider, Qt.Key.Key_Left)
    assert view.step < before
    assert panel.bars.best == said
    assert "magnified" in view.difference.title
    panel.options.towards.click()
    panel.label.setCurrentIndex(4)
    panel.label.textActivated.emit("3")
    asked = answered(panel, beside, qtbot)
    assert (asked.towards, asked.label) == (True, 3)


def test_a_drawing_is_looked_at(shown: Any, qtbot: Any) -> None:
    panel, beside = shown()
    panel.source.setCurrentText(DRAWN)
    panel.source.textActivated.emit(DRAWN)
    qtbot.waitUntil(lambda: "Draw something" in panel.said.text())
    assert panel.bars.best is None
    assert panel.before.title == "Drawn"
    stroke(panel.pad, ZERO)
    asked = answered(panel, beside, qtbot)
    assert asked.picture.shape == (1, 8, 8)
    assert asked.picture.max() > 0.5
    assert panel.before.title == "Your drawing"
    assert panel.told.row == -1


def test_a_file_that_is_dropped_is_looked_at_and_a_broken_one_is_told(
    shown: Any, qtbot: Any, tmp_path: Path
) -> None:
    panel, beside = shown()
    own = tmp_path / "own.png"
    own.write_bytes(to_png(np.random.default_rng(0).integers(0, 255, (3, 20, 30)).astype(np.uint8)))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(own))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), copy, mime, left, none)
    panel.dragEnterEvent(enter)
    assert enter.isAccepted()
    panel.dropEvent(QDropEvent(QPointF(9, 9), copy, mime, left, none))
    asked = answered(panel, beside, qtbot)
    assert panel.source.currentText() == OWN
    assert asked.picture.shape == (1, 8, 8)
    assert panel.before.title == "own.png"
    own.write_bytes(b"nothing")
    panel.own.bring(own)
    assert "own.png" in panel.session.notices[-1].text
    panel.samples.point_at(int(beside.space.trainer.batches.rows("validation")[5]))
    asked = answered(panel, beside, qtbot)
    assert (panel.source.currentText(), asked.place) == (ROW, 5)


def test_it_tells_of_the_row_that_another_panel_asks_about(shown: Any, qtbot: Any) -> None:
    panel, beside = shown()
    wanted: list[str] = []
    panel.session.command_wanted.connect(wanted.append)
    row = int(beside.space.trainer.batches.rows("validation")[7])
    wanting_of(panel.session).ask_why(row)
    asked = answered(panel, beside, qtbot)
    assert (wanted, asked.place, panel.told.row) == (["tools.why"], 7, row)


def test_among_the_predictions_a_button_asks_why(shown: Any, qtbot: Any) -> None:
    panel, beside = shown()
    predictions = PredictionsPanel(panel.session)
    qtbot.addWidget(predictions)
    row = int(beside.space.trainer.batches.rows("validation")[3])
    predictions.cards.cards.row = row
    QTest.mouseClick(predictions.why, Qt.MouseButton.LeftButton)
    assert answered(panel, beside, qtbot).place == 3
    assert panel.told.row == row


def test_after_an_edit_it_asks_the_new_graph(shown: Any, qtbot: Any) -> None:
    panel, beside = shown()
    panel.choose("occlusion")
    qtbot.waitUntil(lambda: beside.experiments.is_busy)
    beside.events += beside.experiments.drop(0)
    beside.tell()
    assert "edited" in panel._fault
    panel.session.compiled.emit(panel.session.loaded)
    assert answered(panel, beside, qtbot).method == "occlusion"
    assert panel.told.method == "occlusion"


def test_after_a_step_of_training_it_asks_again(shown: Any, qtbot: Any) -> None:
    panel, beside = shown()
    assert panel.told.step == 0
    beside.train(2)
    qtbot.waitUntil(lambda: any(isinstance(each, m.AskWhy) for each in beside.asked[1:]))
    beside.work()
    assert panel.told.step == 2


def test_without_pictures_it_says_what_it_is_for(qtbot: Any) -> None:
    session = Session(Graph(), engine=False)
    panel = WhyPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: "This graph has none" in panel.empty.label.text())
    x = session.graph.add("Input", name="x", shape=("N", 1, 6, 6))
    qtbot.waitUntil(lambda: "says something of a whole picture" in panel.empty.label.text())
    assert x
    session.close()


def test_a_map_is_blue_above_and_orange_below_over_its_picture() -> None:
    image = map_over(np.array([[1.0, 0.0, -1.0]]), np.zeros((1, 1, 3)), 0.0, 1.0)
    assert image.pixelColor(0, 0) == theme().positive
    assert image.pixelColor(2, 0) == theme().negative
    dark = image.pixelColor(1, 0)
    assert max(dark.red(), dark.green(), dark.blue()) < 150
    assert flat(np.ones((3, 2, 2))).tolist() == [[3.0, 3.0], [3.0, 3.0]]
