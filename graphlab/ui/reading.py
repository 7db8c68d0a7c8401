"""What the engine reads after the steps of a training, for panels to draw, whenever they are opened."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Self

from PySide6.QtCore import QObject, QTimer, Signal

from ..engine import messages as m
from ..engine.inference import Inference

if TYPE_CHECKING:
    from .session import Session

REST = 200  # milliseconds without an edit after which a large graph is gone through
_requests = count(1)


class Reading(QObject):
    """Says to the engine what is wanted, also to a new one; gathers what comes, and forgets it at the first step.

    One for a session, see `of`: it is read from the first step on, since whoever opens the panel after a training wants
    to see that training. What it takes comes out of what the engine has for all that is watched.
    A subclass makes the `command`, keeps what it can `take` of an event, and empties itself.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self.request = 0
        self._wanted: tuple[Any, ...] = ()
        session.engine.answered.connect(self._hear)
        session.status_changed.connect(self._follow)
        session.compiled.connect(self._ask_again)
        session.opened.connect(self.forget)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(REST)
        self._soon.timeout.connect(self.settle)
        session.inference_changed.connect(lambda: self._soon.start())
        self._of: Inference | None = None
        self.settle()

    @classmethod
    def of(cls, session: Session) -> Self:
        """That of a session."""
        found = session.findChild(cls)
        return found if isinstance(found, cls) else cls(session)

    def settle(self) -> None:
        """Wants what the graph now has, if it is another: a moment after the last edit, and before anything is read."""
        whole = self.session.seen.whole
        if whole is not self._of:
            self._of = whole
            self.renew()

    def renew(self) -> None:
        """Wants what there now is. What was read is kept while that is the same."""
        raise NotImplementedError

    def command(self, request: int, wanted: tuple[Any, ...]) -> m.Command:
        """What asks for it."""
        raise NotImplementedError

    def take(self, event: m.Event) -> bool:
        """Whether it was an answer to the newest question, and is kept."""
        raise NotImplementedError

    def empty(self) -> None:
        """Nothing has been read."""
        raise NotImplementedError

    @property
    def has_steps(self) -> bool:
        """Whether something was read after a step."""
        raise NotImplementedError

    def read(self, wanted: tuple[Any, ...]) -> None:
        """From now on these, and no others; () for nothing."""
        if wanted != self._wanted:
            self._wanted = wanted
            self.request = next(_requests)
            self.session.engine.send(self.command(self.request, wanted))

    def forget(self, *_: object) -> None:
        self.empty()
        self.changed.emit()

    def _ask_again(self, *_: object) -> None:
        """Another engine, or the same with another schedule, is told again."""
        if self._wanted:
            self.session.engine.send(self.command(self.request, self._wanted))

    def _follow(self, status: m.Status) -> None:
        """Before the first step there is none."""
        self.settle()
        if not status.step and self.has_steps and not self.session.travel.is_past:
            self.forget()

    def _hear(self, event: m.Event) -> None:
        if self.take(event):
            self.changed.emit()
