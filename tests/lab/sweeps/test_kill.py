"""kill -9 of the main process in the middle of a sweep: it goes on, no trial is lost or done twice, to the bit.

`GRAPHLAB_TEST_KILLS=20` kills more often, and tries the method that learns as well.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from graphlab.graph import Graph
from graphlab.graph.searching import read_search
from graphlab.graph.sweep import Sweep
from graphlab.io import load, save
from graphlab.io.examples import example
from graphlab.lab.sweeps import kept
from graphlab.lab.sweeps.kept import KeptSweep, read_end
from graphlab.lab.sweeps.names import sweep_folders
from graphlab.lab.sweeps.runner import Runner
from graphlab.lab.sweeps.writer import SweepWriter

from .crew import Crew

KILLS = int(os.environ.get("GRAPHLAB_TEST_KILLS", "4"))
METHODS = ("random", "tpe", "random asha") if "GRAPHLAB_TEST_KILLS" in os.environ else ("random",)
FITS_BETWEEN = 6  # that are done between two kills, on average
ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "tests.lab.sweeps.sittings"]


@dataclass
class Sittings:
    """A process that does sittings, and can be asked to end one with kill -9."""

    process: subprocess.Popen[str]

    def begin(self, *words: object) -> int:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([str(word) for word in words]) + "\n")
        self.process.stdin.flush()
        return self._number()

    def ended(self) -> int:
        """Waits; the exit code."""
        return self._number()

    def _number(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())


@pytest.fixture
def sittings() -> Iterator[Sittings]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(COMMAND, cwd=ROOT, text=True, **pipes) as process:
        yield Sittings(process)
        process.stdin.close()


def searched(method: str, trials: int) -> Graph:
    method, _, pruning = method.partition(" ")
    graph: Graph = load(example("spirals").path)[0]
    graph.configure(epochs=4 if pruning else 2)
    searches = (
        read_search(graph.document, "lr=log:0.001:0.3"),
        read_search(graph.document, "batch_size=16,32,64"),
    )
    sweep = Sweep(searches, method=method, trials=trials, seeds=2, pruning=pruning or "none")
    return Graph(graph.document.with_(sweep=sweep))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
@pytest.mark.timeout(120 + 30 * KILLS)
@pytest.mark.parametrize("method", METHODS)
def test_a_sweep_killed_again_and_again_comes_to_the_same(
    method: str, tmp_path: Path, sittings: Sittings
) -> None:
    chance = random.Random(os.environ.get("GRAPHLAB_TEST_SEED", "5"))
    graph = searched(method, trials=max(8, KILLS * FITS_BETWEEN // 2))
    file = tmp_path / "net.graphlab"
    save(graph, file)
    killed = 0
    child = sittings.begin("sweep", file, "--workers", 2)
    while killed < KILLS:
        fits = _fits(file)
        _wait(file, fits + chance.randrange(FITS_BETWEEN))
        time.sleep(chance.uniform(0, 0.02))
        os.kill(child, signal.SIGKILL)
        sittings.ended()
        killed += 1
        child = sittings.begin("sweep", file, "--resume", "--workers", 2)
    code = sittings.ended()
    assert code in (0, 2)  # 2: the last kill found it finished
    (path,) = sweep_folders(file.with_suffix(".sweeps"))
    _is_as_if_undisturbed(path, graph, tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_signals_end_a_sitting_gracefully(tmp_path: Path, sittings: Sittings) -> None:
    graph = searched("random", trials=10_000)
    file = tmp_path / "net.graphlab"
    save(graph, file)
    words: tuple[object, ...] = ()
    for number in (signal.SIGTERM, signal.SIGINT):
        child = sittings.begin("sweep", file, "--workers", 1, *words)
        _wait(file, _fits(file) + 3)
        os.kill(child, number)
        assert sittings.ended() == 128 + number
        (path,) = sweep_folders(file.with_suffix(".sweeps"))
        assert KeptSweep(path).state == "stopped"
        assert (path / kept.TABLE).read_bytes().count(b"\n") > 1
        words = ("--resume",)


def _fits(file: Path) -> int:
    """Lines of fits that are written."""
    found = sweep_folders(file.with_suffix(".sweeps"))
    path = found[0] / kept.FITS if found else file
    return path.read_bytes().count(b"\n") if found and path.exists() else 0


def _wait(file: Path, fits: int) -> None:
    """Until so many are written, or it is finished."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = sweep_folders(file.with_suffix(".sweeps"))
        if found and (_fits(file) >= fits or _is_finished(found[0])):
            return
        time.sleep(0.005)
    raise AssertionError("the sweep does not go on")


def _is_finished(path: Path) -> bool:
    end = read_end(path)
    return end is not None and end.state == "finished"


def _is_as_if_undisturbed(path: Path, graph: Graph, tmp_path: Path) -> None:
    sweep = KeptSweep(path)
    assert sweep.state == "finished"
    crew = Crew(2)
    whole = SweepWriter.create(tmp_path / "whole", graph.document)
    list(Runner(whole, crew).events())
    crew.close()
    assert _told(sweep) == _told(KeptSweep(whole))
    lines = (path / kept.FITS).read_bytes().splitlines()
    keys = Counter(tuple(json.loads(line)["key"]) for line in lines)
    assert set(keys.values()) == {1}
    assert len(keys) == 2 * graph.document.sweep.trials


def _told(sweep: KeptSweep) -> dict[int, object]:
    """All that is told of each trial, but for what a clock or a worker says."""
    return {
        k: (
            trial.values,
            [
                (fit.key, fit.state, fit.seed, fit.score, fit.train_score, fit.cost.flops)
                for fit in trial.fits
            ],
            [[(e.loss, e.validation_loss) for e in fit.epochs] for fit in trial.fits],
        )
        for k, trial in sweep.trials.items()
    }
