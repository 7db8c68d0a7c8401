"""The benchmark of sweeps: what it counts as beyond a training, and that it says what is missing."""

from __future__ import annotations

import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import msgspec
import pytest

from benchmarks import sweeps
from graphlab.lab.sweeps.records import Cost, Done, Fit


class Quick:
    """Workers that say to have trained for 10 ms, and took 20 more."""

    count, notes = 1, ()

    def share(self, document: bytes) -> str:
        return "0" * 64

    def submit(self, task: Any, note: Any = None) -> Future[Done]:
        future: Future[Done] = Future()
        time.sleep(0.03)
        fit = Fit(task.key, "done", task.seed, "accuracy", float(task.values["lr"]), cost=Cost(0.01))
        future.set_result(Done(fit))
        return future

    def cancel_all(self) -> None: ...

    def close(self) -> None: ...


def test_a_trial_is_told_apart_from_its_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "TRIALS", 4)
    one, other = sweeps.Sweeps(Quick(), tmp_path / "one"), sweeps.Sweeps(Quick(), tmp_path / "other")
    one()
    other()
    assert len(one.scores) == 4
    assert one.scores == other.scores
    assert one.beyond[0] >= 0.02


def test_sweeps_that_come_to_different_scores_are_no_race(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Other(Quick):
        def submit(self, task: Any, note: Any = None) -> Future[Done]:
            values = {name: value / 2 for name, value in task.values.items()}
            return super().submit(msgspec.structs.replace(task, values=values), note)

    monkeypatch.setattr(sweeps, "TRIALS", 2)
    monkeypatch.setattr(sweeps, "ROUNDS", 1)
    with pytest.raises(SystemExit, match="different scores"):
        sweeps.race(sweeps.Sweeps(Other(), tmp_path / "a"), sweeps.Sweeps(Quick(), tmp_path / "b"))


def test_without_dask_the_row_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps.importlib.util, "find_spec", lambda name: None)
    row = sweeps.on_cluster(sweeps.Sweeps(Quick(), tmp_path), tmp_path)
    assert row.note == "Dask is not installed"
    assert row.met
