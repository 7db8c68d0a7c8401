"""What stands in the rows of the trace: every entry of the schedule, what it reads, and what came out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from ...engine.flatten import FlatNode
from ...engine.messages import ScheduleEntry, Tensor, TensorKey
from .. import numbers
from ..session import Session
from ..theme import mono_font, theme

LIMIT = 4  # elements that a row may spell out
NOT_YET = "not yet"
Index = QModelIndex | QPersistentModelIndex


class Column(NamedTuple):
    """A column: its heading and its width in pixels at first."""

    title: str
    width: int


COLUMNS = (
    Column("#", 36),
    Column("phase", 84),
    Column("node", 110),
    Column("result", 210),
    Column("shape", 84),
    Column("operation", 146),
    Column("time", 64),
    Column("reads", 200),
)
NUMBER, PHASE, NODE, RESULT, SHAPE, OPERATION, TIME, READS = range(len(COLUMNS))
_MONO = (NUMBER, TIME, SHAPE, RESULT)


def key_of(session: Session, row: int) -> TensorKey | None:
    """The array that an entry computes, or, backward, that it passes on: the gradient of its node's first output."""
    schedule = session.schedule
    if not 0 <= row < len(schedule) or not schedule[row].node:
        return None
    entry = schedule[row]
    flat = session.seen.whole.nodes.get(entry.node)
    results = flat.op.results() if flat and flat.op else ()
    return (
        TensorKey("value" if entry.phase == "forward" else "grad", entry.node, results[0])
        if results
        else None
    )


class TraceModel(QAbstractTableModel):
    """A row for each entry; what is not computed in this step yet says so."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._schedule: tuple[ScheduleEntry, ...] = ()
        self._rows: dict[tuple[str, str], int] = {}
        self._seconds: Mapping[str, tuple[float, float]] = {}
        self.compile()

    def compile(self, *_: object) -> None:
        """The schedule is another."""
        if self._session.schedule == self._schedule:
            return
        self.beginResetModel()
        self._schedule = self._session.schedule
        self._rows = {(entry.node, entry.phase): row for row, entry in enumerate(self._schedule)}
        self._seconds = {}
        self.endResetModel()

    def set_seconds(self, seconds: Mapping[str, tuple[float, float]]) -> None:
        """What each node takes, forward and backward; the update's stand under ""."""
        self._seconds = seconds
        if self._schedule:
            self.refresh(range(len(self._schedule)))

    def refresh(self, rows: Iterable[int]) -> None:
        """Those rows are to be read again."""
        rows = list(rows)
        if rows and self._schedule:
            self.dataChanged.emit(self.index(rows[0], 0), self.index(rows[-1], len(COLUMNS) - 1))

    def row_of(self, node: str, near: int) -> int:
        """The row of a node, in the phase of the row `near`; −1 for none."""
        phase = self._schedule[near].phase if 0 <= near < len(self._schedule) else "forward"
        return self._rows.get((node, phase), self._rows.get((node, "forward"), -1))

    # What Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._schedule)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return COLUMNS[section].title
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        if not 0 <= row < len(self._schedule):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.text(row, column)
        if role == Qt.ItemDataRole.FontRole:
            return self._font(row, column)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(row, column)
        if role == Qt.ItemDataRole.BackgroundRole and row == self._session.status.cursor - 1:
            return theme().tint(theme().phase(self._schedule[row].phase), 0.22, theme().panel)
        return None

    # What it answers

    def text(self, row: int, column: int) -> str:
        """What stands in a cell."""
        entry = self._schedule[row]
        flat = self._session.seen.whole.nodes.get(entry.node)
        if column == NUMBER:
            return f"{row + 1:,}"
        if column == PHASE:
            return entry.phase
        if column == TIME:
            return self._time(entry)
        if flat is None:
            return "the optimizer changes the parameters" if column == RESULT and not entry.node else ""
        if column == NODE:
            return flat.path
        if column == OPERATION:
            return flat.op_name
        return self._reads(flat, entry) if column == READS else self._result(row, column)

    def _time(self, entry: ScheduleEntry) -> str:
        seconds = self._seconds.get(entry.node)
        return "" if seconds is None else numbers.duration(seconds[entry.phase == "backward"])

    def _reads(self, flat: FlatNode, entry: ScheduleEntry) -> str:
        """The sources of its inputs; backward, the nodes whose gradients come back."""
        nodes = self._session.seen.whole.nodes
        if entry.phase == "forward":
            found = [(socket, nodes[key]) for socket, (key, _) in flat.inputs.items() if key in nodes]
            named = len(found) > 1
            return ", ".join(
                f"{socket} ← {source.path}" if named else source.path for socket, source in found
            )
        consumers = [nodes[key] for key in self._consumers(entry.node)]
        return " + ".join(node.path for node in consumers) or self._session.asking.start

    def _consumers(self, key: str) -> list[str]:
        takers = self._session.seen.whole.basis.flat.consumers(key)
        return sorted(
            (k for k in takers if (k, "backward") in self._rows), key=lambda k: self._rows[k, "backward"]
        )

    def _result(self, row: int, column: int) -> str:
        tensor = self._tensor(row)
        if tensor is None:
            return "" if column == SHAPE else NOT_YET
        if column == SHAPE:
            return numbers.shape(tensor.shape)
        return told(tensor) if tensor.fresh else NOT_YET

    def _tensor(self, row: int) -> Tensor | None:
        key = key_of(self._session, row)
        return self._session.tensor_at(key) if key is not None else None

    def _font(self, row: int, column: int) -> QFont | None:
        bold = row == self._session.status.cursor - 1
        font = mono_font(11) if column in _MONO else QFont() if bold else None
        if font is not None:
            font.setBold(bold)
        return font

    def _colour(self, row: int, column: int) -> Any:
        now = theme()
        if column == PHASE:
            return now.phase(self._schedule[row].phase)
        is_done = row < self._session.status.cursor
        return now.text if is_done and column not in (NUMBER, READS) else now.secondary


def told(tensor: Tensor) -> str:
    """The numbers of a small array; of a larger one how long it is and from where to where it goes."""
    stats = tensor.stats
    if stats.count <= LIMIT:
        words = [numbers.number(float(value)) for value in tensor.array.reshape(-1)]
        return words[0] if not tensor.shape and words else f"[{', '.join(words)}]"
    low, high = numbers.number(stats.low), numbers.number(stats.high)
    return f"{low} … {high}, norm {numbers.number(stats.norm)}"
