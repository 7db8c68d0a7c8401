"""The filter bench in a person's hands: numbers dragged and typed, pictures, guessing, and filters of a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.graph import Graph
from graphlab.lab.filter_bench import applied, named
from graphlab.ui.chosen_filters import chosen_filters
from graphlab.ui.filter_sources import OWN
from graphlab.ui.panels.filter_bench import FilterBenchPanel
from graphlab.ui.session import Session
from graphlab.ui.widgets.kernel_grid import short
from graphlab.ui.widgets.stats_line import stats_of
from tests.ui.panels.test_confusion import WAIT, shown

Key, Left, Control = Qt.Key, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def panel(qtbot: Any, quiet_session: Session) -> FilterBenchPanel:
    return shown(qtbot, FilterBenchPanel(quiet_session), 1000)


def cell(panel: FilterBenchPanel, row: int, column: int) -> QPoint:
    return panel.editor.grid.cell_rect((row, column)).center().toPoint()


def test_dragging_a_number_changes_the_output_and_is_one_step_back(panel: FilterBenchPanel) -> None:
    grid, before = panel.editor.grid, panel.after._image.copy()
    at = cell(panel, 1, 1)
    QTest.mousePress(grid, Left, pos=at)
    QTest.mouseMove(grid, at - QPoint(0, 40))
    QTest.mouseMove(grid, at - QPoint(0, 90))
    assert panel.editor.kernel[1, 1] > 0.3
    assert panel.after._image != before
    QTest.mouseRelease(grid, Left, pos=at - QPoint(0, 90))
    assert panel.editor.name.currentText() == "Your own"
    QTest.keyClick(grid, Key.Key_Z, Control)
    np.testing.assert_array_equal(panel.editor.kernel, named("Sobel x").of(3))
    assert panel.after._image == before
    QTest.keyClick(grid, Key.Key_Y, Control)
    assert panel.editor.kernel[1, 1] > 0.3


def test_numbers_are_typed_walked_to_and_removed_by_keys(panel: FilterBenchPanel) -> None:
    grid = panel.editor.grid
    grid.setFocus()
    QTest.keyClick(grid, Key.Key_Left)
    QTest.keyClick(grid, Key.Key_Up)
    assert grid.selected == (0, 0)
    QTest.keyClicks(grid, "1")
    field = grid._typing
    assert field is not None
    QTest.keyClicks(field, "/4")
    QTest.keyClick(field, Key.Key_Return)
    assert panel.editor.kernel[0, 0] == 0.25
    QTest.keyClick(grid, Key.Key_Return)
    assert grid._typing is not None
    grid._typing.setText("one")
    QTest.keyClick(grid._typing, Key.Key_Return)
    assert grid._typing is not None
    assert panel.said.text() == grid.why != ""
    QTest.keyClick(grid._typing, Key.Key_Escape)
    QTest.keyClick(grid, Key.Key_Delete)
    assert panel.editor.kernel[0, 0] == 0
    QTest.keyClick(grid, Key.Key_Plus)
    assert panel.editor.kernel[0, 0] > 0


def test_names_sizes_turning_and_normalising(panel: FilterBenchPanel) -> None:
    editor = panel.editor
    editor.choose("Box blur")
    editor.resize_to(7)
    assert editor.kernel.shape == (7, 7)
    assert editor.name.currentText() == "Box blur"
    assert "plain mean" in panel.said.text()
    editor.choose("Sobel x")
    QTest.mouseClick(editor.turn, Left)
    np.testing.assert_array_equal(editor.kernel, -named("Sobel x").of(7))
    QTest.mouseClick(editor.even, Left)
    assert editor.kernel[editor.kernel > 0].sum() == pytest.approx(1)
    for _ in range(6):
        editor.undo()
    np.testing.assert_array_equal(editor.kernel, named("Sobel x").of(3))
    assert not editor.back.isEnabled()


def test_the_output_is_that_of_the_picture_and_a_pixel_shows_its_window(panel: FilterBenchPanel) -> None:
    np.testing.assert_allclose(
        panel._output, applied(panel._input, panel.editor.kernel, panel.edges.currentText())
    )
    pixel = (30, 40)
    QTest.mouseMove(panel.after, panel.after.place_of(pixel).toPoint())
    assert panel.before.boxes == ((29, 32, 39, 42),)
    assert panel.after.foot.startswith("[30, 40]")
    panel.edges.setCurrentText("none")
    panel.edges.textActivated.emit("none")
    assert panel._output.shape == (1, 94, 94)
    panel.colour.setChecked(True)
    assert panel._output.shape == (3, 94, 94)
    header, lines = panel.table()
    assert header == ["channel", "y", "x", "value"]
    assert len(list(lines)) == 3 * 94 * 94


def test_another_number_is_another_picture_and_rows_of_the_graph_can_be_chosen(
    panel: FilterBenchPanel,
) -> None:
    first = panel._whole
    panel.number.setValue(1)
    assert np.abs(panel._whole - first).max() > 0.1
    graph = panel.session.graph
    digits = graph.add("Dataset", name="digits", dataset="digits")
    scores = graph.add("Linear", digits["x"], name="scores", units=10)
    graph.add("CrossEntropyLoss", scores, digits["target"], name="loss")
    names = [panel.source.itemText(k) for k in range(panel.source.count())]
    assert "This graph" in names
    panel.source.setCurrentText("This graph")
    panel.source.textActivated.emit("This graph")
    assert panel._whole.shape == (1, 8, 8)


def test_a_picture_that_the_graph_is_fed_can_be_chosen(panel: FilterBenchPanel) -> None:
    session = panel.session
    node = session.graph.add("Input", name="photo", value=np.zeros((2, 1, 6, 5)).tolist())
    session.graph.add("Conv2d", node, name="conv", out_channels=1, kernel_size=3)
    key = m.TensorKey("value", node.id, "y")
    assert key in [watched.key for watched in session.watching]
    array = np.linspace(0, 1, 60, dtype=np.float32).reshape(2, 1, 6, 5)
    tensor = m.Tensor(key, array.shape, "float32", True, stats_of(array), array)
    session.engine.frame.emit(session.engine.tensors.take(m.Frame(0, 1, (tensor,))))
    panel._redraw()
    panel.source.setCurrentText("This graph")
    panel.source.textActivated.emit("This graph")
    panel.number.setValue(1)
    np.testing.assert_allclose(panel._whole, array[1], atol=1e-7)


def test_ones_own_picture_comes_by_drop_and_by_paste(
    panel: FilterBenchPanel, tmp_path: Path, qapp: Any
) -> None:
    image = QImage(30, 20, QImage.Format.Format_RGB888)
    image.fill(QColor(255, 0, 0))
    image.save(str(tmp_path / "red.png"))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "red.png"))])
    buttons, none = Left, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, mime, buttons, none)
    panel.dragEnterEvent(enter)
    assert enter.isAccepted()
    panel.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, buttons, none))
    assert panel.source.currentText() == OWN
    assert panel._whole.shape == (3, 20, 30)
    assert panel._whole[:, 3, 3].tolist() == [1, 0, 0]
    image.fill(QColor(0, 0, 255))
    QGuiApplication.clipboard().setImage(image.copy(0, 0, 10, 10))
    QTest.keyClick(panel, Key.Key_V, Control)
    assert panel._whole.shape[-2:] == (10, 10)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    heard: list[str] = []
    panel.session.notice.connect(lambda notice: heard.append(notice.sentence))
    panel.bring(tmp_path / "broken.png")
    assert "broken.png" in heard[-1]
    assert panel._whole.shape[-2:] == (10, 10)


def test_predict_first_is_played_by_keys_and_clicks_and_scored(panel: FilterBenchPanel, qtbot: Any) -> None:
    own = panel.editor.kernel.copy()
    panel.predict.setChecked(True)
    guessing = panel.guessing
    cards = guessing.cards
    question = guessing.question
    assert question is not None
    np.testing.assert_array_equal(panel.editor.kernel, question.kernel)
    assert panel.editor.grid.is_locked
    assert not panel.editor.name.isVisible()
    images = [image.copy() for image in cards._images]
    assert all(images[i] != images[j] for i in range(4) for j in range(i))
    wrong = (question.right + 1) % 4
    QTest.keyClicks(cards, str(wrong + 1))
    assert "0 of 1 right" in guessing.tally.text()
    assert guessing.verdict.text() == question.verdict(wrong)
    assert cards.caption(question.right).endswith("✓ right")
    assert cards.caption(wrong).endswith("✗ wrong")
    QTest.keyClicks(cards, str(question.right + 1))  # an answer is given once
    assert guessing.score.asked == 1
    QTest.keyClick(cards, Key.Key_Return)
    question = guessing.question
    assert question is not None
    assert not cards.is_answered
    QTest.mouseClick(cards, Left, pos=cards.frames()[question.right].center().toPoint())
    assert "1 of 2 right" in guessing.tally.text()
    panel.predict.setChecked(False)
    np.testing.assert_array_equal(panel.editor.kernel, own)
    assert panel.pages.currentWidget() is panel.after


def test_a_flat_picture_cannot_be_asked_about(panel: FilterBenchPanel) -> None:
    image = QImage(30, 20, QImage.Format.Format_RGB888)
    image.fill(QColor(90, 90, 90))
    panel.sources.paste(image)
    panel._go_to_own()
    panel.predict.setChecked(True)
    assert "Too little happens" in panel.guessing.verdict.text()
    panel.source.setCurrentText("Scene")
    panel._renew_picture()
    assert panel.guessing.question is not None


def test_a_filter_is_taken_from_a_convolution_and_put_there_as_one_entry(qtbot: Any) -> None:
    graph = Graph("two filters")
    x = graph.add("Input", name="x", value=np.arange(50.0).reshape(1, 2, 5, 5).tolist())
    conv = graph.add("Conv2d", x, name="conv", out_channels=2, kernel_size=3)
    graph.add("Sum", conv, name="sum")
    session = Session(Graph(graph.document))
    try:
        panel = shown(qtbot, FilterBenchPanel(session))
        session.select({session.document.node("conv").id})
        session.phase("forward")
        key = m.TensorKey("value", session.document.node("conv").id, "weight")
        qtbot.waitUntil(lambda: session.tensor_at(key) is not None, timeout=WAIT)
        qtbot.waitUntil(lambda: panel.exchange.take_it.isVisible(), timeout=WAIT)
        weight = np.array(session.tensor_at(key).array, np.float64)
        panel.exchange.output.setValue(1)
        panel.exchange.channel.setValue(0)
        QTest.mouseClick(panel.exchange.take_it, Left)
        np.testing.assert_allclose(panel.editor.kernel, weight[1, 0])
        panel.exchange.channel.setValue(-1)  # all inputs: their sum
        QTest.mouseClick(panel.exchange.take_it, Left)
        np.testing.assert_allclose(panel.editor.kernel, weight[1].sum(axis=0))
        panel.editor.choose("Outline")
        QTest.mouseClick(panel.exchange.put_it, Left)
        wanted = weight.copy()
        wanted[1] = named("Outline").of(3) / 2
        qtbot.waitUntil(lambda: np.allclose(session.tensor_at(key).array, wanted), timeout=WAIT)
        assert len(session.root.history) == 2
        session.root.undo()
        qtbot.waitUntil(lambda: np.allclose(session.tensor_at(key).array, weight), timeout=WAIT)
        panel.editor.resize_to(5)
        heard: list[str] = []
        session.notice.connect(lambda notice: heard.append(notice.sentence))
        QTest.mouseClick(panel.exchange.put_it, Left)
        assert "5×5, those of conv are 3×3" in heard[-1]
    finally:
        session.close()


@pytest.mark.parametrize(
    ("value", "room", "text"), [(0.0415, 3, ".04"), (-0.0415, 4, "−.04"), (-16.0, 3, "−16"), (0.5, 2, ".5")]
)
def test_numbers_are_short_where_there_is_little_room(value: float, room: int, text: str) -> None:
    assert short(value, room) == text


def test_in_a_group_that_is_left_out_no_filters_are_chosen(qtbot: Any) -> None:
    graph = Graph("muted")
    graph.add("Conv2d", graph.add("Input", name="x", shape=("N", 1, 8, 8)), name="conv")
    graph.group("conv", name="body")
    session = Session(graph, engine=False)
    session.enter(graph["body"].id)
    session.select([session.document.node("conv").id])
    assert chosen_filters(session) is not None
    graph.set_flags("body", muted=True)
    assert chosen_filters(session) is None
    session.close()
