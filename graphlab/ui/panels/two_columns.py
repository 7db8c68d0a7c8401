"""Panels that tell something in words with a picture beside them, or below them where there is little room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QLayout, QScrollArea, QWidget


def scrolling(content: QLayout) -> QScrollArea:
    """The words: they scroll up and down where they do not fit."""
    inside = QWidget()
    inside.setLayout(content)
    area = QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area


def turn(columns: QBoxLayout, is_wide: bool) -> None:
    """Puts them side by side, or one below the other."""
    way = QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
    if way != columns.direction():
        columns.setDirection(way)
