"""Remembered moments of a session: which there are, which two are compared, and what the engine says of them.

The arrays lie in the engine's process. A moment outlives edits, updates and a reset, not the document's window.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ..engine import messages as m
from ..graph import Document
from . import numbers

if TYPE_CHECKING:
    from .session import Session

LIMIT = 1 << 14  # elements of an array that are looked at
RESTING = 150  # milliseconds between two questions while one steps
TRAINING = 700  # and while it trains, so that it is not slowed down
PATIENCE = 3000  # milliseconds after which an answer is thought to be lost


@dataclass
class RememberedMoment:
    """One that is kept. `place`: the entry of the schedule after which it was; `document`: the graph as it was."""

    number: int
    name: str
    place: str
    step: int
    loss: float
    bytes: int
    left_out: int
    left_bytes: int
    document: Document

    @property
    def told(self) -> str:
        """Where it was, in a line."""
        loss = "" if math.isnan(self.loss) else f" · loss {numbers.number(self.loss, 4)}"
        return f"step {self.step:,} · {self.place}{loss}"


class RememberedMoments(QObject):
    """`a` and `b` are the numbers of those compared; NOW is the run as it is, 0 also while there is none."""

    changed = Signal()  # others are remembered, called otherwise, or compared
    compared = Signal()  # `rows` are new
    looked_at = Signal()  # `pair` is new
    wanted = Signal()  # somebody wants to see them

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.all: list[RememberedMoment] = []
        self.a = self.b = m.NOW
        self.rows: tuple[m.Apart, ...] = ()
        self.problem = ""  # why there are no rows
        self.pair: m.Pair | None = None
        self.key: m.TensorKey | None = None  # of the array that is looked at
        self.room = -1  # bytes that are left; -1: nobody knows
        self._number = self._request = 0
        self._asked: dict[int, m.Compare | m.LookAt] = {}
        self._is_stale = False
        self._pause, self._patience = _timer(self, self._go_on), _timer(self, self._give_up)
        session.engine.answered.connect(self._take)
        session.engine.link.lost.connect(self._lost)
        session.opened.connect(self._forget_all)

    # Which there are

    def remember(self) -> None:
        """Keeps what the run holds now."""
        self._number += 1
        self._session.engine.send(m.Remember(self._number))

    def rename(self, number: int, name: str) -> None:
        moment = self.get(number)
        if moment is not None and name.strip() and name.strip() != moment.name:
            moment.name = name.strip()
            self.changed.emit()

    def delete(self, chosen: Iterable[int]) -> None:
        gone = set(chosen) & {moment.number for moment in self.all}
        if not gone:
            return
        self.all = [moment for moment in self.all if moment.number not in gone]
        self._session.engine.send(m.Forget(tuple(sorted(gone))))
        newest = self.all[-1].number if self.all else m.NOW
        self._choose(newest if self.a in gone else self.a, m.NOW if self.b in gone else self.b)

    def get(self, number: int) -> RememberedMoment | None:
        return next((moment for moment in self.all if moment.number == number), None)

    def title(self, number: int) -> str:
        """What people call a moment."""
        moment = self.get(number)
        return "now" if moment is None else moment.name

    def is_of_another_graph(self, moment: RememberedMoment) -> bool:
        """Whether the graph was edited since."""
        return moment.document is not self._session.whole

    # Which are compared

    @property
    def is_comparing(self) -> bool:
        return self.a != self.b

    @property
    def is_live(self) -> bool:
        """Whether one side is the run as it is."""
        return m.NOW in (self.a, self.b)

    def choose(self, a: int, b: int) -> None:
        """Compares these two."""
        if (a, b) != (self.a, self.b):
            self._choose(a, b)

    def swap(self) -> None:
        self._choose(self.b, self.a)

    def _choose(self, a: int, b: int) -> None:
        self.a, self.b = a, b
        self.rows, self.pair, self.problem = (), None, ""
        self._asked.clear()  # answers on their way are to other questions
        self.changed.emit()
        self.refresh()

    def look_at(self, key: m.TensorKey | None) -> None:
        """From now on the pair of arrays under that key is told, too."""
        if key != self.key:
            self.key, self.pair = key, None
            self.looked_at.emit()
            self._ask_for_pair()

    def refresh(self) -> None:
        """Asks anew, when the answers before are here and some time has passed."""
        if not self.is_comparing:
            return
        if self._asked or self._pause.isActive():
            self._is_stale = True
            return
        self._is_stale = False
        training = self._session.status.state == "training"
        self._pause.start(TRAINING if training else RESTING)
        self._ask(m.Compare(self._next(), self.a, self.b))
        self._ask_for_pair()

    def _ask_for_pair(self) -> None:
        if self.key is not None and self.is_comparing:
            self._ask(m.LookAt(self._next(), self.a, self.b, self.key, LIMIT))

    def _next(self) -> int:
        self._request += 1
        return self._request

    def _ask(self, question: m.Compare | m.LookAt) -> None:
        self._asked[question.request] = question
        self._patience.start(PATIENCE)
        self._session.engine.send(question)

    def _go_on(self) -> None:
        if self._is_stale and not self._asked:
            self.refresh()

    def _give_up(self) -> None:
        """An answer was lost, with an engine or with an edit."""
        if self._asked:
            self._asked.clear()
            self.refresh()

    # What the engine says

    def _take(self, event: object) -> None:
        if isinstance(event, m.Remembered):
            self._add(event)
        elif isinstance(event, m.Forgotten):
            self.room = event.room
            self.changed.emit()
        elif isinstance(event, (m.Compared, m.Pair)) and self._asked.pop(event.request, None) is not None:
            if isinstance(event, m.Compared):
                self.rows, self.problem = event.rows, event.message
                self.compared.emit()
            elif event.key == self.key:
                self.pair = event
                self.looked_at.emit()
            self._go_on()

    def _add(self, event: m.Remembered) -> None:
        entry, session = event.entry, self._session
        place = "before the step"
        if entry is not None:
            place = f"after {entry.phase} {session.name_of(entry.node)}".strip()
        under_way = 0 < event.cursor < len(session.schedule)
        moment = RememberedMoment(
            event.number,
            f"moment {event.number}",
            place,
            event.step + under_way,
            event.loss,
            event.bytes,
            event.left_out,
            event.left_bytes,
            session.whole,
        )
        self.all = [*self.all, moment]
        self.room = event.room
        left = ""
        if event.left_out:
            left = f" {numbers.count(event.left_out, 'array')} ({numbers.size_of(event.left_bytes)}) found no room."
        session.notify("info", f"{moment.name.capitalize()} is remembered: {moment.told}.{left}")
        if self.a == m.NOW:
            self._choose(event.number, m.NOW)
        else:
            self.changed.emit()
        self.wanted.emit()

    def _lost(self, *_: object) -> None:
        """The arrays went with the engine."""
        if self.all:
            self._session.notify(
                "warning", f"{numbers.count(len(self.all), 'remembered moment')} went with the engine."
            )
        self._forget_all()

    def _forget_all(self) -> None:
        self.all, self.a, self.b, self.key, self.room = [], m.NOW, m.NOW, None, -1
        self.rows, self.pair, self.problem = (), None, ""
        self._asked.clear()
        self.changed.emit()


def _timer(parent: QObject, run) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.timeout.connect(run)
    return timer
