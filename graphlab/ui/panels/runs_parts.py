"""The parts of the panel of runs: the table, and beside it what is known of one run or differs between several."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...lab.runs import KeptRun
from ...lab.runs.differences import Row
from ..theme import theme
from ..widgets.own_keys import OwnKeys
from ..widgets.plain_table import STYLE, PlainTable
from .runs_model import EDITABLE, ICON, RunModel, width_of

SETTINGS = {  # those that tell something only where the optimizer or the schedule has them
    "SGD": ("momentum", "nesterov"),
    "Adam": ("beta1", "beta2", "amsgrad"),
    "AdamW": ("beta1", "beta2", "amsgrad"),
    "NAdam": ("beta1", "beta2"),
    "Lion": ("beta1", "beta2"),
    "RMSprop": ("alpha", "centered", "momentum"),
    "Adadelta": ("rho",),
    "StepLR": ("step_size", "gamma"),
    "OneCycleLR": ("pct_start",),
    "ReduceLROnPlateau": ("factor", "patience", "min_lr"),
}
ALWAYS = ("optimizer", "lr", "weight_decay", "schedule", "batch_size", "epochs", "seed", "validation", "test")


class RunTable(PlainTable):
    """Enter opens, Space draws the curves, F2 renames, T tags, Delete deletes, Ctrl+Z takes back."""

    removed = Signal()
    opened = Signal()
    undone = Signal()

    def __init__(self, model: RunModel) -> None:
        super().__init__(model, width_of)
        self.runs = model
        self.setAccessibleName(
            "Runs; Space draws the curves, Enter opens, F2 renames, T tags, Delete deletes, Ctrl+Z takes back"
        )
        self.setIconSize(ICON)
        began = model.column_of("began")
        self.horizontalHeader().setSortIndicator(began, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        OwnKeys(self, "Delete", "Backspace", "F2", "T", "Space", "Return", "Enter")
        OwnKeys(self, "Ctrl+Z", run=self.undone.emit)

    # The selection, by the ids of the runs

    def chosen(self) -> list[str]:
        """The ids of the selected runs, from above."""
        return [self.runs.runs[row].id for row in self.selected_rows() if row < len(self.runs.runs)]

    def choose(self, ids: Sequence[str], current: str = "") -> None:
        """Selects these, as far as they are shown."""
        rows = [row for id in ids if (row := self.runs.row_of(id)) >= 0]
        self.select_rows(rows, self.runs.row_of(current) if current else -1)

    def current(self) -> str:
        row = self.currentIndex().row()
        return self.runs.runs[row].id if 0 <= row < len(self.runs.runs) else ""

    def write(self, key: str) -> None:
        """Opens the cell of the current run in that column for writing."""
        row, column = self.currentIndex().row(), self.runs.column_of(key)
        if row >= 0 and column >= 0:
            self.setColumnHidden(column, False)
            self._dressed = None
            self.scrollTo(self.runs.index(row, column))
            self.edit(self.runs.index(row, column))

    # Hands

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if self.state() == QAbstractItemView.State.EditingState:  # what ends the writing comes here, too
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        elif key == Qt.Key.Key_F2:
            self.write("name")
        elif key == Qt.Key.Key_T:
            self.write("tags")
        elif key == Qt.Key.Key_Space:
            self._tick()
        else:
            super().keyPressEvent(event)

    def _tick(self) -> None:
        """All selected, as the first of them is not."""
        rows = [self.runs.row_of(id) for id in self.chosen()]
        if not rows:
            return
        first = self.runs.index(rows[0], self.runs.column_of("name"))
        on = first.data(Qt.ItemDataRole.CheckStateRole) != Qt.CheckState.Checked
        for row in rows:
            self.runs.ticked.emit(self.runs.runs[row].id, on)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Words of one's own are written in place; anything else opens the run."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and self.runs.columns[index.column()].key in EDITABLE:
            self.edit(index)
        elif index.isValid():
            self.opened.emit()


class Facts(QWidget):
    """A small table of names and values: of one run, or side by side where several differ."""

    def __init__(self) -> None:
        super().__init__()
        self.title = QLabel()
        self.title.setProperty("role", "secondary")
        self.title.setWordWrap(True)
        self.title.setMinimumWidth(1)
        self.grid = QTableWidget()
        self.grid.setAccessibleName("What is known of the selected runs")
        self.grid.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.grid.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.grid.setShowGrid(False)
        self.grid.setTabKeyNavigation(False)
        self.grid.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.grid.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.grid.setStyleSheet(STYLE)
        self.grid.verticalHeader().hide()
        self.grid.horizontalHeader().setHighlightSections(False)
        self.grid.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        OwnKeys(self.grid, "Ctrl+C", run=self.copy)
        OwnKeys(self.grid, "Home", "End", "Ctrl+A")
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addWidget(self.grid, 1)
        self._shown: object = None

    def show_run(self, run: KeptRun) -> None:
        """All that was set for one run, and how it ended."""
        rows = facts_of(run)
        if self._shown == (run.id, rows):
            return
        self._shown = run.id, rows
        self.title.setText(run.labels.note or f"{run.name} of {run.head.graph}")
        self._fill(("", ""), rows)

    def show_differences(self, runs: Sequence[KeptRun], rows: Sequence[Row]) -> None:
        """A column for each run."""
        key = [run.name for run in runs], list(rows)
        if self._shown == key:
            return
        self._shown = key
        names = ", ".join(run.name for run in runs)
        self.title.setText(f"{names}: what differs." if rows else f"{names} do not differ in anything set.")
        self._fill(("", *(run.name for run in runs)), [(row.name, *map(_said, row.values)) for row in rows])

    def _fill(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self.grid.clear()
        self.grid.setRowCount(len(rows))
        self.grid.setColumnCount(len(header))
        self.grid.setHorizontalHeaderLabels(list(header))
        self.grid.horizontalHeader().setVisible(any(header))
        for at, row in enumerate(rows):
            for k, text in enumerate(row):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                item.setForeground(theme().secondary if k == 0 else theme().text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
                self.grid.setItem(at, k, item)
        self.grid.resizeColumnsToContents()
        for k in range(self.grid.columnCount()):
            self.grid.setColumnWidth(k, min(self.grid.columnWidth(k) + 8, 260))
        self.grid.horizontalHeader().setStretchLastSection(len(header) == 2)
        self.grid.resizeRowsToContents()

    def redress(self) -> None:
        """The theme is another."""
        self._shown = None

    def copy(self) -> None:
        """Puts the whole on the clipboard."""
        grid = self.grid
        texts = [
            [grid.item(row, k).text() for k in range(grid.columnCount())] for row in range(grid.rowCount())
        ]
        head = [grid.horizontalHeaderItem(k).text() for k in range(grid.columnCount())]
        lines = [head, *texts] if any(head) else texts
        QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in lines))

    def index(self) -> QModelIndex:
        return self.grid.currentIndex()


def facts_of(run: KeptRun) -> list[tuple[str, str]]:
    """What the table has no columns for, and the settings that matter."""
    training, head = run.training, run.head
    names = [*ALWAYS]
    for choice in ("optimizer", "schedule"):
        at = names.index(choice) + (2 if choice == "optimizer" else 1)
        names[at:at] = SETTINGS.get(str(training.get(choice)), ())
    facts = [("graph", head.graph)]
    facts += [
        (name.replace("_", " "), _said(training[name]))
        for name in names
        if training.get(name) not in (None, 0)
    ]
    facts.append(("parameters", f"{head.parameters:,}"))
    if head.parent:
        facts.append(("branch of", f"{head.parent}, step {head.parent_step:,}"))
    if run.figures.best_step:
        facts.append(("best at", f"step {run.figures.best_step:,}"))
    if run.end is not None:
        facts += _of_end(run)
    facts.append(("began", time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(head.began))))
    facts += [(name, str(value)) for name, value in head.machine.items()]
    return facts


def _of_end(run: KeptRun) -> list[tuple[str, str]]:
    end, facts = run.end, []
    assert end is not None
    if end.reason:
        facts.append(("it ended", end.reason))
    for name, step in (("weights", end.weights_step), ("best weights", end.best_step)):
        if step >= 0:
            facts.append((name, f"of step {step:,}"))
    return facts


def _said(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
