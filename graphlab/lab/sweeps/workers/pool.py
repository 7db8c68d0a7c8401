"""What all kinds of workers share: tasks that wait in a line, and one thread for each seat that takes from it.

A seat is where one fit is done at a time: a process here, or a process of a cluster.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import deque
from concurrent.futures import Future
from typing import Protocol, Self

import msgspec

from ....errors import ExperimentError, GraphlabError
from ..records import Done, Task
from ..versions import own_version
from .jobs import Died, Job, Note, failed

log = logging.getLogger("graphlab.sweeps")

TRIES = 3  # how often a task is begun when workers die of it


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
        job = Job(msgspec.structs.replace(task, version=task.version or own_version()), note)
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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # For those who make seats

    @property
    def is_over(self) -> bool:
        return self._over is not None

    def rest(self, seconds: float) -> None:
        """Waits so long, but no longer than there is something to do here."""
        with self._change:
            self._change.wait_for(lambda: self._over is not None, seconds)

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
            for seat in self._at_work:
                seat.end()
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
        log.info("%s ended over fit %s: %s", seat.name, job.task.key, death.reason)
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
