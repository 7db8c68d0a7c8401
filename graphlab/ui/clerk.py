"""A thread that writes and reads files, in the order in which it is told to: the window never waits for a disk."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from ..errors import GraphlabError

log = logging.getLogger("graphlab.ui")

PATIENCE = 5.0  # seconds that are waited for it at the end

Job = Callable[[], Any]
Done = Callable[[Any], object]
Failed = Callable[[GraphlabError], object]


class Clerk(QObject):
    """Does one job after the other. Its thread begins with the first, and ends with `close`."""

    _finished = Signal(object)  # what is to be called in the main thread

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs: queue.SimpleQueue[tuple[Job, Done | None, Failed | None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._finished.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    @property
    def waiting(self) -> int:
        """How many jobs have not been begun."""
        return self._jobs.qsize()

    def do(self, job: Job, done: Done | None = None, failed: Failed | None = None) -> None:
        """Runs `job()`; in the main thread `done` gets what it returns, or `failed` what it raises."""
        if self._closed:
            return
        self._jobs.put((job, done, failed))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="files", daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Lets it finish what it was told to."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join(PATIENCE)
            self._thread = None

    def close(self) -> None:
        """The same at the end. Nothing is told any more."""
        self._closed = True
        self.wait()

    def _work(self) -> None:
        while (found := self._jobs.get()) is not None:
            job, done, failed = found
            try:
                result = job()
            except GraphlabError as error:
                log.warning("%s", error)
                self._report(failed, error)
            except Exception:  # a bug; the next job may do well
                log.exception("A file could not be dealt with")
            else:
                self._report(done, result)

    def _report(self, tell: Callable[[Any], object] | None, what: Any) -> None:
        if tell is not None and not self._closed:
            try:
                self._finished.emit((tell, what))
            except RuntimeError:  # the window is gone
                return

    def _tell(self, pair: tuple[Callable[[Any], object], Any]) -> None:
        if not self._closed:
            tell, what = pair
            tell(what)
