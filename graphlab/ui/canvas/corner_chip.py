"""A few words in the corner of the canvas while it shows something else than usual, and a button that leads back."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ..icons import icon
from ..inspector.parts import Elided, Mark
from ..painting import painting
from ..theme import theme, ui_font

_PLACE = 10  # pixels from the corner of the canvas
_ROOM = 40  # and to its right edge
_GAP = 6  # under what else stands there


class CornerChip(QWidget):
    """ "Gradients of hidden[0, 2] · Back to loss ✕". `colour` is a name of the theme's, of its edge and its picture."""

    placed = Signal()

    def __init__(self, parent: QWidget, picture: str, colour: str, tip: str) -> None:
        super().__init__(parent)
        self._top, self._colour = _PLACE, colour
        self.words, self.back = Elided(), QPushButton()
        self.words.setFont(ui_font(12, ui_font().Weight.DemiBold))
        self.back.setIcon(icon("close"))
        self.back.setIconSize(QSize(12, 12))
        self.back.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.back.setProperty("role", "link")
        self.back.setToolTip(tip)
        self.back.setCursor(Qt.CursorShape.PointingHandCursor)
        self.back.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # the canvas keeps the keys
        row = QHBoxLayout(self)
        row.setContentsMargins(9, 3, 10, 3)
        row.setSpacing(7)
        for widget in (Mark(picture, colour, 15), self.words, Mark("minus", "faint", 10), self.back):
            row.addWidget(widget)
        self.hide()

    @property
    def room(self) -> int:
        """The height at the top of the canvas down to its lower edge; 0 while it is hidden."""
        return 0 if self.isHidden() else self.geometry().bottom()

    def say(self, words: str, back: str, shown: bool) -> None:
        """What it says, and the way back; whether it is there at all."""
        self.words.setText(words)
        self.setAccessibleName(words)
        self.back.setText(back)
        self.back.setAccessibleName(back)
        self.setVisible(shown)
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
            painter.setPen(QPen(now.colours()[self._colour], 1.4))
            painter.setBrush(now.panel)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.7, 0.7, -0.7, -0.7), 7, 7)
