"""Workers that are threads of this process, and do what a test says: for tests of who gives them tasks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from graphlab.io import weights as tensors
from graphlab.lab.sweeps.fit import run_fit
from graphlab.lab.sweeps.records import Cost, Done, Epoch, Fit, Task


class Crew:
    """Does tasks by `work(task, document, note)`, `run_fit` unless said otherwise. `tasks`: those it was given."""

    def __init__(self, count: int = 2, work: Callable[..., Done] = run_fit) -> None:
        self.count, self._work = count, work
        self.notes: tuple[str, ...] = ()
        self.tasks: list[Task] = []
        self.closed = 0
        self._documents: dict[str, bytes] = {}
        self._threads = ThreadPoolExecutor(count)
        self._futures: list[Future[Done]] = []

    def share(self, document: bytes) -> str:
        name = hashlib.sha256(document).hexdigest()
        self._documents[name] = document
        return name

    def submit(self, task, note=None) -> Future[Done]:
        self.tasks.append(task)

        def told(epoch):
            return note(task.key, epoch) if note is not None else None

        future = self._threads.submit(self._work, task, self._documents[task.document], told)
        self._futures.append(future)
        return future

    def cancel_all(self) -> None:
        for future in self._futures:
            future.cancel()

    def close(self) -> None:
        self.closed += 1
        self._threads.shutdown(cancel_futures=True)


def made_up(task: Task, document: bytes, note=None) -> Done:
    """A fit that trains nothing: the score is a function of values and seed; the weights are small."""
    lr = float(task.values["lr"])
    score = 1.0 - abs(lr - 0.02) - 0.001 * task.seed
    epoch = Epoch(1, 10, 1.0 - score, {"accuracy": score}, 1.0 - score, {"accuracy": score}, 0.1)
    if note is not None:
        note(epoch)
    fit = Fit(task.key, "done", task.seed, "accuracy", score, score, 1, [epoch], Cost(0.1, 100, 7), 20, 80)
    weights = tensors.to_bytes({"w": np.full(3, lr, np.float32)}) if task.weights else b""
    return Done(fit, weights, b"rows" if task.rows else b"")
