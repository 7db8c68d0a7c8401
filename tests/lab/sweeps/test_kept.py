"""Sweeps read from their files: whole, while they grow, and damaged."""

from __future__ import annotations

import pytest

from graphlab.errors import BrokenFileError
from graphlab.lab.sweeps import kept
from graphlab.lab.sweeps.kept import KeptSweep
from graphlab.lab.sweeps.records import Key
from graphlab.lab.sweeps.trials import best_so_far, ranked

from .made import made_sweep


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return made_sweep(tmp_path_factory.mktemp("sweeps"))


def test_trials_have_mean_and_spread_over_their_fits(path):
    sweep = KeptSweep(path)
    first = sweep.trials[0]
    assert len(sweep.trials) == 24
    assert first.score == pytest.approx(sum(first.scores) / 2)
    assert first.spread == pytest.approx(abs(first.scores[0] - first.scores[1]) / 2**0.5)
    states = {k: trial.state for k, trial in sweep.trials.items()}
    assert (states[10], states[6], states[0], states[23]) == ("failed", "pruned", "done", "running")


def test_best_comes_first_and_failed_or_unfinished_trials_are_not_ranked(path):
    trials = KeptSweep(path).trials.values()
    order = ranked(trials, "accuracy")
    assert {trial.state for trial in order} == {"done"}
    assert order[0].score == max(trial.score for trial in order)
    assert best_so_far(trials, "accuracy")[-1] == (order[0].number, order[0].score)


def test_lines_that_come_later_are_taken_in_and_a_half_written_one_waits(path, tmp_path):
    fits = (path / kept.FITS).read_bytes().splitlines(keepends=True)
    for name in (kept.HEAD, kept.TRIALS):
        (tmp_path / name).write_bytes((path / name).read_bytes())
    (tmp_path / kept.FITS).write_bytes(fits[0] + fits[1][:20])
    sweep = KeptSweep(tmp_path)
    assert sweep.trials[0].state == "running"
    (tmp_path / kept.FITS).write_bytes(fits[0] + fits[1])
    assert sweep.refresh() == {0}
    assert sweep.trials[0].state == "done"


def test_a_fit_written_twice_counts_once(path, tmp_path):
    for name in (kept.HEAD, kept.TRIALS, kept.FITS):
        (tmp_path / name).write_bytes((path / name).read_bytes())
    line = (tmp_path / kept.FITS).read_bytes().splitlines(keepends=True)[0]
    with open(tmp_path / kept.FITS, "ab") as file:
        file.write(line)
    assert KeptSweep(tmp_path).trials[0].fits == KeptSweep(path).trials[0].fits


def test_weights_are_read_where_they_were_kept(path):
    sweep = KeptSweep(path)
    assert sweep.weights(Key(0))["hidden.weight"].shape == (8, 64)
    assert sweep.weights(Key(1)) is None


@pytest.mark.parametrize("text", ["", "[", '{"state": 3}'])
def test_a_damaged_end_counts_as_an_interruption(path, tmp_path, text):
    for name in (kept.HEAD, kept.TRIALS, kept.FITS):
        (tmp_path / name).write_bytes((path / name).read_bytes())
    (tmp_path / kept.END).write_text(text)
    sweep = KeptSweep(tmp_path)
    assert (sweep.state, sweep.end) == ("interrupted", None)
    assert repr(sweep) == f"<KeptSweep {tmp_path.name}: 24 trials, interrupted>"


def test_a_damaged_head_is_named(path, tmp_path):
    (tmp_path / kept.HEAD).write_bytes(b'{"id": 3}')
    with pytest.raises(BrokenFileError, match=r"sweep\.json is damaged"):
        KeptSweep(tmp_path)
