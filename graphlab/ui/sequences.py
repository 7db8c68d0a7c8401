"""Questions about sequences, asked of the engine in turns with the other pictures."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from PySide6.QtCore import QObject, Signal

from ..engine import messages as m
from .session import Session
from .turns import turns_of

Make = Callable[[int], m.Command | None]
Answer = m.Reached | m.Unfolded
_requests = count(1)


class SequenceAsker(QObject):
    """Asks what `make` makes of the number of a request (None for nothing), one at a time, when it is its turn.

    `arrived` brings the newest answer, which is a `kind`, also where it says only why there is nothing.
    """

    arrived = Signal(object)

    def __init__(self, session: Session, make: Make, kind: type[Answer], parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._make, self._kind = session, make, kind
        self._request = 0
        turns = self._turns = turns_of(session)
        session.engine.answered.connect(self._take)
        self.destroyed.connect(lambda: turns.leave(self))

    def want(self, now: bool = False) -> None:
        """The weights are new, or the question is; `now`: a hand waits for the answer."""
        self._turns.wait(self, now)

    def forget(self) -> None:
        """Nothing is wanted any more."""
        self._request = 0
        self._turns.leave(self)

    def ask(self) -> bool:
        """It is its turn; whether there was something to ask."""
        request = next(_requests)
        question = self._make(request)
        self._request = 0 if question is None else request
        if question is not None:
            self._session.engine.send(question)
        return question is not None

    def _take(self, event: Any) -> None:
        if not isinstance(event, self._kind) or event.request != self._request:
            return
        self._request = 0
        self._turns.pay(event.seconds)
        self._turns.done(self)
        self.arrived.emit(event)
