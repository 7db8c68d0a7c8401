"""The table of trials in the panel: chosen by number, opened by Enter or a double click."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent

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
