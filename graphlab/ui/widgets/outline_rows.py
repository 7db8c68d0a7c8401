"""Paints the rows of the outline: drawing, name and marks, below them operation, shape and number of parameters."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from .. import icons
from ..branches import Row
from ..outline import ROW
from ..theme import theme, ui_font
from .row_ground import draw_row_ground

HEIGHT = 40
_MARK = 15
Index = QModelIndex | QPersistentModelIndex


class OutlineRows(QStyledItemDelegate):
    """Rows of one height, so that ten thousand need no measuring."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(ROW)
        rect = QRectF(option.rect).adjusted(0, 1, -2, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_row_ground(painter, option, rect.adjusted(0.5, 0.5, -0.5, -0.5), focus=True)
        self._drawing(painter, rect, row)
        right = self._marks(painter, rect, row)
        self._words(painter, rect.adjusted(30, 0, -4, 0), right, row)
        painter.restore()

    def _drawing(self, painter: QPainter, rect: QRectF, row: Row) -> None:
        now = theme()
        colour = now.family(row.category) if row.category else now.secondary
        icons.paint(painter, row.drawing, QRectF(rect.left() + 6, rect.center().y() - 9, 18, 18), colour)

    def _marks(self, painter: QPainter, rect: QRectF, row: Row) -> float:
        """From the right edge; where they begin."""
        right, middle = rect.right() - 6, rect.top() + 11 if row.below else rect.center().y()
        for drawing, token, _ in reversed(row.marks):
            right -= _MARK
            icons.paint(
                painter, drawing, QRectF(right, middle - _MARK / 2, _MARK, _MARK), theme().colours()[token]
            )
            right -= 4
        return right

    def _words(self, painter: QPainter, room: QRectF, right: float, row: Row) -> None:
        """`right`: where the marks beside the name begin; the second line goes on below them."""
        now = theme()
        font = ui_font(13, QFont.Weight.DemiBold if row.is_heading else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(now.secondary if row.faint or row.is_heading else now.text)
        upper = QRectF(room.left(), room.top() + 2, room.width(), 18) if row.below else QRectF(room)
        upper.setRight(right)
        _write(painter, upper, row.name)
        if row.below:
            painter.setFont(ui_font(11))
            painter.setPen(now.secondary)
            _write(painter, QRectF(room.left(), room.top() + 19, room.width(), 16), row.below)

    # Renaming in place

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        line = QLineEdit(parent)
        line.setAccessibleName(f"Name of {index.data()}")
        return line

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        editor.setGeometry(rect.adjusted(28, 5, -6, -5))


def _write(painter: QPainter, room: QRectF, text: str) -> None:
    cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(int(room.width()), 0))
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, cut)
