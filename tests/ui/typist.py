"""Somebody without a mouse: every key goes to whatever has the focus, as the desktop would send it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from graphlab.ui.window import MainWindow

Key = Qt.Key
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


class Typist:
    """Types at a window. It looks (`focus`, `shown`) but touches nothing except keys."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        window.activateWindow()
        QApplication.processEvents()

    @property
    def focus(self) -> QWidget:
        """What has the keyboard; the window itself while nothing in it has."""
        return QApplication.focusWidget() or QApplication.activeWindow() or self.window

    def press(self, key: Key, modifiers: Qt.KeyboardModifier = NONE, times: int = 1) -> None:
        for _ in range(times):
            QTest.keyClick(self.focus, key, modifiers)
            QApplication.processEvents()

    def type(self, text: str, end: Key | None = Key.Key_Return) -> None:
        """Letters, and by default Enter."""
        for letter in text:
            QTest.keyClicks(self.focus, letter)
            QApplication.processEvents()
        if end is not None:
            self.press(end)

    def tab_to(self, found: Callable[[QWidget], bool], most: int = 60) -> QWidget:
        """Presses Tab until the keyboard is at what one is looking for."""
        for _ in range(most):
            if found(self.focus):
                return self.focus
            self.press(Key.Key_Tab)
        raise AssertionError(f"Tab does not lead there; it ends at {self.focus}")

    def tab_to_field(self, name: str) -> Any:
        """Presses Tab until the keyboard is at the field of that (accessible) name."""
        return self.tab_to(lambda widget: name in (widget.accessibleName(), _name_of_parent(widget)))


def _name_of_parent(widget: QWidget) -> str:
    parent = widget.parentWidget()
    return parent.accessibleName() if parent is not None else ""
