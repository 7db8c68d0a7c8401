"""How the timeline lays the schedule out: a column for each node, one for a group that is folded, headers over groups.

Knows no pixels. A group is the outermost one that a node is in; what its uses share belongs to the use it is read by.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Sequence
from typing import NamedTuple

from ...engine.messages import ScheduleEntry
from ...engine.strides import SHARED, group_of, owner

Cell = tuple[int, str]  # column and phase


class Header(NamedTuple):
    """Over the columns `first` to `last` of a group, given by the prefix of the keys inside it."""

    group: str
    first: int
    last: int
    folded: bool


class Columns:
    """The columns of a schedule, in the order of the forward entries, and one for the update after them.

    count: without the one of the update. cells: the entries of each cell, by their indices. A group that is computed by
    turns has a header, and folded a column, for each turn.
    """

    def __init__(self, schedule: Sequence[ScheduleEntry] = (), folded: Container[str] = ()) -> None:
        self.headers: list[Header] = []
        self.cells: dict[Cell, list[int]] = {}
        self.count = 0
        self._of: dict[str, int] = {}
        before = ""
        for index, entry in enumerate(schedule):
            if entry.phase == "forward":
                group = _group(schedule, index)
                self._place(entry.node, group, group == before, group in folded)
                before = group
            column = self._of.get(entry.node, 0) if entry.phase != "update" else self.count
            self.cells.setdefault((column, entry.phase), []).append(index)

    def _place(self, key: str, group: str, goes_on: bool, folded: bool) -> None:
        if not (group and goes_on and folded):
            self.count += 1
        column = self._of[key] = self.count - 1
        if group and goes_on:
            self.headers[-1] = self.headers[-1]._replace(last=column)
        elif group:
            self.headers.append(Header(group, column, column, folded))

    def column(self, entry: ScheduleEntry) -> int:
        return self.count if entry.phase == "update" else self._of.get(entry.node, 0)

    def last(self, column: int, phase: str) -> int:
        """The index of the last entry of a cell; −1 where there is no entry."""
        if column == self.count:
            phase = "update"
        found = self.cells.get((column, phase))
        return found[-1] if found else -1

    def header_at(self, column: int) -> Header | None:
        """The header over a column, None where no group is."""
        at = bisect_right(self.headers, column, key=lambda header: header.first) - 1
        return self.headers[at] if at >= 0 and column <= self.headers[at].last else None


def _group(schedule: Sequence[ScheduleEntry], index: int) -> str:
    key = schedule[index].node
    if SHARED in key:
        key = owner(schedule, index)
    return group_of("", key) if "/" in key else ""
