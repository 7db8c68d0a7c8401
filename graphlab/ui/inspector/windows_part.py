"""The way from a node that moves a window to the panel that plays it, in the inspector."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from ..icons import icon
from ..session import Session
from ..windowed import can_play
from .parts import column


class WindowsPart(QWidget):
    """Follows one node of the session's sheet; hidden for one that moves no window."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.play = QPushButton(icon("windows"), "Play its windows")
        self.play.setProperty("role", "small")
        self.play.setToolTip("Watch it window by window, forward and back, and try other sizes (Ctrl+Alt+P)")
        self.play.clicked.connect(lambda: session.command_wanted.emit("tools.windows"))
        column(self, spacing=0).addWidget(self.play, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def show_node(self, id: str) -> None:
        """Whether it is offered for this node."""
        self.setVisible(can_play(self._session, id))
