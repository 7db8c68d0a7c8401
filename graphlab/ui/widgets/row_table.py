"""The first rows of a table, under the names of its columns, with words where a column holds classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from .. import numbers
from ..theme import mono_font, theme, theme_changed

MOST_ROWS = 100
MOST_COLUMNS = 200
WIDEST = 140
_ROW = 22

Index = QModelIndex | QPersistentModelIndex


class RowModel(QAbstractTableModel):
    """What the view asks for. `show_rows` puts other rows in."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._cells = np.zeros((0, 0), np.float32)
        self._names: tuple[str, ...] = ()
        self._words: dict[str, tuple[str, ...]] = {}
        self.target = ""

    def show_rows(
        self, cells: Any, names: tuple[str, ...], words: dict[str, tuple[str, ...]], target: str
    ) -> None:
        """Shows these rows; `words` has the classes of the columns that hold indices of them."""
        self.beginResetModel()
        self._cells, self._names = cells[:MOST_ROWS, :MOST_COLUMNS], names[:MOST_COLUMNS]
        self._words, self.target = words, target
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self._cells)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self._names)

    def text(self, row: int, column: int) -> str:
        """What stands in a cell; "–" where a number is missing."""
        value, words = self._cells[row, column], self._words.get(self._names[column], ())
        if np.isnan(value):
            return "–"
        return words[int(value)] if words and 0 <= int(value) < len(words) else numbers.exact(float(value))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        name = self._names[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(name)
        if role == Qt.ItemDataRole.BackgroundRole and name == self.target:
            return theme().tint(theme().families.input, 0.12)
        return None

    def _side(self, name: str) -> Qt.AlignmentFlag:
        """Words stand on the left, numbers on the right, names above them."""
        side = Qt.AlignmentFlag.AlignLeft if name in self._words else Qt.AlignmentFlag.AlignRight
        return side | Qt.AlignmentFlag.AlignVCenter

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        is_column = orientation == Qt.Orientation.Horizontal
        if role == Qt.ItemDataRole.DisplayRole:
            if not is_column:
                return str(section + 1)
            name = self._names[section]
            return f"{name} (target)" if name == self.target else name
        if role == Qt.ItemDataRole.ToolTipRole and is_column:
            return self._names[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and is_column:
            return self._side(self._names[section])
        if role == Qt.ItemDataRole.FontRole and is_column and self._names[section] == self.target:
            font = QFont()
            font.setBold(True)
            return font
        return None


class RowTable(QTableView):
    """As tall as its rows, up to seven of them; the rest is scrolled to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = RowModel(self)
        self.setModel(self.rows)
        self.setFont(mono_font(11))
        self.setAccessibleName("First rows")
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setMaximumSectionSize(WIDEST)
        theme_changed.connect(self._repaint)

    def show_rows(self, *what: Any) -> None:
        """See `RowModel.show_rows`."""
        self.rows.show_rows(*what)
        self.resizeColumnsToContents()
        self.updateGeometry()

    def _repaint(self, *_: object) -> None:
        self.viewport().update()

    def sizeHint(self) -> QSize:
        rows = min(self.rows.rowCount(), 7)
        return QSize(240, 30 + _ROW * rows + 14)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())
