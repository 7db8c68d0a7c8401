"""Two things at once: what is in the hand, being typed or running, when the document changes or the window goes."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.graph import Graph
from graphlab.io import save
from graphlab.io.examples import example
from graphlab.ui.canvas.gestures.band import Band
from graphlab.ui.canvas.gestures.connect import Connect
from graphlab.ui.canvas.gestures.move import Move
from graphlab.ui.canvas.inline import NameEditor
from graphlab.ui.session import Session
from graphlab.ui.shell import Shell
from graphlab.ui.window import MainWindow
from tests.ui import agreement
from tests.ui.canvas.conftest import CTRL, Desk, chain_in_a_window, editor, grouped
from tests.ui.window_trial import PATIENCE, Make, small


@pytest.fixture
def desk(make: Make) -> Desk:
    """x → hidden → act → out in a window."""
    made = chain_in_a_window(make)
    QApplication.processEvents()
    return made


@pytest.fixture
def training(make: Make, qtbot: Any) -> Desk:
    """A window in which XOR is being trained without end."""
    window = make(engine=True)
    window.files.open_example(example("xor"))
    window.session.root.configure(epochs=1_000_000)
    window.session.mark_saved(None)
    qtbot.waitUntil(lambda: bool(window.session.schedule), timeout=PATIENCE)
    window.actions_.run("run.train")
    qtbot.waitUntil(lambda: window.session.status.step > 20, timeout=PATIENCE)
    window.canvas.setFocus()
    return Desk(window)


# In the hand


@pytest.mark.parametrize("end", ["release", "escape", "nothing"])
def test_a_node_goes_while_its_wire_is_in_the_hand(desk: Desk, end: str) -> None:
    start = desk.output("out")
    desk.drag(start, start + QPoint(60, 120), release=False)
    assert isinstance(desk.view.gesture, Connect)
    desk.graph.remove("out")
    assert desk.view.gesture is None
    desk.view.grab()
    if end == "release":
        desk.release(start + QPoint(60, 120))
    elif end == "escape":
        desk.key(Qt.Key.Key_Escape)
    assert not desk.view.search.isVisible()
    agreement.all_agree(desk.view)
    desk.graph.undo()
    agreement.all_agree(desk.view)


def test_the_node_at_which_a_wire_aims_goes_while_it_is_in_the_hand(desk: Desk) -> None:
    desk.drag(desk.output("x"), desk.input("out"), release=False)
    assert desk.view.gesture.target is not None
    desk.graph.remove("out")
    assert isinstance(desk.view.gesture, Connect)
    desk.view.grab()
    desk.release(desk.pixel(300, 500))
    assert desk.view.search.isVisible()  # dropped on nothing
    desk.view.search.dismiss()
    agreement.all_agree(desk.view)


def test_the_node_in_the_hand_is_deleted_by_key(desk: Desk) -> None:
    at = desk.header("act")
    desk.drag(at, at + QPoint(30, 80), release=False)
    assert isinstance(desk.view.gesture, Move)
    desk.key(Qt.Key.Key_Delete)
    desk.release(at + QPoint(30, 80))
    assert desk.names() == {"x", "hidden", "out"}
    agreement.all_agree(desk.view)
    agreement.undo_and_redo_are_exact(desk.view)


def test_undo_while_dragging_takes_back_the_edit_before_and_the_drag_goes_on(desk: Desk) -> None:
    desk.graph.rename("act", "h")
    at = desk.header("h")
    desk.drag(at, at + QPoint(40, 80), release=False)
    desk.key(Qt.Key.Key_Z, CTRL)
    assert "act" in desk.names()
    desk.move(at + QPoint(80, 80))
    desk.release(at + QPoint(80, 80))
    agreement.all_agree(desk.view)
    assert desk.corner("act").x() == pytest.approx(480 + 100, abs=2)


@pytest.mark.parametrize("gesture", [Move, Connect, Band])
def test_entering_a_group_ends_what_is_in_the_hand_without_a_trace(desk: Desk, gesture: type) -> None:
    group = grouped(desk, "hidden", name="cell")
    before, labels = desk.graph.document, desk.graph.history
    start = {Move: desk.header("act"), Connect: desk.output("act"), Band: desk.pixel(700, 500)}[gesture]
    desk.drag(start, start + QPoint(40, 60), release=False)
    assert isinstance(desk.view.gesture, gesture)
    desk.session.go_inside((group,))
    assert desk.view.gesture is None
    desk.release(start + QPoint(40, 60))
    agreement.all_agree(desk.view)
    desk.session.go_inside(())
    assert desk.graph.document is before
    assert desk.graph.history == labels
    agreement.all_agree(desk.view)


@pytest.mark.parametrize("answer", ["discard", "cancel"])
def test_the_window_closes_while_a_wire_is_in_the_hand(desk: Desk, answer: str) -> None:
    desk.graph.rename("act", "h")
    start = desk.output("out")
    desk.drag(start, start + QPoint(60, 120), release=False)
    desk.window.files.ask = lambda name: answer
    desk.window.close()
    assert desk.window.isVisible() == (answer == "cancel")
    desk.move(start + QPoint(80, 120))
    desk.release(start + QPoint(80, 120))
    QApplication.processEvents()


def test_a_tab_closes_while_a_node_in_it_is_dragged_and_the_other_goes_on(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = Shell()
    first, second = (frame.add(MainWindow(Session(small(), engine=False))) for _ in range(2))
    frame.show()
    hand = Desk(second)
    second.canvas.motion.enabled = False
    at = hand.header("act")
    hand.drag(at, at + QPoint(30, 60), release=False)
    assert isinstance(second.canvas.gesture, Move)
    second.close()
    assert frame.windows == [first]
    QApplication.processEvents()
    first.session.graph.rename("act", "h")
    agreement.all_agree(first.canvas)
    first.session.mark_saved(None)
    frame.close()


# Typing and searching


def test_undo_while_a_name_is_typed_belongs_to_the_line_and_the_document_stays(desk: Desk) -> None:
    desk.graph.rename("act", "h")
    before = desk.graph.document
    desk.select("h")
    desk.key(Qt.Key.Key_F2)
    line = editor(desk)
    QTest.keyClicks(line, "new")
    QTest.keyClick(line, Qt.Key.Key_Z, CTRL)
    assert desk.graph.document is before
    QTest.keyClick(line, Qt.Key.Key_Escape)
    QApplication.processEvents()
    desk.view.setFocus()
    desk.key(Qt.Key.Key_Z, CTRL)
    assert "act" in desk.names()
    agreement.all_agree(desk.view)


def test_the_node_whose_name_is_typed_is_undone_from_elsewhere(desk: Desk) -> None:
    desk.graph.add("Tanh", name="late", position=(0, 300))
    desk.select("late")
    desk.key(Qt.Key.Key_F2)
    line = editor(desk)
    QTest.keyClicks(line, "new")
    desk.window.actions_.run("edit.undo")  # by the toolbar
    QTest.keyClick(line, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert not [e for e in desk.view.findChildren(NameEditor) if e.isVisible()]
    assert desk.names() == {"x", "hidden", "act", "out"}
    agreement.all_agree(desk.view)


def test_another_document_is_opened_while_the_search_is_open(desk: Desk) -> None:
    desk.key(Qt.Key.Key_Tab)
    assert desk.view.search.isVisible()
    desk.session.open(small())
    assert not desk.view.search.isVisible()
    QApplication.processEvents()
    agreement.all_agree(desk.view)


def test_another_document_is_opened_while_the_search_would_replace_a_node(desk: Desk) -> None:
    desk.select("act")
    desk.key(Qt.Key.Key_H, CTRL)
    line = desk.view.search.line
    desk.session.open(Graph())
    QTest.keyClicks(line, "relu")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert not desk.session.document.nodes
    assert not desk.session.root.can_undo


def test_the_node_that_a_search_would_wire_to_is_undone_meanwhile(desk: Desk) -> None:
    desk.graph.add("Tanh", name="late", position=(0, 300))
    desk.drag(desk.output("late"), desk.pixel(500, 400))
    assert desk.view.search.isVisible()
    desk.graph.undo()
    desk.search("relu")
    assert desk.names() == {"x", "hidden", "act", "out", "relu"}
    agreement.all_agree(desk.view)


# While it trains


def test_undo_while_it_trains_goes_on_training_what_is_left(training: Desk, qtbot: Any) -> None:
    session = training.session
    session.graph.set("hidden", units=5)
    qtbot.waitUntil(lambda: session.weights()["hidden.weight"].shape == (5, 2), timeout=PATIENCE)
    training.key(Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: session.weights()["hidden.weight"].shape == (8, 2), timeout=PATIENCE)
    assert session.engine.is_up
    assert not [n for n in session.notices if n.level == "error"]
    agreement.all_agree(training.view)


def test_a_file_is_opened_while_it_trains(training: Desk, qtbot: Any, tmp_path: Path) -> None:
    save(small(), tmp_path / "other.graphlab")
    training.window.files.ask = lambda name: "discard"
    assert training.window.files.open(tmp_path / "other.graphlab")
    session = training.session
    qtbot.waitUntil(
        lambda: len(session.schedule) > 0 and session.status.state != "training", timeout=PATIENCE
    )
    assert session.status.step == 0
    assert len(session.losses) == 0
    names = {session.name_of(entry.node) for entry in session.schedule if entry.node}
    assert names <= {"x", "hidden", "act"}
    assert not [n for n in session.notices if n.level == "error"]
    agreement.all_agree(training.view)


def test_the_engine_dies_between_two_steps_and_the_next_step_works(make: Make, qtbot: Any) -> None:
    window = make(engine=True)
    window.files.open_example(example("xor"))
    session = window.session
    qtbot.waitUntil(lambda: bool(session.schedule), timeout=PATIENCE)
    window.actions_.run("run.step")
    qtbot.waitUntil(lambda: session.status.cursor == 1, timeout=PATIENCE)
    first = session.engine.link.pid
    window.actions_.run("run.step")
    os.kill(first, signal.SIGTERM)
    qtbot.waitUntil(lambda: session.engine.is_up and session.engine.link.pid != first, timeout=PATIENCE)
    qtbot.waitUntil(lambda: bool(session.schedule), timeout=PATIENCE)
    window.actions_.run("run.to_start")
    window.actions_.run("run.step")
    qtbot.waitUntil(lambda: session.status.cursor >= 1, timeout=PATIENCE)
    agreement.all_agree(window.canvas)


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen: a menu that is open
def test_a_menu_closes_when_the_document_changes_under_it(desk: Desk) -> None:
    menu = desk.view.open_menu(QPointF(desk.wire("act", "x")))
    assert menu.isVisible()
    (point,) = [a for a in menu.actions() if a.text().startswith("Add reroute point")]
    desk.graph.disconnect("act", "x")
    assert not menu.isVisible()
    point.trigger()
    assert desk.names() == {"x", "hidden", "act", "out"}
    agreement.all_agree(desk.view)


def test_a_name_that_is_being_typed_when_the_window_closes_is_asked_about(desk: Desk) -> None:
    desk.select("act")
    QApplication.processEvents()
    name = desk.window.docks["inspector"].build().node_page.name
    name.setFocus()
    QTest.keyClick(name, Qt.Key.Key_A, CTRL)
    QTest.keyClicks(name, "typed")
    asked: list[str] = []
    desk.window.files.ask = lambda document: asked.append(document) or "cancel"
    desk.window.close()
    assert asked
    assert "typed" in desk.names()
    assert desk.window.isVisible()
