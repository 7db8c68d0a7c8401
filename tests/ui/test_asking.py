"""Gradients of one element, or of the sum of all, asked for by hand; and the way back to the loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from graphlab.engine import Run
from graphlab.engine import messages as m
from graphlab.graph import Graph
from graphlab.ui.inspector.node_page import NodePage
from graphlab.ui.panels.trace_model import NODE, PHASE, READS, TraceModel
from tests.ui.canvas.conftest import Desk
from tests.ui.window_trial import PATIENCE, Make

CTRL_ALT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def small() -> Graph:
    """x → hidden → act → loss, all numbers given; label beside it holds whole numbers."""
    g = Graph("small")
    x = g.add("Input", name="x", value=((0.5, -1.0), (1.5, 0.25), (0.0, 2.0)), position=(0, 100))
    hidden = g.add("Linear", x, name="hidden", units=4, position=(240, 100))
    act = g.add("Tanh", hidden, name="act", position=(480, 100))
    g.add("ArgMax", act, name="label", position=(720, 260))
    g.add("Mean", act, name="loss", position=(720, 60))
    return Graph(g.document)


def wait(qtbot: Any, condition: Any) -> None:
    qtbot.waitUntil(condition, timeout=PATIENCE)


@pytest.fixture
def desk(make: Make, qtbot: Any) -> Desk:
    window = make(small(), engine=True)
    wait(qtbot, lambda: window.session.loaded is not None)
    window.canvas.motion.enabled = False
    window.canvas.camera.set((40.0, 60.0, 0.8))
    window.canvas.camera_changed()
    window.activateWindow()
    window.canvas.setFocus()
    return Desk(window)


def page(desk: Desk) -> NodePage:
    found = desk.window.docks["inspector"].build()
    return found.node_page  # type: ignore[no-any-return]


def ask_by_key(desk: Desk, qtbot: Any, name: str, at: tuple[int, int]) -> None:
    """Selects an element in the inspector's heat map, and presses D on it."""
    desk.select(name)
    tensors = page(desk).tensors
    tensors.show_tab("value")
    wait(qtbot, lambda: tensors.value.view.shown() is tensors.value.view.heat_map())
    heat = tensors.value.view.heat_map()
    heat.select(at)
    heat.setFocus()
    QTest.keyClick(heat, Qt.Key.Key_D)
    wait(qtbot, lambda: desk.session.asking.asked is not None)


def gradient(desk: Desk, name: str, socket: str = "") -> np.ndarray | None:
    tensor = desk.session.tensor("grad", desk.id(name), socket)
    return tensor.array if tensor is not None and tensor.fresh else None


def row(desk: Desk, at: tuple[int, int]) -> Run:
    run = Run(desk.session.whole, goal="act", at=at)
    run.backward()
    return run


def test_an_element_of_a_heat_map_is_asked_about_by_key_and_its_row_is_shown(desk: Desk, qtbot: Any) -> None:
    session = desk.session
    session.phase("forward")
    ask_by_key(desk, qtbot, "act", (0, 2))
    chip = desk.view.goal_chip
    wait(qtbot, lambda: gradient(desk, "x") is not None)
    assert chip.isVisible()
    assert chip.words.text() == "Gradients of act[0, 2]"
    assert np.array_equal(gradient(desk, "x"), row(desk, (0, 2)).grad("x"))
    assert session.schedule[-1].phase == "backward"
    page(desk).tensors.show_tab("grad")
    wait(qtbot, lambda: page(desk).goal._why.text() == "Gradients are those of act[0, 2].")
    desk.select("loss")
    page(desk).tensors.show_tab("grad")
    wait(
        qtbot,
        lambda: "act[0, 2] does not depend on it" in page(desk).tensors.gradient.view._nothing.text(),
    )
    assert page(desk).tensors.of.text() == "∂act[0, 2]/∂loss"
    trace = TraceModel(session)
    texts = {
        (trace.text(r, PHASE), trace.text(r, NODE)): trace.text(r, READS) for r in range(trace.rowCount())
    }
    assert texts["backward", "act"] == "1 at [0, 2], as asked"
    assert texts["backward", "hidden"] == "act"
    assert ("backward", "loss") not in texts


