"""Whose turn it is to ask the engine for a forward pass beside the run, so that training keeps its speed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid

from ..engine import messages as m

if TYPE_CHECKING:
    from .session import Session

SHARE = 0.02  # of the engine's time goes into pictures while it trains, of all panels together
ASIDE = 0.0004  # seconds that a question takes besides what its answer tells: reading it, leaving training, writing
LONGEST = 6.0  # seconds of rest after one answer
FASTEST = 0.033  # seconds between two questions of one asker while it trains
PATIENCE = 5.0  # seconds after which an answer is thought to be lost


def turns_of(session: Session) -> Turns:
    """Those of a session: one for all panels."""
    found = session.findChild(Turns)
    return found if isinstance(found, Turns) else Turns(session)


class Waiting(Protocol):
    """Who waits for a turn."""

    def ask(self) -> bool:
        """It is its turn; whether there was something to ask."""


class Turns(QObject):
    """Askers wait here. While it trains they go one at a time, first come, first served, and between two of them the
    engine rests as long as makes the answers, whoever asked, `SHARE` of its time. When it stands still none waits.

    taken: seconds that answers took, in all.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._waiting: dict[Waiting, bool] = {}  # whether somebody's hand waits for it
        self._out: dict[Waiting, float] = {}  # since when
        self._asked_at: dict[Waiting, float] = {}
        self._free_at = 0.0
        self.taken = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go)
        session.engine.evaluated.connect(self._charge)
        session.status_changed.connect(self._follow)
        for lost in (session.whole_changed, session.opened, session.engine.link.started):
            lost.connect(self._give_up)

    def wait(self, asker: Waiting, now: bool) -> None:
        """It wants to ask; `now`: before the engine has rested, because a hand waits for it."""
        self._waiting[asker] = self._waiting.get(asker, False) or now
        self._aim()

    def done(self, asker: Waiting) -> None:
        """Its answer has come."""
        self._out.pop(asker, None)
        self._aim()

    def leave(self, asker: Waiting) -> None:
        """It wants nothing any more."""
        self._waiting.pop(asker, None)
        self._asked_at.pop(asker, None)
        self.done(asker)

    def _give_up(self, *_: object) -> None:
        """What is out will not be answered: the engine is another, or the graph."""
        self._out.clear()
        self._aim()

    @property
    def _is_training(self) -> bool:
        return self._session.status.state == "training"

    def _charge(self, event: m.Evaluated) -> None:
        self.pay(event.seconds)

    def pay(self, seconds: float) -> None:
        """An answer took so long."""
        cost = seconds + ASIDE
        self.taken += cost
        now = time.monotonic()
        self._free_at = min(max(self._free_at, now) + cost * (1 / SHARE - 1), now + LONGEST)

    def _follow(self, status: m.Status) -> None:
        if self._waiting and status.state != "training":
            self._aim()

    def _wait_of(self, asker: Waiting, now: float) -> float:
        """Seconds until it may go. A question that is out holds up whoever asked it, and while training all others."""
        wait = self._out[asker] + PATIENCE - now if asker in self._out else 0.0
        if self._is_training and not self._waiting[asker]:
            busy = max(self._out.values(), default=now - PATIENCE) + PATIENCE - now
            again = self._asked_at.get(asker, 0.0) + FASTEST - now
            wait = max(wait, self._free_at - now, busy, again)
        return wait

    def _aim(self) -> None:
        if not isValid(self._timer):  # the window goes, and what it shows is choosing still
            return
        if not self._waiting:
            self._timer.stop()
            return
        now = time.monotonic()
        soonest = min(self._wait_of(asker, now) for asker in self._waiting)
        self._timer.start(max(0, round(1000 * soonest)))

    def _go(self) -> None:
        for asker in list(self._waiting):
            now = time.monotonic()
            if asker in self._waiting and self._wait_of(asker, now) <= 0.0005:
                del self._waiting[asker]
                self._out[asker] = self._asked_at[asker] = now
                if not asker.ask():
                    self._out.pop(asker, None)
        self._aim()
