"""How far the present pass has come: which entries of the schedule are done, and what number each has.

The window knows this by itself, from the schedule and the place in it, so that nothing has to be asked of the engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..engine import messages as m
from ..engine.strides import SHARED, owner

if TYPE_CHECKING:
    from .session import Session


class Span(NamedTuple):
    """The numbers, from 1, of the first and the last entry of a node in a phase; of a group, of what is inside."""

    first: int
    last: int

    @property
    def text(self) -> str:
        """ "7", or "7–12" of a group."""
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"


class Progress:
    """Looks up the schedule of a session by node and phase."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._schedule: tuple[m.ScheduleEntry, ...] = ()
        self._places: dict[tuple[str, str], int] = {}
        self._groups: tuple[str, dict[tuple[str, str], Span]] | None = None

    def place(self, key: str, phase: str) -> int:
        """The index of the entry of a node, by the engine's key; −1 for none."""
        return self._index().get((phase, key), -1)

    def _index(self) -> dict[tuple[str, str], int]:
        schedule = self._session.schedule
        if schedule is not self._schedule:
            self._schedule, self._groups = schedule, None
            self._places = {(entry.phase, entry.node): k for k, entry in enumerate(schedule)}
        return self._places

    def is_done(self, key: str, phase: str) -> bool:
        """Whether the present pass has carried out that entry."""
        return 0 <= self.place(key, phase) < self._session.status.cursor

    @property
    def cursor(self) -> int:
        """How many entries of the present pass are done."""
        return self._session.status.cursor

    @property
    def is_under_way(self) -> bool:
        """Whether one stands in the midst of a pass, so that some values are there and others are not yet."""
        status = self._session.status
        return 0 < status.cursor < len(self._session.schedule) and status.state != "training"

    @property
    def phase(self) -> str:
        """The phase of the entry computed last; "" at the beginning of a step and while training runs."""
        status = self._session.status
        return status.entry.phase if status.entry is not None and status.state != "training" else ""

    @property
    def current(self) -> str:
        """The node whose entry was computed last, by its key; of what uses of a group share, the use it was for."""
        status, schedule = self._session.status, self._session.schedule
        if not self.phase or status.entry is None:
            return ""
        is_shared = SHARED in status.entry.node and 0 < status.cursor <= len(schedule)
        return owner(schedule, status.cursor - 1) if is_shared else status.entry.node

    def span(self, node: str, phase: str) -> Span | None:
        """The numbers of a node of the sheet, or of what is in the group that it is; None where it has no entry."""
        seen = self._session.seen
        at = self.place(seen.prefix + node, phase)
        if at >= 0:
            return Span(at + 1, at + 1)
        return self._spans(seen.prefix).get((phase, node))

    def _spans(self, prefix: str) -> dict[tuple[str, str], Span]:
        """By phase and group on the sheet. Looked for once a schedule and sheet, and only where there are groups."""
        self._index()
        if self._groups is None or self._groups[0] != prefix:
            found: dict[tuple[str, str], Span] = {}
            cut = len(prefix)
            for k, entry in enumerate(self._schedule, 1):
                key = entry.node
                if "/" in key[cut:] and key.startswith(prefix):
                    place = entry.phase, key[cut:].partition("/")[0]
                    found[place] = Span(found[place].first if place in found else k, k)
            self._groups = prefix, found
        return self._groups[1]
