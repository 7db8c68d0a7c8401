"""Over the canvas while gradients are those of something else than the loss: of what, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ..icons import icon
from ..inspector.parts import Elided, Mark
from ..painting import painting
from ..theme import theme, ui_font

if TYPE_CHECKING:
    from ..session import Session

_PLACE = 10  # pixels from the corner of the canvas
_ROOM = 40  # and to its right edge
_GAP = 6  # under what else stands there


class GoalChip(QWidget):
    """ "Gradients of hidden[0, 2] · Back to loss ✕". Hidden while they are those of the loss."""

    placed = Signal()

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._top = _PLACE
        self.words, self.back = Elided(), QPushButton()
        self.words.setFont(ui_font(12, ui_font().Weight.DemiBold))
        self.back.setIcon(icon("close"))
        self.back.setIconSize(QSize(12, 12))
        self.back.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.back.setProperty("role", "link")
        self.back.setToolTip("End the question: gradients are those of the loss again (Esc)")
        self.back.setCursor(Qt.CursorShape.PointingHandCursor)
        self.back.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # the canvas keeps the keys
        self.back.clicked.connect(lambda: session.asking.leave())
        row = QHBoxLayout(self)
        row.setContentsMargins(9, 3, 10, 3)
        row.setSpacing(7)
        for widget in (
            Mark("differentiate", "backward", 15),
            self.words,
            Mark("minus", "faint", 10),
            self.back,
        ):
            row.addWidget(widget)
        session.asking.changed.connect(self.refresh)
        session.inference_changed.connect(self.refresh)
        self.hide()

    @property
    def room(self) -> int:
        """The height at the top of the canvas down to its lower edge; 0 while it is hidden."""
        return 0 if self.isHidden() else self.geometry().bottom()

    def refresh(self, *_: object) -> None:
        """Shows what is asked about now."""
        asking = self._session.asking
        self.words.setText(f"Gradients of {asking.title}")
        self.setAccessibleName(self.words.text())
        self.back.setText(asking.way_back)
        self.back.setAccessibleName(self.back.text())
        self.setVisible(asking.asked is not None)
        self.place(self._top)
        self.placed.emit()

    def place(self, top: int) -> None:
        """In the corner, under what ends at the pixel `top`; no wider than there is room."""
        self._top = top
        room = self.parentWidget().width() - _PLACE - _ROOM
        size = self.sizeHint()
        at = top + _GAP if top > _PLACE else _PLACE
        self.setGeometry(_PLACE, at, max(min(size.width(), room), 60), size.height())
        if self.isVisible():
            self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme()
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), now.canvas)
            painter.setPen(QPen(now.backward, 1.4))
            painter.setBrush(now.panel)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.7, 0.7, -0.7, -0.7), 7, 7)
