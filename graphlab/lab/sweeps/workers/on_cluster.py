"""What runs in the processes of a cluster. Dask finds these functions by name; bytes, text and numbers travel."""

from __future__ import annotations

import platform
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import numpy as np
import threadpoolctl

from ....engine import threads
from ..records import Epoch, Task
from ..versions import own_version
from .child import named, perform

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
    note = _noting(topic, number)
    with _one_at_a_time, threads.threads(count), threads.limited():
        done = perform(named(run_fit), msgspec.msgpack.decode(task, type=Task), document, note)
    return msgspec.msgpack.encode(done)


def _noting(topic: str, number: int) -> Callable[[Epoch], bool]:
    """Tells epochs, and whether somebody still wants the task: Dask does not end what has begun."""
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()

    def note(epoch: Epoch) -> bool:
        worker.log_event(topic, {"job": number, "epoch": msgspec.msgpack.encode(epoch)})
        task = worker.state.tasks.get(key)
        return task is not None and task.state == "executing"

    return note


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