def test_escape_leads_back_to_where_one_was(desk: Desk, qtbot: Any) -> None:
    session = desk.session
    session.phase("backward")
    wait(qtbot, lambda: gradient(desk, "x") is not None)
    before, cursor = gradient(desk, "x").copy(), session.status.cursor
    ask_by_key(desk, qtbot, "act", (1, 3))
    wait(qtbot, lambda: gradient(desk, "x") is not None and not np.array_equal(gradient(desk, "x"), before))
    desk.view.setFocus()
    desk.key(Qt.Key.Key_Escape)
    wait(qtbot, lambda: session.asking.asked is None)
    wait(qtbot, lambda: gradient(desk, "x") is not None)
    assert not desk.view.goal_chip.isVisible()
    assert desk.selected() == {"act"}  # one step at a time
    assert np.array_equal(gradient(desk, "x"), before)
    assert session.status.cursor == cursor
    assert not any(notice.level == "error" for notice in session.notices)


def test_the_chip_leads_back_too(desk: Desk, qtbot: Any) -> None:
    desk.session.phase("forward")
    ask_by_key(desk, qtbot, "act", (0, 0))
    wait(qtbot, desk.view.goal_chip.isVisible)
    QTest.mouseClick(desk.view.goal_chip.back, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: desk.session.asking.asked is None)
    assert not desk.view.goal_chip.isVisible()


def test_the_element_is_typed_and_the_sum_has_a_button(desk: Desk, qtbot: Any) -> None:
    session = desk.session
    desk.select("act")
    desk.key(Qt.Key.Key_G, CTRL_ALT)
    field = page(desk).goal.field
    assert QApplication.focusWidget() is field
    QTest.keyClicks(field, "2, 1")
    QTest.keyClick(field, Qt.Key.Key_Return)
    wait(qtbot, lambda: session.asking.title == "act[2, 1]")
    page(desk).goal.sum.click()
    wait(qtbot, lambda: session.asking.title == "Σ act")
    wait(qtbot, lambda: gradient(desk, "act") is not None)
    assert (gradient(desk, "act") == 1).all()
    QTest.mouseClick(page(desk).goal.back, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: session.asking.asked is None)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1", "Element [1] of act is named by 2 whole numbers. Write 0, 0."),
        ("a, b", "“a, b” is no place in an array. Write whole numbers, such as 0, 2."),
    ],
)
def test_what_is_no_index_is_said_at_the_field(desk: Desk, qtbot: Any, typed: str, words: str) -> None:
    desk.select("act")
    goal = page(desk).goal
    goal.field.setText(typed)
    QTest.keyClick(goal.field, Qt.Key.Key_Return)
    assert goal._error.text() == words
    assert desk.session.asking.asked is None


def test_an_element_that_is_not_there_is_said_by_the_engine(desk: Desk, qtbot: Any) -> None:
    desk.select("act")
    page(desk).goal.field.setText("7, 0")
    QTest.keyClick(page(desk).goal.field, Qt.Key.Key_Return)
    wait(qtbot, lambda: any("no element [7, 0]" in notice.text for notice in desk.session.notices))
    assert desk.session.asking.asked is None


def test_whole_numbers_are_refused_with_the_reason(desk: Desk, qtbot: Any) -> None:
    desk.select("label")
    assert page(desk).goal._why.text() == "whole numbers have none"
    assert page(desk).goal.element.isHidden()
    desk.key(Qt.Key.Key_G, CTRL_ALT)
    assert "label holds whole numbers" in desk.session.notices[-1].text
    titles = desk.menu(desk.header("label"))
    assert "Gradients of the sum of all" not in titles


def test_the_menu_of_a_node_offers_what_makes_sense(desk: Desk, qtbot: Any) -> None:
    session = desk.session
    assert "Gradients of an element …" in desk.menu(desk.header("act"))
    desk.menu(desk.header("act"))["Gradients of the sum of all"].trigger()
    wait(qtbot, lambda: session.asking.title == "Σ act")
    assert "Gradients of this" in desk.menu(desk.header("loss"))
    desk.menu(desk.header("loss"))["Back to the goal"].trigger()
    wait(qtbot, lambda: session.asking.asked is None)
    for menu in desk.view.findChildren(QMenu):
        menu.close()


def test_the_menu_of_an_element_asks_too(desk: Desk, qtbot: Any) -> None:
    desk.session.phase("forward")
    desk.select("act")
    view = page(desk).tensors.value.view
    wait(qtbot, lambda: view.shown() is view.heat_map())
    assert view.has_goals
    desk.select("hidden")
    page(desk).tensors.choose("weight")
    assert not view.has_goals  # a parameter is no output
    assert view.index_at(QPointF(-5, -5)) is None


@pytest.mark.parametrize("how", ["train", "update", "slow"])
def test_training_is_about_the_loss_and_ends_the_question_visibly(desk: Desk, qtbot: Any, how: str) -> None:
    session = desk.session
    session.phase("forward")
    ask_by_key(desk, qtbot, "act", (0, 0))
    if how == "update":
        session.phase("update")
    elif how == "train":
        session.train_step()
    else:
        session.player.set_level(2)
        session.train()
    wait(qtbot, lambda: session.asking.asked is None)
    wait(qtbot, lambda: session.status.step >= 1 or how == "slow")
    session.pause()
    assert not desk.view.goal_chip.isVisible()
    wait(qtbot, lambda: any(n.text == "Gradients are those of loss again." for n in session.notices))


