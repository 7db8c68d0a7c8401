"""What is asked of workers, and a task on its way to a result."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from ....errors import GraphlabError
from ..records import Done, Epoch, Fit, Key, Task

log = logging.getLogger("graphlab.sweeps")

Note = Callable[[Key, Epoch], None]


class Workers(Protocol):
    """Whoever does the fits of a sweep. All methods may be called from any thread."""

    @property
    def count(self) -> int:
        """Fits that are done at the same time."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of them, such as who was refused and why."""
        ...

    def share(self, document: bytes) -> str:
        """Makes a document known; the SHA-256 (hex) by which tasks name it. Each worker gets it once."""
        ...

    def submit(self, task: Task, note: Note | None = None) -> Future[Done]:
        """A fit to be done, in the order in which they were submitted.

        The future comes to a Done whatever happens to a worker: a worker that dies is replaced and the task begun
        again, and the third time the fit is failed and says why. It is cancelled by `cancel_all` and `close` alone;
        where all workers are lost together (a cluster's scheduler is gone), it raises ExperimentError, and the fit
        counts as not begun.

        note: told of every epoch, in a thread of the workers, which it should not keep; of a task that was begun
            again, the first epochs are told again.

        Raises:
            ExperimentError: the document was not shared, or the workers are closed or lost.
        """
        ...

    def cancel_all(self) -> None:
        """Ends what is being done and forgets what waits; all futures are cancelled. More may be submitted."""
        ...

    def close(self) -> None:
        """The same for good: no process, thread or pipe is left behind."""
        ...


class Died(Exception):
    """A worker died over a task. log: what it had printed. counts: whether the task may be the reason."""

    def __init__(self, reason: str, log: str = "", counts: bool = True) -> None:
        super().__init__(reason)
        self.reason, self.log, self.counts = reason, log, counts


@dataclass(eq=False)
class Job:
    """A task on its way. tries: how often it was begun. is_dropped: nobody wants it any more."""

    task: Task
    note: Note | None = None
    future: Future[Done] = field(default_factory=Future)
    tries: int = 0
    is_dropped: bool = False
    _is_open: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, epoch: Epoch) -> None:
        if self.note is not None and not self.is_dropped:
            try:
                self.note(self.task.key, epoch)
            except Exception:  # whoever listens must not end the worker
                log.exception("An epoch could not be told")

    def settle(self, done: Done, worker: str) -> None:
        if self._is_first():
            fit = msgspec.structs.replace(done.fit, worker=worker, tries=self.tries)
            self.future.set_result(msgspec.structs.replace(done, fit=fit))

    def fail(self, error: GraphlabError) -> None:
        if self._is_first():
            self.future.set_exception(error)

    def cancel(self) -> None:
        if self._is_open.acquire(blocking=False):
            self.future.cancel()
            self.future.set_running_or_notify_cancel()  # tells those who wait for several

    def _is_first(self) -> bool:
        """Whether this is how it ends: of several threads that come to it, one is told so."""
        return self._is_open.acquire(blocking=False) and self.future.set_running_or_notify_cancel()


def failed(task: Task, error: str, log: str = "") -> Done:
    """What comes of a fit that could not be done."""
    fit = Fit(task.key, "failed", task.seed, task.metric or "loss", error=error)
    return Done(fit, log=log)
