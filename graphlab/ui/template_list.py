"""The list of a person's own templates: open, rename, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..errors import GraphlabError
from ..io import templates as stored
from ..io.templates import Template
from .icons import icon

if TYPE_CHECKING:
    from .templates import Templates

_NONE = "There are none yet. File, Save as template … keeps the present graph as one."


class TemplateList(QDialog):
    """F2 renames in place, Delete deletes, Enter opens. What went wrong stands below the list."""

    def __init__(self, templates: Templates, parent: QWidget) -> None:
        super().__init__(parent)
        self._templates = templates
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Your templates")
        self.resize(420, 320)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Your templates")
        self.list.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.SelectedClicked
        )
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.begin = self._button("Open", self._open)
        self.rename = self._button("Rename", self._edit)
        self.delete = self._button("Delete …", self._delete)
        self.folder = self._button("Show the folder", templates.show_folder)
        self._lay_out()
        self.list.itemChanged.connect(self._rename)
        self.list.itemActivated.connect(lambda item: self._open())
        self.list.currentItemChanged.connect(lambda *_: self._enable())
        QShortcut(QKeySequence(Qt.Key.Key_Delete), self.list, self._delete)
        self.refresh()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addWidget(self.list, 1)
        column.addWidget(self.words)
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (self.begin, self.rename, self.delete):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.folder)
        column.addLayout(row)

    def _button(self, title: str, run: object) -> QPushButton:
        button = QPushButton(title, self)
        button.setAutoDefault(False)
        button.clicked.connect(run)
        return button

    def refresh(self, current: str = "") -> None:
        """Looks at the folder anew. `current`: the name to be on."""
        self.list.blockSignals(True)
        self.list.clear()
        for template in self._templates.own():
            item = QListWidgetItem(icon("template"), template.title)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setData(Qt.ItemDataRole.UserRole, template)
            self.list.addItem(item)
            if template.name == current:
                self.list.setCurrentItem(item)
        self.list.blockSignals(False)
        if self.list.currentRow() < 0 and self.list.count():
            self.list.setCurrentRow(0)
        self._say("" if self.list.count() else _NONE)
        self._enable()

    def _enable(self) -> None:
        for button in (self.begin, self.rename, self.delete):
            button.setEnabled(self.list.currentItem() is not None)

    def _say(self, words: str, *, wrong: bool = False) -> None:
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self.words.setProperty("role", "error" if wrong else "secondary")
        self.words.style().unpolish(self.words)
        self.words.style().polish(self.words)

    def _current(self) -> Template | None:
        item = self.list.currentItem()
        return item.data(Qt.ItemDataRole.UserRole) if item is not None else None

    def _open(self) -> None:
        template = self._current()
        if template is not None and self._templates.begin(template):
            self.close()

    def _edit(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.list.editItem(item)

    def _rename(self, item: QListWidgetItem) -> None:
        template: Template = item.data(Qt.ItemDataRole.UserRole)
        if item.text() == template.title:
            return
        try:
            renamed = stored.rename(template, item.text())
        except GraphlabError as error:
            self.refresh(template.name)
            self._say(str(error), wrong=True)
            return
        self.refresh(renamed.name)

    def _delete(self) -> None:
        template = self._current()
        question = f"Delete the template “{template.title}”?" if template is not None else ""
        if template is None or not self._templates.confirm(question, "It cannot be brought back."):
            return
        try:
            stored.remove(template)
        except GraphlabError as error:
            self._say(str(error), wrong=True)
            return
        self.refresh()
