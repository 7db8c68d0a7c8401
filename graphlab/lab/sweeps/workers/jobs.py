"""What all kinds of workers share: tasks that wait, the futures they come to, and one thread for each seat.

A seat is where one fit is done at a time: a process here, or a process of a cluster.
"""

from __future__ import annotations

import hashlib
import logging
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from ....errors import ExperimentError, GraphlabError
from ..records import Done, Epoch, Fit, Key, Task

log = logging.getLogger("graphlab.sweeps")

TRIES = 3  # how often a task is begun when workers die of it

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


class Seat(Protocol):
    """Where one fit at a time is done. Its own thread calls all but `end` and `is_gone`."""

    name: str

    @property
    def is_gone(self) -> bool:
        """Whether it should `begin` again, though nobody asked it anything."""
        ...

    def begin(self) -> bool:
        """Makes sure that somebody sits there, who is warm when the first task comes. False: nobody ever will."""
        ...

    def do(self, job: Job, document: bytes) -> Done:
        """Died: it could not be finished."""
        ...

    def end(self) -> None:
        """Ends what is being done at once: `do` raises Died. From any thread."""
        ...

    def leave(self) -> None:
        """Tidies up; the last call."""
        ...


class Pool:
    """Tasks in a line, and seats that take from it."""

    def __init__(self) -> None:
        self._line: deque[Job] = deque()
        self._change = threading.Condition()  # guards all that follows
        self._documents: dict[str, bytes] = {}
        self._seats: dict[Seat, threading.Thread] = {}
        self._at_work: dict[Seat, Job] = {}
        self._over: GraphlabError | None = None  # why nothing can be submitted any more

    @property
    def count(self) -> int:
        return max(1, len(self._seats))

    @property
    def notes(self) -> tuple[str, ...]:
        return ()

    def share(self, document: bytes) -> str:
        digest = hashlib.sha256(document).hexdigest()
        with self._change:
            self._documents[digest] = bytes(document)
        return digest

    def submit(self, task: Task, note: Note | None = None) -> Future[Done]:
        job = Job(msgspec.structs.replace(task, version=task.version or version()), note)
        with self._change:
            if self._over is not None:
                raise self._over
            if task.document not in self._documents:
                raise ExperimentError(
                    f"The document {task.document[:8]}… of fit {task.key} was not shared.",
                    hint="Call share with its bytes first.",
                )
            self._line.append(job)
            self._change.notify_all()
        return job.future

    def cancel_all(self) -> None:
        with self._change:
            jobs = [*self._line, *self._at_work.values()]
            self._line.clear()
            for job in jobs:
                job.is_dropped = True
            for seat in self._at_work:
                seat.end()
        for job in jobs:
            job.cancel()

    def close(self) -> None:
        self._shut(ExperimentError("The workers were closed.", hint="Start others."))
        self.cancel_all()
        for thread in list(self._seats.values()):
            if thread is not threading.current_thread():
                thread.join()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # For those who make seats

    def sit(self, seat: Seat) -> None:
        """Gives a seat its thread."""
        thread = threading.Thread(target=self._serve, args=(seat,), name=f"sweep-{seat.name}", daemon=True)
        with self._change:
            self._seats[seat] = thread
        thread.start()

    def look_up(self) -> None:
        """Something about a seat has changed: it is gone, or others are there."""
        with self._change:
            self._change.notify_all()

    def lose(self, error: GraphlabError) -> None:
        """Nothing can be done any more: every future raises the error, and so does `submit`."""
        self._shut(error)
        with self._change:
            jobs = [*self._line, *self._at_work.values()]
            self._line.clear()
        for job in jobs:
            job.fail(error)

    def _shut(self, error: GraphlabError) -> None:
        with self._change:
            self._over = self._over or error
            self._change.notify_all()

    # In the thread of a seat

    def _serve(self, seat: Seat) -> None:
        try:
            while (job := self._next(seat)) is not None:
                self._do(seat, job)
        finally:
            seat.leave()
            with self._change:
                self._seats.pop(seat, None)

    def _next(self, seat: Seat) -> Job | None:
        """The job that the seat does now; None when it is over."""
        while self._over is None and seat.begin():
            with self._change:
                self._change.wait_for(lambda: self._over is not None or seat.is_gone or self._line)
                if self._over is None and not seat.is_gone:
                    self._at_work[seat] = job = self._line.popleft()
                    return job
        return None

    def _do(self, seat: Seat, job: Job) -> None:
        job.tries += 1
        try:
            done = seat.do(job, self._documents[job.task.document])
        except Died as death:
            self._again(seat, job, death)
        except Exception as error:
            log.exception("A worker met an unexpected fault")
            self._settle(seat, job, failed(job.task, f"The worker met an unexpected fault: {error!r}."))
        else:
            self._settle(seat, job, done)

    def _settle(self, seat: Seat, job: Job, done: Done) -> None:
        with self._change:
            self._at_work.pop(seat, None)
        job.settle(done, seat.name)

    def _again(self, seat: Seat, job: Job, death: Died) -> None:
        """Puts a task that a worker died over at the head of the line, unless that has been tried enough."""
        job.tries -= not death.counts
        if job.tries >= TRIES:
            words = f"The worker died each of {job.tries} times: {death.reason}."
            self._settle(seat, job, failed(job.task, words, death.log))
            return
        with self._change:
            self._at_work.pop(seat, None)
            if self._over is None and not job.is_dropped:
                self._line.appendleft(job)
                self._change.notify_all()


def failed(task: Task, error: str, log: str = "") -> Done:
    """What comes of a fit that could not be done."""
    fit = Fit(task.key, "failed", task.seed, task.metric or "loss", error=error)
    return Done(fit, log=log)


def version() -> str:
    """Of the graphlab that runs here."""
    return str(sys.modules[__name__.partition(".")[0]].__version__)
