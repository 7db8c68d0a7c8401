"""The loss panel under a hand: axes, smoothing, cursor, zoom, marks, other runs."""

from __future__ import annotations

import re
import time
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from graphlab.engine.messages import Loaded, ReportRecord, Scalars
from graphlab.ui.loss_axis import axis_of
from graphlab.ui.losses import averaged
from graphlab.ui.overlays import overlay
from graphlab.ui.panels.loss import LossPanel
from graphlab.ui.session import Session


def report(epoch: int, step: int, seconds: float, loss: float = 0.5, **metrics: float) -> ReportRecord:
    return ReportRecord(epoch, step, loss, metrics, loss, metrics, seconds)


REPORTS = tuple(report(k, 10 * k, 0.5 * k, 1.0 / k, accuracy=1 - 0.5 / k) for k in range(1, 11))


@pytest.fixture
def panel(quiet_session: Session, qtbot: Any) -> LossPanel:
    """100 steps in 10 epochs and 5 seconds; the loss of step k is k."""
    made = LossPanel(quiet_session)
    qtbot.addWidget(made)
    made.resize(700, 260)
    made.show()
    qtbot.waitExposed(made)
    quiet_session.engine.loaded = Loaded(0, (), 1, True, 10)
    quiet_session.engine.scalars.emit(Scalars(0, 0, np.arange(1.0, 101.0), REPORTS))
    made._redraw()
    return made


def painted(panel: LossPanel) -> None:
    """What is in view follows the curves when they are painted."""
    panel.redraw()
    panel.grab()


def hover(panel: LossPanel, place: float) -> None:
    """Puts the pointer over a place of the axis of the loss, as it is in view."""
    painted(panel)
    box = panel.loss.plot.getViewBox()
    at = box.mapViewToScene(QPointF(place, np.mean(box.viewRange()[1])))
    pixel = panel.loss.view.mapFromScene(at)
    QTest.mouseMove(panel.loss.view.viewport(), pixel + QPoint(3, 0))
    QTest.qWait(15)  # the plot takes a hundred moves a second at most
    QTest.mouseMove(panel.loss.view.viewport(), pixel)


# The axis


@pytest.mark.parametrize(("unit", "place"), [("steps", 25.0), ("epochs", 2.5), ("seconds", 1.25)])
def test_a_step_stands_where_it_belongs_and_is_found_there(unit: str, place: float) -> None:
    axis = axis_of(unit, REPORTS, 10)
    assert axis.unit == unit
    assert float(axis.place(25)) == pytest.approx(place)
    assert float(axis.step(place)) == pytest.approx(25)


def test_beyond_what_was_measured_it_goes_on_as_it_went_last() -> None:
    for unit, place in (("epochs", 12.0), ("seconds", 6.0)):
        assert float(axis_of(unit, REPORTS).place(120)) == pytest.approx(place)


def test_another_batch_size_changes_the_steps_of_an_epoch() -> None:
    axis = axis_of("epochs", (report(1, 10, 1.0), report(2, 15, 1.5)), per_epoch=5)
    assert axis.place([5, 10, 15]).tolist() == pytest.approx([0.5, 1.0, 2.0])


def test_what_nobody_knows_yet_is_told_in_steps() -> None:
    assert axis_of("seconds", ()).unit == "steps"
    assert axis_of("epochs", (report(0, 3, 0.0),)).unit == "steps"
    assert axis_of("seconds", (report(1, 3, 0.0),)).unit == "steps"
    assert axis_of("epochs", (), 10).unit == "epochs"


def test_the_curves_stand_over_the_unit_that_is_chosen(panel: LossPanel) -> None:
    for unit, end in (("epochs", 10.0), ("seconds", 5.0), ("steps", 100.0)):
        panel.set_unit(unit)
        panel.redraw()
        assert panel.loss.train.getData()[0][-1] == pytest.approx(end)
        assert panel.loss.validation.getData()[0][-1] == pytest.approx(end)
        assert panel.accuracy.validation.getData()[0][-1] == pytest.approx(end)


# Smoothing


