"""Tuning by hand: the slider of the learning rate, fields, knobs of nodes, freezing; all while it trains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider

from graphlab.graph import Graph
from graphlab.ui.inspector.document_page import DocumentPage
from graphlab.ui.panels.tuning import TuningPanel
from graphlab.ui.session import Session
from graphlab.ui.widgets.log_slider import LogSlider
from tests.engine.networks import winding_graph
from tests.ui.window_trial import PATIENCE, Make

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def session(qtbot: Any) -> Iterator[Session]:
    session = Session(winding_graph(), engine=False)
    yield session
    session.close()


@pytest.fixture
def panel(session: Session, qtbot: Any) -> TuningPanel:
    panel = TuningPanel(session)
    qtbot.addWidget(panel)
    panel.resize(320, 900)
    panel.show()
    qtbot.waitExposed(panel)
    qtbot.waitUntil(lambda: bool(panel.learners))
    return panel


def drag(slider: QSlider, *ways: int) -> None:
    """Takes the handle by the mouse and moves it by so many pixels after one another."""
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    part = QStyle.SubControl.SC_SliderHandle
    at = slider.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, slider).center()
    QTest.mousePress(slider, LEFT, NONE, at)
    for way in ways:
        QTest.mouseMove(slider, at + QPoint(way, 0))
    QTest.mouseRelease(slider, LEFT, NONE, at + QPoint(ways[-1], 0))


def enter(field: Any, text: str) -> None:
    line = field.line()
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)


def test_dragging_the_rate_is_one_undo_entry(session: Session, panel: TuningPanel) -> None:
    before = len(session.root.history)
    drag(panel.rate.slider, -10, -25, -40)
    first = session.whole.training.lr
    assert 1e-6 < first < 0.05
    assert len(session.root.history) == before + 1
    drag(panel.rate.slider, 60)
    assert session.whole.training.lr > first
    assert len(session.root.history) == before + 2
    session.root.undo()
    assert session.whole.training.lr == first
    session.root.undo()
    assert session.whole.training.lr == 0.05
    panel.redraw()
    assert panel.rate.number(panel.rate.slider.value()) == 0.05
    assert panel.rate_form.field("lr").value() == 0.05


def test_the_slider_goes_by_keys(session: Session, panel: TuningPanel) -> None:
    panel.rate.slider.setFocus()
    QTest.keyClick(panel.rate.slider, Qt.Key.Key_PageDown)
    assert session.whole.training.lr == pytest.approx(0.05 / 10**0.5, rel=0.05)
    QTest.keyClick(panel.rate.slider, Qt.Key.Key_Home)
    assert session.whole.training.lr == 1e-6


@pytest.mark.parametrize("words", ["0", "-1", "1e9", "fast"])
def test_a_rate_that_cannot_be_is_said_in_place(session: Session, panel: TuningPanel, words: str) -> None:
    field = panel.rate_form.field("lr")
    enter(field, words)
    assert field.error()
    assert session.whole.training.lr == 0.05


def test_a_huge_rate_is_warned_of_in_place(session: Session, panel: TuningPanel) -> None:
    assert not panel.warning.isVisible()
    enter(panel.rate_form.field("lr"), "50")
    panel.redraw()
    assert session.whole.training.lr == 50
    assert panel.warning.isVisible()
    assert "Usual for Adam" in panel.warning.text()


def test_the_page_of_the_document_warns_as_well(session: Session, qtbot: Any) -> None:
    page = DocumentPage(session)
    qtbot.addWidget(page)
    page.show_document()
    assert page.warning.isHidden()
    session.root.configure(lr=50.0)
    page.show_document()
    assert "So large a rate" in page.warning.text()


def test_other_settings_follow_the_optimizer(session: Session, panel: TuningPanel) -> None:
    assert {"optimizer", "beta1", "batch_size", "weight_decay", "schedule"} <= set(panel.form.names())
    assert not {"lr", "seed", "test"} & set(panel.form.names())
    session.root.configure(optimizer="SGD")
    panel.redraw()
    assert "momentum" in panel.form.names()
    enter(panel.form.field("batch_size"), "8")
    assert session.whole.training.batch_size == 8


def test_knobs_turn_dropout_and_noise(session: Session, panel: TuningPanel) -> None:
    slider, told = panel.knobs[session.document.node("dropout").id, "p"]
    before = len(session.root.history)
    drag(slider, 5, 15)
    p = session.document.node("dropout").params["p"]
    assert 0.4 < p <= 1
    assert len(session.root.history) == before + 1
    assert told.text()
    slider, _ = panel.knobs[session.document.node("data").id, "noise"]
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_PageUp)
    assert session.document.node("data").params["noise"] == pytest.approx(0.4)


def test_knobs_in_groups_are_turned_there(session: Session, panel: TuningPanel) -> None:
    group = session.root.group("dropout", name="block")
    panel._show_lists()
    (place,) = [place for place in panel.knobs if place[-1] == "p"]
    assert place[0] == group.id
    slider, _ = panel.knobs[place]
    before = len(session.root.history)
    drag(slider, 5, 15)
    (inner,) = session.root.document.definitions.values()
    assert inner.node("dropout").params["p"] > 0.4
    assert len(session.root.history) == before + 1
    assert [row[0] for row in panel.table()[1] if "dropout" in row[0]] == ["block / dropout p"]


def test_what_learns_can_be_frozen_and_thawed(session: Session, panel: TuningPanel) -> None:
    scores = session.document.node("scores").id
    box = panel.learners[scores]
    assert box.isChecked()
    assert box.text() == "scores  ·  15 parameters"
    QTest.mouseClick(box, LEFT, NONE, QPoint(8, box.height() // 2))
    assert session.document.node("scores").frozen
    session.root.undo()
    panel.redraw()
    assert box.isChecked()


def test_numbers_leave_as_a_table_and_it_fills_by_itself(session: Session, panel: TuningPanel) -> None:
    header, rows = panel.table()
    assert header == ["setting", "value"]
    assert {("lr", 0.05), ("dropout p", 0.4), ("scores learns", True)} <= set(rows)
    session.open(Graph())
    assert panel.missing()


def test_a_rate_that_has_been_set_is_not_moved_by_its_slider(qtbot: Any) -> None:
    slider = LogSlider(-6, 2, "rate")
    qtbot.addWidget(slider)
    told: list[float] = []
    slider.moved.connect(told.append)
    for value in (0.05, 0.0123, 1e-9, 1e5, 0.0):
        slider.show_number(value)
    assert told == []


def test_while_it_trains_everything_is_changed_without_a_break(make: Make, qtbot: Any) -> None:
    graph = winding_graph(epochs=1_000_000)
    window = make(graph, engine=True)
    session = window.session
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    window.docks.show("tuning")
    panel = window.docks["tuning"].build()
    qtbot.waitUntil(lambda: bool(panel.learners), timeout=PATIENCE)
    session.train()
    qtbot.waitUntil(lambda: session.status.step > 50, timeout=PATIENCE)
    states: set[str] = set()
    steps: list[int] = []
    session.status_changed.connect(lambda s: (states.add(s.state), steps.append(s.step)))
    drag(panel.rate.slider, -10, -30)
    enter(panel.form.field("batch_size"), "8")
    slider, _ = panel.knobs[session.document.node("dropout").id, "p"]
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_PageUp)
    scores = panel.learners[session.document.node("scores").id]
    QTest.mouseClick(scores, LEFT, NONE, QPoint(8, scores.height() // 2))
    now = session.status.step
    qtbot.waitUntil(lambda: session.status.step > now + 100, timeout=PATIENCE)
    session.marks.settle()
    assert states == {"training"}
    assert steps == sorted(steps)
    text = "; ".join(mark.text for mark in session.marks.all)
    for words in ("lr 0.05 → ", "batch size 16 → 8", "dropout p 0.4 → ", "scores frozen"):
        assert words in text
    batches = 5  # of 8 of the 40 rows that are trained on
    qtbot.waitUntil(lambda: session.loaded.batches_per_epoch == batches, timeout=PATIENCE)
    session.root.configure(epochs=1)
    qtbot.waitUntil(lambda: session.status.state == "finished", timeout=PATIENCE)
