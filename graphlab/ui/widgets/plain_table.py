"""A table of rows to sort, choose and copy: whole rows are selected, columns come and go. For models with `columns`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QAbstractTableModel, QItemSelection
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from .own_keys import OwnKeys

ROW = 24
STYLE = "QTableView::item { padding: 0 4px; } QHeaderView::section { padding: 2px 4px; }"


class Columns(Protocol):
    """A model whose columns have keys and titles."""

    columns: list[Any]


class PlainTable(QTableView):
    """The keys Home, End, Ctrl+A and Ctrl+C are about its rows. `widths`: of a column, in pixels at least."""

    def __init__(self, model: Any, widths: Callable[[Any], int]) -> None:
        super().__init__()
        self._columns: Columns = model
        self._widths = widths
        self._dressed: object = None
        assert isinstance(model, QAbstractTableModel)
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setStyleSheet(STYLE)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW)
        heads = self.horizontalHeader()
        heads.setHighlightSections(False)
        heads.setSectionsMovable(True)
        heads.setStretchLastSection(False)
        OwnKeys(self, "Ctrl+A", "Home", "End")
        OwnKeys(self, "Ctrl+C", run=self.copy)

    def selected_rows(self) -> list[int]:
        """From above."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def select_rows(self, rows: Sequence[int], current: int = -1) -> None:
        """Selects these, and puts the keyboard's mark on one of them."""
        chosen, flag, model = self.selectionModel(), self.selectionModel().SelectionFlag, self.model()
        found = QItemSelection()
        for first, last in _ranges(rows):
            found.select(model.index(first, 0), model.index(last, 0))
        chosen.select(found, flag.ClearAndSelect | flag.Rows)
        if current >= 0 or rows:
            chosen.setCurrentIndex(model.index(current if current >= 0 else rows[0], 0), flag.NoUpdate)

    def copy(self) -> None:
        """Puts the selected rows on the clipboard, with the headings of the columns that are shown."""
        columns, model = self._columns.columns, self.model()
        shown = [at for at in range(len(columns)) if not self.isColumnHidden(at)]
        lines = ["\t".join(columns[at].title for at in shown)]
        lines += [
            "\t".join(str(model.index(row, at).data() or "") for at in shown) for row in self.selected_rows()
        ]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def dress(self, shown: Sequence[str]) -> None:
        """Shows these columns, and gives each its width, once for the same."""
        columns = self._columns.columns
        dressed = [column.key for column in columns], list(shown)
        if dressed == self._dressed:
            return
        self._dressed = dressed
        for at, column in enumerate(columns):
            self.setColumnHidden(at, column.key not in shown)
            self.setColumnWidth(at, max(self._widths(column), self.horizontalHeader().sectionSizeHint(at)))


def _ranges(rows: Sequence[int]) -> list[tuple[int, int]]:
    """(first, last) of each group of rows that stand together."""
    found: list[tuple[int, int]] = []
    for row in sorted(rows):
        if found and row == found[-1][1] + 1:
            found[-1] = found[-1][0], row
        else:
            found.append((row, row))
    return found
