"""Paints the rows of the library: families as headings with a chevron, operations with their drawing."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from .. import icons
from ..theme import theme, ui_font
from .row_ground import draw_row_ground

CATEGORY = Qt.ItemDataRole.UserRole + 1  # set on a family's row
LETTERS = Qt.ItemDataRole.UserRole + 2  # positions of the letters that a search found
Index = QModelIndex | QPersistentModelIndex


class LibraryRows(QStyledItemDelegate):
    """One row: 28 pixels, a rounded highlight under the pointer and under the current row."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, 30 if index.data(CATEGORY) else 28)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect).adjusted(0, 1, -4, -1)
        draw_row_ground(painter, option, rect)
        if index.data(CATEGORY):
            self._family(painter, option, rect, index)
        else:
            self._op(painter, rect, index)
        painter.restore()

    def _family(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRectF, index: Index) -> None:
        now = theme()
        is_open = bool(option.state & QStyle.StateFlag.State_Open)
        mark = QRectF(rect.left() + 4, rect.center().y() - 5, 10, 10)
        icons.paint(painter, "chevron-down" if is_open else "chevron-right", mark, now.secondary)
        painter.setFont(ui_font(12, QFont.Weight.DemiBold))
        painter.setPen(now.secondary)
        words = rect.adjusted(22, 0, -8, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, str(index.data()))
        if not is_open:
            amount = str(index.model().rowCount(index))
            painter.setFont(ui_font(11))
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, amount)

    def _op(self, painter: QPainter, rect: QRectF, index: Index) -> None:
        side = 18
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        frame = QRectF(rect.left() + 20, rect.center().y() - side / 2, side, side).toAlignedRect()
        picture.paint(painter, frame)
        letters = frozenset(index.data(LETTERS) or ())
        x = rect.left() + 48
        for position, letter in enumerate(str(index.data())):
            hit = position in letters
            font = ui_font(13, QFont.Weight.Bold if hit else QFont.Weight.Normal)
            painter.setFont(font)
            painter.setPen(theme().accent if hit else theme().text)
            wide = QFontMetricsF(font).horizontalAdvance(letter)
            painter.drawText(
                QRectF(x, rect.top(), wide + 4, rect.height()), Qt.AlignmentFlag.AlignVCenter, letter
            )
            x += wide
