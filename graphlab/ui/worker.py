"""Slow reading off the main thread: one job at a time, with how far it is, and a way to stop it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from ..errors import GraphlabError

log = logging.getLogger("graphlab.ui")

Progress = Callable[[float], None]
Job = Callable[[Progress], Any]

SOON = 300  # milliseconds until it says that it is at work
OFTEN = 150  # milliseconds between two looks at how far it is
PATIENCE = 5.0  # seconds that a stopped job gets to notice


class Stopped(Exception):
    """The person gave it up."""


class Worker(QObject):
    """Runs jobs in a thread, the next when the one before is done.

    working: ("Reading iris.csv", share that is done) while one takes long; ("", 1.0) when it is over.
    """

    working = Signal(str, float)
    _finished = Signal(object, object)  # what came of it, or the error

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._queue: list[tuple[str, Job, Callable[[Any], object], Callable[[GraphlabError], object]]] = []
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._share = 0.0
        self._look = QTimer(self)
        self._look.timeout.connect(self._tell)
        self._finished.connect(self._end, Qt.ConnectionType.QueuedConnection)

    @property
    def is_busy(self) -> bool:
        return bool(self._queue)

    def start(
        self,
        title: str,
        job: Job,
        done: Callable[[Any], object],
        failed: Callable[[GraphlabError], object],
        doing: str = "Reading",
    ) -> None:
        """Runs `job(progress)`; in the main thread `done` gets what it returns, or `failed` what it raises."""
        self._queue.append((f"{doing} {title}", job, done, failed))
        if len(self._queue) == 1:
            self._begin()

    def stop(self) -> None:
        """Gives up the job at work, and those that wait."""
        del self._queue[1:]
        self._stop.set()

    def close(self) -> None:
        """Gives up everything and waits for the thread. Nothing is told any more."""
        self.stop()
        self._queue.clear()
        self._look.stop()
        if self._thread is not None:
            self._thread.join(PATIENCE)

    def _begin(self) -> None:
        self._stop.clear()
        self._share = 0.0
        self._thread = threading.Thread(
            target=self._run, args=(self._queue[0][1],), name="reading", daemon=True
        )
        self._thread.start()
        self._look.start(SOON)

    def _run(self, job: Job) -> None:
        try:
            result, error = job(self._progress), None
        except Exception as fault:  # told in the main thread, as that of whoever asked
            result, error = None, fault
        try:
            self._finished.emit(result, error)
        except RuntimeError:  # the window is gone
            return

    def _progress(self, share: float) -> None:
        if self._stop.is_set():
            raise Stopped
        self._share = share

    def _tell(self) -> None:
        self._look.setInterval(OFTEN)
        if self._queue and not self._stop.is_set():
            self.working.emit(self._queue[0][0], self._share)

    def _end(self, result: Any, error: Exception | None) -> None:
        if not self._queue:
            return
        self._look.stop()
        title, _, done, failed = self._queue.pop(0)
        self.working.emit("", 1.0)
        try:
            if isinstance(error, GraphlabError):
                failed(error)
            elif isinstance(error, MemoryError):
                failed(
                    GraphlabError(f"There is no room in memory for that ({title}).", hint="Take less of it.")
                )
            elif error is not None and not isinstance(error, Stopped):
                raise error
            elif error is None and not self._stop.is_set():
                done(result)
        finally:
            if self._queue:
                self._begin()
