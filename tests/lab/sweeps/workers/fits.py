"""What stands in for a training in tests of workers. Each is given to a worker by its name; `task.values` tells it
what to do.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from pathlib import Path

import numpy as np

from graphlab.lab.sweeps.records import Done, Epoch, Fit

SUM = "tests.lab.sweeps.workers.fits:add_up"
TROUBLE = "tests.lab.sweeps.workers.fits:trouble"


def add_up(task, document, note=None):
    """Three epochs, a score that depends on the task and the document alone."""
    digest = hashlib.sha256(document).digest()
    rng = np.random.default_rng([task.seed, *digest[:4]])
    for epoch in (1, 2, 3):
        note(Epoch(epoch, 10 * epoch, 1 / epoch))
    score = float(rng.normal()) + float(task.values.get("add", 0))
    rows = rng.normal(size=task.values.get("rows", 3)).astype(np.float32).tobytes()
    return Done(Fit(task.key, "done", task.seed, score=score), weights=b"w" * 10, rows=rows)


def trouble(task, document, note=None):
    """Prints `say`, marks in the folder `at` that it was begun, and then what `what` says."""
    values = task.values
    print(values.get("say", ""))
    begun = 1
    if "at" in values:
        begun = len(list(Path(values["at"]).iterdir())) + 1
        (Path(values["at"]) / f"{task.key}-{begun}-{os.getpid()}").touch()
    if begun > values.get("times", 1000):
        return add_up(task, document, note)
    return globals()[f"_{values.get('what', 'nothing')}"](task, document, note)


def _nothing(task, document, note):
    return add_up(task, document, note)


def _exit(task, document, note):
    os._exit(7)


def _kill(task, document, note):
    os.kill(os.getpid(), task.values["signal"])


def _crash(task, document, note):
    raise LookupError("a mistake in the program")


def _hang(task, document, note):
    note(Epoch(1, 1, 1.0))
    while True:
        time.sleep(60)


def _tick(task, document, note):
    """Goes on until nobody wants it any more, and says so in a file."""
    epoch = 1
    while note(Epoch(epoch, epoch, 1.0)):
        time.sleep(0.01)
        epoch += 1
    Path(task.values["over"]).touch()
    return Done(Fit(task.key, "cut", task.seed))


def _eat(task, document, note):
    """Asks for more memory than there is, as NumPy does."""
    return np.ones(task.values["bytes"] // 8).nbytes


def _tell(task, document, note):
    """Fails with what a test wants to know of the process."""
    import threadpoolctl

    found = {
        "threads": sorted({blas["num_threads"] for blas in threadpoolctl.threadpool_info()}),
        "variable": os.environ["OPENBLAS_NUM_THREADS"],
        "nice": os.nice(0),
        "memory": task.memory,
        "group": os.getpgid(0),
        "pid": os.getpid(),
        "stdin": sys.stdin.read(),
    }
    return Done(Fit(task.key, "failed", task.seed, error=repr(found)))
