"""The panel of the vanishing gradient: a curve for each run, kept when the cell is another, with what stands beside."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.graph import Graph
from graphlab.ui.panels.vanishing import VanishingPanel
from graphlab.ui.reach import BEFORE, RADIUS, ReachRuns, per_step, success_of
from graphlab.ui.session import Session

T = 6


def memory() -> Graph:
    graph = Graph("memory")
    x = graph.add("Input", name="x", shape=("N", T, 2))
    layer = graph.add("LSTM", x, name="memory", hidden_size=3, batch_first=True)
    graph.add("Sum", layer["y"], name="loss")
    return graph


def told(title: str = "LSTM", step: int = 5, factor: float = 0.5, **more: Any) -> m.Reached:
    norms = {"h": 2.0 * factor ** np.arange(T)}
    if title == "LSTM":
        norms["c"] = np.ones(T)
    radii = {"i": 0.4, "f": 0.9} if title == "LSTM" else {"": 0.7}
    layer = m.ReachOfLayer("n2_l0", "memory", title, norms, radii)
    return m.Reached(0, 0, step, (layer,), **{"gradient": 3.0, "clipped": 1.0, **more})


# What is kept of runs


def test_another_cell_is_another_run_and_the_one_before_stays() -> None:
    runs = ReachRuns()
    for step in (0, 4, 8):
        runs.take(told("RNN", step), 0.25)
    runs.take(told("LSTM", 0), math.nan)
    runs.take(told("LSTM", 4, 0.9), 0.75)
    assert [(run.name, run.step, run.success) for run in runs.all] == [("RNN", 8, 0.25), ("LSTM", 4, 0.75)]
    assert len({run.stroke for run in runs.all}) == 2
    assert runs.all[0].trace.steps.tolist() == [0, 4, 8]
    runs.take(told("RNN", 2), 0.5)
    assert [run.name for run in runs.all] == ["RNN", "LSTM", "RNN 2"]
    runs.remove_kept()
    assert [run.name for run in runs.all] == ["RNN 2"]


def test_cells_that_are_tried_one_after_the_other_untrained_have_one_curve_each() -> None:
    runs = ReachRuns()
    for title in ("RNN", "GRU", "RNN", "GRU"):
        runs.take(told(title, 0), math.nan)
    assert [run.name for run in runs.all] == ["RNN", "GRU"]
    runs.take(told("GRU", 3), math.nan)
    runs.take(told("RNN", 0), math.nan)
    runs.take(told("GRU", 0), math.nan)
    assert [run.name for run in runs.all] == ["GRU", "RNN", "GRU 2"]
    assert len({run.stroke for run in runs.all}) == 3


def test_the_gradient_of_a_step_is_remembered_while_one_looks_at_it() -> None:
    runs = ReachRuns()
    runs.take(told("RNN", 3), math.nan)
    runs.take(told("RNN", 3, gradient=math.nan, clipped=math.nan), math.nan)
    assert runs.now is not None
    assert runs.now.trace.values[:, BEFORE].tolist() == [3.0]


def test_what_was_taken_back_is_forgotten_and_a_kept_run_begins_anew() -> None:
    runs = ReachRuns()
    for step in (2, 4, 6, 3):
        runs.take(told("GRU", step), math.nan)
    assert runs.now is not None
    assert runs.now.trace.steps.tolist() == [2, 3]
    runs.keep()
    runs.take(told("GRU", 4), math.nan)
    assert [run.name for run in runs.all] == ["GRU", "GRU 2"]


def test_of_many_readings_the_last_radius_and_the_largest_norms_stay() -> None:
    runs = ReachRuns()
    for step in range(1, 3001):
        runs.take(told("RNN", step, gradient=9.0 if step == 1234 else 1.0), math.nan)
    assert runs.now is not None
    values = runs.now.trace.values
    assert runs.now.trace.size <= 1024
    assert values[:, BEFORE].max() == 9.0
    assert (values[:, RADIUS] == 0.7).all()


def test_the_fall_a_step_is_told_where_there_is_one() -> None:
    assert per_step(2.0 * 0.5 ** np.arange(4)) == pytest.approx(0.5)
    assert math.isnan(per_step(np.array([1.0, 0.0])))
    assert math.isnan(per_step(np.array([1.0])))


def test_success_is_that_of_rows_held_out() -> None:
    def report(metrics: dict[str, float], held_out: dict[str, float]) -> m.ReportRecord:
        return m.ReportRecord(1, 1, 0.1, metrics, None, held_out, 0.0)

    assert math.isnan(success_of([]))
    assert success_of([report({"accuracy": 0.5}, {"accuracy": 0.25})]) == 0.25
    assert success_of([report({"accuracy": 0.5}, {})]) == 0.5
    assert success_of([report({}, {"accuracy": 0.9, "exact": 0.5})]) == 0.5


# The panel


@pytest.fixture
def panel(qtbot: Any) -> Iterator[VanishingPanel]:
    session = Session(memory(), engine=False)
    made = VanishingPanel(session)
    qtbot.addWidget(made)
    made.resize(900, 280)
    made.show()
    qtbot.waitExposed(made)
    yield made
    session.close()


def take(panel: VanishingPanel, *answers: m.Reached) -> None:
    for each in answers:
        panel._take(each)
    panel._redraw()


def test_curves_are_read_at_the_lag_under_the_pointer(panel: VanishingPanel) -> None:
    take(panel, told("RNN", 5, 0.5), told("GRU", 5, 0.9))
    assert "at lag 5" in panel.words.text()
    assert "×0.9 a step" in panel.words.text()
    assert [b.text().split()[0] for b in panel.legend.buttons] == ["RNN", "GRU"]
    panel.curves.point_at(2)
    assert "at lag 2" in panel.words.text()
    assert "0.500" in panel.legend.buttons[0].text()
    assert "1.620" in panel.legend.buttons[1].text()
    panel.ratio.click()
    panel._redraw()
    assert "0.250" in panel.legend.buttons[0].text()
    QTest.mouseClick(panel.legend.buttons[0], Qt.MouseButton.LeftButton)
    panel._redraw()
    assert len(panel.curves._curves) == 1


def test_states_are_chosen_and_zeros_are_not_drawn(panel: VanishingPanel) -> None:
    take(panel, told("LSTM"))
    assert panel.which.count() == 2
    panel.which.setCurrentText("c")
    panel.which.textActivated.emit("c")
    panel._redraw()
    assert "∂c" in panel.words.text()
    assert panel.curves._data[0][1].tolist() == [1.0] * T
    take(panel, told("LSTM", 6, 0.0))
    panel.which.setCurrentText("h")
    panel._redraw()
    drawn = panel.curves._data[0][1]
    assert drawn[0] == 2.0
    assert np.isnan(drawn[1:]).all()


def test_radius_and_clipping_are_told_beside(panel: VanishingPanel) -> None:
    take(panel, told("LSTM", 1), told("LSTM", 5))
    assert "0.900" in panel.radius_words.text()
    assert "f 0.900" in panel.radius_words.toolTip()
    assert panel.radius._guide.value() == 1.0
    assert "3.00 → 1.00 clipped" in panel.norm_words.text()
    assert len(panel.norms._curves) == 2
    take(panel, told("RNN", 5, clipped=3.0))
    assert "not clipped" in panel.norm_words.text()
    header, rows = panel.table()
    kept = list(rows)
    assert header == ["run", "step", "layer", "state", "lag", "norm", "success"]
    assert kept[0] == ["LSTM", 5, "memory", "h", 0, 2.0, None]
    assert len(kept) == 3 * T
    panel.resize(400, 200)
    panel._redraw()
    assert not panel._beside.isVisible()


def test_empty_it_says_what_is_needed(panel: VanishingPanel, qtbot: Any) -> None:
    assert panel.missing()
    assert "Asking" in panel.empty.label.text()
    panel.session.graph.remove("loss")
    qtbot.waitUntil(lambda: "loss" in panel.empty.label.text())
    panel.session.graph.remove("memory")
    qtbot.waitUntil(lambda: "LSTM" in panel.empty.label.text())


def test_training_is_followed_and_another_cell_keeps_the_curve(qtbot: Any) -> None:
    """With the real engine: the curve of what was trained stays when the cell is replaced."""
    from graphlab.graph import rewire

    graph = memory()
    graph.set("x", value=np.random.default_rng(0).standard_normal((2, T, 2)).tolist())
    session = Session(graph)
    made = VanishingPanel(session)
    qtbot.addWidget(made)
    made.resize(900, 280)
    made.show()
    wait = {"timeout": 20_000}
    qtbot.waitUntil(lambda: made.runs.now is not None, **wait)
    session.phase("update")
    qtbot.waitUntil(lambda: made.runs.now is not None and made.runs.now.step == 1, **wait)
    assert made.runs.now is not None
    assert made.runs.now.trace.values[-1, BEFORE] > 0
    graph.replace(rewire.replace(graph.document, graph.document.node("memory").id, "GRU").document, "Swap")
    qtbot.waitUntil(lambda: [run.name for run in made.runs.all] == ["LSTM", "GRU"], **wait)
    assert set(made.runs.all[1].layers[0].norms) == {"h"}
    session.close()
