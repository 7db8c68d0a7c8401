"""Workers of a Dask cluster: one seat for each process there that has the same graphlab.

Dask carries bytes and tells who comes and goes; which task is whose is decided here, one at a time for each worker, so
that none waits behind another and those that join later are checked before they are given anything.
"""

from __future__ import annotations

import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from itertools import count
from typing import Any

import msgspec

from ....errors import ExperimentError
from ..records import Epoch
from .cluster_seat import ClusterSeat
from .jobs import Job
from .local import RUN_FIT
from .pool import Pool
from .reaching import client_of, imported, quiet, reach, read_address

PATIENCE = 60.0  # seconds that a sweep waits for a worker when none is left
ANSWER = 20.0  # seconds that a scheduler may take to say who is there
WARM = 30.0  # seconds that workers that are there may take to say who they are: the first asked has to import
CLOSED = 3.0  # seconds that Dask may take to say goodbye
LOOK = 0.5  # seconds between two looks at who is there; Dask has events, but some that cannot be sent
SCATTERED = 1 << 20  # bytes; what is larger is sent ahead to all workers, once


def dask_workers(address: str, timeout: float = 5.0, threads: int = 1, run_fit: str = RUN_FIT) -> DaskWorkers:
    """The workers of the cluster whose scheduler is at `address`, such as "tcp://host:8786".

    Those that have another graphlab are refused, by name in `notes`; those that join later are taken in.
    timeout: seconds that the scheduler may take to answer, and so many again until a worker is there.
    threads: of BLAS, for a fit. run_fit: "module:name" of the function that does one.

    Raises:
        SettingsError: what is given is no address.
        ExperimentError: Dask is not installed, nobody answers there, or no worker there can be used.
    """
    host, port, address = read_address(address)
    distributed = imported()
    deadline = time.monotonic() + timeout
    reach(host, port, address, deadline)
    workers = DaskWorkers(distributed, address, deadline, threads, run_fit)
    try:
        workers.wait_for_one(timeout)
    except BaseException:
        workers.close()
        raise
    return workers


