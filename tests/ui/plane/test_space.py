"""The Space panel, with the real engine, on networks whose weights are known."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from graphlab.graph import Graph
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.ui.panels.space import SpacePanel

WAIT = 20_000
Show = Callable[..., SpacePanel]


@pytest.fixture
def show(open_panel: Callable[..., Any]) -> Show:
    return partial(open_panel, SpacePanel)


def solved() -> tuple[Graph, dict[str, Any]]:
    """XOR by hand: units x₁ + x₂ and x₁ + x₂ − 1 through ReLU; the score is h₁ − 2·h₂ − ½."""
    graph = Graph("solved")
    data = graph.add("Dataset", name="data", dataset="xor")
    hidden = graph.add("ReLU", graph.add("Linear", data, name="hidden", units=2), name="bent")
    graph.add(
        "BCEWithLogitsLoss", graph.add("Linear", hidden, name="out", units=1), "data.target", name="loss"
    )
    weights = {
        "hidden.weight": np.array([[1, 1], [1, 1]], np.float32),
        "hidden.bias": np.array([0, -1], np.float32),
        "out.weight": np.array([[1, -2]], np.float32),
        "out.bias": np.array([-0.5], np.float32),
    }
    return graph, weights


def test_rows_stand_where_the_layer_puts_them(show: Show) -> None:
    panel = show(*solved())
    panel.go_to("bent")
    x = panel.rows.of(panel.outlook.source[0]).x.astype(np.float64)  # type: ignore[union-attr]
    total = x.sum(axis=1)
    want = np.stack([np.maximum(total, 0), np.maximum(total - 1, 0)], axis=1)
    assert np.allclose(panel.plane.dots.points, want, atol=1e-5)
    assert panel.plane.axes == ("bent unit 1", "bent unit 2")


def test_in_the_last_hidden_layer_the_line_that_parts_the_classes_is_drawn(show: Show) -> None:
    panel = show(*solved())
    panel.go_to("data.x")
    assert panel.plane.picture is None  # there the prediction is no flat function
    panel.go_to("bent")
    assert panel.plane.picture is not None
    line = panel.plane.strokes[-1].pieces
    assert len(line)
    assert np.abs(line[..., 0] - 2 * line[..., 1] - 0.5).max() < 1e-3
    assert "a straight line parts the classes here" in panel.read_out.text()


def test_the_keyboard_goes_from_layer_to_layer_and_the_button_through_all(show: Show, qtbot: Any) -> None:
    panel = show(*solved())
    panel.way.slider.setFocus()
    QTest.keyClick(panel.way.slider, Qt.Key.Key_PageUp)
    assert panel.way.stop.text() == "hidden"
    QTest.keyClick(panel.way.slider, Qt.Key.Key_Right)
    assert panel.way.stop.text() == "hidden → bent"
    QTest.mouseClick(panel.way.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not panel.way.play.isChecked(), timeout=WAIT)
    assert panel.way.stop.text() == "out"


def test_dragging_turns_space(show: Show, qtbot: Any) -> None:
    panel = show(load(example("spirals").path)[0])
    panel.go_to("tanh1")
    panel.turning.set_on(True)
    qtbot.waitUntil(lambda: panel.plane.dots.depth is not None, timeout=WAIT)
    assert "3 components" in panel.read_out.text()
    before = panel.plane.dots.points.copy()
    QTest.mousePress(panel.plane, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    QTest.mouseMove(panel.plane, QPoint(260, 170))
    QTest.mouseMove(panel.plane, QPoint(300, 190))
    QTest.mouseRelease(panel.plane, Qt.MouseButton.LeftButton, pos=QPoint(300, 190))
    assert not np.allclose(panel.plane.dots.points, before)
    panel.turning.set_on(False)
    assert panel.plane.dots.depth is None


def test_the_features_of_one_number_are_a_line_that_is_bent(show: Show, qtbot: Any) -> None:
    graph = Graph("square")
    x = graph.add("Input", name="x", shape=("N", 1))
    graph.add("Linear", graph.add("PolynomialFeatures", x, name="powers"), name="y", units=1)
    panel = show(graph)
    panel.go_to("powers")
    assert panel.plane.strokes[0].pieces.shape == (199, 2, 2)


def test_the_table_holds_every_unit_of_the_layer(show: Show) -> None:
    panel = show(*solved())
    panel.go_to("bent")
    header, rows = panel.table()
    assert header == ["row", "bent 1", "bent 2", "class"]
    assert len(list(rows)) == 4


def test_data_of_many_features_are_told_to_have_no_plane(show: Show, qtbot: Any) -> None:
    panel = show(load(example("digits-mlp").path)[0], answered=False)
    qtbot.waitUntil(lambda: "64 features" in panel.empty.label.text(), timeout=WAIT)
