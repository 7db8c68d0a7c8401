"""The table of trials in the panel: chosen by number, opened by Enter or a double click."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent

from ..widgets.own_keys import OwnKeys
from ..widgets.plain_table import PlainTable
from .sweep_model import TrialModel, width_of


class TrialTable(PlainTable):
    """Enter opens a trial, S makes its values the document's."""

    opened = Signal()
    taken = Signal()

    def __init__(self, model: TrialModel) -> None:
        super().__init__(model, width_of)
        self.trials = model
        self._error = 0  # the width that its column was given
        self.setAccessibleName("Trials; Enter opens one with its weights, S makes its values the document's")
        self.horizontalHeader().setSortIndicator(0, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        OwnKeys(self, "Return", "Enter", "S")

    def chosen(self) -> list[int]:
        """The numbers of the selected trials, from above."""
        rows = self.trials.trials
        return [rows[row].number for row in self.selected_rows() if row < len(rows)]

    def choose(self, numbers: Sequence[int], current: int = -1) -> None:
        """Selects these, as far as they are shown."""
        rows = [row for number in numbers if (row := self.trials.row_of(number)) >= 0]
        self.select_rows(rows, self.trials.row_of(current))

    def current(self) -> int:
        """The number of the trial that the keyboard is on; −1 for none."""
        row = self.currentIndex().row()
        return self.trials.trials[row].number if 0 <= row < len(self.trials.trials) else -1

    def show_trial(self, number: int) -> None:
        """Brings it into view."""
        row = self.trials.row_of(number)
        if row >= 0:
            self.scrollTo(self.trials.index(row, 0))

    def dress(self, shown: Sequence[str]) -> None:
        super().dress(shown)
        self._widen()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._widen()

    def _widen(self) -> None:
        """Why a trial failed is a sentence: it has what room the other columns leave, but for a width given by hand."""
        at = self.trials.column_of("error")
        if at < 0 or self.isColumnHidden(at):
            return
        least, width = width_of(self.trials.columns[at]), self.columnWidth(at)
        if width in (least, self._error):
            self._error = max(least, self.viewport().width() - self.horizontalHeader().length() + width)
            self.setColumnWidth(at, self._error)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        elif event.key() == Qt.Key.Key_S and not event.modifiers():
            self.taken.emit()
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.indexAt(event.position().toPoint()).isValid():
            self.opened.emit()
