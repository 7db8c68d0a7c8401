"""A small field over a view that asks for one thing: Enter takes it, Escape leaves everything as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget
from shiboken6 import isValid

from .. import numbers
from ..theme import mono_font


class AskText(QFrame):
    """Opens over `parent`; `entered` carries what `read` made of the text. ValueError of `read` is told in place."""

    entered = Signal(object)

    def __init__(self, parent: QWidget, title: str, text: str, read: Callable[[str], Any]) -> None:
        super().__init__(parent.window())
        self.setProperty("role", "popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._read = read
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        label = QLabel(title)
        label.setProperty("role", "secondary")
        self.line, self._why = QLineEdit(text), QLabel()
        self.line.setFont(mono_font(12))
        self.line.setFixedWidth(130)
        self.line.setAccessibleName(title)
        self._why.setProperty("role", "error")
        self._why.hide()
        for widget in (label, self.line, self._why):
            row.addWidget(widget)
        self.line.returnPressed.connect(self._enter)
        self.line.installEventFilter(self)
        self._before = QApplication.focusWidget()
        self.adjustSize()
        place = parent.mapTo(parent.window(), QPoint((parent.width() - self.width()) // 2, 24))
        room = parent.window().size() - self.size()
        self.move(max(0, min(place.x(), room.width())), max(0, min(place.y(), room.height())))
        self.show()
        self.raise_()
        self.line.selectAll()
        self.line.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leaving it changes nothing."""
        if isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Cancel):
            self._leave()
            return True
        if event.type() == QEvent.Type.FocusOut and QApplication.activePopupWidget() is None:
            self.close()
        return False

    def _leave(self) -> None:
        self.line.removeEventFilter(self)
        if self._before is not None and isValid(self._before):
            self._before.setFocus()
        self.close()

    def _enter(self) -> None:
        try:
            found = self._read(self.line.text())
        except ValueError as error:
            self._why.setText(str(error))
            self._why.show()
            self.adjustSize()
            return
        self._leave()
        self.entered.emit(found)


def number_in(text: str) -> float:
    """A number above 0."""
    try:
        value = numbers.parse(text)
    except ValueError:
        value = 0.0
    if value <= 0:
        raise ValueError("Write a number above 0.")
    return value


def index_in(text: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The index written in `text`: "3, 5", "[3, 5]"; negative ones count from the end."""
    words = text.strip().strip("[]() ").replace(";", ",").replace(numbers.MINUS, "-").split(",")
    try:
        found = tuple(int(word) for word in words)
    except ValueError:
        raise ValueError(f"Write {len(shape)} whole numbers.") from None
    if len(found) != len(shape):
        raise ValueError(f"Write {len(shape)} whole numbers, for {numbers.shape(shape)}.")
    for i, size in zip(found, shape, strict=True):
        if not -size <= i < size:
            raise ValueError(f"{i} is outside; there are {size:,}.")
    return tuple(i % size for i, size in zip(found, shape, strict=True))
