"""The button at the right end of the timeline that remembers the moment."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QToolButton

from ..icons import icon
from ..session import Session

SIDE = 26


class PinButton(QToolButton):
    """Keeps its place at the right edge of the area that it stands in."""

    def __init__(self, session: Session, area: QAbstractScrollArea) -> None:
        super().__init__(area)
        self._area, self._session = area, session
        self.setIcon(icon("moment"))
        self.setIconSize(QSize(16, 16))
        self.setFixedSize(SIDE, SIDE)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip("Remember this moment, to compare it later (Ctrl+M)")
        self.setAccessibleName("Remember this moment")
        self.clicked.connect(session.moments.remember)
        session.compiled.connect(self._refresh)
        area.installEventFilter(self)
        self._refresh()

    def _refresh(self, *_: object) -> None:
        self.setEnabled(bool(self._session.schedule))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self.move(self._area.width() - SIDE - 8, (self._area.viewport().height() - SIDE) // 2)
        return False
