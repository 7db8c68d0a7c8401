"""The figures of every feature as a table: least, greatest, mean, spread, and how many are missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from ...data.looking import Feature
from .. import numbers
from ..theme import mono_font, theme, theme_changed

HEADS = ("feature", "min", "max", "mean", "std", "missing")
TIPS = ("", "least", "greatest", "mean", "standard deviation", "how many rows lack it")
ROW = 21
Index = QModelIndex | QPersistentModelIndex


class FeatureModel(QAbstractTableModel):
    """What the view asks for."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.features: Sequence[Feature] = ()

    def show(self, features: Sequence[Feature]) -> None:
        self.beginResetModel()
        self.features = features
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self.features)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(HEADS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        value = self.features[index.row()][index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            if isinstance(value, str):
                return value
            return (f"{value:,}" if value else "–") if index.column() == 5 else numbers.number(value)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if index.column() else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 5 and value:
            return theme().warning
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADS[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return TIPS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class FeatureTable(QTableView):
    """As tall as its rows, up to six of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.figures = FeatureModel(self)
        self.setModel(self.figures)
        self.setFont(mono_font(11))
        self.setAccessibleName("Figures of each feature")
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setMinimumSectionSize(28)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setStyleSheet("QHeaderView::section { padding: 2px 4px; font-size: 11px; }")
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in range(1, len(HEADS)):
            self.setColumnWidth(column, 48 if column < 5 else 54)
        theme_changed.connect(self._repaint)

    def show_features(self, features: Sequence[Feature]) -> None:
        """Shows these figures; the column of what is missing only where something is."""
        self.figures.show(features)
        self.setColumnHidden(5, not any(feature.missing for feature in features))
        self.updateGeometry()

    def _repaint(self, *_: object) -> None:
        self.viewport().update()

    def sizeHint(self) -> QSize:
        head = self.horizontalHeader().sizeHint().height()
        return QSize(280, head + 4 + ROW * min(max(self.figures.rowCount(), 1), 6))

    def minimumSizeHint(self) -> QSize:
        return QSize(150, self.sizeHint().height())
