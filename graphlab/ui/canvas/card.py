"""The ground of what opens over the canvas: a rounded panel that keeps clicks from what lies below."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ..painting import painting
from ..theme import theme


class Card(QWidget):
    """A widget on such a ground."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(self.rect(), theme().canvas)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme().line)
            painter.setBrush(theme().panel)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
