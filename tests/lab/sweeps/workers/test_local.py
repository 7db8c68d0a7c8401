"""Processes that do fits: what they give back, and what becomes of a fit when its process dies."""

from __future__ import annotations

import ast
import concurrent.futures
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import psutil
import pytest

from graphlab.errors import ExperimentError, SettingsError
from graphlab.lab.sweeps.records import Epoch, Key, Task
from graphlab.lab.sweeps.workers import local_workers
from graphlab.lab.sweeps.workers.bounds import LEAST

from .fits import SUM, TROUBLE, add_up, bits, digits, trouble

DOCUMENT = b"what stands for a document" * 1000
HASH = hashlib.sha256(DOCUMENT).hexdigest()
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone bounds memory")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")


def task(trial: int, seed: int = 0, **values) -> Task:
    return Task(Key(trial), HASH, values, seed)


@pytest.fixture(scope="module")
def shared():
    """Two workers for all tests after which they are as before."""
    with local_workers(2, memory=LEAST, run_fit=TROUBLE) as workers:
        workers.share(DOCUMENT)
        yield workers


def test_what_comes_back_is_what_the_function_gives_and_names_the_worker(shared):
    futures = [shared.submit(task(k, seed=k, add=k, rows=1000 * k)) for k in range(6)]
    for k, future in enumerate(futures):
        done = future.result(30)
        expected = add_up(task(k, seed=k, add=k, rows=1000 * k), DOCUMENT, lambda epoch: True)
        assert done.fit.worker in ("local-1", "local-2")
        assert bits(done) == expected


def test_a_real_fit_has_the_same_bits_in_a_worker_as_here(shared):
    document = digits()
    digest = shared.share(document)
    tasks = [Task(Key(k), digest, {"lr": 0.05, "what": "fit"}, k, until=1) for k in range(2)]
    futures = [shared.submit(task) for task in tasks]
    for task, future in zip(tasks, futures, strict=True):
        done = future.result(60)
        assert done.state
        assert bits(done).fit == bits(trouble(task, document)).fit


def test_epochs_are_told_in_order_and_before_the_result(shared):
    told = []
    for k in range(3):
        shared.submit(task(k), lambda key, epoch: told.append((key, epoch))).result(30)
    assert told == [(Key(k), Epoch(e, 10 * e, 1 / e)) for k in range(3) for e in (1, 2, 3)]


def test_a_listener_that_fails_does_no_harm(shared, caplog):
    def listen(key, epoch):
        raise ValueError("a mistake of whoever listens")

    assert shared.submit(task(0), listen).result(30).fit.state == "done"
    assert "An epoch could not be told" in caplog.text


