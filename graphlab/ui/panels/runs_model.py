"""The rows of the table of runs: sorted, filtered, and edited in place where a person has words of their own."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QIcon

from ...errors import ConditionError
from ...lab.runs import KeptRun
from ...lab.runs.columns import Column, columns_of, sorted_runs
from ...lab.runs.query import matching
from .. import numbers
from ..theme import mono_font, theme
from ..widgets.strokes import stroke

Index = QModelIndex | QPersistentModelIndex
EDITABLE = ("name", "tags", "note")
WIDTHS = {"name": 132, "began": 64, "state": 70, "note": 140, "tags": 84, "graph": 110, "optimizer": 66}
STATES = {"running": "running", "interrupted": "broken off"}
NARROW = 52


class RunModel(QAbstractTableModel):
    """What the table asks for. `filtered`: what is wrong with the filter, "" for nothing."""

    edited = Signal(str, str, str)  # id, column, text
    ticked = Signal(str, bool)  # id, whether its curves are to be drawn
    filtered = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.runs: list[KeptRun] = []
        self.columns: list[Column] = columns_of(())
        self.query = self.problem = ""
        self.sorted_by, self.descending = "began", True
        self.drawn: Callable[[str], int] = lambda id: (
            -1
        )  # the stroke of a run whose curves are drawn, else −1
        self.paused = ""  # the run at hand, while it stands still
        self._all: Sequence[KeptRun] = ()

    # What there is

    def show_runs(self, runs: Sequence[KeptRun]) -> None:
        """Other runs, or the same with other figures; then only these are painted anew."""
        self._all = runs
        self._arrange()

    def set_query(self, text: str) -> None:
        self.query = text
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By the column of that number, as a click on its heading wants it."""
        if 0 <= column < len(self.columns):
            self.sorted_by = self.columns[column].key
            self.descending = order == Qt.SortOrder.DescendingOrder
            self._arrange()

    def _arrange(self) -> None:
        columns = columns_of(self._all)
        by = next((c for c in columns if c.key == self.sorted_by), columns[0])
        found = sorted_runs(self._let_through(), by, descending=self.descending)
        same = [run.id for run in found] == [run.id for run in self.runs]
        if same and [c.key for c in columns] == [c.key for c in self.columns]:
            before, self.runs = self.runs, found
            for at, (old, new) in enumerate(zip(before, found, strict=True)):
                if old is not new:
                    self.dataChanged.emit(self.index(at, 0), self.index(at, len(columns) - 1))
            return
        self.beginResetModel()
        self.runs, self.columns = found, columns
        self.endResetModel()

    def _let_through(self) -> Sequence[KeptRun]:
        """What the filter lets through; while it cannot be understood, what it let through before."""
        problem, found = "", self._all
        try:
            found = matching(self._all, self.query)
        except ConditionError as error:
            problem = str(error)
            shown = {run.id for run in self.runs}
            found = [run for run in self._all if run.id in shown] if self.runs else self._all
        if problem != self.problem:
            self.problem = problem
            self.filtered.emit(problem)
        return found

    def row_of(self, id: str) -> int:
        return next((at for at, run in enumerate(self.runs) if run.id == id), -1)

    def column_of(self, key: str) -> int:
        return next((at for at, column in enumerate(self.columns) if column.key == key), -1)

    def repaint(self) -> None:
        """Strokes or colours are others."""
        if self.runs:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.runs) - 1, len(self.columns) - 1))

    # What Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self.runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tip
        return _side(column) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        found = super().flags(index)
        if not index.isValid():
            return found
        key = self.columns[index.column()].key
        if key in EDITABLE:
            found |= Qt.ItemFlag.ItemIsEditable
        return found | Qt.ItemFlag.ItemIsUserCheckable if key == "name" else found

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not (index.isValid() and index.row() < len(self.runs) and index.column() < len(self.columns)):
            return None
        run, column = self.runs[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            is_paused = column.key == "state" and run.is_running and run.id == self.paused
            return "paused" if is_paused else cell(column, run)
        if role == Qt.ItemDataRole.EditRole:
            return column.value(run) if column.is_text else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column)
        if role == Qt.ItemDataRole.FontRole and not column.is_text:
            return mono_font(11)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(run, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(column, run)
        return self._of_name(run, role) if column.key == "name" else None

    def _of_name(self, run: KeptRun, role: int) -> Any:
        """The tick, and the stroke of its curves."""
        at = self.drawn(run.id)
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if at >= 0 else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DecorationRole and at >= 0:
            return QIcon(stroke(at, 1.0))
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return "its curves are drawn" if at >= 0 else "its curves are not drawn"
        return None

    def _colour(self, run: KeptRun, column: Column) -> Any:
        if column.key == "state" and run.state == "failed":
            return theme().error
        if column.key in ("name", "loss") or column.kind == "percent":
            return theme().text
        return theme().secondary

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        run, column = self.runs[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.CheckStateRole:
            self.ticked.emit(run.id, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role != Qt.ItemDataRole.EditRole or column.key not in EDITABLE:
            return False
        if str(value) != column.value(run):
            self.edited.emit(run.id, column.key, str(value))
        return True

    def rows(self, runs: Iterable[KeptRun]) -> list[list[Any]]:
        """All values of these, as numbers where they are numbers."""
        return [[column.value(run) for column in self.columns] for run in runs]


def cell(column: Column, run: KeptRun) -> str:
    """What stands in a cell."""
    value = column.value(run)
    if column.key == "state":
        return STATES.get(run.state, run.state)
    if isinstance(value, str):
        return value.replace("\n", " ")
    if math.isnan(value):
        return "NaN" if column.key == "loss" and run.figures.steps else "–"
    if column.kind == "time":
        return when(value)
    write: dict[str, Callable[[Any], str]] = {
        "percent": numbers.percent,
        "duration": numbers.duration,
        "bytes": numbers.size_of,
        "count": lambda number: f"{int(number):,}",
    }
    if column.key in run.training:
        return numbers.exact(value)
    return write.get(column.kind, lambda number: numbers.number(float(number), 4))(value)


def when(seconds: float) -> str:
    """Today the time alone; else the day as well, and the year where it is another."""
    then, now = time.localtime(seconds), time.localtime()
    if then[:3] == now[:3]:
        return time.strftime("%H:%M:%S", then)
    day = f"{then.tm_mday} {time.strftime('%b', then)}"
    return f"{day} {time.strftime('%H:%M', then)}" if then.tm_year == now.tm_year else f"{day} {then.tm_year}"


def _tip(column: Column, run: KeptRun) -> str:
    if column.key == "name":
        origin = f"\n{run.head.origin}" if run.head.origin else ""
        branch = f"\nbranch of {run.head.parent} at step {run.head.parent_step:,}" if run.head.parent else ""
        return f"{run.name} · {run.head.graph}{origin}{branch}"
    if column.key == "state" and run.end is not None and run.end.reason:
        return run.end.reason
    if column.key == "began":
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.head.began))
    value = column.value(run)
    return value if isinstance(value, str) else "" if math.isnan(value) else repr(value)


def _side(column: Column) -> Qt.AlignmentFlag:
    side = (
        Qt.AlignmentFlag.AlignLeft if column.is_text or column.kind == "time" else Qt.AlignmentFlag.AlignRight
    )
    return side | Qt.AlignmentFlag.AlignVCenter


def width_of(column: Column) -> int:
    return WIDTHS.get(column.key, NARROW)


ICON = QSize(22, 10)
