"""What runs in the processes of a cluster. Dask finds these functions by name; bytes, text and numbers travel."""

from __future__ import annotations

import platform
import threading
import time
from contextlib import suppress
from typing import Any

import msgspec
import numpy as np
import threadpoolctl

from ....engine import threads
from ..records import Epoch, Task
from ..versions import own_version
from .child import named, perform

TOLD = 0.2  # seconds between two events that tell of epochs
_one_at_a_time = threading.Lock()  # BLAS's threads and the rows of tables are the process's


def about(run_fit: str) -> dict[str, Any]:
    """What of a worker decides on the bits that it comes to. It has all imported, then."""
    with suppress(
        ImportError, AttributeError
    ):  # another graphlab may not have it, and is told by its version
        named(run_fit)
    blas = [library.get("architecture") or "" for library in threadpoolctl.threadpool_info()]
    return {
        "graphlab": own_version(),
        "Python": _minor(platform.python_version()),
        "NumPy": _minor(np.__version__),
        "BLAS": " ".join(sorted({name for name in blas if name})),
        "processor": platform.machine(),
    }


def do_fit(run_fit: str, task: bytes, document: bytes, count: int, topic: str, number: int) -> bytes:
    """A fit; one at a time in a process.

    run_fit: "module:name". task, and what is given back: records as MessagePack. count: of BLAS's threads. topic: of
        the events that epochs are told by, as those of job `number`.
    """
    teller = _Teller(topic, number)
    with _one_at_a_time, threads.threads(count), threads.limited():
        done = perform(named(run_fit), msgspec.msgpack.decode(task, type=Task), document, teller.note)
    teller.send()
    return msgspec.msgpack.encode(done)


class _Teller:
    """Tells epochs by events of Dask, several in one: each costs the scheduler as much as a task."""

    def __init__(self, topic: str, number: int) -> None:
        from distributed import get_worker

        self._topic, self._number = topic, number
        self._worker = get_worker()
        self._key = self._worker.get_current_task()
        self._epochs: list[Epoch] = []
        self._sent = time.monotonic()

    def note(self, epoch: Epoch) -> bool:
        """Whether somebody still wants the task: Dask does not end what has begun."""
        self._epochs.append(epoch)
        if time.monotonic() - self._sent >= TOLD:
            self.send()
        task = self._worker.state.tasks.get(self._key)
        return task is not None and task.state == "executing"

    def send(self) -> None:
        if self._epochs:
            told = msgspec.msgpack.encode(self._epochs)
            self._worker.log_event(self._topic, {"job": self._number, "epochs": told})
        self._epochs, self._sent = [], time.monotonic()


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