def test_many_threads_submit_at_once_and_each_task_is_done_once(shared):
    found = []

    def submit(first):
        futures = [shared.submit(task(first + k, seed=first + k)) for k in range(20)]
        found.extend(future.result(30).fit.key.trial for future in futures)

    threads = [threading.Thread(target=submit, args=(100 * n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(100 * n + k for n in range(5) for k in range(20))


def test_an_exception_is_a_failed_fit_with_its_traceback_as_the_log(shared):
    done = shared.submit(task(0, what="crash", say="before it")).result(30)
    assert (done.fit.state, done.fit.tries) == ("failed", 1)
    assert "LookupError('a mistake in the program')" in done.fit.error
    assert done.log.startswith("before it\nTraceback")
    assert "def _crash" not in done.log
    assert "in _crash" in done.log


def test_the_log_of_a_fit_has_no_words_of_the_one_before_and_at_most_64_kb(shared):
    done = [shared.submit(task(k, what="crash", say=word * 100_000)) for k, word in enumerate("ab" * 4)]
    logs = [future.result(30).log for future in done]
    printed = [log[: 1 << 16] for log in logs]
    assert [set(text) for text in printed] == [{word, "\n"} for word in "ab" * 4]
    assert {log[1 << 16 :].split("\n")[0] for log in logs} == {"Traceback (most recent call last):"}


def test_a_worker_is_told_once_how_many_threads_and_how_much_memory_and_reads_no_input(shared):
    found = ast.literal_eval(shared.submit(task(0, what="tell")).result(30).fit.error)
    assert (found["threads"], found["variable"], found["stdin"]) == ([1], "1", "")
    if sys.platform == "linux":
        assert 0 < found["memory"] < LEAST
        assert found["nice"] == min(19, os.nice(0) + 5)


@POSIX
def test_a_worker_is_in_a_group_of_its_own_so_that_ctrl_c_does_not_reach_it(shared):
    found = ast.literal_eval(shared.submit(task(0, what="tell")).result(30).fit.error)
    assert found["group"] == found["pid"] != os.getpgid(0)
    os.kill(found["pid"], signal.SIGINT)
    assert found["pid"] in shared.pids
    assert {shared.submit(task(k)).result(30).fit.state for k in range(4)} == {"done"}
    assert found["pid"] in shared.pids


@LINUX
def test_what_asks_for_more_memory_than_the_bound_fails_and_the_worker_goes_on(shared):
    before = shared.pids
    done = shared.submit(task(0, what="eat", bytes=LEAST)).result(30)
    assert (done.fit.state, done.fit.error, done.fit.tries) == ("failed", "It ran out of memory.", 1)
    assert shared.submit(task(1)).result(30).fit.state == "done"
    assert shared.pids == before


@POSIX
def test_a_fit_whose_worker_is_killed_once_is_done_by_another(shared, tmp_path):
    before = set(shared.pids)
    done = shared.submit(
        task(0, seed=5, what="kill", signal=int(signal.SIGKILL), times=1, at=str(tmp_path))
    ).result(30)
    assert (done.fit.state, done.fit.tries) == ("done", 2)
    assert done.fit.score == add_up(task(0, seed=5), DOCUMENT, lambda epoch: True).fit.score
    shared.submit(task(1)).result(30)
    assert len(before & set(shared.pids)) == 1


@POSIX
def test_a_fit_that_kills_its_worker_three_times_is_failed_and_says_how_while_others_go_on(shared, tmp_path):
    number = int(signal.SIGSEGV)
    bad = shared.submit(task(0, what="kill", signal=number, say="last words", at=str(tmp_path)))
    good = [shared.submit(task(k)) for k in range(1, 8)]
    assert {future.result(30).fit.state for future in good} == {"done"}
    done = bad.result(30)
    assert (done.fit.state, done.fit.tries, len(list(tmp_path.iterdir()))) == ("failed", 3, 3)
    assert done.fit.error == "The worker died each of 3 times: signal SIGSEGV."
    assert "last words" in done.log
    assert "in _kill" in done.log  # where it was


@POSIX
def test_a_worker_that_dies_while_it_has_nothing_to_do_is_replaced_at_once(shared):
    assert shared.wait_warm(60)
    victim = shared.pids[0]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: victim not in shared.pids and len(shared.pids) == 2)
    done = [shared.submit(task(k)) for k in range(4)]
    assert {future.result(30).fit.tries for future in done} == {1}


def test_cancelling_ends_what_is_done_and_what_waits_and_more_can_be_submitted(shared):
    begun = threading.Semaphore(0)
    futures = [shared.submit(task(k, what="hang"), lambda *_: begun.release()) for k in range(4)]
    assert begun.acquire(timeout=30)
    assert begun.acquire(timeout=30)
    assert futures[2].cancel()  # its owner may do that, too
    start = time.monotonic()
    shared.cancel_all()
    assert all(future.cancelled() for future in futures)
    assert len(concurrent.futures.wait(futures, 1).done) == 4
    assert time.monotonic() - start < 1
    done = [shared.submit(task(k)) for k in range(3)]
    assert [(f.result(30).fit.state, f.result().fit.tries) for f in done] == [("done", 1)] * 3


def test_a_task_of_another_graphlab_is_refused_and_names_both(shared):
    done = shared.submit(msgspec.structs.replace(task(0), version="0.0.1")).result(30)
    assert done.refused
    assert done.fit.state == "failed"
    assert "graphlab 0.0.1 asked" in done.fit.error


def test_a_document_that_was_not_shared_is_named(shared):
    with pytest.raises(ExperimentError, match=r"aaaaaaaa… of fit 3\.0\.0 was not shared"):
        shared.submit(Task(Key(3), "a" * 64, {}, 0))


def test_a_document_given_later_reaches_workers_that_have_one_already(shared):
    other = shared.share(b"another")
    assert other == hashlib.sha256(b"another").hexdigest()
    shared.submit(task(0)).result(30)
    done = [shared.submit(Task(Key(k), other, {}, 7)).result(30) for k in range(3)]
    expected = add_up(Task(Key(0), other, {}, 7), b"another", lambda epoch: True)
    assert {one.fit.score for one in done} == {expected.fit.score}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"count": 0}, "0 workers cannot be had"),
        ({"count": 2, "threads": 0}, "0 threads cannot be had"),
        ({"count": 1, "memory": 1 << 20}, "A worker cannot do with 1 MB"),
    ],
)
def test_impossible_numbers_are_refused_before_anything_starts(settings, words):
    with pytest.raises(SettingsError, match=words):
        local_workers(**settings)


