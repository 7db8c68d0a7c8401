"""What a panel asks of the engine that is done on a copy of the run: one experiment at a time, and its answers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ..engine import messages as m

if TYPE_CHECKING:
    from .session import Session

OF_WANTS = (m.Climbed, m.FoundBest, m.Because, m.Dreamt)
ANSWERS = (m.LossMapped, m.Walked, m.RatesTried, m.Raced, m.FieldMapped, *OF_WANTS)
_numbers = count(1)


class Experiment(QObject):
    """`told` brings what the engine says of the experiment under way, and of no other."""

    told = Signal(object)
    lost = Signal()  # the engine that did it is gone

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._request = 0
        session.engine.answered.connect(self._take)
        session.engine.link.lost.connect(self._lost)

    @property
    def is_on(self) -> bool:
        """Whether one was begun and not stopped; it may have been answered in full."""
        return bool(self._request)

    def begin(self, make: Callable[[int], Any]) -> int:
        """Begins another with the command that `make` makes of its number; returns the number."""
        self._request = next(_numbers)
        self._session.engine.send(make(self._request))
        return self._request

    def stop(self) -> None:
        """It goes no further, and nothing more is told of it."""
        if self._request:
            self._session.engine.send(m.StopExperiment(self._request))
        self._request = 0

    def forget(self) -> None:
        """The engine that did it is gone, or its graph: there is nothing to stop."""
        self._request = 0

    def _take(self, event: Any) -> None:
        if isinstance(event, ANSWERS) and event.request == self._request:
            self.told.emit(event)

    def _lost(self, *_: object) -> None:
        if self._request:
            self._request = 0
            self.lost.emit()
