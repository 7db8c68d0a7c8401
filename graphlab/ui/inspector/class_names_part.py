"""What the classes of a data set are called: typed, or read from a text file with a name a line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QWidget

from ...data.class_names import classes_of, read_class_names, split_names
from .. import numbers
from ..icons import icon
from ..session import Session
from ..widgets.fields import TextBox
from .parts import column, quiet

FILES = "Texts (*.txt *.names *.csv);;All files (*)"


class ClassNamesPart(QWidget):
    """Follows one node of the session's sheet whose rows are of classes; hidden for any other node."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._id = ""
        self.choose: Callable[[], str] = self._choose
        self.names, self.told = TextBox(), quiet()
        self.names.setAccessibleName("Names of the classes")
        self.names.setToolTip(
            "What the classes are called, in their order, with commas; empty for their own names"
        )
        self.from_file = QPushButton(icon("open"), "From file …")
        self.from_file.setProperty("role", "small")
        self.from_file.setToolTip("Read the names from a text file, a name a line")
        outer, row = column(self, spacing=4), QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.names, 1)
        row.addWidget(self.from_file)
        outer.addWidget(quiet("classes"))
        outer.addLayout(row)
        outer.addWidget(self.told)
        self.names.editingFinished.connect(self._typed)
        self.names.cancelled.connect(self._show_names)
        self.from_file.clicked.connect(self.ask_for_file)
        self.hide()

    def show_names(self, id: str, op: Any) -> None:
        """Show this node if it brings rows of classes, "" for none."""
        classes = classes_of(op) if op is not None else ()
        self._id = id if classes else ""
        self.setVisible(bool(classes))
        if classes:
            self._show_names()

    def _show_names(self) -> None:
        op = self._op()
        classes, called = classes_of(op), op.called
        self.names.setText(", ".join(called))
        self.names.setPlaceholderText(", ".join(classes))
        self.names.setCursorPosition(0)
        self.names.setModified(False)
        count = numbers.count(len(classes), "class", "classes")
        few, many = len(called) < len(classes), len(called) > len(classes)
        words = "the others keep theirs" if few else "the last ones are left out"
        self.told.setText(f"{count}, {numbers.count(len(called), 'name')}: {words}." if few or many else "")
        self.told.setVisible(bool(called) and (few or many))

    # Editing

    def _op(self) -> Any:
        return self._session.document.nodes[self._id].make()

    def _typed(self) -> None:
        if self._id and self.names.isModified():
            self.take(split_names(self.names.text()))
            self._show_names()

    def ask_for_file(self) -> None:
        """Asks for a file of names and takes them."""
        if name := self.choose():
            self._session.attempt(lambda: self.take(read_class_names(Path(name))))

    def take(self, names: tuple[str, ...]) -> None:
        """Calls the classes so from now on, as one undo entry."""
        if names != self._op().called:
            self._session.attempt(lambda: self._session.graph.set(self._id, called=names))

    def _choose(self) -> str:
        return QFileDialog.getOpenFileName(self, "Choose a file of names", "", FILES)[0]
