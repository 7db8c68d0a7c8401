"""A line to search a text with: Enter and F3 go to the next place, with Shift to the one before, Esc closes it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QToolButton, QWidget

from ..icons import icon

MOST = 9999  # hits that are counted


class SearchLine(QWidget):
    """Searches a QPlainTextEdit, from where its caret is, round its end. Hidden until it is opened."""

    def __init__(self, text: QPlainTextEdit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.line, self.told = QLineEdit(self), QLabel(self)
        self.line.setPlaceholderText("Find in the code")
        self.line.setAccessibleName("Find in the code")
        self.line.setClearButtonEnabled(True)
        self.line.addAction(QAction(icon("search"), "", self.line), QLineEdit.ActionPosition.LeadingPosition)
        self.line.textChanged.connect(self._search)
        self.line.installEventFilter(self)
        self.told.setProperty("role", "secondary")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 6, 4)
        row.setSpacing(2)
        row.addWidget(self.line, 1)
        row.addSpacing(6)
        row.addWidget(self.told)
        for drawing, tip, run in (
            ("chevron-up", "Previous place (Shift+F3)", lambda: self.go(-1)),
            ("chevron-down", "Next place (F3)", lambda: self.go(1)),
            ("close", "Close (Esc)", self.close_up),
        ):
            row.addWidget(self._button(drawing, tip, run))
        self.hide()

    def _button(self, drawing: str, tip: str, run: object) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(drawing))
        button.setIconSize(QSize(14, 14))
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(" (")[0])
        button.clicked.connect(lambda *_: run())  # type: ignore[operator]
        return button

    def open(self) -> None:
        """Shows it, with what is selected in the text as what is looked for."""
        chosen = self._text.textCursor().selectedText()
        if chosen and "\u2029" not in chosen:
            self.line.setText(chosen)
        self.show()
        self.line.setFocus()
        self.line.selectAll()

    def close_up(self) -> None:
        self.hide()
        self._text.setFocus()

    def go(self, way: int) -> bool:
        """To the next place (1) or the one before (−1). Whether there is any."""
        wanted = self.line.text()
        if not wanted:
            return False
        flags = QTextDocument.FindFlag(0) if way > 0 else QTextDocument.FindFlag.FindBackward
        document, found = (
            self._text.document(),
            self._text.document().find(wanted, self._text.textCursor(), flags),
        )
        if found.isNull():  # round the end
            start = QTextCursor(document)
            if way < 0:
                start.movePosition(QTextCursor.MoveOperation.End)
            found = document.find(wanted, start, flags)
        if found.isNull():
            return False
        self._text.setTextCursor(found)
        self._text.centerCursor()
        self._tell()
        return True

    def _search(self, wanted: str) -> None:
        cursor = self._text.textCursor()
        cursor.setPosition(cursor.selectionStart())
        self._text.setTextCursor(cursor)
        self.go(1)
        self._tell()

    def _tell(self) -> None:
        """How many places there are, and which of them this is."""
        wanted = self.line.text().lower()
        text = self._text.toPlainText().lower()
        count = text.count(wanted) if wanted else 0
        cursor = self._text.textCursor()
        before = text[: cursor.selectionEnd()].count(wanted) if count and cursor.hasSelection() else 0
        self.told.setText(
            "" if not wanted else f"{before:,} of {min(count, MOST):,}" if count else "not found"
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride)
        if event.type() not in kinds or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        key, shift = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key not in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F3, Qt.Key.Key_Escape):
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.KeyPress:
            if key == Qt.Key.Key_Escape:
                self.close_up()
            else:
                self.go(-1 if shift else 1)
        event.accept()
        return True
