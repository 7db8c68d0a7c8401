"""The two switches of a node, or of several: muted and frozen."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from .. import group_edits
from ..icons import icon
from ..session import Session
from .parts import quiet

_SWITCHES = (
    ("muted", "mute", "Leave it out: what feeds its first input passes through (M)"),
    ("frozen", "freeze", "Keep its parameters as they are while training (Shift+F)"),
)


class Flags(QWidget):
    """Follows nodes of the session; `show_nodes` says which. A switch that none of them can have is not shown."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._able: dict[str, list[str]] = {}
        self.buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        label = quiet("switches")
        label.setFixedWidth(104)
        row.addWidget(label)
        for flag, drawing, tip in _SWITCHES:
            button = QPushButton(icon(drawing), flag)
            button.setCheckable(True)
            button.setProperty("role", "small")
            button.setToolTip(tip)
            button.clicked.connect(lambda on, f=flag: self._set(f, on))
            row.addWidget(button, 1)
            self.buttons[flag] = button

    def show_nodes(self, ids: Iterable[str]) -> None:
        """Show these nodes."""
        document = self._session.document
        nodes = [document.nodes[i] for i in ids]
        for flag, button in self.buttons.items():
            able = [node for node in nodes if group_edits.ABLE[flag](node)]
            on = sum(getattr(node, flag) for node in able)
            self._able[flag] = [node.id for node in able]
            button.setVisible(bool(able))
            button.setChecked(bool(able) and on == len(able))
            button.setText(flag if on in (0, len(able)) else f"{on} of {len(able)} {flag}")
        self.setVisible(any(self._able.values()))

    def _set(self, flag: str, on: bool) -> None:
        self._session.attempt(group_edits.set_flag, self._session, self._able[flag], flag, on)
