"""Layer by layer: how many units there are, how many pixels each sees, in which steps, and from where on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from ...lab.receptive import LayerField
from .. import numbers
from ..theme import mono_font

HEADINGS = ("Layer", "Units", "Sees", "Stride", "Centre")
TIPS = (
    "The layers at which units see more than before",
    "How many there are, down × across",
    "Over how many pixels a unit sees, edges of the picture aside",
    "How many pixels further the next unit looks",
    "Where the middle of what the first unit sees lies, in pixels from the first pixel",
)
_ROW = 20


class FieldTable(QTableWidget):
    """The row that is chosen is told by its layer."""

    chosen = Signal(object)  # LayerField

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(HEADINGS), parent)
        self._rows: tuple[LayerField, ...] = ()
        self.setHorizontalHeaderLabels(list(HEADINGS))
        for k, tip in enumerate(TIPS):
            self.horizontalHeaderItem(k).setToolTip(tip)
        self.setAccessibleName("Receptive fields, layer by layer")
        self.setFont(mono_font(11))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideLeft)  # the ends of long names tell layers apart
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.currentCellChanged.connect(self._choose)

    @property
    def layers(self) -> tuple[LayerField, ...]:
        """The rows, the first layer on top."""
        return self._rows

    def show_layers(self, rows: Sequence[LayerField]) -> None:
        """These; the one that was chosen stays so where it is still there."""
        before = self._rows[self.currentRow()].end if 0 <= self.currentRow() < len(self._rows) else None
        self._rows = tuple(rows)
        self.blockSignals(True)
        self.setRowCount(len(rows))
        for k, row in enumerate(rows):
            for column, text in enumerate(cells(row)):
                item = QTableWidgetItem(text)
                side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                item.setToolTip(row.name if not column else "")
                self.setItem(k, column, item)
        ends = [row.end for row in rows]
        self.setCurrentCell(ends.index(before) if before in ends else -1, 0)
        self.blockSignals(False)

    def _choose(self, row: int, *_: int) -> None:
        if 0 <= row < len(self._rows):
            self.chosen.emit(self._rows[row])


def cells(row: LayerField) -> tuple[str, str, str, str, str]:
    """What stands in the columns."""
    field = row.field
    stride = "–" if field.stride is None else by(field.stride)
    start = "–" if field.start is None else by(field.start)
    sees = "everything" if field.sees_all and field.rows.reach is None else by(field.size)
    return row.name, by(field.shape), sees, stride, start


def by(pair: tuple[float, float]) -> str:
    """ "3×5", "0.5×0.5"."""
    down, across = (f"{float(value):g}".replace("-", numbers.MINUS) for value in pair)
    return f"{down}×{across}"
