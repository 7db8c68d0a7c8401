"""Questions to the engine about arrays, and their answers brought back to whoever asked.

Each asks in lanes of its own: while an answer is on its way, only the newest question of a lane waits behind it, so
that dragging and training never pile up questions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from ..engine import messages as m

if TYPE_CHECKING:
    from .session import Session

PATIENCE = 5000  # milliseconds after which an answer is thought to be lost, with an engine or with an edit

Make = Callable[[int], m.Command]  # from the number of the request to the question
Then = Callable[[Any], None]


@dataclass
class _Lane:
    request: int
    then: Then
    timer: QTimer
    waiting: tuple[Make, Then] | None = None


class Looking(QObject):
    """Sends questions of anyone who is a QObject; one that is gone gets no answer."""

    large_wanted = Signal(
        object
    )  # TensorKey of the engine's: somebody wants that array in a window of its own

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._lanes: dict[tuple[int, str], _Lane] = {}
        self._owners: dict[int, QObject] = {}
        self._last = 0
        for signal in (session.engine.looked, session.engine.surveyed, session.engine.ranged):
            signal.connect(self._take)
        session.engine.exported.connect(self._take)
        session.engine.link.started.connect(self._give_up)
        session.inference_changed.connect(self._give_up)
        session.opened.connect(self._give_up)

    def ask(self, owner: QObject, lane: str, make: Make, then: Then, patience: int = PATIENCE) -> None:
        """Asks as soon as the lane is free; `then` gets the answer, unless a newer question came before it was sent."""
        place = (id(owner), lane)
        if id(owner) not in self._owners:
            self._let_go()
            self._owners[id(owner)] = owner
        busy = self._lanes.get(place)
        if busy is not None:
            busy.waiting = make, then
            return
        self._last += 1
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(lambda: self._free(place))
        timer.start(patience)
        self._lanes[place] = _Lane(self._last, then, timer)
        self._session.engine.send(make(self._last))

    def forget(self, owner: QObject) -> None:
        """No answer is wanted any more."""
        for place in [p for p in self._lanes if p[0] == id(owner)]:
            self._lanes.pop(place).timer.deleteLater()
        self._owners.pop(id(owner), None)

    def _let_go(self) -> None:
        """Those that are gone, such as views of windows that were closed."""
        for owner in [each for each in self._owners.values() if not isValid(each)]:
            self.forget(owner)

    def _take(self, event: Any) -> None:
        for place, lane in list(self._lanes.items()):
            if lane.request == event.request:
                self._free(place)
                owner = self._owners.get(place[0])
                if owner is not None and isValid(owner):
                    lane.then(event)
                return

    def _free(self, place: tuple[int, str]) -> None:
        """The lane is free; what waits in it is asked now."""
        lane = self._lanes.pop(place, None)
        if lane is None:
            return
        lane.timer.deleteLater()
        owner = self._owners.get(place[0])
        if lane.waiting is not None and owner is not None and isValid(owner):
            self.ask(owner, place[1], *lane.waiting)

    def _give_up(self, *_: object) -> None:
        """Answers about the document before will not come: the engine's numbers are of another version."""
        for place in list(self._lanes):
            self._free(place)
