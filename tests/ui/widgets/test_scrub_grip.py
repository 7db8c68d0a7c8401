"""A hand that drags numbers: with Alt, or plain where nothing else is dragged; and the wheel."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from graphlab.ui.widgets import scrub_grip
from graphlab.ui.widgets.scrub_grip import ScrubGrip

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
ALT, NONE = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier


class Held:
    """A widget with one inside; what is at the left half of the outer one can be dragged."""

    def __init__(self, qtbot: Any, plain: bool = False) -> None:
        self.outer, self.inner = QWidget(), QWidget()
        column = QVBoxLayout(self.outer)
        column.setContentsMargins(10, 0, 0, 0)
        column.addWidget(self.inner)
        qtbot.addWidget(self.outer)
        self.outer.resize(210, 50)
        self.outer.show()
        self.log: list[Any] = []
        self.grip = ScrubGrip(self.outer, lambda at: "it" if at.x() < 110 else None, lambda _: plain)
        self.grip.began.connect(lambda what: self.log.append(what))
        self.grip.moved.connect(lambda pixels, keys: self.log.append(pixels))
        self.grip.ended.connect(lambda stays: self.log.append(stays))

    def drag(self, start: int, end: int, keys: Qt.KeyboardModifier = ALT) -> None:
        QTest.mousePress(self.inner, LEFT, keys, QPoint(start, 20))
        self.move(end, keys)

    def move(self, x: int, keys: Qt.KeyboardModifier = ALT) -> None:
        at = QPointF(x, 20)
        event = QMouseEvent(QEvent.Type.MouseMove, at, self.inner.mapToGlobal(at), NONE_BUTTON, LEFT, keys)
        QApplication.sendEvent(self.inner, event)

    def drop(self, x: int) -> None:
        QTest.mouseRelease(self.inner, LEFT, NONE, QPoint(x, 20))

    def turn(self, notches: int, keys: Qt.KeyboardModifier = ALT, sideways: bool = False) -> bool:
        angle = QPoint(120 * notches, 0) if sideways else QPoint(0, 120 * notches)
        at = QPointF(40, 20)
        event = QWheelEvent(
            at,
            self.inner.mapToGlobal(at),
            QPoint(),
            angle,
            NONE_BUTTON,
            keys,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        event.ignore()
        QApplication.sendEvent(self.inner, event)
        return event.isAccepted()


NONE_BUTTON = Qt.MouseButton.NoButton


def test_alt_and_drag(qtbot: Any) -> None:
    held = Held(qtbot)
    held.drag(40, 55)
    held.move(52)
    held.drop(52)
    assert held.log == ["it", 15.0, -3.0, True]
    held.move(80)
    assert len(held.log) == 4


def test_without_alt_or_where_nothing_is_a_press_is_somebody_elses(qtbot: Any) -> None:
    held = Held(qtbot)
    held.drag(40, 80, NONE)
    held.drop(80)
    held.drag(150, 180)
    held.drop(180)
    QTest.mousePress(held.inner, RIGHT, ALT, QPoint(40, 20))
    assert held.log == []


def test_a_plain_drag_begins_after_a_few_pixels_so_that_clicks_stay_clicks(qtbot: Any) -> None:
    held = Held(qtbot, plain=True)
    held.drag(40, 42, NONE)
    held.drop(42)
    assert held.log == []
    held.drag(40, 50, NONE)
    held.drop(50)
    assert held.log == ["it", 10.0, True]


def test_escape_takes_it_back_and_the_rest_of_the_drag_means_nothing(qtbot: Any) -> None:
    held = Held(qtbot)
    held.drag(40, 55)
    QTest.keyClick(held.inner, Qt.Key.Key_Escape)
    held.move(70)
    held.drop(70)
    assert held.log == ["it", 15.0, False]


@pytest.mark.parametrize("sideways", [False, True])
def test_alt_and_the_wheel_are_one_turn_until_it_rests(
    qtbot: Any, monkeypatch: pytest.MonkeyPatch, sideways: bool
) -> None:
    monkeypatch.setattr(scrub_grip, "RESTS", 40)
    held = Held(qtbot)
    assert held.turn(1, sideways=sideways)
    assert held.turn(-2, sideways=sideways)
    qtbot.waitUntil(lambda: len(held.log) == 4)
    assert held.log == ["it", 10.0, -20.0, True]
    assert not held.turn(1, NONE)
    assert len(held.log) == 4


def test_what_comes_into_the_widget_later_is_watched_too(qtbot: Any) -> None:
    held = Held(qtbot)
    late = QWidget(held.outer)
    late.setGeometry(0, 0, 100, 50)
    late.show()
    QTest.mousePress(late, LEFT, ALT, QPoint(20, 20))
    assert held.log == ["it"]
