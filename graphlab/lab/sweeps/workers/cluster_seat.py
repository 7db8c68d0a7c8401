"""One worker of a Dask cluster: whether it can be used, and how it is given a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ..records import Done
from ..versions import own_version
from . import on_cluster
from .jobs import Died, Job

if TYPE_CHECKING:
    from .cluster import DaskWorkers

CHECKED_AGAIN = 1.0  # seconds after which a worker that did not answer is asked again


class ClusterSeat:
    """A worker, by its address. is_taken: it has the same graphlab, and is given fits. notes: what to know of it."""

    def __init__(self, pool: DaskWorkers, address: str, threads: int) -> None:
        self.name = address
        self.is_taken = self.is_settled = False
        self.notes: list[str] = []
        self._pool, self._threads = pool, threads
        self._left = ""  # how it left
        self._expected = False
        self._future: Any = None

    @property
    def is_gone(self) -> bool:
        return bool(self._left)

    def begin(self) -> bool:
        while not (self._left or self.is_settled or self._pool.is_over):
            self._check()
        return self.is_taken and not self._left

    def do(self, job: Job, document: bytes) -> Done:
        number = self._pool.listen(job)
        try:
            done = msgspec.msgpack.decode(self._result(job, document, number), type=Done)
        finally:
            self._future = None
            self._pool.heard_all(number)
        if done.refused:
            self._refuse(f"{self.name} has graphlab {done.refused}, and this is {own_version()}.")
            raise Died("it has another graphlab", counts=False)
        return done

    def end(self) -> None:
        future = self._future
        if future is not None:
            self._pool.later(future.cancel)

    def leave(self) -> None:
        self.is_taken = False

    def leaves(self, expected: bool) -> None:
        """The cluster tells that it is gone."""
        self._expected, self._left = expected, "it left the cluster"
        self.is_taken = False
        future = self._future
        if future is not None:
            future.cancel()

    def _result(self, job: Job, document: bytes, number: int) -> bytes:
        """Died, whatever went wrong: what a fit gets wrong stands in its result."""
        pool, task = self._pool, job.task
        try:
            self._future = future = pool.client.submit(
                on_cluster.do_fit,
                pool.run_fit,
                pool.sent(msgspec.msgpack.encode(task), to=self.name),
                pool.sent(document, task.document),
                pool.threads,
                pool.topic,
                number,
                key=f"{pool.topic}-{number}",
                workers=[self.name],
                allow_other_workers=False,
                pure=False,
            )
            if job.is_dropped or self._left:
                future.cancel()
            result: bytes = future.result()
            return result
        except Exception as error:
            pool.check_scheduler()
            if job.is_dropped or pool.is_over:
                raise Died("it was ended", counts=False) from error
            if self._left:
                raise Died(self._left, counts=not self._expected) from error
            raise Died(f"{self.name}: {error!r}") from error

    # Whether it can be used

    def _check(self) -> None:
        """Asks it who it is; a worker that does not answer is asked again."""
        try:
            found = self._pool.client.run(
                on_cluster.about, self._pool.run_fit, workers=[self.name], on_error="return"
            )
            answer = found.get(self.name)
        except Exception as error:
            answer = error
        if isinstance(answer, dict):
            self._judge(answer)
        elif isinstance(answer, (ImportError, AttributeError)):
            self._refuse(f"{self.name} has no graphlab that does fits ({answer}).")
        else:
            self._pool.rest(CHECKED_AGAIN)

    def _judge(self, found: dict[str, Any]) -> None:
        ours = on_cluster.about(self._pool.run_fit)
        if found["graphlab"] != ours["graphlab"]:
            self._refuse(f"{self.name} has graphlab {found['graphlab']}, and this is {ours['graphlab']}.")
            return
        others = [f"{name} {found[name]}" for name in ours if found.get(name) != ours[name]]
        if others:
            self.notes.append(
                f"{self.name} has {', '.join(others)}: its numbers may differ from others' in the last bits."
            )
        if self._threads > 1:
            self.notes.append(
                f"{self.name} has {self._threads} threads and does one fit at a time: "
                "start more workers with one thread each (dask worker --nworkers)."
            )
        self.is_taken = self.is_settled = True
        self._pool.look_up()

    def _refuse(self, reason: str) -> None:
        self.notes.append(reason)
        self.is_taken, self.is_settled = False, True
        self._pool.look_up()
