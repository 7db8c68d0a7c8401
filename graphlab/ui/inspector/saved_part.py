"""Under a gradient: that it is saved, whose gradients are made with it, and what is read again from forward."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from ..session import Session
from .parts import Mark, column, quiet


class SavedPart(QFrame):
    """Takes no room where the node hands no gradient on."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setProperty("role", "card")
        self.gradient, self.values = QLabel(), quiet()
        self.gradient.setWordWrap(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 8, 10, 8)
        row.setSpacing(8)
        row.addWidget(Mark("saved", "backward", 16), 0, Qt.AlignmentFlag.AlignTop)
        words = column(spacing=2)
        words.addWidget(self.gradient)
        words.addWidget(self.values)
        row.addLayout(words, 1)
        self.hide()

    def show_node(self, node: str, is_done: bool) -> None:
        """Of a node on the sheet; `is_done`: backward has come there in this step."""
        found = self._session.ledger.reuse(node) if node and is_done else None
        self.setVisible(found is not None and bool(found.used_for))
        if found is None:
            return
        self.gradient.setText(_sentence(found.gradient_told))
        self.values.setText(_sentence(found.values_told))
        self.values.setVisible(bool(found.values))

    def text(self) -> str:
        """What it says, in one line; "" while it says nothing."""
        return "" if self.isHidden() else " ".join(filter(None, (self.gradient.text(), self.values.text())))


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""
