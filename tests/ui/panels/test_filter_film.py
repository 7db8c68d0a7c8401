"""Filters over time: kept as numbers come, shown as a strip, gone to by a press, forgotten at another beginning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.graph import Graph
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.ui.films import ROOM, pictured
from graphlab.ui.panels.filter_film import FilterFilmPanel
from graphlab.ui.session import Session
from graphlab.ui.widgets.stats_line import stats_of
from tests.ui.panels.test_confusion import WAIT


def network(channels: int = 2) -> Graph:
    graph = Graph("conv")
    x = graph.add("Input", name="x", shape=("N", channels, 8, 8))
    graph.add("Conv2d", x, name="conv", out_channels=3, kernel_size=3)
    return Graph(graph.document)


def shown(qtbot: Any, session: Session) -> FilterFilmPanel:
    made = FilterFilmPanel(session)
    for widget in (made, *made.header_tools()):
        qtbot.addWidget(widget)
    made.resize(700, 260)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def panel(qtbot: Any) -> Iterator[FilterFilmPanel]:
    session = Session(network(), engine=False)
    made = shown(qtbot, session)
    yield made
    made.hide()
    session.close()


def arrive(panel: FilterFilmPanel, step: int, values: Any) -> None:
    """The engine says what the weights are after so many updates."""
    engine = panel.session.engine
    key = m.TensorKey("value", panel.session.document.node("conv").id, "weight")
    array = np.asarray(values, np.float32)
    tensor = m.Tensor(key, array.shape, "float32", True, stats_of(array), array)
    engine.frame.emit(engine.tensors.take(m.Frame(0, step, (tensor,))))
    panel._redraw()


def at(step: int) -> np.ndarray:
    return np.random.default_rng(step).normal(size=(3, 2, 3, 3))


def test_before_anything_has_run_it_says_what_to_do(panel: FilterFilmPanel, qtbot: Any) -> None:
    qtbot.waitUntil(lambda: "once the graph has run" in panel.empty.label.text())
    panel.session.graph.remove("conv")
    panel.films.settle()
    panel._redraw()
    assert "Conv2d" in panel.empty.label.text()


def test_each_moment_is_a_column_and_a_press_goes_there(panel: FilterFilmPanel) -> None:
    for step in (0, 5, 9):
        arrive(panel, step, at(step))
    found = panel.view.strip
    assert found is not None
    assert found.steps == (0, 5, 9)
    np.testing.assert_allclose(found.cells[:3, 4:7], at(5)[0, 0], rtol=1e-6)
    panel.channel.setCurrentText("input 1")
    panel._redraw()
    np.testing.assert_allclose(panel.view.strip.cells[:3, 4:7], at(5)[0, 1], rtol=1e-6)
    sent: list[Any] = []
    panel.session.engine.send = sent.append  # type: ignore[method-assign]
    panel.session.travel.trail = m.Trail(0, 0, 9, np.array([0, 9]), 0, 0)
    tile = panel.view.tile(1, 1).center().toPoint()
    QTest.mouseMove(panel.view, tile)
    assert "filter 1, step 5" in panel.view.read_out()
    QTest.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=tile)
    assert [command for command in sent if isinstance(command, m.Travel)] == [m.Travel(5, False)]
    QTest.keyClick(panel.view, Qt.Key.Key_Right)
    QTest.keyClick(panel.view, Qt.Key.Key_Return)
    assert panel.session.travel._wanted == (9, False) or m.Travel(9, False) in sent
    header, lines = panel.table()
    assert header == ["step", "index", "value"]
    assert len(list(lines)) == 3 * at(0).size


def test_a_step_that_is_only_gone_back_to_is_not_kept_again(panel: FilterFilmPanel) -> None:
    for step in (0, 5, 9):
        arrive(panel, step, at(step))
    panel.session.travel.trail = m.Trail(0, 0, 9, np.array([0, 9]), 0, 0)
    arrive(panel, 3, at(3))
    assert panel.films.film(panel.key).steps.tolist() == [0, 5, 9]
    arrive(panel, 12, at(12))
    assert panel.films.film(panel.key).steps.tolist() == [0, 5, 9, 12]


def test_another_beginning_and_another_shape_forget(panel: FilterFilmPanel) -> None:
    for step in (0, 5):
        arrive(panel, step, at(step))
    panel.session.engine.status = m.Status(0, "idle", 0, 0, 0, None)
    panel.session.engine.status_changed.emit(panel.session.engine.status)
    assert panel.films.film(panel.key).size <= 1
    panel.session.graph.set("conv", out_channels=5)
    panel.films.settle()
    assert panel.films.film(panel.films.keys[0]).shape == (5, 2, 3, 3)


def test_rows_are_sorted_and_the_selected_layer_is_shown(panel: FilterFilmPanel) -> None:
    values = np.ones((3, 2, 3, 3)) * np.array([1.0, 3.0, 2.0])[:, None, None, None]
    arrive(panel, 0, values)
    panel.order.setCurrentText("by norm")
    panel._redraw()
    assert panel.view.strip.filters == (1, 2, 0)
    graph = panel.session.graph
    graph.add("Conv2d", "conv", name="next", out_channels=2, kernel_size=2)
    panel.films.settle()
    panel.session.select({panel.session.document.node("next").id})
    panel._redraw()
    assert panel.layer.currentText() == "next.weight"


def test_what_is_too_large_is_left_out() -> None:
    from graphlab.engine.inference import infer

    graph = Graph("large")
    x = graph.add("Input", name="x", shape=("N", 3, 40, 40))
    a = graph.add("Conv2d", x, name="a", out_channels=64, kernel_size=7)
    b = graph.add("Conv2d", a, name="b", out_channels=128, kernel_size=3)
    graph.add("Conv2d", b, name="c", out_channels=2, kernel_size=1)
    kept = [key for key, _ in pictured(infer(graph))]
    assert [graph.document.nodes[key.node].name for key in kept] == ["a"]
    assert 64 * 3 * 49 <= ROOM < 128 * 64 * 9


def test_a_training_leaves_a_film(qtbot: Any) -> None:
    session = Session(load(example("digits-cnn").path)[0])
    panel = shown(qtbot, session)
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=WAIT)
    session.phase("forward")
    qtbot.waitUntil(lambda: panel.view.strip is not None, timeout=WAIT)
    assert panel.view.strip.steps == (0,)
    session.train()
    qtbot.waitUntil(lambda: len(panel.view.strip.steps) > 2, timeout=WAIT)
    session.pause()
    strip = panel.view.strip
    assert strip.steps[0] == 0
    assert list(strip.steps) == sorted(set(strip.steps))
    assert not np.array_equal(strip.cells[:3, :3], strip.cells[:3, -3:])
    session.close()