def test_the_slider_smooths_the_line_and_leaves_the_range(panel: LossPanel) -> None:
    noise = np.random.default_rng(0).normal(size=3000)
    panel.session.engine.scalars.emit(Scalars(0, 100, noise))
    rough = []
    for amount in (0, 30, 100):
        panel.slider.setValue(amount)
        panel.redraw()
        rough.append(float(np.abs(np.diff(panel.loss.train.getData()[1][200:])).mean()))
        if amount:
            drawn = panel.loss.range.getData()[1]
            assert drawn.max() == 100.0
            assert drawn.min() == pytest.approx(noise.min())
    assert rough[0] > 2 * rough[1] > 4 * rough[2]


def test_an_exponential_mean_has_no_bias_at_the_beginning_and_skips_what_is_no_number() -> None:
    assert averaged(np.full(5, 3.0), 10).tolist() == pytest.approx([3.0] * 5)
    found = averaged(np.array([1.0, np.nan, np.inf, 2.0]), 3)
    assert np.isnan(found[1])
    assert np.isnan(found[2])
    assert found[3] == pytest.approx((0.25 * 1 + 0.5 * 2) / 0.75)


# The cursor


def test_the_pointer_reads_the_values_and_the_nearest_epoch(panel: LossPanel) -> None:
    panel.slider.setValue(0)
    panel.set_unit("epochs")
    panel.redraw()
    hover(panel, 3.6)
    words = panel.loss.words.text()
    found = re.search(r"step (\d+) · epoch ([\d.]+)", words)
    assert found is not None
    step = int(found[1])
    assert abs(step - 36) <= 1  # a pixel is a third of a step
    assert float(found[2]) == step / 10
    assert f"train {step}.00" in words
    assert "validation 0.2500" in words  # of epoch 4, the nearest


def test_the_keys_move_the_cursor_zoom_and_show_all_again(panel: LossPanel) -> None:
    view = panel.loss.view
    painted(panel)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Home)
    QTest.keyClick(view, Qt.Key.Key_Right)
    first = panel.loss.place
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert first is not None
    assert panel.loss.place > first
    QTest.keyClick(view, Qt.Key.Key_Plus)
    QTest.keyClick(view, Qt.Key.Key_Plus)
    left, right = panel.loss.span()
    assert right - left == pytest.approx(0.49 * 108, rel=0.1)
    QTest.keyClick(view, Qt.Key.Key_0)
    painted(panel)
    assert panel.loss.is_whole
    assert panel.loss.span()[1] >= 100


def test_what_is_zoomed_into_is_drawn_anew_with_every_step(panel: LossPanel, qtbot: Any) -> None:
    losses = np.zeros(200_000)
    losses[150_000] = 7.0
    panel.session.engine.scalars.emit(Scalars(0, 0, losses))
    panel.slider.setValue(0)
    panel.redraw()
    assert panel.loss.range.yData is None or panel.loss.train.getData()[1].max() < 7
    panel.loss.plot.getViewBox().setXRange(149_990, 150_010)
    qtbot.waitUntil(lambda: panel.loss.train.getData()[1].max() == 7.0)
    assert 20 <= len(panel.loss.train.getData()[0]) <= 40
    QTest.mouseDClick(
        panel.loss.view.viewport(), Qt.MouseButton.LeftButton, pos=panel.loss.view.rect().center()
    )
    qtbot.waitUntil(lambda: panel.loss.span()[1] >= 200_000)


def test_both_axes_can_be_logarithmic_and_the_cursor_still_reads_right(panel: LossPanel) -> None:
    panel.slider.setValue(0)
    panel.set_logarithmic(True)
    panel.set_log_x(True)
    painted(panel)
    assert panel.loss.plot.getViewBox().viewRange()[0][1] == pytest.approx(2.0, abs=0.2)
    hover(panel, 1.0)  # 10¹
    assert "step 10" in panel.loss.words.text()
    assert "10.0" in panel.loss.words.text()


# Marks


