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
LIKED = Qt.ItemDataRole.UserRole + 3  # whether the row is that of a favourite
_STAR = 14
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
            warm = option.state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected)
            self._star(painter, rect, bool(index.data(LIKED)), bool(warm))
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
        x, end = rect.left() + 48, rect.right() - _STAR - 8
        words = str(index.data())
        for position, letter in enumerate(words):
            hit = position in letters
            font = ui_font(13, QFont.Weight.Bold if hit else QFont.Weight.Normal)
            wide = QFontMetricsF(font).horizontalAdvance(letter)
            if x + wide > end - 8 and position < len(words) - 1:
                letter = "…"
            painter.setFont(font)
            painter.setPen(theme().accent if hit else theme().text)
            painter.drawText(
                QRectF(x, rect.top(), wide + 12, rect.height()), Qt.AlignmentFlag.AlignVCenter, letter
            )
            x += wide
            if letter == "…":
                break

    def _star(self, painter: QPainter, rect: QRectF, liked: bool, warm: bool) -> None:
        """A full one on favourites; an empty one where the pointer or the keyboard is."""
        if liked or warm:
            place = star_place(rect)
            icons.paint(painter, "star-on" if liked else "star", place, theme().update if liked else None)


def star_place(row: QRectF) -> QRectF:
    """Where in a row its star is."""
    return QRectF(row.right() - _STAR - 6, row.center().y() - _STAR / 2, _STAR, _STAR)
