"""Windows of their own for tensors: as many as one likes, each pinned to a tensor or following the selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ...engine.messages import TensorKey
from .page import ValuesPage

if TYPE_CHECKING:
    from ..window import MainWindow

WIDTH, HEIGHT, STEP = 860, 660, 28


class ValuesWindow(QWidget):
    """Lies over the main window and closes with it; Escape or Ctrl+W close it."""

    def __init__(self, window: MainWindow, key: TensorKey | None) -> None:
        super().__init__(window, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("values")
        self._main = window
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        self.page = ValuesPage(window.session, self, key)
        self.page.titled.connect(self._name)
        self.page.begun.connect(self.page.pane.view.focus_numbers)
        column.addWidget(self.page)
        self.resize(min(WIDTH, window.width()), min(HEIGHT, window.height()))
        close = QShortcut(QKeySequence.StandardKey.Close, self)
        close.activated.connect(self.close)

    def _name(self, title: str) -> None:
        self.setWindowTitle(f"{title or 'Values'} — {self._main.files.name}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)


def windows_of(window: MainWindow) -> list[ValuesWindow]:
    """Those that are open over a main window."""
    return window.findChildren(ValuesWindow, options=Qt.FindChildOption.FindDirectChildrenOnly)


def open_values(window: MainWindow, key: TensorKey | None) -> ValuesWindow:
    """A window pinned to that tensor; the one that there is, if it is there already. None: it follows the selection."""
    others = windows_of(window)
    for other in others:
        if key is not None and other.page.key() == key and other.page.pin.isChecked():
            other.activateWindow()
            return other
    made = ValuesWindow(window, key)
    corner = window.mapToGlobal(window.rect().center()) - made.rect().center()
    shift = STEP * (len(others) % 8)
    made.move(max(corner.x() + shift, 0), max(corner.y() + shift, 0))
    made.show()
    return made
