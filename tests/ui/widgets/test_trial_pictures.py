"""Pictures of trials by hand: pointing, choosing, opening, ranges, zoom; ten thousand lines in time."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from graphlab.lab.sweeps.axes import Axis
from graphlab.ui.colour import contrast
from graphlab.ui.theme import theme
from graphlab.ui.widgets.parallel_lines import Lines
from graphlab.ui.widgets.parallel_plot import ParallelPlot
from graphlab.ui.widgets.share_bars import ShareBars
from graphlab.ui.widgets.trial_chart import Chart, Dots, Scale, Threads, bin_colour
from graphlab.ui.widgets.trial_plot import TrialPlot

LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
UNIT = Axis("lr", "linear", 0.0, 1.0)
SCORE = Axis("accuracy", "linear", 0.0, 1.0, is_share=True)


def shown(qtbot, widget):
    qtbot.addWidget(widget)
    widget.resize(600, 260)
    widget.show()
    return widget


def dots(*places, **also):
    x, y = np.array(places, np.float64).T
    none = np.zeros(len(x), bool)
    return Dots(np.arange(10, 10 + len(x)), x, y, y, also.get("hollow", none), also.get("crossed", none))


@pytest.fixture
def plot(qtbot):
    made = shown(qtbot, TrialPlot())
    made.show_chart(
        Chart(UNIT, SCORE, dots=dots((0.1, 0.2), (0.5, 0.9), (0.9, 0.5)), scale=Scale("s", "a", "b"))
    )
    return made


def at(plot, number):
    return plot.pixel(number).toPoint()


def test_pointing_tells_of_the_trial_under_the_pointer(plot, qtbot):
    with qtbot.waitSignal(plot.pointed) as told:
        QTest.mouseMove(plot, at(plot, 11))
    assert told.args == [11]
    QTest.mouseMove(plot, QPoint(300, 200))
    assert plot.at is None


def test_click_chooses_control_click_one_more_and_the_ground_none(plot):
    said = []
    plot.chosen.connect(said.append)
    QTest.mouseClick(plot, LEFT, pos=at(plot, 10))
    QTest.mouseClick(plot, LEFT, CONTROL, at(plot, 12))
    QTest.mouseClick(plot, LEFT, CONTROL, at(plot, 10))
    QTest.mouseClick(plot, LEFT, pos=QPoint(300, 200))
    assert said == [[10], [10, 12], [12], []]


def test_double_click_and_enter_open(plot):
    said = []
    plot.opened.connect(said.append)
    QTest.mouseDClick(plot, LEFT, pos=at(plot, 11))
    plot.point_at(None)
    plot.setFocus()
    for _ in range(3):
        QTest.keyClick(plot, Qt.Key.Key_Right)
    QTest.keyClick(plot, Qt.Key.Key_Return)
    assert said == [11, 12]


def test_wheel_zooms_around_the_pointer_dragging_pans_and_home_shows_all(plot):
    where = plot.pixel(11)
    plot.zoom(4.0, where)
    left, right, bottom, top = plot.view()
    assert (right - left, top - bottom) == pytest.approx((0.25, 0.25))
    assert (plot.pixel(11) - where).manhattanLength() < 1e-6
    QTest.mousePress(plot, LEFT, pos=where.toPoint())
    QTest.mouseMove(plot, where.toPoint() + QPoint(-60, 0))
    QTest.mouseRelease(plot, LEFT, pos=where.toPoint() + QPoint(-60, 0))
    assert plot.view()[0] > left
    assert plot.selection == []  # a drag chooses nothing
    QTest.keyClick(plot, Qt.Key.Key_Home)
    assert plot.view() == (0, 1, 0, 1)


def test_curves_are_pointed_at_where_they_run_and_where_they_end(qtbot):
    plot = shown(qtbot, TrialPlot())
    y = np.array([[0.2, 0.4, 0.6], [0.9, 0.8, np.nan]])
    threads = Threads(np.array([3, 4]), np.array([0.0, 0.5, 1.0]), y, np.array([0.1, 1.0]), np.zeros(2, bool))
    plot.show_chart(Chart(UNIT, SCORE, threads=threads))
    ground = plot.ground()
    assert plot.nearest(ground.point(0.25, 0.3)) == 3
    assert plot.nearest(ground.point(0.5, 0.8)) == 4
    assert plot.nearest(ground.point(0.9, 0.8)) is None  # it has ended
    assert plot.pixel(4) == ground.point(0.5, 0.8)


def test_shapes_tell_states_without_colour(qtbot, each_theme):
    plot = shown(qtbot, TrialPlot())
    yes, no = np.array([True]), np.array([False])
    made = {}
    for name, hollow, crossed in (("done", no, no), ("pruned", yes, no), ("failed", no, yes)):
        plot.show_chart(Chart(UNIT, SCORE, dots=dots((0.5, 0.55), hollow=hollow, crossed=crossed)))
        middle = plot.grab().toImage().pixelColor(at(plot, 10)).name()
        made[name] = middle
    assert made["pruned"] == theme().well.name()
    assert contrast(QColor(made["failed"]), theme().error) < 1.1
    assert made["done"] not in (made["pruned"], made["failed"])


def test_good_scores_stand_out_more_than_bad_ones(each_theme):
    ways = [contrast(bin_colour(k), theme().well) for k in range(12)]
    assert ways == sorted(ways)
    assert ways[-1] > 4.5


# Parallel coordinates


def lines(count=4, seed=0):
    rng = np.random.default_rng(seed)
    shares = rng.random((count, 3))
    return Lines(np.arange(count), shares, shares[:, 2], np.zeros(count, bool))


@pytest.fixture
def parallel(qtbot):
    made = shown(qtbot, ParallelPlot())
    shares = np.array([[0.0, 0.5, 0.1], [1.0, 0.5, 0.9], [0.5, 0.1, 0.5]])
    axes = [Axis("units", "listed", 0, 2, (8, 16, 32)), UNIT, SCORE]
    made.show_lines(axes, Lines(np.arange(3), shares, shares[:, 2], np.zeros(3, bool)), None)
    return made


def on_axis(parallel, k, share):
    return QPoint(round(float(parallel.places()[k])), round(float(parallel.height_of(np.array([share]))[0])))


def drag(parallel, k, first, last):
    QTest.mousePress(parallel, LEFT, pos=on_axis(parallel, k, first))
    QTest.mouseMove(parallel, on_axis(parallel, k, (first + last) / 2))
    QTest.mouseMove(parallel, on_axis(parallel, k, last))
    QTest.mouseRelease(parallel, LEFT, pos=on_axis(parallel, k, last))


def test_dragging_along_an_axis_keeps_what_passes_there(parallel, qtbot):
    drag(parallel, 0, 0.4, 0.95)
    assert parallel.passing.tolist() == [2]
    drag(parallel, 0, 0.95, 1.0)  # its upper end
    assert parallel.passing.tolist() == [1, 2]
    drag(parallel, 2, 0.8, 1.0)
    assert parallel.passing.tolist() == [1]
    drag(parallel, 2, 0.9, 0.5)  # the range as a whole
    assert parallel.passing.tolist() == [2]
    QTest.mouseClick(parallel, LEFT, pos=on_axis(parallel, 2, 0.05))
    assert parallel.passing.tolist() == [1, 2]
    QTest.keyClick(parallel, Qt.Key.Key_Escape)
    assert parallel.passing.tolist() == [0, 1, 2]


def test_dragging_the_name_takes_an_axis_elsewhere_and_it_stays_there(parallel):
    xs = [round(float(x)) for x in parallel.places()]
    QTest.mousePress(parallel, LEFT, pos=QPoint(xs[0], 8))
    QTest.mouseMove(parallel, QPoint(xs[1], 8))
    QTest.mouseMove(parallel, QPoint(xs[2], 8))
    QTest.mouseRelease(parallel, LEFT, pos=QPoint(xs[2], 8))
    assert [axis.name for axis in parallel.axes] == ["lr", "accuracy", "units"]
    assert parallel.lines.shares[1].tolist() == [0.5, 0.9, 1.0]
    assert parallel.selection == []
    axes = [Axis("units", "listed", 0, 2, (8, 16, 32)), SCORE, UNIT]
    parallel.show_lines(axes, lines(2), None)
    assert [axis.name for axis in parallel.axes] == ["lr", "accuracy", "units"]
    drag(parallel, 2, 0.0, 1.0)
    assert list(parallel.ranges) == ["units"]


def test_lines_are_pointed_at_chosen_and_opened(parallel):
    said = []
    parallel.chosen.connect(said.append)
    parallel.opened.connect(lambda number: said.append(f"open {number}"))
    first, last = on_axis(parallel, 1, 0.5), on_axis(parallel, 2, 0.9)
    between = QPoint((first.x() + last.x()) // 2, (first.y() + last.y()) // 2)
    QTest.mouseMove(parallel, between)
    assert parallel.at == 1
    QTest.mouseClick(parallel, LEFT, pos=between)
    QTest.mouseDClick(parallel, LEFT, pos=between)
    assert said == [[1], "open 1"]


def test_what_a_range_keeps_out_is_not_pointed_at_and_arrows_go_by_the_score(parallel):
    parallel.brush("units", (0.4, 1.0))
    QTest.keyClick(parallel, Qt.Key.Key_Up)
    assert parallel.at == 1  # the best
    QTest.keyClick(parallel, Qt.Key.Key_Down)
    assert parallel.at == 2
    QTest.keyClick(parallel, Qt.Key.Key_Down)
    assert parallel.at == 2  # 0 does not pass


def test_ten_thousand_lines_are_pointed_at_and_sifted_in_time(qtbot):
    parallel = shown(qtbot, ParallelPlot())
    parallel.show_lines([UNIT, Axis("b", "linear", 0, 1), SCORE], lines(10_000), None)
    parallel.grab()
    begin = time.thread_time()
    for k in range(20):
        parallel.nearest(QPointF(200 + k, 130))
    parallel.brush("lr", (0.2, 0.4))
    assert time.thread_time() - begin < 0.25


# Importance


def test_bars_show_shares_and_a_click_chooses_one(qtbot):
    bars = shown(qtbot, ShareBars())
    bars.show_shares({"lr": 0.7, "units": 0.3})
    said = []
    bars.chosen.connect(said.append)
    QTest.mouseClick(bars, LEFT, pos=bars.bar(1).center().toPoint())
    QTest.keyClick(bars, Qt.Key.Key_Up)
    QTest.keyClick(bars, Qt.Key.Key_Return)
    assert said == ["units", "lr"]
    assert bars.accessibleDescription() == "lr: 70.0 %"
