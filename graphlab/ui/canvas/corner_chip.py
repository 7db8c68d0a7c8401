"""A few words in the corner of the canvas while it shows something else than usual, and a button that leads back."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ..icons import icon
from ..inspector.parts import Elided, Mark
from ..theme import theme, ui_font
from .chip import Corner, paint_card


class CornerChip(Corner):
    """ "Gradients of hidden[0, 2] · Back to loss ✕". `colour` is a name of the theme's, of its edge and its picture."""

    placed = Signal()

    def __init__(self, parent: QWidget, picture: str, colour: str, tip: str) -> None:
        super().__init__(parent)
        self._colour = colour
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

    def say(self, words: str, back: str, shown: bool) -> None:
        """What it says, and the way back; whether it is there at all."""
        self.words.setText(words)
        self.setAccessibleName(words)
        self.back.setText(back)
        self.back.setAccessibleName(back)
        self.setVisible(shown)
        self.place(self._top)
        self.placed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_card(self, theme().colours()[self._colour], 1.4)
