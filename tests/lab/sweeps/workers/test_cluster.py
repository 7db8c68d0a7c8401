"""Fits done by a real Dask cluster on this machine: a scheduler and its workers, processes of their own."""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

from graphlab.errors import ExperimentError, SettingsError
from graphlab.lab.sweeps.records import Epoch, Key, Task
from graphlab.lab.sweeps.versions import own_version
from graphlab.lab.sweeps.workers import dask_workers, local_workers

from .fits import TROUBLE, add_up, bits, digits
from .test_local import wait_until

DOCUMENT = b"what stands for a document" * 1000
HASH = hashlib.sha256(DOCUMENT).hexdigest()


class Cluster:
    """A scheduler and workers that can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: dict[str, subprocess.Popen] = {}
        told = folder / "scheduler.json"
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(told))
        wait_until(lambda: told.exists() and told.read_text().endswith("}"), 30)
        self.address = json.loads(told.read_text())["address"]

    def add(self, name: str, *options: str) -> None:
        self._start(
            "worker", self.address, "--name", name, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny",
            "--local-directory", str(self.folder), "--memory-limit", "0", *options,
        )  # fmt: skip

    def _start(self, what: str, *options: str) -> None:
        name = options[options.index("--name") + 1] if "--name" in options else what
        with (self.folder / f"{name}.log").open("wb") as words:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "dask", what, "--no-dashboard", *options],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
                stdout=words,
                stderr=words,
            )

    def kill(self, name: str) -> None:
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def kill_pid(self, pid: int) -> None:
        self.kill(next(name for name, process in self.processes.items() if process.pid == pid))

    def close(self) -> None:
        for name in list(self.processes):
            self.kill(name)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    pytest.importorskip("distributed")
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.close()


@pytest.fixture(scope="module")
def cluster(scheduler):
    """Two workers, and one that has another graphlab."""
    other = scheduler.folder / "other.py"
    other.write_text("import graphlab\ngraphlab.__version__ = '0.0.1'\n")
    scheduler.add("one")
    scheduler.add("two")
    scheduler.add("stranger", "--preload", str(other))
    return scheduler


@pytest.fixture(scope="module")
def workers(cluster):
    with dask_workers(cluster.address, run_fit=TROUBLE, timeout=30) as workers:
        wait_until(lambda: workers.count == 2 and workers.notes, 60)
        workers.share(DOCUMENT)
        yield workers


def task(trial: int, seed: int = 0, **values) -> Task:
    return Task(Key(trial), HASH, values, seed)


@pytest.mark.parametrize("address", ["", "host", "tcp://host", "host:70000", "a b:80", "tcp://:8786"])
def test_what_is_no_address_is_refused_and_an_address_shown(address):
    with pytest.raises(SettingsError, match=r"tcp://host:8786"):
        dask_workers(address)


def test_the_address_of_a_web_page_is_told_from_a_schedulers():
    with pytest.raises(SettingsError, match=r"web page.*tcp://lab:8786"):
        dask_workers("http://lab:8787")


def test_without_dask_the_command_that_installs_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ExperimentError, match=r'pip install "graphlab\[cluster\]"'):
        dask_workers("tcp://127.0.0.1:1")


@pytest.mark.parametrize("listens", [False, True])
def test_a_scheduler_that_does_not_answer_is_named_within_five_seconds(listens):
    """Nobody listens there, or somebody who says nothing."""
    pytest.importorskip("distributed")
    threads = set(threading.enumerate())
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if listens:
            server.listen()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        start = time.monotonic()
        with pytest.raises(ExperimentError, match=f"No Dask scheduler can be reached at {address}"):
            dask_workers(address, timeout=2.0)
        assert time.monotonic() - start < 3.0
    assert set(threading.enumerate()) - threads == set()


def test_a_scheduler_without_workers_is_named_with_the_command_that_starts_one(scheduler):
    with pytest.raises(ExperimentError, match=f"has no workers. Start one: dask worker {scheduler.address}"):
        dask_workers(scheduler.address, timeout=1.0)


def test_results_are_those_of_the_function_and_epochs_are_told_before(workers):
    told = []
    futures = [workers.submit(task(k, seed=k, add=k), lambda *what: told.append(what)) for k in range(12)]
    for k, future in enumerate(futures):
        assert bits(future.result(30)) == add_up(task(k, seed=k, add=k), DOCUMENT, lambda epoch: True)
    assert sorted(told, key=lambda what: (what[0], what[1].epoch)) == [
        (Key(k), Epoch(e, 10 * e, 1 / e)) for k in range(12) for e in (1, 2, 3)
    ]


def test_a_worker_with_another_graphlab_is_refused_by_name_and_gets_no_tasks(workers):
    (note,) = workers.notes
    address = note.split()[0]
    assert note == f"{address} has graphlab 0.0.1, and this is {own_version()}."
    done = {workers.submit(task(k)).result(30).fit.worker for k in range(6)}
    assert address not in done
    assert workers.count == 2


def test_a_large_document_and_a_large_task_come_through(workers):
    document = os.urandom(3 << 20)
    digest = workers.share(document)
    futures = [workers.submit(Task(Key(k), digest, {}, k, state=os.urandom(2 << 20))) for k in range(4)]
    for k, future in enumerate(futures):
        assert bits(future.result(30)) == add_up(Task(Key(k), digest, {}, k), document, lambda epoch: True)


def test_a_fit_that_raises_is_failed_with_its_traceback(workers):
    done = workers.submit(task(0, what="crash")).result(30)
    assert (done.fit.state, done.fit.tries) == ("failed", 1)
    assert "in _crash" in done.log


def test_cancelling_ends_fits_that_are_under_way_at_their_next_epoch(workers, tmp_path):
    begun = threading.Semaphore(0)
    marks = [tmp_path / str(k) for k in range(3)]
    futures = [
        workers.submit(task(k, what="tick", over=str(mark)), lambda *_: begun.release())
        for k, mark in enumerate(marks)
    ]
    assert begun.acquire(timeout=30)
    wait_until(lambda: len(workers._at_work) == 2)
    workers.cancel_all()
    assert all(future.cancelled() for future in futures)
    assert len(concurrent.futures.wait(futures, 1).done) == 3
    assert {workers.submit(task(k)).result(30).fit.state for k in range(4)} == {"done"}
    assert not marks[2].exists()


def test_fits_have_the_same_bits_as_here_and_none_is_lost_or_doubled_when_a_worker_is_killed(
    cluster, workers, tmp_path
):
    document = digits()
    digest = workers.share(document)
    rates = {k: 0.02 * (k + 1) for k in range(6)}
    tasks = [
        Task(Key(k), digest, {"lr": rate, "epochs": 2, "what": "fit"}, k, weights=True)
        for k, rate in rates.items()
    ]
    first = {**tasks[0].values, "what": "hang", "times": 1, "then": "fit", "at": str(tmp_path)}
    given = [msgspec.structs.replace(tasks[0], values=first), *tasks[1:]]
    futures = [workers.submit(task) for task in given]
    with local_workers(1, run_fit=TROUBLE) as here:
        here.share(document)
        expected = [here.submit(task) for task in tasks]
        wait_until(lambda: list(tmp_path.iterdir()), 30)
        cluster.kill_pid(int(next(tmp_path.iterdir()).name.split("-")[2]))
        wait_until(lambda: workers.count == 1)
        done = [future.result(60) for future in futures]
        assert [bits(one) for one in done] == [bits(future.result(60)) for future in expected]
    assert {one.fit.state for one in done} == {"done"}
    assert all(one.weights and one.rows and one.fit.score > 0.2 for one in done)
    assert [one.fit.tries for one in done] == [2, 1, 1, 1, 1, 1]
    assert len(list(tmp_path.iterdir())) == 2


def test_a_worker_that_joins_later_is_given_what_waits_when_no_other_is_left(cluster, workers, tmp_path):
    (last,) = [name for name in cluster.processes if name in ("one", "two")]
    hung = workers.submit(task(0, what="hang", times=1, at=str(tmp_path)))
    waits = workers.submit(task(1))
    wait_until(lambda: list(tmp_path.iterdir()), 30)
    cluster.add("late")
    cluster.kill(last)
    assert [future.result(60).fit.state for future in (hung, waits)] == ["done", "done"]
    pids = {int(mark.name.split("-")[2]) for mark in tmp_path.iterdir()}
    assert cluster.processes["late"].pid in pids


def test_a_lost_scheduler_is_told_and_no_fit_counts(cluster, workers):
    futures = [workers.submit(task(k, what="hang")) for k in range(3)]
    cluster.kill("scheduler")
    for future in futures:
        with pytest.raises(ExperimentError, match=rf"The scheduler at {cluster.address} is gone"):
            future.result(10)
    with pytest.raises(ExperimentError, match="is gone"):
        workers.submit(task(4))


def test_closing_leaves_no_thread_behind(workers):
    workers.close()
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("sweep-")] == []
    assert "IO loop" not in {thread.name for thread in threading.enumerate()}
    workers.close()
