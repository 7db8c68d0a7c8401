"""What is not well with a session's network, kept up to date for whoever shows it: canvas, inspector and panel."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ..engine import messages as m
from ..engine.health import Complaint, of_batch, of_graph
from ..engine.inference import Inference
from ..engine.mending import Fix

if TYPE_CHECKING:
    from .session import Session

_AFTER = 120  # milliseconds after an edit, so that a hand that goes on editing is not held up
_REST = 5  # times as long as looking took, in a graph so large that this is more
_LARGE = 2_000_000  # learnable numbers; measuring more is left until somebody asks for it


class Health(QObject):
    """Complaints about the whole document as it is, the worst first; `changed` when they are others.

    What the graph itself shows is looked at a moment after each edit; what a batch shows whenever the run has paused
    with gradients at hand, because then looking costs no computing.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._in_graph: tuple[Inference, list[Complaint]] | None = None
        self._in_batch: tuple[object, list[Complaint]] | None = None
        self._told: list[Complaint] = []
        self._at: tuple[object, dict[str, list[Complaint]]] = (None, {})
        self._looked_at = (-1, -1)  # step and place in it
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_AFTER)
        self._soon.timeout.connect(self._look)
        session.whole_changed.connect(lambda *_: self._soon.start())
        session.inference_changed.connect(lambda *_: self._soon.start())
        session.compiled.connect(self._forget)
        session.status_changed.connect(self._paused)
        session.examined.connect(self._examined)
        self._soon.start()

    def complaints(self) -> list[Complaint]:
        """What is not well: in the graph, and in the batch that was looked at last."""
        session = self._session
        document, inference, vitals = session.whole, session.seen.whole, session.vitals
        if self._in_graph is None or self._in_graph[0] is not inference:
            self._in_graph = inference, of_graph(document, inference)
        key = (inference, vitals, document.training)
        if self._in_batch is None or self._in_batch[0] != key:
            self._in_batch = key, of_batch(document, inference, vitals)
        return [*self._in_graph[1], *self._in_batch[1]]

    def ailing(self) -> dict[str, list[Complaint]]:
        """The complaints by the node of the sheet that each is about, or that it is in; as they were last looked at."""
        seen = self._session.seen
        if self._at[0] is not seen:
            found: dict[str, list[Complaint]] = {}
            for complaint in self._told:
                found.setdefault(seen.here(complaint.node), []).append(complaint)
            found.pop("", None)
            self._at = seen, found
        return self._at[1]

    def at(self, node: str) -> list[Complaint]:
        """What is not well at a node of the sheet, or inside it if it is a group."""
        return self.ailing().get(node, [])

    def fixes(self, node: str) -> list[Fix]:
        """What would help there, each once."""
        return list(dict.fromkeys(fix for complaint in self.at(node) for fix in complaint.fixes))

    def _look(self) -> None:
        began = time.perf_counter()
        found = self.complaints()
        self._soon.setInterval(max(_AFTER, round(1000 * _REST * (time.perf_counter() - began))))
        if found != self._told or self._at[0] is not self._session.seen:
            self._told, self._at = found, (None, {})
            self.changed.emit()

    def _paused(self, *_: object) -> None:
        session = self._session
        status, schedule = session.status, session.schedule
        updates = bool(schedule) and schedule[-1].phase == "update"
        place = (status.step, status.cursor)
        is_done = bool(schedule) and status.cursor >= len(schedule) - updates
        is_small = session.seen.whole.total_parameters <= _LARGE
        is_done = (
            is_done and session.asking.asked is None
        )  # gradients of something else say nothing of the net
        if is_done and is_small and not session.is_running and place != self._looked_at:
            self._looked_at = place
            session.engine.send(m.Examine(by_the_way=True))

    def _examined(self, *_: object) -> None:
        self._looked_at = (self._session.status.step, self._session.status.cursor)
        self._look()

    def _forget(self, *_: object) -> None:
        """What was looked at was another graph."""
        self._looked_at = (-1, -1)
        self._soon.start()
