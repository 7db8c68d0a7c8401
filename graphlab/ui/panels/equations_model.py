"""The rows of the equations: phases, the groups in them, and a row for each equation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ...engine.equations import Equation, Equations

ROW = Qt.ItemDataRole.UserRole
TITLES = {"forward": "Forward", "backward": "Backward", "update": "Update"}
Index = QModelIndex | QPersistentModelIndex


@dataclass(eq=False)
class Row:
    """A row: a phase ("heading"), a run of equations inside a group ("group"), or an equation ("line")."""

    kind: str
    phase: str
    title: str = ""
    line: Equation | None = None
    at: int = 0
    parent: Row | None = None
    children: list[Row] = field(default_factory=list)
    places: set[int] = field(default_factory=set)  # in the schedule, of all that is in it

    @property
    def node(self) -> str:
        """The engine's key of the node that it is about."""
        return self.line.node if self.line else ""


class EquationsModel(QAbstractItemModel):
    """A tree over `Equations`. `cursor` tells how many entries of the schedule are done."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.equations: Equations | None = None
        self.headings: list[Row] = []
        self.lines: list[Row] = []
        self._at: dict[int, list[Row]] = {}
        self._of: dict[str, list[Row]] = {}
        self._place: Callable[[tuple[str, str]], int] = lambda entry: -1

    def show(self, equations: Equations, place: Callable[[tuple[str, str]], int]) -> None:
        """Shows these; `place` tells where an entry (phase, key) stands in the schedule, −1 for nowhere."""
        self.beginResetModel()
        self.equations, self._place = equations, place
        self.headings, self.lines = [], []
        self._at, self._of = {}, {}
        for line in equations.lines:
            self._add(line)
        self.endResetModel()

    def replace(self, place: Callable[[tuple[str, str]], int]) -> None:
        """The schedule is another; the equations are not."""
        self._place, self._at = place, {}
        for heading in self.headings:
            heading.places.clear()
            for group in heading.children:
                group.places.clear()
        for row in self.lines:
            self._enter_place(row)

    def _add(self, line: Equation) -> None:
        if not self.headings or self.headings[-1].phase != line.phase:
            self.headings.append(Row("heading", line.phase, TITLES[line.phase], at=len(self.headings)))
        host = self.headings[-1]
        group = self._group_of(line.node)
        if group:
            if not host.children or host.children[-1].title != group:
                host.children.append(Row("group", line.phase, group, at=len(host.children), parent=host))
            host = host.children[-1]
        row = Row("line", line.phase, line=line, at=len(host.children), parent=host)
        host.children.append(row)
        self.lines.append(row)
        self._of.setdefault(line.node, []).append(row)
        self._enter_place(row)

    def _group_of(self, key: str) -> str:
        """The path of the group that a node stands in, "" for none."""
        node = self.equations.plan.nodes.get(key) if self.equations else None
        return node.path.rpartition("/")[0] if node else ""

    def _enter_place(self, row: Row) -> None:
        place = self.place(row)
        self._at.setdefault(place, []).append(row)
        host: Row | None = row
        while host is not None:
            host.places.add(place)
            host = host.parent

    # What is asked about rows

    def place(self, row: Row) -> int:
        """Where the entry of an equation stands in the schedule; −1 for nowhere."""
        return self._place((row.phase, row.node))

    def row_of(self, node: str, phase: str) -> Row | None:
        """The first equation of a node in that phase, else in any."""
        found = self._of.get(node, [])
        return next((row for row in found if row.phase == phase), found[0] if found else None)

    def at(self, place: int) -> list[Row]:
        """The equations of the entry at that place of the schedule."""
        return self._at.get(place, [])

    def index_of(self, row: Row) -> QModelIndex:
        return self.createIndex(row.at, 0, row)

    # What Qt asks

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        rows = parent.internalPointer().children if parent.isValid() else self.headings
        return self.createIndex(row, column, rows[row]) if 0 <= row < len(rows) else QModelIndex()

    def parent(self, index: Index) -> QModelIndex:
        host = index.internalPointer().parent if index.isValid() else None
        return QModelIndex() if host is None else self.index_of(host)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(parent.internalPointer().children) if parent.isValid() else len(self.headings)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row: Row = index.internalPointer()
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.text(row)
        return None

    def text(self, row: Row) -> str:
        """The row in words: a title, or the equation as LaTeX."""
        if row.line is None or self.equations is None:
            return row.title
        return self.equations.latex(row.line)
