"""What the network says of the rows of a split, kept up to date beside the run for the panels that show it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from ..data.looking import Look, look, size_of
from ..engine import messages as m
from ..engine.verdicts import Decision, Verdicts, decision, judge
from ..errors import GraphlabError
from .evaluating import Evaluation

if TYPE_CHECKING:
    from .session import Session

AT_ONCE = 512  # rows that are looked at while it trains
MOST = 20_000  # rows that are looked at otherwise
FASTEST = 0.033  # seconds between two questions
SHARE = 12  # a question may take this fraction of the time
BIG = 2_000_000  # numbers that are not read on the main thread


def samples_of(session: Session) -> Samples:
    """Those of a session: one for all panels, so that they show the same rows and ask once."""
    found = session.findChild(Samples)
    return found if isinstance(found, Samples) else Samples(session)


class Samples(QObject):
    """Asks while somebody looks: see `join`. `verdicts` is None until an answer has come; `why` says what is missing.

    look: the rows themselves. split: the part that is looked at. count: how many rows that has. step: when it was.
    """

    arrived = Signal()
    pointed = Signal(object)  # the row of the data that somebody wants to see in full

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._lookers: set[QWidget] = set()
        self._asked = Evaluation(session, self)
        self._asked.arrived.connect(self._take)
        self._began, self._rest = 0.0, FASTEST
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.timeout.connect(self._ask)
        self._read: tuple[Any, ...] = ()
        self._waiting_for: tuple[str, int] = ("", 0)
        self._wished = self._selected = ""
        self.decision: Decision | None = None
        self.look: Look | None = None
        self.verdicts: Verdicts | None = None
        self.step, self.count = 0, 0
        self.why, self.hint = "", ""
        session.inference_changed.connect(self._renew)
        session.opened.connect(self._renew)
        session.selection_changed.connect(self._renew)
        session.compiled.connect(self._renew)
        for news in (session.scalars_arrived, session.values_changed, session.status_changed):
            news.connect(self._want)

    # Who looks

    def join(self, looker: QWidget) -> None:
        """From now on `looker` wants to be told; until it leaves."""
        self._lookers.add(looker)
        self._renew()

    def leave(self, looker: QWidget) -> None:
        self._lookers.discard(looker)
        if not self._lookers:
            self._due.stop()
            self._asked.forget()

    # What is looked at

    @property
    def split(self) -> str:
        """The part looked at: the one chosen while it has rows, else validation, else train."""
        there = self.splits()
        return self._wished if self._wished in there else next(iter(there), "train")

    def splits(self) -> tuple[str, ...]:
        """The parts that have rows; those held out first."""
        parts = self.look.splits if self.look is not None else {}
        return tuple(name for name in ("validation", "train", "test") if len(parts.get(name, ())))

    def choose(self, split: str) -> None:
        if split != self._wished:
            self._wished = split
            self.verdicts = None
            self._asked.forget()
            self._want()
            self.arrived.emit()

    def point_at(self, row: int) -> None:
        """Somebody wants to see this row of the data in full."""
        self.pointed.emit(row)

    @property
    def is_part(self) -> bool:
        """Whether not all rows of the split were looked at."""
        return self.verdicts is not None and len(self.verdicts) < self.count

    def target_source(self) -> Any:
        """The operation that brings the rows; None without."""
        if self.decision is None:
            return None
        return self._session.seen.whole.nodes[self.decision.source].op

    def _renew(self, *_: object) -> None:
        """The graph may be another."""
        if not self._lookers:
            return
        before = self.decision
        self.decision = decision(self._session.seen.whole, self._preferred())
        if self.decision is None:
            self.look = self.verdicts = None
            self._read = ()
            self._say("Nothing here tells classes apart yet.", "Wire rows with classes and a loss to the scores.")
            return
        if before is not None and before.ends != self.decision.ends:
            self.verdicts = None
        self._take_in()
        self._want()

    def _preferred(self) -> str:
        """The engine's key of the loss, or of the scores, that was selected last: where there are several, it counts."""
        selected = self._session.selected_node
        if selected:
            self._selected = self._session.seen.prefix + selected
        return self._selected

    def _take_in(self) -> None:
        """Reads the rows anew if they are others."""
        op, training = self.target_source(), self._session.whole.training
        key = (id(op), training.validation, training.test, training.seed, training.stratified)
        if self._read and self._read[0] == key:
            return
        self._read = (key, op)  # the op is kept, so that no other gets its id
        how = (op, *key[1:])
        if size_of(op) <= BIG:
            self._has_read(key, look(*how))
            return
        self.look = self.verdicts = None
        self._say("Reading the rows …")
        self._session.worker.start(
            "Rows", lambda _: look(*how), lambda made: self._has_read(key, made), lambda e: self._say(str(e))
        )

    def _has_read(self, key: tuple[Any, ...], found: Look) -> None:
        if not self._read or self._read[0] != key:
            return
        self.look, self.verdicts = found, None
        if found.fault:
            self._say(found.fault, found.hint)
        elif not found.classes:
            self._say("The rows have numbers to reach, not classes.", "Residuals are what to look at there.")
        else:
            self._say("")
            self._want()

    def _say(self, why: str, hint: str = "") -> None:
        self.why, self.hint = why, hint
        self.arrived.emit()

    # Asking

    def _want(self, *_: object) -> None:
        """Something is new: asks when it is time again."""
        if self._lookers and self.look is not None and self.look.classes and not self._due.isActive():
            free_at = self._began + self._rest
            self._due.start(max(0, round((free_at - time.monotonic()) * 1000)))

    def _ask(self) -> None:
        if not self._lookers or self.decision is None or self.look is None:
            return
        split = self.split
        count = len(self.look.splits.get(split, ()))
        most = AT_ONCE if self._session.status.state == "training" else MOST
        places = None if count <= most else np.unique(np.linspace(0, count - 1, most).astype(np.int64))
        self._waiting_for = (split, count)
        self._places = np.arange(count) if places is None else places
        self._began = time.monotonic()
        self._asked.of_rows(split, self.decision.ends, places)

    def _take(self, event: m.Evaluated) -> None:
        took = time.monotonic() - self._began
        self._rest = min(max(FASTEST, 0.5 * self._rest + 0.5 * SHARE * took), 3.0)
        if self.decision is None or self.look is None or self._waiting_for[0] != self.split:
            return
        if event.message:
            self.verdicts = None
            self._say(event.message, event.hint)
            return
        op: Any = self._session.seen.whole.nodes[self.decision.loss].op
        try:
            self.verdicts = judge(op, *event.values, self.look.classes, event.rows, self._places)
        except GraphlabError as error:
            self.verdicts = None
            self._say(error.message, error.hint)
            return
        self.step, self.count = event.step, self._waiting_for[1]
        self._say("")