def test_marks_stand_where_something_was_changed_and_are_read_there(panel: LossPanel) -> None:
    panel.session.marks.add(20, "lr 0.1 → 0.01")
    panel.session.marks.add(70, "batch size 8 → 16")
    panel.set_unit("epochs")
    panel.redraw()
    lines = panel.loss._mark_lines
    assert [line.value() for line in lines] == [2.0, 7.0]
    assert lines[1].toolTip() == "2: batch size 8 → 16"
    hover(panel, 7.0)
    assert panel.loss.view.toolTip() == "2: batch size 8 → 16"
    hover(panel, 4.5)
    assert panel.loss.view.toolTip() == ""
    header, rows = panel.table()
    assert header[-1] == "changed after it"
    assert {row[0]: row[-1] for row in rows if row[-1]} == {20: "lr 0.1 → 0.01", 70: "batch size 8 → 16"}
    panel.session.marks.clear()
    panel.redraw()
    assert panel.loss._mark_lines == []


# Other runs


def test_other_runs_are_drawn_named_read_and_hidden_by_a_click(panel: LossPanel) -> None:
    overlays = panel.session.overlays
    overlays.add(overlay("before", np.full(40, 2.0), (report(4, 40, 8.0, 3.0, accuracy=0.25),)))
    panel.redraw()
    (button,) = panel.legend.buttons
    assert button.text() == "before"
    assert panel.loss._others[0][0].getData()[0][-1] == pytest.approx(40)
    assert len(panel.accuracy._others) == 1
    panel.set_unit("seconds")  # it took its own time
    panel.redraw()
    assert panel.loss._others[0][0].getData()[0][-1] == pytest.approx(8.0)
    hover(panel, 4.0)
    assert "2.000" in button.text()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    panel.redraw()
    assert panel.loss._others == []
    assert not panel.legend.buttons[0].isChecked()
    QTest.mouseClick(panel.legend.buttons[0], Qt.MouseButton.LeftButton)
    panel.redraw()
    assert len(panel.loss._others) == 1


def test_other_runs_are_there_before_anything_was_trained(quiet_session: Session, qtbot: Any) -> None:
    made = LossPanel(quiet_session)
    qtbot.addWidget(made)
    made.show()
    quiet_session.overlays.add(overlay("before", np.ones(9)))
    qtbot.waitUntil(lambda: made._stack.currentWidget() is made.content)
    assert made.legend.isVisible()


def test_every_metric_has_a_chart(panel: LossPanel) -> None:
    panel.session.engine.scalars.emit(Scalars(0, 100, np.ones(2), (report(11, 102, 6.0, r2=0.75),)))
    panel.redraw()
    assert not panel.metrics["r2"].isHidden()
    assert "0.7500" in panel.metrics["r2"].words.text()


def test_the_menu_has_the_axes_too(panel: LossPanel) -> None:
    menu = QMenu(panel)
    panel.fill_header_menu(menu)
    made = {action.text(): action for action in menu.actions()}
    made["Over seconds"].trigger()
    made["Logarithmic axis below"].trigger()
    made["Exponential moving mean"].trigger()
    assert (panel.unit, panel.log_x, panel.smooth_by) == ("seconds", True, "exponential")


def test_a_million_steps_with_two_other_runs_are_redrawn_fast(panel: LossPanel) -> None:
    rng = np.random.default_rng(0)
    panel.session.engine.scalars.emit(Scalars(0, 0, rng.random(1_000_000), REPORTS))
    for name in ("a", "b"):
        panel.session.overlays.add(overlay(name, rng.random(1_000_000), REPORTS))
    panel.set_unit("seconds")
    panel.redraw()
    best = 1.0
    for _ in range(8):
        began = time.perf_counter()
        panel.redraw()
        best = min(best, time.perf_counter() - began)
    assert best < 20e-3


def test_an_svg_has_its_points_as_shapes(panel: LossPanel) -> None:
    painted(panel)
    drawing = panel._picture(".svg")
    assert not re.search(rb'<image[^>]*width="[3-9]"', drawing)
    assert b"0.1000" in drawing  # the words above it, as text
