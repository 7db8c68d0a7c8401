"""Who races, with which learning rate, and how each stands: a table whose first two columns are edited."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from ...engine.experiments.race import MOST, Racer
from ...engine.messages import Lap
from ...engine.optimizers import OPTIMIZERS
from .. import numbers
from ..theme import mono_font, theme_changed
from .strokes import HEIGHT, WIDTH, stroke

OPTIMIZER, RATE, PLACE, LOSS, HELD_OUT, METRIC = range(6)
HEADS = ("optimizer", "rate", "", "loss", "held-out", "accuracy")
COMPACT = "QTableView::item { padding: 0 4px; } QHeaderView::section { padding: 2px 5px; }"
RATIO = 3.0  # from one rate to the next that is suggested for a second racer with the same optimizer

Index = QModelIndex | QPersistentModelIndex


class _Editing(QStyledItemDelegate):
    """A list of optimizers, and a field for the rate that takes positive numbers only."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        if index.column() == OPTIMIZER:
            combo = QComboBox(parent)
            combo.addItems(list(OPTIMIZERS))
            combo.activated.connect(lambda _: self.commitData.emit(combo))
            combo.activated.connect(lambda _: self.closeEditor.emit(combo))
            return combo
        return QLineEdit(parent)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        text = str(index.data(Qt.ItemDataRole.EditRole))
        if isinstance(editor, QComboBox):
            editor.setCurrentText(text)
        elif isinstance(editor, QLineEdit):
            editor.setText(text)
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentText())
        elif isinstance(editor, QLineEdit) and (rate := _rate(editor.text())) is not None:
            model.setData(index, _written(rate))


class RacerTable(QTableWidget):
    """`edited` tells that the racers are others. Delete removes the chosen ones, F2 and a double click edit."""

    edited = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(0, len(HEADS), parent)
        self.setHorizontalHeaderLabels(list(HEADS))
        self.setAccessibleName("Racers")
        self.setFont(mono_font(11))
        self.setStyleSheet(COMPACT)
        self.setItemDelegate(_Editing(self))
        self.setIconSize(QSize(WIDTH, HEIGHT))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setHorizontalScrollMode(QTableWidget.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(22)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setStretchLastSection(True)
        self.setMinimumSize(QSize(180, 70))
        self._is_filling = False
        self.itemChanged.connect(self._changed)
        theme_changed.connect(self._dress)

    def sizeHint(self) -> QSize:
        return QSize(330, 140)

    def tall(self) -> int:
        """How high it is with all of its rows."""
        bar = self.horizontalScrollBar().sizeHint().height()
        return self.horizontalHeader().sizeHint().height() + 22 * self.rowCount() + bar + 4

    # Who races

    def racers(self) -> list[Racer]:
        """Those in the table, from the top."""
        found = []
        for row in range(self.rowCount()):
            rate = _rate(self._text(row, RATE))
            found.append(Racer(self._text(row, OPTIMIZER), 0.0 if rate is None else rate))
        return found

    def set_racers(self, racers: Sequence[Racer]) -> None:
        """Puts others in their place."""
        self._is_filling = True
        self.setRowCount(0)
        for racer in racers:
            self._append(racer)
        self._is_filling = False

    def add(self, lr: float) -> None:
        """Adds an optimizer that does not race yet; when all do, the chosen one with another rate."""
        racers = self.racers()
        if len(racers) >= MOST:
            return
        free = [name for name in OPTIMIZERS if all(racer.optimizer != name for racer in racers)]
        new = Racer(free[0], lr) if free else Racer(racers[max(self.currentRow(), 0)].optimizer, lr)
        while new in racers:
            new = Racer(new.optimizer, float(f"{new.lr * RATIO:.1g}"))
        self._is_filling = True
        self._append(new)
        self._is_filling = False
        self.selectRow(self.rowCount() - 1)
        self.edited.emit()

    def remove(self) -> None:
        """Takes the chosen ones out, or the last; one stays."""
        rows = sorted(
            {index.row() for index in self.selectedIndexes()} or {self.rowCount() - 1}, reverse=True
        )
        for row in rows[: self.rowCount() - 1]:
            self.removeRow(row)
        self._dress()
        self.edited.emit()

    # How they stand

    def show_laps(self, laps: Sequence[Lap], order: Sequence[int]) -> None:
        """Writes how each stands, as far as there are laps; the others' cells are empty."""
        self._is_filling = True
        places = {k: place for place, k in enumerate(order, 1)}
        metric = next((name for lap in laps for name in lap.metrics), "")
        self.setColumnHidden(METRIC, not metric)
        self.setColumnHidden(HELD_OUT, all(lap.validation_loss is None for lap in laps))
        self.horizontalHeaderItem(METRIC).setText(metric)
        for row in range(self.rowCount()):
            lap = laps[row] if row < len(laps) else None
            for column, text in enumerate(_cells(lap, metric, places.get(row, 0)), PLACE):
                self.item(row, column).setText(text)
            self.item(row, PLACE).setToolTip(lap.ended if lap is not None else "")
        self._is_filling = False

    # Inside

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove()
        else:
            super().keyPressEvent(event)

    def _text(self, row: int, column: int) -> str:
        item = self.item(row, column)
        return item.text() if item is not None else ""

    def _append(self, racer: Racer) -> None:
        row = self.rowCount()
        self.insertRow(row)
        for column, text in enumerate((racer.optimizer, _written(racer.lr), "", "", "", "")):
            item = QTableWidgetItem(text)
            if column not in (OPTIMIZER, RATE):
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
            side = Qt.AlignmentFlag.AlignLeft if column == OPTIMIZER else Qt.AlignmentFlag.AlignRight
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            self.setItem(row, column, item)
        self._draw_stroke(row)

    def _draw_stroke(self, row: int) -> None:
        self.item(row, OPTIMIZER).setIcon(QIcon(stroke(row, self.devicePixelRatioF())))

    def _dress(self, *_: object) -> None:
        self._is_filling = True
        for row in range(self.rowCount()):
            self._draw_stroke(row)
        self._is_filling = False

    def _changed(self, item: Any) -> None:
        if not self._is_filling and item.column() in (OPTIMIZER, RATE):
            self.edited.emit()


def _rate(text: str) -> float | None:
    """A learning rate that somebody wrote; None for what is none."""
    try:
        rate = numbers.parse(text)
    except ValueError:
        return None
    return rate if math.isfinite(rate) and 0 < rate <= 1e6 else None


def _written(rate: float) -> str:
    return f"{rate:g}".replace("-", numbers.MINUS)


def _cells(lap: Lap | None, metric: str, place: int) -> tuple[str, str, str, str]:
    """Place, loss, held-out loss, metric."""
    if lap is None or not lap.step:
        return "", "", "", ""
    held_out = "" if lap.validation_loss is None else numbers.number(lap.validation_loss, 4)
    told = ""
    if metric in lap.metrics:
        value = lap.metrics[metric]
        told = numbers.percent(value) if metric == "accuracy" else numbers.number(value, 4)
    return "out" if lap.ended else f"{place}.", numbers.number(lap.loss, 4), held_out, told
