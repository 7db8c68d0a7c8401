"""Trials compared; what may be chance; the front of score against cost."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import BrokenFileError, SettingsError
from graphlab.lab.sweeps import kept
from graphlab.lab.sweeps.kept import KeptSweep
from graphlab.lab.sweeps.records import Cost, Fit, Key
from graphlab.lab.sweeps.statistics import compare, pareto, rows_of, settings, spread_warning
from graphlab.lab.sweeps.trials import Trial

from .made import made_sweep


def trial(number, *scores, seconds=1.0, flops=100, **values):
    fits = tuple(
        Fit(Key(number, k), "done", k, "accuracy", score, cost=Cost(seconds, flops, 10))
        for k, score in enumerate(scores)
    )
    return Trial(number, values or {"lr": float(number)}, fits, len(scores), "accuracy")


def hits(share, rows, seed=0):
    return (np.random.default_rng(seed).random(rows) < share).astype(np.float32)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return made_sweep(tmp_path_factory.mktemp("compared"))


def test_trials_are_compared_by_kept_rows_and_else_by_their_seeds(path):
    sweep = KeptSweep(path)
    a, b = sweep.trials[0], sweep.trials[1]
    found = compare(sweep, a, b)
    assert (found.over, found.mean) == ("seeds", pytest.approx(a.score - b.score))
    (path / kept.ROWS).mkdir()
    for fit in (*a.fits, *b.fits):
        np.save(path / kept.ROWS / f"{fit.key}.npy", hits(0.9, 270, fit.key.trial))
    with_rows = [
        Trial(t.number, t.values, tuple(_kept(fit) for fit in t.fits), t.expected, t.metric) for t in (a, b)
    ]
    found = compare(sweep, *with_rows)
    assert (found.over, found.rows, found.seeds) == ("rows and seeds", 270, 2)
    assert found.mean == pytest.approx(hits(0.9, 270, 0).mean() - hits(0.9, 270, 1).mean())


def _kept(fit):
    return Fit(fit.key, fit.state, fit.seed, fit.metric, fit.score, rows=True)


def test_folds_are_joined_and_a_seed_with_a_missing_fold_is_left_out(path, monkeypatch):
    sweep = KeptSweep(path)
    monkeypatch.setitem(sweep.head.sweep, "folds", 2)
    parts = {Key(0, 0, 0): [1, 0], Key(0, 0, 1): [1, 1, 1], Key(0, 1, 0): [0, 0]}
    monkeypatch.setattr(sweep, "rows", lambda key: np.array(parts[key], np.float32) if key in parts else None)
    fits = tuple(Fit(key, "done", 0, rows=True) for key in (*parts, Key(0, 1, 1)))
    found = rows_of(sweep, Trial(0, {}, fits, 4, "accuracy"))
    assert {k: list(v) for k, v in found.items()} == {0: [1, 0, 1, 1, 1]}


def test_damaged_rows_are_named(path):
    (path / kept.ROWS).mkdir(exist_ok=True)
    (path / kept.ROWS / "9.0.0.npy").write_bytes(b"\x93NUMPY no")
    with pytest.raises(BrokenFileError, match=r"9\.0\.0\.npy is damaged"):
        KeptSweep(path).rows(Key(9))
    np.save(path / kept.ROWS / "9.0.0.npy", np.zeros((2, 2)))
    with pytest.raises(BrokenFileError, match="one number for each row"):
        KeptSweep(path).rows(Key(9))
    assert KeptSweep(path).rows(Key(8)) is None


# What may be chance


def test_gain_within_the_seeds_spread_is_warned_of():
    said = spread_warning([trial(3, 0.90, 0.91), trial(12, 0.905, 0.915)], "accuracy")
    assert said == (
        "#12 is better than #3 by 0.5 points, less than the seeds' spread of 0.71 points: that may be chance. "
        "Train more seeds."
    )


def test_gain_beyond_the_spread_is_not_warned_of():
    assert spread_warning([trial(3, 0.90, 0.901), trial(12, 0.95, 0.951)], "accuracy") == ""
    assert spread_warning([trial(3, 0.9)], "accuracy") == spread_warning([], "accuracy") == ""


def test_one_seed_is_said_to_tell_nothing_of_the_spread():
    assert "one seed says nothing" in spread_warning([trial(0, 0.9), trial(1, 0.99)], "accuracy")


def test_a_searched_seed_is_no_setting_of_its_own():
    one = [trial(k, 0.9 + k / 100, lr=0.1, seed=k) for k in range(3)]
    other = [trial(3 + k, 0.90 + k / 90, lr=0.2, seed=k) for k in range(3)]
    found = settings([*one, *other], "accuracy")
    assert [(s.first.values["lr"], len(s.scores), s.seeds) for s in found] == [(0.2, 3, 3), (0.1, 3, 3)]
    assert "less than the seeds' spread" in spread_warning([*one, *other], "accuracy")


# Score against cost


def test_front_has_whom_none_beats_in_both():
    trials = [
        trial(0, 0.80, seconds=1), trial(1, 0.90, seconds=3), trial(2, 0.85, seconds=4),
        trial(3, 0.90, seconds=3), trial(4, 0.95, seconds=9), trial(5, 0.70, seconds=2),
    ]  # fmt: skip
    assert [t.number for t in pareto(trials, "seconds", "accuracy")] == [0, 1, 4]
    assert [t.number for t in pareto(trials, "seconds", "loss")] == [0, 5]
    with pytest.raises(SettingsError, match="no cost 'money'"):
        pareto(trials, "money", "accuracy")
