"""The hits of a search as a list, and how a row of it looks: drawing, name, the way there, operation."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from ...ops import get, known
from .. import icons
from ..finding import Entry
from ..theme import theme
from ..widgets.row_ground import draw_row_ground
from .ink import metrics, text_font

ROW = 30
ENTRY = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class Hits(QAbstractListModel):
    """Entries as they were found; a row is asked for only when it is seen."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: Sequence[Entry] = ()

    def show(self, entries: Sequence[Entry]) -> None:
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.name
        if role == ENTRY:
            return entry
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return sentence(entry)
        return None


def sentence(entry: Entry) -> str:
    """ "act, Tanh, in encoder, attention"."""
    kind = entry.op if entry.kind == "node" else entry.kind
    way = f", in {', '.join(entry.places)}" if entry.places else ""
    return f"{entry.name or 'empty'}, {kind}{way}"


def drawing(entry: Entry) -> tuple[str, str]:
    """The drawing of an entry, and the category that gives it its colour."""
    if entry.kind == "node":
        return (icons.op_drawing(get(entry.op)) if known(entry.op) else "warning"), entry.category
    return ("note" if entry.kind == "note" else "frame"), ""


class HitRows(QStyledItemDelegate):
    """Name and way at the left, operation at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: Entry = index.data(ENTRY)
        rect, now = option.rect, theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_row_ground(painter, option, QRectF(rect).adjusted(1, 1, -1, -1))
        name, category = drawing(entry)
        square = QRectF(rect.left() + 8, rect.center().y() - 8.5, 18, 18)
        icons.paint(painter, name, square, now.family(category) if category else now.secondary)
        right = self._kind(painter, rect, entry)
        self._name(painter, rect.adjusted(34, 0, right - rect.right() - 10, 0), entry)
        painter.restore()

    def _kind(self, painter: QPainter, rect: QRect, entry: Entry) -> int:
        """Writes the operation; where it begins."""
        painter.setFont(text_font(12))
        painter.setPen(theme().secondary)
        text = entry.op if entry.kind == "node" else entry.kind.capitalize()
        room = rect.adjusted(0, 0, -10, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        return room.right() - round(metrics(12).horizontalAdvance(text))

    def _name(self, painter: QPainter, room: QRect, entry: Entry) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(text_font(13, 600))
        painter.setPen(theme().text)
        name = metrics(13, 600).elidedText(entry.name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, middle, name)
        rest = room.adjusted(round(metrics(13, 600).horizontalAdvance(name)) + 10, 0, 0, 0)
        if entry.way and rest.width() > 24:
            painter.setFont(text_font(12))
            painter.setPen(theme().secondary)
            way = metrics(12).elidedText(entry.way, Qt.TextElideMode.ElideLeft, rest.width())
            painter.drawText(rest, middle, way)
