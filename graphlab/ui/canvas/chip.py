"""The card that a small tool lies on, in a corner of the canvas."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from ..painting import painting
from ..theme import theme


def paint_card(widget: QWidget) -> None:
    """Fills a widget, in its paintEvent, with a rounded card on the ground of the canvas."""
    with painting(widget) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(widget.rect(), theme().canvas)
        painter.setPen(QPen(theme().line, 1))
        painter.setBrush(theme().panel)
        painter.drawRoundedRect(QRectF(widget.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