class DaskWorkers(Pool):
    """See `dask_workers`."""

    def __init__(self, distributed: Any, address: str, deadline: float, threads: int, run_fit: str) -> None:
        super().__init__()
        self.address, self.threads, self.run_fit = address, threads, run_fit
        self.topic = f"graphlab-{secrets.token_hex(8)}"
        self._known: dict[str, ClusterSeat] = {}  # all that were seen and did not leave
        self._numbers = count(1)
        self._listening: dict[int, Job] = {}
        self._scattered: dict[str, Any] = {}
        self._events: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        with ExitStack() as opened:
            opened.enter_context(quiet())
            self.client = client_of(distributed, address, deadline)
            self._opened = opened.pop_all()
        self.client.subscribe_topic(self.topic, self._heard)
        self._watcher = threading.Thread(target=self._watch, name="sweep-cluster", daemon=True)
        self._watcher.start()

    @property
    def count(self) -> int:
        return max(1, sum(seat.is_taken for seat in list(self._known.values())))

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(note for seat in list(self._known.values()) for note in seat.notes)

    def wait_for_one(self, seconds: float) -> None:
        """Until it is known of all that are there whether they can be used; of one, where others are slow to import.

        ExperimentError: none can, or none is there.
        """
        with self._change:
            self._change.wait_for(self._is_settled, seconds)
            if self._known:
                self._change.wait_for(lambda: self._has_any() or self._is_settled(), WARM)
            if self._has_any():
                return
        if not self._known:
            raise ExperimentError(
                f"The scheduler at {self.address} has no workers.",
                hint=f"Start one: dask worker {self.address}",
            )
        silent = [
            f"{address} does not answer." for address, seat in self._known.items() if not seat.is_settled
        ]
        raise ExperimentError(
            f"No worker of the cluster at {self.address} can be used: {' '.join([*self.notes, *silent])}",
            hint="Install this graphlab for them, too." if self.notes else "Look at what they print.",
        )

    def _has_any(self) -> bool:
        return any(seat.is_taken for seat in self._known.values())

    def _is_settled(self) -> bool:
        """Whether it is known of all workers that are there whether they can be used."""
        return bool(self._known) and all(seat.is_settled for seat in self._known.values())

    def close(self) -> None:
        self._shut(ExperimentError("The workers were closed.", hint="Start others."))
        self.cancel_all()
        self._events.put(None)
        if self._watcher is not threading.current_thread():
            self._watcher.join(5.0)
        with suppress(Exception):  # the scheduler may be gone
            self.client.close(timeout=CLOSED)
        super().close()
        self._opened.close()

    # For seats

    def listen(self, job: Job) -> int:
        """A number by which a worker's events tell of the job."""
        number = next(self._numbers)
        self._listening[number] = job
        return number

    def heard_all(self, number: int) -> None:
        """Waits until what came before the result was told."""
        told = threading.Event()
        self._events.put(told.set)
        told.wait(1.0)
        self._listening.pop(number, None)

    def later(self, act: Callable[[], None]) -> None:
        """Has the watcher do it, who may wait for Dask."""
        self._events.put(act)

    def sent(self, content: bytes, digest: str = "", to: str = "") -> Any:
        """What stands for the content among a task's arguments: itself, or where it is large, what Dask knows it by
        once it was sent ahead: to all, and once, if it has a `digest`; else to one worker.
        """
        if len(content) <= SCATTERED:
            return content
        if not digest:
            return self.client.scatter([content], workers=[to], hash=False)[0]
        with self._change:
            known = self._scattered.get(digest)
        if known is None:
            takers = [address for address, seat in list(self._known.items()) if seat.is_taken]
            known = self.client.scatter([content], workers=takers, broadcast=True, hash=False)[0]
            with self._change:
                known = self._scattered.setdefault(digest, known)
        return known

    def check_scheduler(self) -> None:
        """Ends all where the scheduler is lost."""
        if self._over is None and self.client.status != "running":
            self.lose(
                ExperimentError(
                    f"The scheduler at {self.address} is gone.",
                    hint="What was done is kept, and what was under way does not count. Start it again and resume.",
                )
            )

    # In a thread of Dask's

    def _heard(self, event: tuple[float, Any]) -> None:
        message = event[1]
        self._events.put(lambda: self._tell(message["job"], message["epochs"]))

    # In the watcher's thread

    def _watch(self) -> None:
        """Does what events ask for, and looks at who is there now and then."""
        last, alone = -LOOK, time.monotonic()
        while True:
            with suppress(queue.Empty):
                act = self._events.get(timeout=LOOK)
                if act is None:
                    return
                _guarded(act)
            if time.monotonic() - last >= LOOK and self._over is None:
                _guarded(self._look)
                last = time.monotonic()
                alone = last if self._has_any() else alone
                if last - alone > PATIENCE:
                    self._lose_patience()

    def _look(self) -> None:
        self.check_scheduler()
        if self._over is not None:
            return
        # (`scheduler_info` may give what Dask asked by the way meanwhile, which names no workers.)
        there = self.client.sync(self.client.scheduler.identity, n_workers=-1, callback_timeout=ANSWER)[
            "workers"
        ]
        for address in [known for known in self._known if known not in there]:
            self._left(address)
        for address, told in there.items():
            if address not in self._known:
                seat = ClusterSeat(self, address, int(told.get("nthreads", 1)))
                with self._change:
                    self._known[address] = seat
                self.sit(seat)

    def _left(self, address: str) -> None:
        with self._change:
            seat = self._known.pop(address)
            self._scattered.clear()  # it may have been the last to have it
        seat.leaves(self._was_asked_to(address))
        self.look_up()

    def _was_asked_to(self, address: str) -> bool:
        """Whether a worker left since somebody wanted it to, and not because of what it did."""
        with suppress(Exception):
            told = [event for _, event in self.client.get_events(address) if isinstance(event, dict)]
            return any(e.get("action") == "remove-worker" and e.get("expected") for e in told)
        return False

    def _tell(self, number: int, epochs: bytes) -> None:
        job = self._listening.get(number)
        if job is not None:
            for epoch in msgspec.msgpack.decode(epochs, type=list[Epoch]):
                job.tell(epoch)

    def _lose_patience(self) -> None:
        self.lose(
            ExperimentError(
                f"No worker is left at {self.address}.",
                hint="What was done is kept, and what was under way does not count. Start workers and resume.",
            )
        )


def _guarded(act: Callable[[], None]) -> None:
    try:
        act()
    except Exception as error:  # it is looked at again in a second
        logging.getLogger("graphlab.sweeps").info("The cluster did not answer: %r", error)
