"""Time travel as the window has it: which steps can be reached, going to one, and the ways that were left.

The engine keeps the states. Here are the curves of what was left, and the document of then takes the place of the
present one, as an edit that can be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from PySide6.QtCore import QObject, Signal

from ..engine import messages as m
from ..graph import codec
from ..graph.then import as_then
from . import numbers, settings
from .losses import Floats
from .marks_of_training import Mark
from .overlays import overlay

if TYPE_CHECKING:
    from .session import Session

LIMITS = (64, 256, 1000, 4000)  # MB of states, to choose from
USUAL, MEGABYTE = 256, 1_000_000
_PLACE = "travel/limit"


@dataclass(frozen=True, eq=False)
class Former:
    """What came after step `at` on a way that was left: losses of the steps `at` + 1 to `end`, reports and marks."""

    number: int
    at: int
    end: int
    losses: Floats
    reports: tuple[m.ReportRecord, ...]
    marks: tuple[Mark, ...]

    @property
    def name(self) -> str:
        return f"branch {self.number}"


class Travelling(QObject):
    """The steps of a session's training. Step 0 is the beginning; at the newest one is in the present."""

    changed = Signal()  # the trail, or the way to a step
    parted = Signal(object)  # Former: from now on other steps come in the place of these
    joined = Signal(object)  # Former: that was taken up again

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.trail: m.Trail | None = None
        self.under_way: m.Travelling | None = None
        self.former: dict[int, Former] = {}
        self._wanted: tuple[int, bool] | None = (
            None  # where a hand wants to be next, and whether only in passing
        )
        self._asked: tuple[int, bool] | None = None
        self._waits = False
        session.engine.answered.connect(self._take)
        session.engine.status_changed.connect(self._follow)
        session.engine.link.started.connect(self._tell_limit)
        session.opened.connect(self._forget)

    # What there is

    @property
    def step(self) -> int:
        """How many updates the weights that are shown have seen."""
        return self._session.status.step

    @property
    def first(self) -> int:
        return self.trail.first if self.trail is not None else 0

    @property
    def end(self) -> int:
        """The newest step that is known."""
        return max(self.trail.end if self.trail is not None else 0, self.step)

    @property
    def is_past(self) -> bool:
        """Whether steps after the present one are known."""
        return self._session.status.state != "training" and self.step < self.end

    def knows(self, step: int) -> bool:
        """Whether steps after that one are known, so that what is read of it again is nothing new."""
        return self.trail is not None and step < self.trail.end

    @property
    def can_travel(self) -> bool:
        return self.trail is not None and self.trail.end > self.trail.first

    @property
    def branches(self) -> tuple[m.BranchRecord, ...]:
        """What was left and can be taken up again."""
        return self.trail.branches if self.trail is not None else ()

    @property
    def memory(self) -> str:
        """ "31 checkpoints, 84 MB"."""
        if self.trail is None:
            return ""
        if self.trail.too_large:
            return f"no room: {numbers.size_of(self.trail.too_large)} each"
        return f"{numbers.count(len(self.trail.ticks), 'checkpoint')}, {numbers.size_of(self.trail.bytes)}"

    # Going

    def go(self, step: int, in_passing: bool = False) -> None:
        """Goes to a step, or the nearest that is known. In passing: while a hand drags, about there will do."""
        step = min(max(step, self.first), self.end)
        self._wanted = (step, in_passing)
        if not self._waits:
            self._send()

    def by(self, steps: int) -> None:
        """So many steps forward or back, of where one is or is going to."""
        here = self._asked[0] if self._waits and self._asked is not None else self.step
        if self._wanted is not None:
            here = self._wanted[0]
        self.go(here + steps)

    def _send(self) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is None or (wanted == self._asked and self._waits):
            return
        self._asked, self._waits = wanted, self._session.engine.is_up
        self._session.player.stop()
        self._session.engine.send(m.Travel(*wanted))

    def stop(self) -> None:
        """Enough of a long way: stays where it is."""
        self._wanted = None
        self._session.engine.pause()

    def part(self) -> None:
        """What is known after this step becomes a branch, so that another can begin here."""
        if self.is_past:
            self._session.player.stop()
            self._session.engine.send(m.Part())

    def join(self, number: int) -> None:
        """Takes up a branch again; what was trained instead becomes one."""
        self._session.player.stop()
        self._session.engine.send(m.Rejoin(number))

    # Memory

    @property
    def limit(self) -> int:
        """How many MB all states may take."""
        text = settings.text(_PLACE, str(USUAL))
        return int(text) if text.isdigit() and int(text) > 0 else USUAL

    def set_limit(self, megabytes: int) -> None:
        settings.settings().setValue(_PLACE, str(megabytes))
        self._session.engine.send(m.KeepStates(megabytes * MEGABYTE))

    def _tell_limit(self) -> None:
        if self.limit != USUAL:
            self._session.engine.send(m.KeepStates(self.limit * MEGABYTE))

    # From the engine

    def _take(self, event: m.Event) -> None:
        if isinstance(event, m.Trail):
            self._take_trail(event)
        elif isinstance(event, m.Travelling):
            self.under_way = event
        elif isinstance(event, m.Travelled):
            self._arrive(event)
        elif isinstance(event, m.Parted):
            self._take_parted(event)
        elif isinstance(event, m.Joined):
            self._take_joined(event)
        else:
            return
        self.changed.emit()

    def _take_trail(self, trail: m.Trail) -> None:
        self.trail = trail
        if trail.first == trail.end and not trail.branches:  # a training begins
            self._forget_branches()

    def _arrive(self, event: m.Travelled) -> None:
        self.under_way = None
        if event.document:
            self._adopt(event)

    def _adopt(self, event: m.Travelled) -> None:
        """The document of then takes the place of the present one; going on through the steps is the same edit."""
        engine, root = self._session.engine, self._session.root
        then = as_then(root.document, codec.from_bytes(event.document))
        engine.hurry()
        engine.adopts = event.number
        try:
            root.replace(then, "Settings of an earlier step", key="travel")
            engine.hurry()
        finally:
            engine.adopts = 0

    @property
    def is_adopting(self) -> bool:
        """Whether the edit under way puts the document of then in place, which is no change of the training."""
        return bool(self._session.engine.adopts)

    def _follow(self, status: m.Status) -> None:
        """Every answer makes room for what the hand wants by now."""
        was_waiting, self._waits = self._waits, False
        if status.state != "training" and self.under_way is not None and self._wanted is None and was_waiting:
            self.under_way = None
        if self._wanted is not None:
            self._send()
        self.changed.emit()

    def _take_parted(self, event: m.Parted) -> None:
        session, losses = self._session, self._session.losses
        start = max(event.at + 1 - losses.first, 0)
        former = Former(
            event.number,
            event.at,
            event.end,
            np.array(losses.values[start : event.end + 1 - losses.first]),
            tuple(r for r in losses.reports if r.step > event.at),
            tuple(mark for mark in session.marks.all if mark.step > event.at),
        )
        self.former[event.number] = former
        if self.trail is not None:
            self.trail = msgspec.structs.replace(self.trail, end=event.at)
        losses.rewind(event.at)
        session.marks.keep_to(event.at)
        session.marks.add(event.at, f"{former.name} was left here")
        if former.losses.size:
            name = f"{former.name}, from step {event.at:,}"
            session.overlays.add(
                overlay(name, former.losses, former.reports, event.at + 1, _key(event.number))
            )
        self.parted.emit(former)

    def _take_joined(self, event: m.Joined) -> None:
        former = self.former.pop(event.number, None)
        if former is None:
            return
        if self.trail is not None:
            self.trail = msgspec.structs.replace(self.trail, end=event.end)
        session = self._session
        session.overlays.remove(_key(event.number))
        back = m.Scalars(event.run, event.at, former.losses, former.reports)
        session.losses.take(back)
        for mark in former.marks:
            session.marks.add(mark.step, mark.text)
        session.scalars_arrived.emit(back)
        self.joined.emit(former)

    def _forget(self) -> None:
        """Another document is open."""
        self.trail, self.under_way = None, None
        self._wanted, self._asked, self._waits = None, None, False
        self._forget_branches()
        self.changed.emit()

    def _forget_branches(self) -> None:
        for number in self.former:
            self._session.overlays.remove(_key(number))
        self.former.clear()


def _key(number: int) -> tuple[str, int]:
    return ("branch", number)
