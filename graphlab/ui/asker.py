"""Questions in step with training that leave the engine its time for training: see `turns`."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from .evaluating import Evaluation
from .session import Session
from .turns import turns_of


class Asker(QObject):
    """Asks `question` of an Evaluation when `want` is called: one at a time, and when it is its turn.

    What `question` returns, None where it asked nothing, comes back with the answer: it says what that is about.
    """

    arrived = Signal(object, object)  # what it is about; messages.Evaluated

    def __init__(self, session: Session, question: Callable[[Evaluation], object], parent: QObject) -> None:
        super().__init__(parent)
        self._question = question
        self._about: object = None
        self._turns = turns_of(session)
        self.evaluation = Evaluation(session, self)
        self.evaluation.arrived.connect(self._take)
        turns = self._turns
        self.destroyed.connect(lambda: turns.leave(self))

    def want(self, now: bool = False) -> None:
        """The values are new, or the question is; `now`: a hand waits for the answer."""
        self._turns.wait(self, now)

    def forget(self) -> None:
        """Nothing is wanted any more."""
        self.evaluation.forget()
        self._about = None
        self._turns.leave(self)

    def ask(self) -> bool:
        """It is its turn; whether there was something to ask."""
        self.evaluation.forget()
        self._about = self._question(self.evaluation)
        return self._about is not None

    def _take(self, event: object) -> None:
        about, self._about = self._about, None
        self._turns.done(self)
        self.arrived.emit(about, event)
