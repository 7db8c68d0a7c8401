"""Editing in place: the name of a node in its header, the text of a note on its card."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from ...errors import GraphlabError
from .ink import text_font


class NameEditor(QLineEdit):
    """A line over a header. Enter keeps, Esc drops; what cannot be is told by `refuse` and stays to be mended."""

    def __init__(
        self,
        parent: QWidget,
        rect: QRect,
        name: str,
        keep: Callable[[str], None],
        refuse: Callable[[GraphlabError], None],
        label: str = "Name of the node",
    ) -> None:
        super().__init__(name, parent)
        self._was, self._keep, self._refuse = name, keep, refuse
        self._done = False
        self.setGeometry(rect)
        self.setFont(text_font(13, 600))
        self.setAccessibleName(label)
        self.selectAll()
        self.textEdited.connect(lambda: self._mark(False))
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def commit(self) -> bool:
        """Keeps the name and closes; False, and stays open, when it is refused."""
        if self._done:
            return True
        try:
            if self.text() != self._was:
                self._keep(self.text())
        except GraphlabError as error:
            self._mark(True)
            self._refuse(error)
            return False
        self.finish()
        return True

    def leave(self) -> None:
        """The person has turned to something else: keeps what can be kept."""
        if not self.commit():
            self.finish()

    def finish(self) -> None:
        """Closes without asking."""
        if self._done:
            return
        self._done = True
        had_focus = self.hasFocus()
        self.hide()
        self.deleteLater()
        if had_focus:
            self.parentWidget().setFocus(Qt.FocusReason.OtherFocusReason)

    def _mark(self, wrong: bool) -> None:
        self.setProperty("invalid", wrong)
        self.style().unpolish(self)
        self.style().polish(self)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # while a name is typed, letters are letters
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.finish()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.commit()  # QLineEdit would pass the key on, and on the canvas it means something else
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason and not self._done:
            self.leave()


class NoteEditor(QPlainTextEdit):
    """A text field over a note. Esc or clicking elsewhere keeps the text, as on paper."""

    def __init__(self, parent: QWidget, rect: QRect, text: str, px: int, keep: Callable[[str], None]) -> None:
        super().__init__(text, parent)
        self._was, self._keep = text, keep
        self._done = False
        self.setGeometry(rect)
        self.setFont(text_font(px))
        self.setAccessibleName("Text of the note")
        self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.installEventFilter(self)

    def finish(self) -> None:
        """Keeps the text and closes."""
        if self._done:
            return
        self._done = True
        if self.toPlainText() != self._was:
            self._keep(self.toPlainText())
        had_focus = self.hasFocus()
        self.hide()
        self.deleteLater()
        if had_focus:
            self.parentWidget().setFocus(Qt.FocusReason.OtherFocusReason)

    leave = finish

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            done = event.key() == Qt.Key.Key_Escape or (
                event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
                and event.modifiers() & Qt.KeyboardModifier.ControlModifier
            )
            if done:
                self.finish()
                return True
        return False

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.finish()
