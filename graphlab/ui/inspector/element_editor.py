"""A small field over one element of a tensor: Enter sets it, Escape leaves it as it was."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QWidget

from .. import numbers
from ..theme import mono_font
from ..widgets.fields import TextBox


class ElementEditor(QFrame):
    """Lies over the window while open; `entered` carries the index and the new number. Leaving it changes nothing."""

    entered = Signal(object, float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "popup")
        self._index: tuple[int, ...] = ()
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        self._place = QLabel()
        self._place.setFont(mono_font(11))
        self._place.setProperty("role", "secondary")
        self.line = TextBox()
        self.line.setFont(mono_font(12))
        self.line.setFixedWidth(110)
        self._why = QLabel()
        self._why.setProperty("role", "error")
        for widget in (self._place, self.line, self._why):
            row.addWidget(widget)
        self.line.returnPressed.connect(self._enter)
        self.line.installEventFilter(self)
        self.hide()

    def open(self, index: tuple[int, ...], value: float, at: QPoint) -> None:
        """Edit the element at `index`, which is `value` now; `at` is a point of the screen."""
        window = self.parentWidget().window()
        self.setParent(window)
        self._index = index
        self._place.setText(numbers.index(index))
        self._place.setVisible(bool(index))
        self._why.hide()
        self.line.setText(numbers.exact(value))
        self.line.selectAll()
        self.adjustSize()
        place = window.mapFromGlobal(at)
        room = window.size() - self.size()
        self.move(max(0, min(place.x(), room.width())), max(0, min(place.y(), room.height())))
        self.show()
        self.raise_()
        self.line.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        left = event.type() == QEvent.Type.FocusOut and QApplication.activePopupWidget() is None
        if left or (isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Cancel)):
            self.hide()
            return not left
        return False

    def _enter(self) -> None:
        try:
            value = numbers.parse(self.line.text())
        except ValueError:
            self._why.setText("Write a finite number.")
            self._why.show()
            self.adjustSize()
            return
        self.hide()
        self.entered.emit(self._index, value)