def test_stepping_stays_in_the_question(desk: Desk, qtbot: Any) -> None:
    session = desk.session
    ask_by_key_after_forward(desk, qtbot)
    end = len(session.schedule)
    wait(qtbot, lambda: session.status.cursor == end)
    for expected in (1, 2):
        desk.view.setFocus()
        desk.key(Qt.Key.Key_F10)
        wait(qtbot, lambda e=expected: session.status.cursor == e)
    desk.key(Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    wait(qtbot, lambda: session.status.cursor == 1)
    assert session.asking.title == "act[0, 0]"
    assert session.status.step == 0


def ask_by_key_after_forward(desk: Desk, qtbot: Any) -> None:
    desk.session.phase("forward")
    ask_by_key(desk, qtbot, "act", (0, 0))


def test_edits_keep_the_question_as_long_as_it_can_be_asked(desk: Desk, qtbot: Any) -> None:
    session = desk.session
    ask_by_key_after_forward(desk, qtbot)
    session.graph.set("hidden", units=3)
    wait(qtbot, lambda: session.loaded.parameters == 9 and gradient(desk, "act") is not None)
    assert gradient(desk, "act").shape == (3, 3)
    assert session.asking.title == "act[0, 0]"
    session.graph.rename("act", "squash")
    wait(qtbot, lambda: desk.view.goal_chip.words.text() == "Gradients of squash[0, 0]")
    session.graph.group("hidden", "squash", name="cell")
    wait(qtbot, lambda: session.asking.title == "cell/squash[0, 0]")
    session.graph.undo()
    wait(qtbot, lambda: session.asking.title == "squash[0, 0]")
    session.graph.remove("squash")
    wait(qtbot, lambda: session.asking.asked is None)
    wait(qtbot, lambda: any("There is no node" in notice.text for notice in session.notices))


def test_another_document_is_asked_nothing(desk: Desk, qtbot: Any) -> None:
    ask_by_key_after_forward(desk, qtbot)
    desk.session.open(small())
    assert desk.session.asking.asked is None
    assert not desk.view.goal_chip.isVisible()
    wait(qtbot, lambda: desk.session.loaded is not None)
    assert desk.session.loaded.asked is None


def test_inside_a_group_a_node_is_asked_about_in_that_use(desk: Desk, qtbot: Any) -> None:
    session = desk.session
    cell = session.graph.group("hidden", "act", name="cell")
    session.enter(cell.id)
    desk.select("act")
    session.attempt(session.asking.ask, desk.id("act"), "", (1, 1))
    wait(qtbot, lambda: session.asking.title == "cell/act[1, 1]")
    assert session.asking.asked == m.Asked(f"{cell.id}/{desk.id('act')}", "y", (1, 1))
    assert desk.view.live.asked[0] == desk.id("act")
    assert desk.view.goal_chip.y() > desk.view.crumb.geometry().bottom()
    session.leave()
    assert desk.view.live.asked[0] == cell.id


def test_what_is_saved_while_asking_is_what_was_trained(desk: Desk, qtbot: Any) -> None:
    session = desk.session
    session.train_step()
    wait(qtbot, lambda: session.status.step == 1)
    weights = session.weights()
    ask_by_key_after_forward(desk, qtbot)
    for name, values in session.weights().items():
        assert np.array_equal(values, weights[name])
    assert session.asking.asked is not None


def test_an_engine_that_dies_takes_the_question_along(desk: Desk, qtbot: Any) -> None:
    import os
    import signal

    ask_by_key_after_forward(desk, qtbot)
    os.kill(desk.session.engine.link.pid, signal.SIGTERM)
    wait(qtbot, lambda: desk.session.asking.asked is None)
    assert not desk.view.goal_chip.isVisible()


def test_the_mark_and_the_chip_are_painted_in_both_themes(desk: Desk, qtbot: Any, each_theme: Any) -> None:
    before = desk.view.grab().toImage()
    ask_by_key_after_forward(desk, qtbot)
    wait(qtbot, lambda: gradient(desk, "act") is not None)
    after = desk.view.grab().toImage()
    rect = desk.view.camera.screen_rect(desk.view.scene.rect(desk.id("act"))).toRect()
    above = rect.translated(0, -30)
    assert before.copy(above) != after.copy(above)
    assert desk.view.covered >= desk.view.goal_chip.geometry().bottom()
