"""Stepping as in a debugger: over groups, into them and out of them; the sheet that is shown follows the run.

Over a group that stands on the sheet is one step; into it shows its inside. A sheet that was entered is left with the
run, when that goes on outside; one that the run has not come to is left alone, so that one can wait for it there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ..engine import messages as m
from ..engine.strides import SHARED, around, group_of, holds, out, owner, sheet_of
from ..graph.copies import path_of
from ..graph.folding import is_unrolled

if TYPE_CHECKING:
    from .notice import Notice
    from .session import Session


class Strides(QObject):
    """The steps of a session that look at groups. `over`, `into`, `out` and back again."""

    stepped = (
        Signal()
    )  # a step was answered, and the sheet that is shown is that of the run, if it follows it

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._ways: list[str] = []  # of the steps that were sent and not answered yet
        self._last = session.engine.status
        session.engine.status_changed.connect(self._follow)
        session.engine.told.connect(self._forget)

    def over(self) -> None:
        """The next entry of the schedule; of a group on the sheet, all that follow without a break."""
        self._send("over", m.Stride(self._sheet, "over", self._apart))

    def back(self) -> None:
        """Takes back what a step over does at once."""
        self._send("back", m.Stride(self._sheet, "back", self._apart))

    def into(self) -> None:
        """The next entry, and shows the sheet that its node stands on."""
        self._send("into", m.Step())

    def back_into(self) -> None:
        """Takes one entry back, and shows the sheet on which one stands then."""
        self._send("into", m.Back())

    def out(self) -> None:
        """To the end of the group that is shown, in this phase, and to the sheet around it.

        Where no group is shown, to the end of the one in which the last entry was.
        """
        schedule, cursor = self._session.schedule, self._session.status.cursor
        sheet = self._sheet
        if sheet and schedule and out(schedule, cursor, sheet) == cursor % len(schedule):
            self._session.leave()  # nothing of it is left
        else:
            self._send("out", m.Stride(sheet, "out"))

    @property
    def can_step_out(self) -> bool:
        """Whether a group is shown, or the run is inside one."""
        return bool(self._sheet or group_of("", self._owner(self._session.status.cursor - 1)))

    @property
    def _sheet(self) -> str:
        return self._session.seen.prefix

    @property
    def _apart(self) -> tuple[str, ...]:
        """The insides of the Unroll nodes that are drawn as copies: each copy is a step."""
        session = self._session
        return tuple(f"{self._sheet}{i}/" for i, node in session.document.nodes.items() if is_unrolled(node))

    def _send(self, way: str, command: m.Command) -> None:
        self._session.player.stop()
        if self._session.engine.is_up:
            self._ways.append(way)
        self._session.engine.send(command)

    # The sheet follows

    def _follow(self, status: m.Status) -> None:
        last, self._last = self._last, status
        if status.run != last.run:  # that of another version of the document
            return
        if (last.step, last.cursor) == (status.step, status.cursor):
            return
        way = self._ways.pop(0) if self._ways else ""
        if status.state == "training":
            self._ways.clear()
        elif status.hit or way == "into":
            self._show_sheet_of(status.cursor)
        elif way == "out":
            if self._sheet:
                self._session.leave()
        elif way in ("over", "back"):
            self._leave_with(last, status, way)
        if way:
            self.stepped.emit()

    def _forget(self, notice: Notice) -> None:
        """A step that met an error is answered by it."""
        if notice.level == "error":
            self._ways.clear()

    def _show_sheet_of(self, cursor: int) -> None:
        """The sheet of the entry before that place."""
        key = self._owner(cursor - 1) if cursor else ""
        if key and SHARED not in key:
            self._go(sheet_of(key))

    def _owner(self, index: int) -> str:
        schedule = self._session.schedule
        return owner(schedule, index) if 0 <= index < len(schedule) else ""

    def _leave_with(self, last: m.Status, status: m.Status, way: str) -> None:
        """Goes up to where the run went on, if it went on from inside the sheet that is shown."""
        count, sheet, at = len(self._session.schedule), self._sheet, last.cursor
        if not sheet or not 0 < at <= count:
            return
        if way == "over":
            came_from, went_to = self._owner(at - 1), self._owner(status.cursor - 1)
        else:
            came_from, went_to = self._owner(at % count), self._owner(at - 1)
        if went_to and holds(sheet, came_from) and not holds(sheet, went_to):
            self._go(around(sheet, went_to))

    def _go(self, sheet: str) -> None:
        path = path_of(sheet)
        if path != self._session.inside:
            self._session.attempt(self._session.go_inside, path)
