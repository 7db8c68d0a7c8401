"""The parts of the panel of moments: the list of those that are remembered, and the table of what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from ..icons import icon
from ..moments import RememberedMoment
from ..theme import theme
from ..widgets.own_keys import OwnKeys
from .moments_model import CHANGE, COLUMNS, SHARE, DifferenceModel

ROW = 22
NUMBER = Qt.ItemDataRole.UserRole  # of a moment
Index = QModelIndex | QPersistentModelIndex


class MomentList(QListWidget):
    """The moments, the newest last. Enter makes one A, F2 renames, Delete deletes."""

    removed = Signal(object)  # list of numbers
    renamed = Signal(int, str)
    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Remembered moments; Enter compares from there, F2 renames, Delete deletes")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setIconSize(QSize(14, 14))
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._is_filling = False
        OwnKeys(self, "Delete", "Backspace", "Ctrl+A", "Home", "F2")
        self.itemChanged.connect(self._changed)
        self.itemDoubleClicked.connect(lambda item: self.chosen.emit(item.data(NUMBER)))

    def show_moments(
        self, moments: Iterable[RememberedMoment], facts: Callable[[RememberedMoment], str]
    ) -> None:
        self._is_filling = True
        current = self.currentItem().data(NUMBER) if self.currentItem() is not None else None
        self.clear()
        for moment in moments:
            item = QListWidgetItem(icon("moment"), moment.name)
            item.setData(NUMBER, moment.number)
            item.setToolTip(facts(moment))
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, moment.told)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            self.addItem(item)
            if moment.number == current:
                self.setCurrentItem(item)
        self._is_filling = False

    def numbers(self) -> list[int]:
        """Of the selected rows."""
        return [item.data(NUMBER) for item in self.selectedItems()]

    def _changed(self, item: QListWidgetItem) -> None:
        if not self._is_filling:
            self.renamed.emit(item.data(NUMBER), item.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item, key = self.currentItem(), event.key()
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(self.numbers())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            self.chosen.emit(item.data(NUMBER))
        elif key == Qt.Key.Key_F2 and item is not None:
            self.editItem(item)
        else:
            super().keyPressEvent(event)


class DifferenceTable(QTableView):
    """The rows, all of one height; a change has a bar."""

    def __init__(self, model: DifferenceModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setAccessibleName("Arrays of both moments, the largest change first")
        OwnKeys(self, "Home")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setItemDelegateForColumn(CHANGE, _Bars(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setStyleSheet("QTableView::item { padding: 0 4px; } QHeaderView::section { padding: 2px 4px; }")
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW)
        columns.setHighlightSections(False)
        for at, column in enumerate(COLUMNS):
            self.setColumnWidth(at, column.width)


class _Bars(QStyledItemDelegate):
    """A bar behind the number, as long as the change is large, on a logarithmic scale."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        share = index.data(SHARE) or 0.0
        if share:
            frame = QRectF(option.rect).adjusted(4, 0, -4, -2)
            bar = QRectF(frame.left(), frame.bottom() - 2, frame.width() * share, 2)
            painter.fillRect(bar, theme().accent)
