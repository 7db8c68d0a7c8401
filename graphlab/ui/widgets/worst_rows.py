"""The rows that are furthest off: what each should be, what is said, and its features."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ...data.looking import Look
from ...engine.residuals import Fit
from .. import numbers
from ..theme import mono_font, theme

MOST, FEATURES = 100, 12
FIGURES = ("row", "off by", "true", "said")
_TALL = 22

Index = QModelIndex | QPersistentModelIndex


class WorstModel(QAbstractTableModel):
    """A line for each of `order`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.order: list[int] = []
        self._fit: Fit | None = None
        self._look: Look | None = None

    def show(self, look: Look, fit: Fit) -> None:
        features = 0 if look.image_shape is not None else min(look.x.shape[1], FEATURES)
        is_same = self._look is look and len(self.order) == min(MOST, len(fit.true))
        if not is_same:
            self.beginResetModel()
        self._look, self._fit, self._features = look, fit, features
        self.order = fit.worst(MOST).tolist()
        if is_same:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.order) - 1, self.columnCount() - 1))
        else:
            self.endResetModel()

    _features = 0

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(FIGURES) + self._features

    def text(self, line: int, column: int) -> str:
        fit, look, position = self._fit, self._look, self.order[line]
        if fit is None or look is None:
            return ""
        row = int(fit.rows[position])
        if column == 0:
            return f"{row:,}"
        if column >= len(FIGURES):
            return numbers.number(float(look.x[row, column - len(FIGURES)]), 4)
        value = (fit.residuals, fit.true, fit.said)[column - 1][position]
        return numbers.number(float(value), 4, sign=column == 1)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 1 and self._fit is not None:
            return theme().number_colour(float(self._fit.residuals[self.order[index.row()]]))
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        if section < len(FIGURES):
            return FIGURES[section]
        return self._look.name(section - len(FIGURES)) if self._look is not None else ""


class WorstRows(QTableView):
    """A click, or the arrows, choose a row. `chosen` brings its position in the fit."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = WorstModel(self)
        self.setModel(self.rows)
        self.setFont(mono_font(11))
        self.setAccessibleName("Rows furthest off")
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_TALL)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.horizontalHeader().setHighlightSections(False)
        self.setMinimumSize(QSize(120, 60))
        self.selectionModel().currentRowChanged.connect(self._choose)
        self._is_marking = False

    def show_rows(self, look: Look, fit: Fit, position: int | None) -> None:
        """The rows in their order, with the one chosen marked."""
        had = self.rows.rowCount()
        self._is_marking = True
        self.rows.show(look, fit)
        if had != self.rows.rowCount():
            self.resizeColumnsToContents()
        if position is not None and position in self.rows.order:
            line = self.rows.order.index(position)
            if line != self.currentIndex().row():
                self.selectRow(line)
        else:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        self._is_marking = False

    def _choose(self, now: QModelIndex, _: QModelIndex) -> None:
        if not self._is_marking and now.isValid():
            self.chosen.emit(int(np.asarray(self.rows.order)[now.row()]))