def test_a_worker_that_cannot_even_start_fails_its_tasks_with_the_reason_in_the_log():
    with local_workers(1, run_fit="tests.lab.sweeps.workers.not_there:fit") as workers:
        workers.share(DOCUMENT)
        done = workers.submit(task(0)).result(30)
    assert done.fit.error == "The worker died each of 3 times: exit code 1."
    assert "No module named 'tests.lab.sweeps.workers.not_there'" in done.log


def test_tasks_are_taken_in_order_and_closing_leaves_no_process_no_thread_and_no_pipe_behind(tmp_path):
    before = ({thread.ident for thread in threading.enumerate()}, _descriptors())
    workers = local_workers(1, run_fit=TROUBLE)
    workers.share(DOCUMENT)
    futures = [workers.submit(task(k, at=str(tmp_path))) for k in (3, 1, 2)]
    begun = threading.Event()
    busy, waits = [workers.submit(task(k, what="hang"), lambda *_: begun.set()) for k in (4, 5)]
    assert begun.wait(30)
    assert {future.result(0).fit.state for future in futures} == {"done"}
    order = sorted(tmp_path.iterdir(), key=lambda path: int(path.name.split("-")[1]))
    assert [path.name[0] for path in order] == ["3", "1", "2"]
    (pid,) = workers.pids
    start = time.monotonic()
    workers.close()
    assert time.monotonic() - start < 1
    assert busy.cancelled()
    assert waits.cancelled()
    assert not psutil.pid_exists(pid)
    assert ({thread.ident for thread in threading.enumerate()}, _descriptors()) == before
    with pytest.raises(ExperimentError, match="closed"):
        workers.submit(task(6))
    workers.close()


def test_closing_at_once_does_not_wait_for_workers_that_are_still_importing():
    start = time.monotonic()
    local_workers(2, run_fit=SUM).close()
    assert time.monotonic() - start < 1


PARENT = """
import sys, threading
from graphlab.lab.sweeps.records import Key, Task
from graphlab.lab.sweeps.workers import local_workers
workers = local_workers(1, run_fit={trouble!r})
digest = workers.share(b"document")
begun = threading.Event()
workers.submit(Task(Key(0), digest, {{"what": "hang"}}, 0), lambda *_: begun.set())
assert begun.wait(30)
print(*workers.pids, flush=True)
sys.stdin.read()
"""


def test_workers_die_with_a_parent_that_is_killed():
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(trouble=TROUBLE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with parent:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 1
        assert all(psutil.pid_exists(pid) for pid in pids)
        parent.kill()
    wait_until(lambda: not any(_lives(pid) for pid in pids))


def _lives(pid: int) -> bool:
    """A process that ended, but that nobody has waited for, does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _descriptors() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def wait_until(is_so, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come to it"
        time.sleep(0.01)
