"""Keys that a widget keeps for itself while it has the keyboard, although the window has commands on them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

_KEYPAD = Qt.KeyboardModifier.KeypadModifier


class OwnKeys(QObject):
    """In a list, Delete, Home and Ctrl+C are about its rows, not about what is selected on the canvas.

    The keys reach the widget as key presses; with `run` they call that instead.
    """

    def __init__(self, widget: QWidget, *keys: str, run: Callable[[], object] | None = None) -> None:
        super().__init__(widget)
        self._keys, self._run = [QKeySequence(key) for key in keys], run
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            return False
        if not isinstance(event, QKeyEvent) or _pressed(event) not in self._keys:
            return False
        if kind == QEvent.Type.KeyPress:
            if self._run is None:
                return False
            self._run()
        event.accept()
        return True


def _pressed(event: QKeyEvent) -> QKeySequence:
    return QKeySequence(QKeyCombination(event.modifiers() & ~_KEYPAD, Qt.Key(event.key())))
