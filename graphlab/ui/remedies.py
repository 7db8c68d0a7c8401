"""Fixes for the faults of a session's document: looked for when somebody asks, a little at a time, and remembered."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ..engine import Inference, Problem
from ..engine.fixes import Search
from ..engine.mending import Fix

if TYPE_CHECKING:
    from .session import Session

_SLICE = 0.008  # seconds at a stretch; the search goes on when the event loop is idle again
_REST = 4  # times as long as a step took in a graph so large that one takes longer than that
_PATIENCE = 1.0  # seconds that somebody who opens a menu waits at most


class Remedies(QObject):
    """What would mend the problems of the whole document.

    Problems here are those of `session.seen.whole`, which name nodes by the engine's keys.
    """

    changed = Signal()  # the search for somebody's problem is over

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._known: Inference | None = None
        self._found: dict[Problem, tuple[Fix, ...]] = {}
        self._searches: deque[tuple[Problem, Search]] = deque()
        self._by_node: tuple[object, dict[str, list[Problem]]] = (None, {})
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)

    def problems(self, node: str, socket: str = "") -> list[Problem]:
        """What is wrong at a node of the sheet, or inside it if it is a group; with `socket`, what the wire there may
        have to do with.
        """
        seen = self._session.seen
        if self._by_node[0] is not seen:
            found: dict[str, list[Problem]] = {}
            for problem in seen.whole.problems:
                found.setdefault(seen.here(problem.node_id), []).append(problem)
            self._by_node = seen, found
        itself = seen.prefix + node
        return [
            p
            for p in self._by_node[1].get(node, ())
            if not socket or p.node_id != itself or p.socket in ("", socket)
        ]

    def of(self, problem: Problem) -> tuple[Fix, ...]:
        """What is known to mend a problem; nothing as yet, and `changed` later, where it has to be looked for."""
        self._keep_up()
        if problem not in self._found:
            self._found[problem] = ()
            self._searches.append((problem, Search(self._session.whole, self._session.seen.whole, problem)))
            self._timer.start(0)
        return self._found[problem]

    def at(self, node: str, socket: str = "") -> list[Fix]:
        """The fixes for all that is wrong there, as far as they are known, each once."""
        found = [fix for problem in self.problems(node, socket) for fix in self.of(problem)]
        return list(dict.fromkeys(found))

    def finish(self, node: str, socket: str = "") -> list[Fix]:
        """The same, looked for now: somebody opened a menu of them."""
        wanted, until = self.problems(node, socket), time.perf_counter() + _PATIENCE
        for problem in wanted:
            self.of(problem)
        for problem, search in [pair for pair in self._searches if pair[0] in wanted]:
            while time.perf_counter() < until and search.step():
                pass
            self._settle(problem, search)
        return self.at(node, socket)

    def apply(self, fix: Fix) -> bool:
        """Does it, as one undo entry; False, and a notice, when what it is about is gone."""
        root = self._session.root
        return self._session.attempt(lambda: root.replace(fix.apply(root.document), fix.label))

    def _keep_up(self) -> None:
        """Another document has other faults."""
        if self._known is not self._session.seen.whole:
            self._known = self._session.seen.whole
            self._found.clear()
            self._searches.clear()

    def _look(self) -> None:
        self._keep_up()
        start = time.perf_counter()
        while self._searches and time.perf_counter() < start + _SLICE:
            problem, search = self._searches[0]
            if not search.step():
                self._settle(problem, search)
                self.changed.emit()
        took = time.perf_counter() - start
        if self._searches:
            self._timer.start(round(1000 * _REST * took) if took > 2 * _SLICE else 0)

    def _settle(self, problem: Problem, search: Search) -> None:
        self._found[problem] = search.fixes
        self._searches = deque(pair for pair in self._searches if pair[1] is not search)
