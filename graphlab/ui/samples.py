"""What the network says of the rows of a split, kept up to date beside the run for the panels that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ..data.looking import Look, look, size_of
from ..engine import messages as m
from ..engine.residuals import Residuals, residuals
from ..engine.verdicts import Decision, Verdicts, decision, judge
from ..errors import GraphlabError
from ..lab.sweeps.seal import TEST
from .asker import Asker
from .evaluating import Evaluation
from .shown_sample import shown_sample_of

if TYPE_CHECKING:
    from .session import Session

AT_ONCE = 512  # rows that are looked at while it trains, at most
MOST = 20_000  # rows that are looked at otherwise
LEAST = 128  # rows that are looked at while it trains, however long they take
AIM = 0.01  # seconds that a question should take while it trains
CLASSES, NUMBERS = "classes", "numbers"
OTHERWISE = {
    CLASSES: "The rows have numbers to reach, not classes. The panel Residuals shows how near they are reached.",
    NUMBERS: "The rows have classes, not numbers to reach. Confusion and Calibration show how they are told.",
}
NOT_YET = {
    CLASSES: "Nothing here tells classes apart yet. Wire rows with classes and a loss to the scores.",
    NUMBERS: "Nothing here is compared with numbers yet. Wire rows with numbers to reach, and a loss, to what is said.",
}
BIG = 2_000_000  # numbers that are not read on the main thread


def samples_of(session: Session) -> Samples:
    """Those of a session: one for all panels, so that they show the same rows and ask once."""
    found = session.findChild(Samples)
    return found if isinstance(found, Samples) else Samples(session)


class Samples(QObject):
    """Asks while somebody looks: see `join`.

    `verdicts` (of rows with classes) or `residuals` (of rows with numbers to reach) is None until an answer has come;
    `why` says what is missing.

    look: the rows themselves. split: the part that is looked at. count: how many rows that has. step: when it was.
    """

    arrived = Signal()
    pointed = Signal(object)  # the row of the data that somebody wants to see in full

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self._lookers: dict[QWidget, str] = {}
        self._readers: set[QWidget] = set()
        self._asked = Asker(session, self._ask, self)
        self._asked.arrived.connect(self._take)
        self._at_once = AT_ONCE
        self.shown = shown_sample_of(session)
        self._read: tuple[Any, ...] = ()
        self._wished = self._selected = ""
        self.decision: Decision | None = None
        self.look: Look | None = None
        self.verdicts: Verdicts | None = None
        self.residuals: Residuals | None = None
        self.step, self.count = 0, 0
        self.why, self.hint = "", ""
        session.inference_changed.connect(self._renew)
        session.opened.connect(self._renew)
        session.selection_changed.connect(self._renew)
        session.compiled.connect(self._renew)
        for news in (session.scalars_arrived, session.values_changed, session.status_changed):
            news.connect(self._want)

    # Who looks

    def join(self, looker: QWidget, of: str = CLASSES) -> None:
        """From now on `looker` wants to be told, of rows with `CLASSES` or with `NUMBERS`; until it leaves."""
        self._lookers[looker] = of
        self._renew()

    def read_for(self, looker: QWidget) -> None:
        """From now on `looker` wants to know the rows and where they are told apart, but no verdicts."""
        self._readers.add(looker)
        self._renew()

    def leave(self, looker: QWidget) -> None:
        self._lookers.pop(looker, None)
        self._readers.discard(looker)
        if not self._lookers:
            self._asked.forget()

    # What is looked at

    @property
    def split(self) -> str:
        """The part looked at: the one chosen while it has rows, else validation, else train."""
        there = self.splits()
        is_sealed = self._wished == TEST and not self.session.sealing.is_open
        return self._wished if self._wished in there and not is_sealed else next(iter(there), "train")

    def splits(self) -> dict[str, int]:
        """How many rows each part has that has some; those held out for validation first, test rows last."""
        parts = self.look.splits if self.look is not None else {}
        return {name: n for name in ("validation", "train", TEST) if (n := len(parts.get(name, ())))}

    def choose(self, split: str) -> None:
        if split != self._wished:
            self._wished = split
            self.verdicts = self.residuals = None
            self._asked.forget()
            self._want(now=True)
            self.arrived.emit()

    def point_at(self, row: int | None) -> None:
        """Somebody wants to see this row of the data in full; the canvas shows it too, unless that trains.

        With None, nobody wants to see one any more.
        """
        if row is not None:
            self.pointed.emit(row)
            if self.session.status.state != "training":
                self.show_on_canvas(row)
        else:
            self.shown.leave()

    def show_on_canvas(self, row: int) -> None:
        """Has the canvas show a row that is told of in place of the batch; training pauses."""
        found = self.verdicts if self.verdicts is not None else self.residuals
        if found is None:
            return
        there = np.flatnonzero(found.rows == row)
        if len(there):
            self.shown.of_row(self.split, int(found.places[there[0]]), row)

    @property
    def is_part(self) -> bool:
        """Whether not all rows of the split were looked at."""
        found = self.verdicts if self.verdicts is not None else self.residuals
        return found is not None and len(found) < self.count

    @property
    def kind(self) -> str:
        """What is told of the rows: `CLASSES`, or `NUMBERS` to reach; "" without rows."""
        return "" if self.look is None else CLASSES if self.look.classes else NUMBERS

    def missing_for(self, kind: str) -> str:
        """Why there is nothing to show for who looks at rows of that kind."""
        if self.decision is None:
            return NOT_YET[kind]
        if self.why:
            return f"{self.why} {self.hint}".strip()
        return OTHERWISE[kind] if self.kind not in ("", kind) else "Asking the network …"

    def target_source(self) -> Any:
        """The operation that brings the rows; None without."""
        if self.decision is None:
            return None
        return self.session.seen.whole.nodes[self.decision.source].op

    def _renew(self, *_: object) -> None:
        """The graph may be another."""
        if not self._lookers and not self._readers:
            return
        before = self.decision
        self.decision = decision(self.session.seen.whole, self._preferred())
        if self.decision is None:
            self.look = self.verdicts = self.residuals = None
            self._read = ()
            self._say("")
            return
        if before is not None and before != self.decision:
            self.verdicts = self.residuals = None
            self._asked.forget()
        self._take_in()
        self._want()

    def _preferred(self) -> str:
        """The engine's key of the node selected last: of several decisions it tells which is meant."""
        selected = self.session.selected_node
        if selected:
            self._selected = self.session.seen.prefix + selected
        return self._selected

    def _take_in(self) -> None:
        """Reads the rows anew if they are others."""
        op, training = self.target_source(), self.session.whole.training
        key = (id(op), training.validation, training.test, training.seed, training.stratified)
        if self._read and self._read[0] == key:
            return
        self._read = (key, op)  # the op is kept, so that no other gets its id
        how = (op, *key[1:])
        if size_of(op) <= BIG:
            self._has_read(key, look(*how))
            return
        self.look = self.verdicts = self.residuals = None
        self._say("Reading the rows …")
        self.session.worker.start(
            "Rows", lambda _: look(*how), lambda made: self._has_read(key, made), lambda e: self._say(str(e))
        )

    def _has_read(self, key: tuple[Any, ...], found: Look) -> None:
        if not self._read or self._read[0] != key:
            return
        self.look, self.verdicts, self.residuals = found, None, None
        if found.fault:
            self._say(found.fault, found.hint)
        else:
            self._say("")
            self._want()

    def _say(self, why: str, hint: str = "") -> None:
        self.why, self.hint = why, hint
        self.arrived.emit()

    # Asking

    def _want(self, *_: object, now: bool = False) -> None:
        """Something is new: asks when it is time."""
        if self.look is not None and not self.look.fault and self.kind in self._lookers.values():
            self._asked.want(now)

    def _ask(self, asked: Evaluation) -> object:
        if not self._lookers or self.decision is None or self.look is None:
            return None
        split = self.split
        count = len(self.look.splits.get(split, ()))
        most = self._at_once if self.session.status.state == "training" else MOST
        places = None if count <= most else np.unique(np.linspace(0, count - 1, most).astype(np.int64))
        asked.of_rows(split, self.decision.ends, None if places is None else places.tolist())
        return split, count, np.arange(count) if places is None else places

    def _take(self, about: Any, event: m.Evaluated) -> None:
        split, count, places = about
        if self.decision is None or self.look is None or split != self.split:
            return
        if event.message:
            self.verdicts = self.residuals = None
            self._say(event.message, event.hint)
            return
        self._at_once = rows_for(event.seconds, len(places), self._at_once)
        op: Any = self.session.seen.whole.nodes[self.decision.loss].op
        scores, target = event.values
        try:
            if self.kind == CLASSES:
                self.verdicts = judge(op, scores, target, self.look.classes, event.rows, places)
            else:
                self.residuals = residuals(scores, target, event.rows, places)
        except GraphlabError as error:
            self.verdicts = self.residuals = None
            self._say(error.message, error.hint)
            return
        self.step, self.count = event.step, count
        self._say("")


def rows_for(seconds: float, rows: int, before: int) -> int:
    """How many rows are to be asked for at once when so many took so long; `before` as long as that fits about.

    Always one of few sizes: of another size other rows are drawn, and what is told of them jumps.
    """
    if not rows:
        return before
    fitting = AIM / max(seconds / rows, 1e-9)
    if before / 2 <= fitting and (before == AT_ONCE or fitting < 4 * before):
        return before
    return int(min(max(2.0 ** np.floor(np.log2(fitting)), LEAST), AT_ONCE))
