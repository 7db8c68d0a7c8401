"""The rows of the comparison of two moments: what changed how much, the most first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ...engine.messages import Apart, TensorKey
from .. import numbers
from ..theme import mono_font, theme

Index = QModelIndex | QPersistentModelIndex
SHARE = Qt.ItemDataRole.UserRole + 1  # of the largest change, on a logarithmic scale


class Column(NamedTuple):
    """A column: its heading, its width at first, and what its heading means."""

    title: str
    width: int
    tip: str = ""


COLUMNS = (
    Column("array", 112),
    Column("change", 72, "‖B − A‖ ÷ ‖A‖"),
    Column("‖A‖", 66, "Euclidean norm in A"),
    Column("‖B‖", 66, "Euclidean norm in B"),
    Column("‖B − A‖", 66, "Euclidean norm of the difference"),
    Column("cosine", 58, "Of the angle between A and B: 1 is the same direction"),
)
ARRAY, CHANGE, A, B, DIFFERENCE, COSINE = range(len(COLUMNS))
KINDS = ("all arrays", "parameters", "values", "gradients")
STATES = {"other shape": "reshaped"}  # where a word has to be short
DECADES = 6.0  # of relative change that a bar spans


class DifferenceModel(QAbstractTableModel):
    """What the table asks for. `show_rows` puts other rows in, in their order."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[Apart] = []
        self._all: Sequence[Apart] = ()
        self._kind = KINDS[0]
        self._at: dict[TensorKey, int] = {}

    def show_rows(self, rows: Sequence[Apart]) -> None:
        self._all = rows
        self._filter()

    def show_kind(self, kind: str) -> None:
        """Only the arrays of one of KINDS."""
        self._kind = kind
        self._filter()

    def _filter(self) -> None:
        self.beginResetModel()
        self.rows = [row for row in self._all if is_of_kind(row, self._kind)]
        self._at = {row.key: at for at, row in enumerate(self.rows)}
        self.endResetModel()

    def row_of(self, key: TensorKey | None) -> int:
        return -1 if key is None else self._at.get(key, -1)

    def first_of(self, node: str) -> int:
        """The row of a node's array that changed most; −1 for none."""
        return next((at for at, row in enumerate(self.rows) if row.key.node == node), -1)

    # What Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            return COLUMNS[section].tip
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(section)
        return COLUMNS[section].title if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.rows):
            return None
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{name_of(row)} · {numbers.shape(row.shape)}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column)
        if role == Qt.ItemDataRole.FontRole and column != ARRAY:
            return mono_font(11)
        if role == Qt.ItemDataRole.ForegroundRole:
            still = bool(row.state) or row.difference == 0
            return theme().secondary if still else theme().text
        if role == SHARE and column == CHANGE:
            return share(row)
        return None


def is_of_kind(row: Apart, kind: str) -> bool:
    if kind == "parameters":
        return row.learnt
    if kind == "gradients":
        return row.key.kind == "grad"
    return kind != "values" or (row.key.kind == "value" and not row.learnt)


def name_of(row: Apart) -> str:
    """ "hidden.weight", a gradient "∂hidden.weight"."""
    return f"∂{row.name}" if row.key.kind == "grad" else row.name


def text(row: Apart, column: int) -> str:
    """What stands in a cell."""
    if column == ARRAY:
        return name_of(row)
    if column == CHANGE:
        return STATES.get(row.state, row.state) or (
            "same" if row.difference == 0 else _relative(row.relative)
        )
    value = {A: row.a, B: row.b, DIFFERENCE: row.difference, COSINE: row.cosine}[column]
    return "–" if math.isnan(value) else numbers.number(value, 4)


def _relative(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if not math.isfinite(value):
        return "from 0"
    if value < 1e-4:
        return numbers.number(value, 3)
    return f"{numbers.number(100 * value, 3)} %" if value < 10 else f"×{numbers.number(value, 3)}"


def share(row: Apart) -> float:
    """How long the bar of a change is: 1 from 100 % on, 0 below a millionth."""
    if row.state or row.difference == 0:
        return 0.0
    if not math.isfinite(row.relative):
        return 1.0
    return min(max(1 + math.log10(row.relative) / DECADES, 0.02), 1.0)


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column == ARRAY else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
