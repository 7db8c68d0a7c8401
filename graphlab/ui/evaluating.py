"""What a picture asks of the engine beside the run: values of a grid, of held-out rows, of a digit just drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from ..engine import messages as m

if TYPE_CHECKING:
    from .session import Session

PATIENCE = 1.0  # seconds after which an answer is thought to be lost, with an engine or with an edit
_numbers = count(1)


class Evaluation(QObject):
    """One picture's questions: at most one is on its way, and of those that come meanwhile the last is asked.

    `arrived` brings messages.Evaluated, also where it says only why there is nothing. An answer about a graph that has
    been edited since never comes; the owner asks anew when the graph changes.
    """

    arrived = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent or session)
        self._session = session
        self._next: m.Evaluate | None = None
        self._request = 0
        self._waiting = QTimer(self)  # runs while an answer is on its way
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(round(1000 * PATIENCE))
        self._waiting.timeout.connect(self._go_on)
        session.engine.evaluated.connect(self._take)

    def of_arrays(self, given: Mapping[tuple[str, str], Any], ends: Sequence[tuple[str, str]]) -> None:
        """Asks for the values of `ends` when sources give these arrays; both by the engine's (key, output)."""
        arrays = {f"{key}.{output}": array for (key, output), array in given.items()}
        self._ask(m.Evaluate(next(_numbers), tuple(ends), arrays))

    def of_rows(self, split: str, ends: Sequence[tuple[str, str]], rows: Sequence[int] | None = None) -> None:
        """Asks for the values of `ends` for rows of the data: all of a split, or those at these positions of it."""
        places = None if rows is None else tuple(int(row) for row in rows)
        self._ask(m.Evaluate(next(_numbers), tuple(ends), {}, split, places))

    def forget(self) -> None:
        """Whatever is on its way is of no interest any more."""
        self._request, self._next = 0, None
        self._waiting.stop()

    def _ask(self, question: m.Evaluate) -> None:
        if self._waiting.isActive():
            self._next = question
            return
        self._request = question.request
        self._waiting.start()
        self._session.engine.send(question)

    def _take(self, event: m.Evaluated) -> None:
        if event.request == self._request:
            self._waiting.stop()
            self._request = 0
            self.arrived.emit(event)
            self._go_on()

    def _go_on(self) -> None:
        if self._next is not None:
            question, self._next = self._next, None
            self._ask(question)
