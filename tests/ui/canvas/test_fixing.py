"""A wire that does not fit is kept, and what mends it is offered: in a bubble, on a chip, in menus, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from graphlab.graph import Graph
from graphlab.ui.session import Session

from .conftest import Hand, show


@pytest.fixture
def rows(qtbot: Any) -> Iterator[Hand]:
    """data (rows of 64) beside conv (Conv2d), not wired yet, and a healthy x → total."""
    graph = Graph("rows")
    graph.add("Dataset", name="data", dataset="digits", position=(0, 100))
    graph.add("Conv2d", name="conv", position=(420, 100))
    x = graph.add("Input", name="x", shape=("N", 3), position=(0, 340))
    graph.add("Sum", x, name="total", position=(240, 340))
    session = Session(Graph(graph.document), engine=False)
    yield Hand(show(qtbot, session))
    session.close()


def wrong(rows: Hand) -> Hand:
    rows.drag(rows.output("data", "x"), rows.input("conv"))
    return rows


def known(rows: Hand, qtbot: Any) -> None:
    """Waits until the fixes are found."""
    qtbot.waitUntil(lambda: bool(rows.view.session.remedies.at(rows.id("conv"), "x")))
    rows.view.repaint()


def lines(menu: QMenu) -> list[str]:
    return [line.text() for line in menu.actions() if not line.isSeparator()]


# A menu and a tooltip ask the offscreen plugin for more than it has.
opens_windows = pytest.mark.qt_log_ignore("does not support", extend=True)
LAYOUT, RESHAPE = "Set layout of data to image", "Insert Reshape → N×1×8×8"


# The wrong wire


def test_a_wrong_wire_is_kept_and_the_healthy_part_goes_on(rows: Hand) -> None:
    wrong(rows)
    inference = rows.view.session.inference
    assert (rows.id("conv"), "x") in rows.view.session.document.edges
    assert rows.id("conv") in inference.unhealthy
    assert {rows.id("x"), rows.id("total"), rows.id("data")} <= set(inference.healthy)
    assert inference.goal == rows.id("total")


# In a bubble


def test_dropping_it_tells_the_reason_and_offers_fixes(rows: Hand, qtbot: Any) -> None:
    wrong(rows)
    bubble = rows.view.bubble
    assert bubble.isVisible()
    assert "is not a batch of images" in bubble.text
    qtbot.waitUntil(lambda: bool(bubble.buttons))
    assert [button.text() for button in bubble.buttons] == [LAYOUT, RESHAPE]
    inside = bubble.rect()
    assert all(inside.contains(button.geometry()) for button in bubble.buttons)


def test_a_click_in_the_bubble_mends_it_in_one_step(rows: Hand, qtbot: Any) -> None:
    wrong(rows)
    before = len(rows.graph.history)
    qtbot.waitUntil(lambda: bool(rows.view.bubble.buttons))
    qtbot.mouseClick(rows.view.bubble.buttons[1], Qt.MouseButton.LeftButton)
    session = rows.view.session
    assert not session.inference.problems
    assert session.document.node("reshape").params == {"shape": ("N", 1, 8, 8)}
    assert rows.graph.history[before:] == ["Insert Reshape"]
    assert not rows.view.bubble.isVisible()
    rows.graph.undo()
    assert "reshape" not in rows.graph
    assert session.inference.problems


def test_the_bubble_stays_while_the_pointer_is_on_it(rows: Hand, qtbot: Any) -> None:
    wrong(rows)
    bubble = rows.view.bubble
    qtbot.waitUntil(lambda: bool(bubble.buttons))
    QTest.mouseMove(bubble, QPoint(20, 10))
    qtbot.waitUntil(lambda: bubble._fading.state() == bubble._fading.State.Stopped)
    QTest.mousePress(bubble, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(4, 4))
    assert bubble.isVisible()
    assert rows.view.gesture is None


def test_the_bubble_goes_with_the_fault(rows: Hand) -> None:
    wrong(rows)
    rows.graph.undo()
    assert not rows.view.bubble.isVisible()


@opens_windows
def test_resting_on_the_wire_or_its_node_brings_the_bubble_back(rows: Hand, qtbot: Any) -> None:
    wrong(rows)
    known(rows, qtbot)
    for at in (rows.wire("conv", "x"), rows.header("conv")):
        rows.view.bubble.hide()
        event = QHelpEvent(QHelpEvent.Type.ToolTip, at, rows.view.mapToGlobal(at))
        QApplication.sendEvent(rows.view, event)
        assert rows.view.bubble.isVisible()
        assert len(rows.view.bubble.buttons) == 2
    at = rows.header("total")
    rows.view.bubble.hide()
    QApplication.sendEvent(rows.view, QHelpEvent(QHelpEvent.Type.ToolTip, at, rows.view.mapToGlobal(at)))
    assert not rows.view.bubble.isVisible()


def test_an_explanation_of_something_else_is_left_alone_by_what_is_found(rows: Hand, qtbot: Any) -> None:
    wrong(rows)
    rows.view.explain(QPointF(200, 200), "Something else.")
    known(rows, qtbot)
    assert rows.view.bubble.text == "Something else."
    assert not rows.view.bubble.buttons


# On a chip


def test_the_likeliest_fix_stands_at_the_wire_to_be_clicked(rows: Hand, qtbot: Any) -> None:
    wrong(rows)
    rows.view.bubble.hide()
    known(rows, qtbot)
    (chip,) = rows.view.mender.chips
    assert str(chip.fix) == LAYOUT
    assert chip.more
    middle = rows.wire("conv", "x")
    assert abs(chip.rect.center().x() - middle.x()) < 4
    assert 0 < chip.rect.top() - middle.y() < 30
    rows.move(chip.rect.center().toPoint(), Qt.MouseButton.NoButton)
    assert rows.view.cursor().shape() == Qt.CursorShape.PointingHandCursor
    rows.click(chip.rect.center().toPoint())
    assert not rows.view.session.inference.problems
    assert rows.view.session.document.node("data").params["layout"] == "image"
    rows.view.repaint()
    assert not rows.view.mender.chips


def test_where_the_wire_has_no_room_the_chip_is_above_with_a_line_to_it(rows: Hand, qtbot: Any) -> None:
    rows.graph.move({rows.id("conv"): (200, 100)})
    wrong(rows)
    rows.view.bubble.hide()
    known(rows, qtbot)
    (chip,) = rows.view.mender.chips
    assert chip.wire is not None
    assert (chip.wire - QPointF(rows.wire("conv", "x"))).manhattanLength() < 2
    assert abs(chip.rect.center().x() - chip.wire.x()) < 2
    for name in ("conv", "data"):
        node = rows.view.camera.screen_rect(rows.view.scene.rect(rows.id(name)))
        assert not node.intersects(chip.rect)
    assert 0 < chip.wire.y() - chip.rect.bottom() < 120


def test_where_a_node_stands_there_the_chip_is_under_the_node(rows: Hand, qtbot: Any) -> None:
    rows.graph.move({rows.id("conv"): (200, 100)})
    wrong(rows)
    place = rows.view.scene.rect(rows.id("conv")).topLeft()
    rows.graph.add("Tanh", name="roof", position=(place.x() - 60, place.y() - 130))
    rows.view.bubble.hide()
    known(rows, qtbot)
    (chip,) = [chip for chip in rows.view.mender.chips if chip.node == rows.id("conv")]
    below = rows.view.camera.screen_rect(rows.view.scene.rect(rows.id("conv"))).bottom()
    assert 16 < chip.rect.top() - below < 30


def test_a_release_beside_the_chip_does_nothing(rows: Hand, qtbot: Any) -> None:
    wrong(rows)
    rows.view.bubble.hide()
    known(rows, qtbot)
    before, (chip,) = rows.view.session.document, rows.view.mender.chips
    at = chip.rect.center().toPoint()
    rows.drag(at, at + QPoint(0, 80))
    assert rows.view.session.document is before
    rows.drag(at, at + QPoint(2, 0), release=False)
    rows.key(Qt.Key.Key_Escape)
    rows.release(at)
    assert rows.view.session.document is before


@opens_windows
def test_the_end_of_the_chip_opens_all_fixes(rows: Hand, qtbot: Any) -> None:
    wrong(rows)
    rows.view.bubble.hide()
    known(rows, qtbot)
    (chip,) = rows.view.mender.chips
    rows.click((chip.rect.topRight() + QPointF(-5, 9)).toPoint())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert lines(menu) == [LAYOUT, RESHAPE]
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert "reshape" in rows.graph


def test_the_chip_of_a_wire_gives_way_to_its_bubble(rows: Hand, qtbot: Any) -> None:
    wrong(rows)
    known(rows, qtbot)
    assert rows.view.bubble.isVisible()
    assert not rows.view.mender.chips


def test_far_out_there_are_no_chips(rows: Hand, qtbot: Any) -> None:
    wrong(rows)
    rows.view.bubble.hide()
    known(rows, qtbot)
    rows.view.zoom_by(0.5, rows.view.middle)
    rows.view.repaint()
    assert not rows.view.mender.chips


# On menus


@opens_windows
def test_the_menus_of_the_wire_and_of_the_node_begin_with_the_fixes(rows: Hand) -> None:
    wrong(rows)
    for at in (rows.wire("conv", "x"), rows.header("conv")):
        menu = rows.view.open_menu(QPointF(at))
        assert lines(menu)[:2] == [LAYOUT, RESHAPE]
        menu.close()
    menu = rows.view.open_menu(QPointF(rows.header("total")))
    assert LAYOUT not in lines(menu)
    menu.close()


@opens_windows
def test_by_keyboard_the_first_fault_is_mended(rows: Hand) -> None:
    wrong(rows)
    rows.view.session.select(())
    rows.view.mend()
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert lines(menu) == [LAYOUT, RESHAPE]
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert not rows.view.session.inference.problems


def test_a_fault_that_nothing_mends_is_told(rows: Hand) -> None:
    told: list[Any] = []
    rows.view.session.notice.connect(told.append)
    rows.view.mend()
    assert "x is not connected" in told[-1].text
    rows.graph.remove("conv")
    rows.view.mend()
    assert told[-1].text == "The graph has no problems."


# In groups


def test_a_fault_inside_a_group_is_offered_outside_and_inside(rows: Hand, qtbot: Any) -> None:
    wrong(rows)
    rows.graph.group("conv", name="cell")
    cell = rows.id("cell")
    qtbot.waitUntil(lambda: bool(rows.view.session.remedies.at(cell)))
    assert LAYOUT in map(str, rows.view.session.remedies.at(cell))
    rows.view.session.enter(cell)
    conv = rows.id("conv")
    assert {str(fix) for fix in rows.view.session.remedies.at(conv)} >= {LAYOUT, RESHAPE}
    (fix,) = [f for f in rows.view.session.remedies.at(conv) if str(f) == RESHAPE]
    rows.view.session.remedies.apply(fix)
    assert not rows.view.session.inference.problems
    assert "reshape" in rows.graph


# Life


def test_a_fix_of_a_wire_that_is_gone_is_told_and_nothing_happens(rows: Hand) -> None:
    wrong(rows)
    (fix,) = [f for f in rows.view.session.remedies.finish(rows.id("conv"), "x") if str(f) == RESHAPE]
    rows.graph.disconnect("conv")
    before, told = rows.view.session.document, []
    rows.view.session.notice.connect(told.append)
    assert rows.view.session.remedies.apply(fix) is False
    assert rows.view.session.document is before
    assert "gone" in told[-1].text


def test_moving_a_node_keeps_what_was_found(rows: Hand, qtbot: Any) -> None:
    wrong(rows)
    known(rows, qtbot)
    rows.graph.move({rows.id("conv"): (440, 120)})
    assert len(rows.view.session.remedies.at(rows.id("conv"), "x")) == 2
