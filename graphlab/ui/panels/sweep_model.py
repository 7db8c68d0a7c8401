"""The rows of the table of trials: sorted and filtered, thousands of them, written anew only where they changed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFont

from ...errors import ConditionError
from ...lab.columns import in_order
from ...lab.sweeps.columns import Column, columns_of, matching
from ...lab.sweeps.kept import KeptSweep
from ...lab.sweeps.trials import Trial
from .. import numbers
from ..theme import mono_font, theme

Index = QModelIndex | QPersistentModelIndex
WIDTHS = {"trial": 44, "score": 104, "state": 74, "error": 260, "seconds": 92, "flops": 66, "parameters": 70}
KNOWN = ("score", "train_score", "epochs", "fits", "spread")
NARROW, WORDY = 62, 84
BEST = "★"
ROLE = Qt.ItemDataRole


class TrialModel(QAbstractTableModel):
    """What the table asks for. `filtered`: what is wrong with the filter, "" for nothing.

    trials: those that are shown, from above. best: the number of the best trial, −1 while there is none.
    """

    filtered = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.trials: list[Trial] = []
        self.columns: list[Column] = []
        self.query = self.problem = ""
        self.sorted_by, self.descending = "trial", True
        self.best = -1
        self.is_running = False
        self.epochs: dict[int, int] = {}  # that trainings under way have done, by trial
        self.log: Callable[[Trial], str] = lambda trial: trial.error  # its last lines
        self._sweep: KeptSweep | None = None
        self._rows: dict[int, int] = {}  # number → row
        self._fonts = {False: mono_font(11), True: mono_font(11, QFont.Weight.Bold)}

    # What there is

    def show_sweep(self, sweep: KeptSweep | None, best: int = -1) -> None:
        """Another sweep. best: the number of its best trial, −1 for none."""
        self.beginResetModel()
        self.best = best
        self._sweep = sweep
        self.columns = columns_of(sweep.head, sweep.trials) if sweep is not None else []
        if self._at(self.sorted_by) < 0:
            self.sorted_by, self.descending = "trial", True
        self._take(self._arranged())
        self.endResetModel()

    def refresh(self, changed: Iterable[int], best: int = -1) -> None:
        """Trials of these numbers are others, or new; only what moved or changed is drawn anew."""
        before, self.best = self.best, best
        if not self.trials and self._sweep is not None:  # by the first it is told what are numbers
            self.show_sweep(self._sweep, best)
        else:
            self._arrange({*changed, *((before, best) if before != best else ())})

    def set_query(self, text: str) -> None:
        self.query = text
        self._arrange(())

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By the column of that number, as a click on its heading wants it."""
        if 0 <= column < len(self.columns):
            self.sorted_by = self.columns[column].key
            self.descending = order == Qt.SortOrder.DescendingOrder
            self._arrange(())

    def _arrange(self, changed: Iterable[int]) -> None:
        found = self._arranged()
        if [trial.number for trial in found] == [trial.number for trial in self.trials]:
            self._take(found)
            for number in changed:
                self._repaint_row(self._rows.get(number, -1))
            return
        self.beginResetModel()
        self._take(found)
        self.endResetModel()

    def _arranged(self) -> list[Trial]:
        if self._sweep is None:
            return []
        by = self.columns[max(self._at(self.sorted_by), 0)]
        return in_order(self._let_through(list(self._sweep.trials.values())), by, descending=self.descending)

    def _take(self, found: list[Trial]) -> None:
        self.trials = found
        self._rows = {trial.number: row for row, trial in enumerate(found)}

    def _let_through(self, trials: list[Trial]) -> list[Trial]:
        """What the filter lets through; while it cannot be understood, what it let through before."""
        problem, found = "", trials
        if self.query.strip():
            try:
                found = matching(trials, self.query, self.columns)
            except ConditionError as error:
                problem = str(error)
                found = [trial for trial in trials if trial.number in self._rows] if self._rows else trials
        if problem != self.problem:
            self.problem = problem
            self.filtered.emit(problem)
        return found

    def row_of(self, number: int) -> int:
        return self._rows.get(number, -1)

    def column_of(self, key: str) -> int:
        return self._at(key)

    def _at(self, key: str) -> int:
        return next((at for at, column in enumerate(self.columns) if column.key == key), -1)

    def _repaint_row(self, row: int) -> None:
        if row >= 0:
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(self.columns) - 1))

    def repaint(self) -> None:
        """Colours are others."""
        if self.trials:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.trials) - 1, len(self.columns) - 1))

    # What Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self.trials)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = ROLE.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == ROLE.DisplayRole:
            return column.title
        if role == ROLE.ToolTipRole:
            return column.tip
        return _side(column) if role == ROLE.TextAlignmentRole else None

    def data(self, index: Index, role: int = ROLE.DisplayRole) -> Any:
        if not (index.isValid() and index.row() < len(self.trials) and index.column() < len(self.columns)):
            return None
        trial, column = self.trials[index.row()], self.columns[index.column()]
        if role == ROLE.DisplayRole:
            return self._cell(column, trial)
        if role == ROLE.TextAlignmentRole:
            return _side(column)
        if role == ROLE.FontRole:
            return self._fonts[trial.number == self.best]
        if role == ROLE.ForegroundRole:
            return self._colour(trial, column)
        if role == ROLE.BackgroundRole and trial.number == self.best:
            return theme().tint(theme().good, 0.14, theme().panel)
        if role == ROLE.ToolTipRole:
            return self._tip(column, trial)
        if role == ROLE.AccessibleDescriptionRole and trial.number == self.best:
            return "the best trial"
        return None

    def _cell(self, column: Column, trial: Trial) -> str:
        if column.key == "trial" and trial.number == self.best:
            return f"{BEST} {trial.number}"
        if column.key == "state":
            return state_of(trial, self.is_running, self.epochs.get(trial.number, 0))
        return cell(column, trial)

    def _colour(self, trial: Trial, column: Column) -> QColor:
        if column.key in ("trial", "score", "state", "error") and trial.state == "failed":
            return theme().error
        if trial.state == "done" or trial.number == self.best:
            is_result = column.key in ("trial", "score") or column.key in trial.values
            return theme().text if is_result else theme().secondary
        return theme().secondary

    def _tip(self, column: Column, trial: Trial) -> str:
        if trial.state == "failed" and column.key in ("state", "error", "score", "trial"):
            return self.log(trial)
        if column.key == "score":
            each = ", ".join(written(column, score) for score in trial.scores)
            return f"{each}\n{column.tip}" if len(trial.scores) > 1 else column.tip
        if column.key == "state":
            return f"{len(trial.fits):,} of {numbers.count(trial.expected, 'training')} done"
        value = column.value(trial)
        return value if isinstance(value, str) else "" if math.isnan(value) else repr(value)

    def rows(self, trials: Sequence[Trial]) -> list[list[Any]]:
        """All values of these, as numbers where they are numbers."""
        return [[column.value(trial) for column in self.columns] for trial in trials]


