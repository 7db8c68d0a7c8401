"""The rounded ground of a row in a list or tree: selected, under the pointer, or the one that the keys are at."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from ..theme import theme


def draw_row_ground(
    painter: QPainter, option: QStyleOptionViewItem, rect: QRectF, *, focus: bool = False
) -> None:
    """`focus`: a frame shows which row the keys are at, where several can be selected."""
    now, state = theme(), option.state
    has_keys = focus and bool(state & QStyle.StateFlag.State_HasFocus)
    if state & QStyle.StateFlag.State_Selected:
        painter.setBrush(now.selection)
    elif state & QStyle.StateFlag.State_MouseOver:
        painter.setBrush(now.hover)
    elif has_keys:
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        return
    painter.setPen(now.accent if has_keys else Qt.PenStyle.NoPen)
    painter.drawRoundedRect(rect, 5, 5)
