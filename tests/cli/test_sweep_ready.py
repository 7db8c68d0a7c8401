"""`graphlab sweep --learning-curve` and `--capacity`: what they try, what they say, what they refuse."""

from __future__ import annotations

import pytest

from graphlab.io import load, save
from graphlab.io.examples import example
from graphlab.lab.sweeps import whole
from graphlab.lab.sweeps.kept import KeptSweep
from graphlab.lab.sweeps.names import sweep_folders
from tests.lab.sweeps.crew import Crew


@pytest.fixture(autouse=True)
def crews(monkeypatch):
    """Threads in place of processes, which are tested by themselves."""
    monkeypatch.setattr(whole, "local_workers", lambda count, memory=0, threads=1: Crew(count))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "digits.graphlab"
    save(load(example("digits-mlp").path)[0].document, path)
    return path


def only_sweep(file):
    (path,) = sweep_folders(file.with_suffix(".sweeps"))
    return KeptSweep(path)


def test_learning_curve_trains_on_growing_shares_and_says_whether_more_rows_help(call, file):
    end = call("sweep", file, "--learning-curve", "--seeds", 1, "--epochs", 1, "--json").json_lines[-1]
    sweep = only_sweep(file)
    assert sweep.head.kind == end["kind"] == "learning curve"
    rows = [trial.fits[0].train_rows for trial in sweep.trials.values()]
    assert rows == sorted(rows)
    assert len(rows) == 6
    assert "rows" in end["said"]
    assert end["warning"] == ""


def test_capacity_tries_the_sizes_given_and_says_where_error_is_least(call, file):
    done = call("sweep", file, "--capacity", "hidden.units=2,32", "--seeds", 1, "--epochs", 1)
    assert done.code == 0, done.err
    sweep = only_sweep(file)
    assert (sweep.head.kind, sweep.head.searches) == ("capacity", {"hidden.units": "2,32"})
    assert "Held-out error is least at 32" in done.out
    again = call("sweep", sweep.path)
    assert "Held-out error is least at 32" in again.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--learning-curve", "--capacity", "hidden.units"), "one after the other"),
        (("--learning-curve", "--search", "lr=0.1,0.2"), "--search cannot"),
        (("--capacity", "hidden.units", "--trials", 3), "--trials cannot"),
        (("--capacity", "hidden.unit"), "Did you mean"),
        (("--capacity", "optimizer"), "no size"),
        (("--capacity", "hidden.units=4"), "one value"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(call, file, words, said):
    done = call("sweep", file, *words)
    assert done.code != 0
    assert said in " ".join(done.err.split())
    assert not file.with_suffix(".sweeps").exists()