def state_of(trial: Trial, is_running: bool, epoch: int = 0) -> str:
    """How a trial stands, in words. epoch: that a training of it has come to, 0 where nobody knows."""
    if trial.state in ("waiting", "running"):
        if is_running and epoch:
            return f"epoch {epoch:,}"
        if is_running:
            return f"{len(trial.fits)} of {trial.expected}" if trial.expected > 1 else "training"
        return f"{len(trial.fits)} of {trial.expected}" if trial.fits else "not begun"
    return trial.state


def cell(column: Column, trial: Trial) -> str:
    """What stands in a cell."""
    value = column.value(trial)
    if isinstance(value, str):
        return value.replace("\n", " ")
    text = written(column, value)
    if column.key == "score" and trial.spread == trial.spread:
        return f"{text} ± {written(column, trial.spread).removesuffix(' %')}"
    return text


def written(column: Column, value: float) -> str:
    """A number as the column writes it; "–" for none."""
    if math.isnan(value):
        return "–"
    if column.kind == "percent":
        return numbers.percent(value)
    if column.kind == "duration":
        return numbers.duration(value)
    if column.key in ("flops", "parameters"):
        return numbers.short(value)
    if column.kind == "count":
        return f"{int(value):,}"
    return numbers.number(
        value if isinstance(value, int) else float(value), 4 if column.key == "score" else 3
    )


def _side(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column.is_text else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


def width_of(column: Column) -> int:
    searched = 76 if column.key not in KNOWN else NARROW
    return WIDTHS.get(column.key, WORDY if column.is_text else searched)
