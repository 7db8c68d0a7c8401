"""The Boundary panel, with the real engine: what it draws of a network whose weights are known."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from graphlab.data import store
from graphlab.graph import Graph
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.ui.panels.boundary import RESTING, BoundaryPanel

WAIT = 20_000
Show = Callable[..., BoundaryPanel]


@pytest.fixture
def show(open_panel: Callable[..., Any]) -> Show:
    return partial(open_panel, BoundaryPanel)


def by_hand() -> tuple[Graph, dict[str, Any]]:
    """Two units: x₁ + x₂ − 0.5 and x₁ − 0.25; the score is the first alone."""
    graph = Graph("by hand")
    data = graph.add("Dataset", name="data", dataset="xor")
    hidden = graph.add("Tanh", graph.add("Linear", data, name="hidden", units=2), name="tanh")
    graph.add(
        "BCEWithLogitsLoss", graph.add("Linear", hidden, name="out", units=1), "data.target", name="loss"
    )
    weights = {
        "hidden.weight": np.array([[1, 1], [1, 0]], np.float32),
        "hidden.bias": np.array([-0.5, -0.25], np.float32),
        "out.weight": np.array([[1, 0]], np.float32),
        "out.bias": np.zeros(1, np.float32),
    }
    return graph, weights


def test_each_unit_and_the_prediction_have_their_line(show: Show) -> None:
    panel = show(*by_hand())
    first, second, whole = panel.plane.strokes
    assert (first.name, second.name) == ("1", "2")
    assert all(len(stroke.pieces) for stroke in (first, second, whole))
    assert np.abs(first.pieces.sum(axis=2) - 0.5).max() < 1e-4
    assert np.abs(second.pieces[..., 0] - 0.25).max() < 1e-4
    # tanh bends between the points of the mesh, so the prediction's line is near, not exact
    assert np.abs(whole.pieces.sum(axis=2) - 0.5).max() < 1e-3


def test_a_side_of_the_plane_has_the_colour_of_its_class(show: Show) -> None:
    panel = show(*by_hand())
    picture = panel.plane.picture
    assert picture is not None
    low, high = picture.pixelColor(0, RESTING - 1), picture.pixelColor(RESTING - 1, 0)
    assert low.blue() > low.red()
    assert high.red() > high.blue()


def test_pointing_at_a_line_names_the_unit_and_lights_its_node(show: Show) -> None:
    panel = show(*by_hand())
    lit: list[str] = []
    panel.session.hovered.connect(lit.append)
    middle = panel.plane.pixels(np.array([0.25, -0.04]))
    QTest.mouseMove(panel.plane, QPoint(*(int(v) for v in np.round(middle))))
    assert "hidden: unit 2" in panel.read_out.text()
    assert lit[-1] == panel.session.document.node("hidden").id


def test_choosing_no_units_draws_the_prediction_alone(show: Show, qtbot: Any) -> None:
    panel = show(*by_hand())
    panel.choose_layer("")
    qtbot.waitUntil(lambda: len(panel.plane.strokes) == 1, timeout=WAIT)


def test_the_wheel_magnifies_at_the_pointer_and_a_double_click_goes_back(show: Show, qtbot: Any) -> None:
    panel = show(*by_hand())
    plane, before = panel.plane, panel.plane.view
    place = QPointF(200, 150)
    there = plane.point(place)
    plane.magnify(2.0, place)
    assert np.allclose(plane.point(place), there)
    qtbot.waitUntil(lambda: panel.asked_of[0] == plane.view, timeout=WAIT)
    assert plane.extent == plane.view
    QTest.mouseDClick(plane, Qt.MouseButton.LeftButton, pos=QPoint(100, 300))
    assert plane.view == before


def test_the_keyboard_moves_magnifies_and_walks_along_the_points(show: Show) -> None:
    panel = show(*by_hand())
    plane = panel.plane
    x0 = plane.view[0]
    QTest.keyClick(plane, Qt.Key.Key_Right)
    assert plane.view[0] > x0
    QTest.keyClick(plane, Qt.Key.Key_Home)
    assert plane.view[0] == x0
    QTest.keyClick(plane, Qt.Key.Key_N)
    assert panel.read_out.text().startswith("row 0:")


def test_it_follows_training(show: Show, qtbot: Any) -> None:
    panel = show(load(example("spirals").path)[0])
    panel.session.train()
    qtbot.waitUntil(lambda: panel.session.status.state == "finished", timeout=WAIT)
    qtbot.waitUntil(
        lambda: panel.answer is not None and panel.answer.step == panel.session.step_number, timeout=WAIT
    )
    header, rows = panel.table()
    assert header == ["x₁", "x₂", "out"]
    assert len(list(rows)) == RESTING**2


def test_one_feature_is_drawn_as_a_curve(show: Show, qtbot: Any) -> None:
    graph = Graph("line")
    x = graph.add("Input", name="x", shape=("N", 1))
    graph.add("Linear", x, name="y", units=1)
    weights = {"y.weight": np.array([[2.0]], np.float32), "y.bias": np.array([1.0], np.float32)}
    panel = show(graph, weights, answered=False)
    qtbot.waitUntil(lambda: bool(panel.plane.strokes), timeout=WAIT)
    (curve,) = panel.plane.strokes
    assert np.abs(curve.pieces[..., 1] - (2 * curve.pieces[..., 0] + 1)).max() < 1e-5


def test_data_of_many_features_are_told_to_have_no_plane(show: Show, qtbot: Any) -> None:
    panel = show(load(example("digits-mlp").path)[0], answered=False)
    qtbot.waitUntil(lambda: "64 features" in panel.empty.label.text(), timeout=WAIT)
    assert panel.empty.isVisible()


def rows_of(*columns: np.ndarray) -> dict[str, Any]:
    """The params of a Table of these columns, the last of which is the target."""
    cells = np.stack(columns, axis=1).astype(np.float32)
    names = ("a", "b", "c")[: len(columns) - 1]
    return {
        "file": "made",
        "content": store.keep(cells),
        "rows": len(cells),
        "columns": (*names, "y"),
        "target": "y",
    }


def test_numbers_are_coloured_by_sign_and_the_scale_is_told(show: Show) -> None:
    a, b = np.random.default_rng(0).uniform(-1, 1, (2, 60))
    graph = Graph("sum")
    data = graph.add("Table", name="data", **rows_of(a, b, a + b))
    graph.add("MSELoss", graph.add("Linear", data, name="out", units=1), "data.target", name="loss")
    weights = {"out.weight": np.ones((1, 2), np.float32), "out.bias": np.zeros(1, np.float32)}
    panel = show(graph, weights)
    picture = panel.plane.picture
    assert picture is not None
    low, high = picture.pixelColor(0, RESTING - 1), picture.pixelColor(RESTING - 1, 0)
    assert low.red() > low.blue()
    assert high.blue() > high.red()
    assert panel.plane.axes == ("a", "b")
    assert panel.plane.dots.colours is not None
    assert "orange −" in panel.read_out.text()


def test_more_classes_have_a_line_each_and_their_own_colours(show: Show) -> None:
    graph = Graph("three")
    data = graph.add("Dataset", name="data", dataset="blobs", target="class")
    graph.add("CrossEntropyLoss", graph.add("Linear", data, name="out", units=3), "data.target", name="loss")
    weights = {
        "out.weight": np.array([[0, 1], [-1, 0], [1, 0]], np.float32),
        "out.bias": np.zeros(3, np.float32),
    }
    panel = show(graph, weights)
    assert len(panel.plane.strokes) == 3
    up = panel.plane.strokes[0].pieces  # class 0 is likeliest where x₂ > |x₁|
    assert np.abs(up[..., 1] - np.abs(up[..., 0])).max() < 0.05
    picture = panel.plane.picture
    assert picture is not None
    corners = {picture.pixelColor(x, y).name() for x, y in ((75, 0), (0, 149), (149, 149))}
    assert len(corners) == 3


def test_a_curve_goes_through_points_as_high_as_their_targets(show: Show, qtbot: Any) -> None:
    x = np.linspace(-1, 1, 30)
    graph = Graph("line")
    data = graph.add("Table", name="data", **rows_of(x, 3 * x))
    graph.add("MSELoss", graph.add("Linear", data, name="out", units=1), "data.target", name="loss")
    panel = show(graph, answered=False)
    qtbot.waitUntil(lambda: len(panel.plane.dots.points) == 30, timeout=WAIT)
    assert np.allclose(panel.plane.dots.points[:, 1], 3 * panel.plane.dots.points[:, 0], atol=1e-6)
    assert panel.plane.axes == ("a", "y")
