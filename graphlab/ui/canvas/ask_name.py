"""A small card at the top of the canvas that asks for a name: of a view, so far."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ...errors import GraphlabError
from .card import Card

_WIDTH, _TOP = 340, 10


class NamePrompt(Card):
    """Enter or the button keeps the name, Esc or a click elsewhere drops it; what is refused is said on the card."""

    def __init__(
        self, parent: QWidget, title: str, name: str, keep: Callable[[str], object], top: int = 0
    ) -> None:
        super().__init__(parent)
        self._keep, self._done = keep, False
        heading = QLabel(title, self)
        self.line = QLineEdit(name, self)
        self.line.setAccessibleName(title)
        self.line.selectAll()
        self.line.installEventFilter(self)
        heading.setBuddy(self.line)
        self.button = QPushButton("Keep", self)
        self.button.setProperty("role", "primary")
        self.button.clicked.connect(self.commit)
        self.said = QLabel(self)
        self.said.setWordWrap(True)
        self.said.setProperty("role", "error")
        self.said.hide()
        self.line.textEdited.connect(self.said.hide)
        row = QHBoxLayout()
        row.addWidget(self.line, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(6)
        column.addWidget(heading)
        column.addLayout(row)
        column.addWidget(self.said)
        self._place(top)
        self.show()
        self.raise_()
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)

    def _place(self, top: int) -> None:
        width = min(_WIDTH, self.parentWidget().width() - 2 * _TOP)
        height = max(self.layout().heightForWidth(width), self.layout().sizeHint().height())
        self.setGeometry((self.parentWidget().width() - width) // 2, _TOP + top, width, height)

    def commit(self) -> None:
        """Keeps the name and closes; stays open when it is refused."""
        try:
            self._keep(self.line.text())
        except GraphlabError as error:
            self.said.setText(f"{error.message} {error.hint}".strip())
            self.said.show()
            self._place(self.y() - _TOP)
            self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.finish()

    def finish(self) -> None:
        """Closes without asking."""
        if self._done:
            return
        self._done = True
        had_focus = self.line.hasFocus() or self.button.hasFocus()
        self.hide()
        self.deleteLater()
        if had_focus:
            self.parentWidget().setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self.finish()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.commit()
                return True
        elif event.type() == QEvent.Type.FocusOut and not self._done and not self.button.underMouse():
            self.finish()
        return False
