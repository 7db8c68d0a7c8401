"""What the inspector says of a text: which file, how many characters, how it begins, and another file in its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton, QWidget

from ...data import store
from ...data.text import decode
from .. import numbers
from ..icons import icon
from ..session import Session
from ..theme import mono_font
from .parts import Elided, column, quiet

BEGIN = 240  # characters that are shown of a text
TEXTS = "Texts (*.txt *.md *.csv *.py *.tex);;All files (*)"


class TextPart(QWidget):
    """Follows one node of the session's sheet that brings a text; hidden for any other node."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._id = ""
        self.choose: Callable[[], str] = self._choose
        self.file, self.extent = Elided(), quiet()
        self.begin = QLabel()
        self.begin.setFont(mono_font(11))
        self.begin.setWordWrap(True)
        self.begin.setAccessibleName("How the text begins")
        self.replace = QPushButton(icon("open"), "Replace file …")
        self.replace.setProperty("role", "small")
        self.replace.setToolTip("Read the characters of another text; what is set of the rows stays")
        self.replace.clicked.connect(self.ask_for_file)
        outer = column(self, spacing=8)
        for part in (self.file, self.extent, self.begin, self.replace):
            outer.addWidget(part)
        self.hide()

    def show_text(self, id: str, op: Any) -> None:
        """Show this node if it brings a text, "" for none."""
        is_one = op is not None and op.brings == "text"
        self._id = id if is_one else ""
        self.setVisible(is_one)
        if not is_one:
            return
        cells = store.find(op.content)
        self.file.setText(op.file or "no file yet")
        size = f"{numbers.count(op.size, 'character')}, {len(op.alphabet)} different"
        rows = f"{numbers.count(op.rows, 'row')} of {op.length}"
        self.extent.setText(f"{size}: {rows}" if op.content else "Choose a text file.")
        self.begin.setVisible(cells is not None)
        if cells is not None and cells.max() < len(op.alphabet):
            words = decode(cells[:BEGIN, 0], op.alphabet)
            self.begin.setText(words + (" …" if len(cells) > BEGIN else ""))
        words = "Replace file …" if cells is not None else "Find file …" if op.content else "Choose file …"
        self.replace.setText(words)

    def ask_for_file(self) -> None:
        """Asks for a file and reads it into the node."""
        name = self.choose()
        if name:
            self._session.intake.replace(self._id, Path(name))

    def _choose(self) -> str:
        return QFileDialog.getOpenFileName(self, "Choose a text", "", TEXTS)[0]
