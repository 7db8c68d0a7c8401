"""Questions in step with training that leave the engine most of its time for training."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from ..evaluating import PATIENCE, Evaluation
from ..session import Session

REST = 12  # times as long as an answer took, while it trains
LONGEST = 2.0  # seconds


class Asker(QObject):
    """Asks `question` of an Evaluation when `want` is called: one at a time, and after the engine has rested.

    An answer takes as long as the engine needs for it and for what it was at, so training loses less than a twelfth.
    What `question` returns, None where it asked nothing, comes back with the answer: it says what that is about.
    """

    arrived = Signal(object, object)  # what it is about; messages.Evaluated

    def __init__(self, session: Session, question: Callable[[Evaluation], object], parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._question = session, question
        self._about: object = None
        self._again = False
        self._asked_at = self._free_at = 0.0
        self.evaluation = Evaluation(session, self)
        self.evaluation.arrived.connect(self._take)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go)

    def want(self) -> None:
        """The values are new, or the question is."""
        if not isValid(self._timer):  # the window goes, and what it shows is choosing still
            return
        if self._is_out:
            self._again = True
        is_training = self._session.status.state == "training"
        if not self._timer.isActive() or not is_training:  # once it stands still, nothing has to wait
            lost = self._asked_at + PATIENCE - time.monotonic() if self._is_out else 0.0
            resting = self._free_at - time.monotonic() if is_training else 0.0
            self._timer.start(max(0, round(1000 * max(lost, resting))))

    @property
    def _is_out(self) -> bool:
        return self._about is not None

    def forget(self) -> None:
        """Nothing is wanted any more."""
        self._timer.stop()
        self.evaluation.forget()
        self._about, self._again = None, False

    def _go(self) -> None:
        self.evaluation.forget()
        self._asked_at, self._again = time.monotonic(), False
        self._about = self._question(self.evaluation)

    def _take(self, event: object) -> None:
        now = time.monotonic()
        self._free_at = now + min(REST * (now - self._asked_at), LONGEST)
        about, again = self._about, self._again
        self._about, self._again = None, False
        self._timer.stop()
        self.arrived.emit(about, event)
        if again:
            self.want()
