"""A matrix of any size as a table: numbers are fetched where one looks, a page of rows and columns at a time."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QBrush, QKeyEvent, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from .. import numbers
from ..colour import alpha
from ..theme import cell_ink, mono_font, theme
from .asks import pressed

TILE_ROWS, TILE_COLUMNS = 64, 32
HATCHED = Qt.ItemDataRole.UserRole  # whether an element is no number
KEPT = 200  # tiles
PAGE_ROWS, PAGE_COLUMNS = 10_000, 2_000  # Qt's headers keep a record of every row

Area = tuple[int, int, int, int]
Fetch = Callable[[Area, Callable[[NDArray[Any]], None]], None]
Tile = tuple[int, int]


class MatrixModel(QAbstractTableModel):
    """The page from (`top`, `left`) of a matrix. What is not here yet is "…", and fetched."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows = self.columns = self.top = self.left = 0
        self.scale = 0.0
        self._fetch: Fetch | None = None
        self._tiles: OrderedDict[Tile, NDArray[Any]] = OrderedDict()
        self._stale: set[Tile] = set()
        self._asked: list[Tile] = []
        self._generation = 0

    def set_matrix(self, rows: int, columns: int, fetch: Fetch) -> None:
        """Another matrix, or another part of the tensor."""
        same = (rows, columns) == (self.rows, self.columns)
        if not same:
            self.beginResetModel()
            self.rows, self.columns, self.top, self.left = rows, columns, 0, 0
        self._fetch, self._asked = fetch, []
        self._tiles.clear()
        self._stale.clear()
        self._generation += 1
        if same:
            self._all_changed()
        else:
            self.endResetModel()

    def outdate(self) -> None:
        """Numbers may be new: what is in view is fetched again, and stands until then."""
        self._stale = set(self._tiles)
        self._all_changed()

    def set_page(self, top: int, left: int) -> None:
        """Another page of a matrix that is too large for one."""
        self.beginResetModel()
        self.top, self.left = max(0, min(top, self.rows - 1)), max(0, min(left, self.columns - 1))
        self.endResetModel()

    def _all_changed(self) -> None:
        if self.rowCount() and self.columnCount():
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: QModelIndex | Any = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else min(self.rows - self.top, PAGE_ROWS)

    def columnCount(self, parent: QModelIndex | Any = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else min(self.columns - self.left, PAGE_COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return str(section + (self.left if orientation == Qt.Orientation.Horizontal else self.top))
        return None

    def data(self, index: QModelIndex | Any, role: int = 0) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.BackgroundRole,
            Qt.ItemDataRole.ForegroundRole,
            Qt.ItemDataRole.ToolTipRole,
            HATCHED,
        ):
            return None
        value = self.value(index.row() + self.top, index.column() + self.left)
        if role == Qt.ItemDataRole.DisplayRole:
            return "…" if value is None else _written(value)
        if value is None:
            return None
        if role == HATCHED:
            return not math.isfinite(value)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"[{index.row() + self.top}, {index.column() + self.left}] = {value!s}"
        if role == Qt.ItemDataRole.ForegroundRole:
            return cell_ink(float(value), self.scale or 1.0)
        return theme().signed_map.colour(float(value), self.scale or 1.0)

    def value(self, row: int, column: int) -> Any:
        """The element; None while it is not here, and then it is asked for."""
        tile = row // TILE_ROWS, column // TILE_COLUMNS
        found = self._tiles.get(tile)
        if found is None or tile in self._stale:
            self._ask(tile)
        if found is None:
            return None
        self._tiles.move_to_end(tile)
        row, column = row % TILE_ROWS, column % TILE_COLUMNS
        return found[row, column] if row < found.shape[0] and column < found.shape[1] else None

    def _ask(self, tile: Tile) -> None:
        if tile in self._asked:
            self._asked.remove(tile)
            self._asked.append(tile)  # what is looked at now comes first
            return
        self._asked.append(tile)
        if len(self._asked) == 1:
            self._fetch_next()

    def _fetch_next(self) -> None:
        """The tile that was looked at last; what has been scrolled past long ago is let go."""
        del self._asked[: -KEPT // 2]
        if not self._asked or self._fetch is None:
            return
        tile, generation = self._asked[-1], self._generation
        top, left = tile[0] * TILE_ROWS, tile[1] * TILE_COLUMNS
        area = top, min(top + TILE_ROWS, self.rows), left, min(left + TILE_COLUMNS, self.columns)
        self._stale.discard(tile)
        self._fetch(area, lambda array: self._take(tile, array, generation))

    def _take(self, tile: Tile, array: NDArray[Any], generation: int) -> None:
        if generation != self._generation:
            return
        self._tiles[tile] = array
        while len(self._tiles) > KEPT:
            self._tiles.popitem(last=False)
        if tile in self._asked:
            self._asked.remove(tile)
        top, left = tile[0] * TILE_ROWS - self.top, tile[1] * TILE_COLUMNS - self.left
        first = self.index(max(top, 0), max(left, 0))
        last = self.index(
            min(top + TILE_ROWS, self.rowCount()) - 1, min(left + TILE_COLUMNS, self.columnCount()) - 1
        )
        if first.isValid() and last.isValid():
            self.dataChanged.emit(first, last)
        if self._asked:
            self._fetch_next()


def _written(value: Any) -> str:
    if value.dtype.kind in "iub":
        return str(int(value)).replace("-", numbers.MINUS)
    return numbers.number(float(value), 5)


class _Cell(QStyledItemDelegate):
    """Outlines what is chosen, so that its colours stay seen; hatches what is no number."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        plain = QStyleOptionViewItem(option)
        state: QStyle.StateFlag = plain.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        current = bool(state & QStyle.StateFlag.State_HasFocus)
        plain.state = state & ~(QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_HasFocus)
        super().paint(painter, plain, index)
        rect = QRectF(option.rect)
        if index.data(HATCHED):
            painter.fillRect(rect, QBrush(alpha(theme().panel, 0.45), Qt.BrushStyle.BDiagPattern))
        if chosen or current:
            painter.setPen(QPen(theme().text if current else theme().accent, 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))


class MatrixTable(QTableView):
    """The table itself. Ctrl+C copies the range that is chosen, Enter activates the element."""

    elementActivated = Signal(object)  # (row, column)
    elementSelected = Signal(object)
    copyWanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.matrix = MatrixModel(self)
        self.setModel(self.matrix)
        self.setItemDelegate(_Cell(self))
        self.setFont(mono_font(11))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setAccessibleName("Numbers of the tensor")
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setFont(mono_font(10))
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setHighlightSections(True)
        self.verticalHeader().setDefaultSectionSize(22)
        self.fit_columns()
        self.doubleClicked.connect(lambda at: self.elementActivated.emit(self._place(at)))
        self.selectionModel().currentChanged.connect(
            lambda now, _: self.elementSelected.emit(self._place(now) if now.isValid() else None)
        )

    def fit_columns(self) -> None:
        """As wide as a number with the digits that are set."""
        wanted = numbers.precision()
        characters = 10 if wanted.kind == "auto" else wanted.digits + (3 if wanted.kind == "digits" else 8)
        self.horizontalHeader().setDefaultSectionSize(7 * characters + 14)

    def _place(self, at: QModelIndex | Any) -> tuple[int, int]:
        return at.row() + self.matrix.top, at.column() + self.matrix.left

    def area(self) -> Area:
        """The rows and columns from the first to the last that is chosen; of nothing chosen, the whole page."""
        chosen = self.selectionModel().selection().toList()
        top, left = self.matrix.top, self.matrix.left
        if not chosen:
            return top, top + self.matrix.rowCount(), left, left + self.matrix.columnCount()
        return (
            top + min(r.top() for r in chosen),
            top + max(r.bottom() for r in chosen) + 1,
            left + min(r.left() for r in chosen),
            left + max(r.right() for r in chosen) + 1,
        )

    def current(self) -> tuple[int, int] | None:
        """(row, column) of the current element."""
        at = self.currentIndex()
        return self._place(at) if at.isValid() else None

    def go(self, position: tuple[int, int]) -> None:
        """Makes an element the current one and brings it into view, with its page."""
        row, column = position
        inside = (
            0 <= row - self.matrix.top < self.matrix.rowCount()
            and 0 <= column - self.matrix.left < self.matrix.columnCount()
        )
        if not inside:
            self.matrix.set_page(row // PAGE_ROWS * PAGE_ROWS, column // PAGE_COLUMNS * PAGE_COLUMNS)
        at = self.matrix.index(row - self.matrix.top, column - self.matrix.left)
        if at.isValid():
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().setCurrentIndex(at, flags)
            self.scrollTo(at, QAbstractItemView.ScrollHint.EnsureVisible)

    def choose(self, area: Area) -> None:
        """Selects a range."""
        top, bottom, left, right = area
        first = self.matrix.index(top - self.matrix.top, left - self.matrix.left)
        last = self.matrix.index(bottom - 1 - self.matrix.top, right - 1 - self.matrix.left)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().select(QItemSelection(first, last), flags)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copyWanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current() is not None:
            self.elementActivated.emit(self.current())
        elif pressed(event) is not None:
            event.ignore()  # belongs to the view around it
        else:
            super().keyPressEvent(event)
