"""What stands in for a training in tests of workers. Each is given to a worker by its name; `task.values` tells it
what to do.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import numpy as np

from graphlab.io import load, save
from graphlab.io.examples import example
from graphlab.lab.sweeps.fit import run_fit
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
        return globals()[f"_{values.get('then', 'nothing')}"](task, document, note)
    return globals()[f"_{values.get('what', 'nothing')}"](task, document, note)


def _nothing(task, document, note):
    return add_up(task, document, note)


def _fit(task, document, note):
    """A real one, of the values that it knows."""
    values = {name: value for name, value in task.values.items() if name in ("lr", "epochs")}
    return run_fit(msgspec.structs.replace(task, values=values), document, note)


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


@functools.cache
def digits() -> bytes:
    """The file of a real document."""
    with tempfile.TemporaryDirectory() as folder:
        save(load(example("digits-mlp").path)[0].document, Path(folder) / "digits.graphlab")
        return (Path(folder) / "digits.graphlab").read_bytes()


def bits(done):
    """All of what came of a fit but how long it took, and where."""
    epochs = [msgspec.structs.replace(epoch, seconds=0.0) for epoch in done.fit.epochs]
    cost = msgspec.structs.replace(done.fit.cost, seconds=0.0)
    fit = msgspec.structs.replace(done.fit, epochs=epochs, cost=cost, worker="", tries=1)
    return msgspec.structs.replace(done, fit=fit)
