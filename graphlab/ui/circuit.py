"""What the stages of the training loop hold at present: asked of the engine while somebody looks, and seldom enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ..engine import messages as m
from ..engine.circuit import ends_of, next_stage, stage_at

if TYPE_CHECKING:
    from .session import Session

REST = 66  # milliseconds between two questions, at least
SHARE = 100  # of the engine's time, one part in so many goes into the answers
PATIENCE = 2000  # milliseconds after which an answer is thought to be lost


class Circuit(QObject):
    """Which stage the run of a session is in, and the newest answer to what each holds (`told`, None before one)."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.told: m.Circling | None = None
        self._request, self._is_wanted, self._waits = 0, False, False
        self._ends: tuple[object, dict[str, int]] = (None, {})
        self._rest = self._timer(self._go)
        self._lost = self._timer(self._give_up)
        session.engine.answered.connect(self._take)
        session.opened.connect(self._forget)

    def _timer(self, work: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(work)
        return timer

    # Where the run is

    @property
    def ends(self) -> dict[str, int]:
        """Where in the schedule each stage is over, by its name."""
        schedule = self._session.schedule
        if self._ends[0] is not schedule:
            asked = self._session.loaded.asked if self._session.loaded else None
            goal = asked.node if asked is not None else self._session.seen.whole.goal
            self._ends = (schedule, ends_of(schedule, goal))
        return self._ends[1]

    @property
    def stage(self) -> str:
        """The stage of the entry that was computed last; "" before anything was fed."""
        status = self._session.status
        if not self._session.schedule or (not status.cursor and not self.is_fed):
            return ""
        return stage_at(self.ends, status.cursor)

    @property
    def following(self) -> str:
        """The stage that one step by stages comes to the end of."""
        return next_stage(self.ends, self._session.status.cursor, self.is_fed)

    @property
    def is_fed(self) -> bool:
        return self.told is not None and self.told.is_fed

    def state(self, stage: str) -> str:
        """ "now", "done" in this step, "later", or "none" where the graph has no such stage."""
        if stage not in self.ends:
            return "none"
        if stage == self.stage:
            return "now"
        ends = list(self.ends)
        is_before = bool(self.stage) and ends.index(stage) < ends.index(self.stage)
        return "done" if is_before else "later"

    def progress(self, stage: str) -> tuple[int, int]:
        """How many entries of a stage are done, of how many."""
        ends, cursor = self.ends, self._session.status.cursor
        names = list(ends)
        start = ends[names[names.index(stage) - 1]] if names.index(stage) else 0
        return min(max(cursor - start, 0), ends[stage] - start), ends[stage] - start

    # What it holds

    def ask(self) -> None:
        """Something may be new."""
        self._is_wanted = True
        if not self._rest.isActive() and not self._waits:
            self._rest.start(0)

    def _go(self) -> None:
        if not self._is_wanted or self._waits:
            return
        self._is_wanted, self._waits = False, True
        self._request += 1
        self._lost.start(PATIENCE)
        self._session.engine.send(m.Circuit(self._request))

    def _take(self, event: object) -> None:
        if not isinstance(event, m.Circling) or event.request != self._request:
            return
        self._waits = False
        self._lost.stop()
        self._rest.start(max(REST, round(1000 * SHARE * event.seconds)))
        self.told = event
        self.changed.emit()

    def _give_up(self) -> None:
        self._waits = False
        self._go()

    def _forget(self) -> None:
        self.told = None
        self._request += 1  # an answer on its way is of another document
        self._waits = False
        self.changed.emit()
