"""Sweeps of digits-mlp: how many trials a second two workers do beside one, here and on a Dask cluster on this machine,
and what a trial takes beyond its training.

Whole sweeps as `graphlab sweep` does them, into files, with workers that are warm. All come to the same scores, or
nothing is reported.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import readme
from benchmarks.report import Report, Row, interleaved
from graphlab.graph import Document
from graphlab.io import load
from graphlab.io.examples import example
from graphlab.lab.sweeps.kept import KeptSweep
from graphlab.lab.sweeps.records import Key, Task
from graphlab.lab.sweeps.runner import Runner
from graphlab.lab.sweeps.whole import with_searches
from graphlab.lab.sweeps.workers import Workers, dask_workers, local_workers
from graphlab.lab.sweeps.writer import SweepWriter

TRIALS = 24
ROUNDS = 5
PEER = "one worker here"
PATIENCE = 60.0  # seconds for workers to be there
LOCAL, ON_CLUSTER, BEYOND = 1.8, 1.7, 50.0  # times as many trials a second; milliseconds


def main() -> int:
    if readme.asked(__doc__):
        return readme.write("sweeps")
    report = Report("sweeps", f"Sweeps of digits-mlp, {TRIALS} trials each")
    with tempfile.TemporaryDirectory() as name, warm(1) as one:
        alone = Sweeps(one, Path(name) / "alone")
        with warm(2) as two:
            ours, peers = race(Sweeps(two, Path(name) / "two"), alone)
        report.add(Row.ratio("two workers here, trials a second", ours, peers, target=LOCAL, peer=PEER))
        beyond = [1000 * beyond for beyond in alone.beyond[-ROUNDS:]]
        report.add(on_cluster(alone, Path(name)))
    report.add(Row.figure("a trial beyond its training", beyond, "ms", target=BEYOND))
    report.add(Row.figure("a task to a worker and back", round_trips(), "ms"))
    return report.finish()


def on_cluster(alone: Sweeps, folder: Path) -> Row:
    """Last, since the processes of a cluster take time even while they wait."""
    workload = "two workers of a Dask cluster, trials a second"
    if not importlib.util.find_spec("distributed"):
        return Row.absent(workload, PEER, "Dask is not installed")
    with cluster(folder) as workers:
        ours, peers = race(Sweeps(workers, folder / "cluster"), alone)
    return Row.ratio(workload, ours, peers, target=ON_CLUSTER, peer=PEER)


def race(sweeps: Sweeps, alone: Sweeps) -> tuple[list[float], list[float]]:
    """Seconds of sweeps of both, which come to the same scores."""
    ours, peers = interleaved(sweeps, alone, rounds=ROUNDS)
    if sweeps.scores != alone.scores:
        raise SystemExit("The sweeps came to different scores.")
    return ours, peers


class Sweeps:
    """Does a sweep whenever it is called. beyond: seconds that a trial of each took beyond its training, with one
    worker.
    """

    def __init__(self, workers: Workers, folder: Path) -> None:
        self._workers, self._folder = workers, folder
        self._document = searched()
        self.scores: list[float] = []
        self.beyond: list[float] = []

    def __call__(self) -> None:
        start = time.perf_counter()
        path = SweepWriter.create(self._folder, self._document)
        for _ in Runner(path, self._workers).events():
            pass
        seconds = time.perf_counter() - start
        trials = KeptSweep(path).trials
        if [trial.state for trial in trials.values()] != ["done"] * TRIALS:
            raise SystemExit("Not all trials of a sweep were done.")
        self.scores = [trials[k].score for k in sorted(trials)]
        self.beyond.append((seconds - sum(trial.seconds for trial in trials.values())) / TRIALS)


def searched() -> Document:
    document = load(example("digits-mlp").path)[0].document
    return with_searches(document, {"lr": "log:1e-3:1e-1"}, method="random", trials=TRIALS)


@contextmanager
def warm(count: int) -> Iterator[Workers]:
    workers = local_workers(count)
    try:
        if not workers.wait_warm(PATIENCE):
            raise SystemExit("The workers did not start.")
        yield workers
    finally:
        workers.close()


def round_trips(times: int = 200) -> list[float]:
    """Milliseconds of tasks that another graphlab is said to ask for, which are answered without a training."""
    with warm(1) as workers:
        digest = workers.share(b"")
        found = []
        for k in range(times):
            start = time.perf_counter()
            workers.submit(Task(Key(k), digest, {}, 0, version="another")).result()
            found.append(1000 * (time.perf_counter() - start))
    return found[times // 10 :]


@contextmanager
def cluster(folder: Path) -> Iterator[Workers]:
    """A scheduler and two workers on this machine."""
    told = folder / "scheduler.json"
    with ExitStack() as stack:
        stack.enter_context(dask("scheduler", "--port", "0", "--scheduler-file", str(told)))
        wait_for(told)
        address = str(json.loads(told.read_text(encoding="utf-8"))["address"])
        for _ in range(2):
            options = ("--nthreads", "1", "--no-nanny", "--local-directory", str(folder))
            stack.enter_context(dask("worker", address, *options))
        workers = dask_workers(address, timeout=PATIENCE)
        stack.callback(workers.close)
        end = time.monotonic() + PATIENCE
        while workers.count < 2:
            time.sleep(0.1)
            if time.monotonic() > end:
                raise SystemExit("The workers of the cluster did not start.")
        yield workers


@contextmanager
def dask(*words: str) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "dask", *words, "--host", "127.0.0.1", "--no-dashboard"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def wait_for(path: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not (path.exists() and path.read_text(encoding="utf-8").endswith("}")):
        if time.monotonic() > end:
            raise SystemExit("The Dask scheduler did not start.")
        time.sleep(0.05)


if __name__ == "__main__":
    raise SystemExit(main())
