"""The question before the test rows are opened, below the choice that asks for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from .popup import Popup

WIDTH = 380


class SealPopup(Popup):
    """Says what the look means, and asks whether it is wanted. Escape, or a click elsewhere, leaves the rows sealed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Test rows")
        self.setFixedWidth(WIDTH)
        self.question = QLabel()
        self.question.setTextFormat(Qt.TextFormat.PlainText)
        self.question.setWordWrap(True)
        self.yes, self.no = QPushButton("Open the test rows"), QPushButton("Leave them sealed")
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (self.yes, self.no):
            button.setAutoDefault(True)
            row.addWidget(button, 1)
        self.column.setSpacing(10)
        self.column.addWidget(self.question)
        self.column.addLayout(row)
        self._open: Callable[[], object] = lambda: None
        self.yes.clicked.connect(self._agreed)
        self.no.clicked.connect(self.close_)

    def ask(self, text: str, anchor: QWidget, open_: Callable[[], object]) -> None:
        """Asks that beside a widget; `open_` is called when it is wanted."""
        self._open = open_
        self.question.setText(text)
        self.question.setMinimumHeight(self.question.heightForWidth(self.width() - 24))
        self.setAccessibleDescription(text)
        self.open_at(anchor)

    def focus(self) -> None:
        self.no.setFocus(Qt.FocusReason.PopupFocusReason)

    def stops(self) -> Sequence[QWidget]:
        return self.yes, self.no

    def _agreed(self) -> None:
        self.close_()
        self._open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_()
        else:
            super().keyPressEvent(event)
