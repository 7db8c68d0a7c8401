"""Paints the rows of the search at the pointer: headings of its parts, and operations with formula and star."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ...ops import Op
from .. import icons
from ..theme import theme
from .ink import metrics, text_font

ROW, HEADING_ROW = 30, 24
OP = Qt.ItemDataRole.UserRole  # type[Op]; a heading has none
LIKED = Qt.ItemDataRole.UserRole + 1  # whether it is a favourite
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


class SearchRows(QStyledItemDelegate):
    """Icon, name, and the formula at the right; a filled star after the name of a favourite."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        op: type[Op] | None = index.data(OP)
        if op is None:
            _paint_heading(painter, option.rect, str(index.data()))
        else:
            _paint_ground(painter, option)
            _paint_op(painter, option.rect, op, bool(index.data(LIKED)))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, HEADING_ROW if index.data(OP) is None else ROW)


def _paint_heading(painter: QPainter, rect: QRect, title: str) -> None:
    painter.setFont(text_font(11, 600))
    painter.setPen(theme().secondary)
    painter.drawText(rect.adjusted(8, 4, -8, 0), _MIDDLE, title)


def _paint_ground(painter: QPainter, option: QStyleOptionViewItem) -> None:
    state = option.state
    if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().selection if state & QStyle.StateFlag.State_Selected else theme().hover)
        painter.drawRoundedRect(option.rect.adjusted(1, 1, -1, -1), 5, 5)


def _paint_op(painter: QPainter, rect: QRect, op: type[Op], liked: bool) -> None:
    icons.op_icon(op).paint(painter, rect.left() + 8, rect.center().y() - 9, 18, 18)
    painter.setFont(text_font(13, 600))
    painter.setPen(theme().text)
    painter.drawText(rect.adjusted(34, 0, 0, 0), _MIDDLE, op.__name__)
    used = 34 + metrics(13, 600).horizontalAdvance(op.__name__) + 8
    if liked:
        star = QRectF(rect.left() + used, rect.center().y() - 6, 13, 13)
        icons.paint(painter, "star-on", star, theme().update)
        used += 18
    room = rect.adjusted(round(used + 8), 0, -10, 0)
    painter.setFont(text_font(11))
    painter.setPen(theme().secondary)
    formula = metrics(11).elidedText(op.formula, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, _MIDDLE | Qt.AlignmentFlag.AlignRight, formula)
