"""The final evaluation: what the chosen trial is worth on rows that nothing was chosen by, and that it is counted."""

from __future__ import annotations

import hashlib
import io
import json
import time

import msgspec
import pytest

from graphlab.cli import program
from graphlab.engine import Trainer
from graphlab.errors import DataError, ExperimentError, SaveError
from graphlab.graph.sweep import Search, Space, Sweep
from graphlab.graph.sweep_record import fields
from graphlab.io import save
from graphlab.lab.sweeps import kept, seal
from graphlab.lab.sweeps.final import final_evaluation
from graphlab.lab.sweeps.fit import run_fit
from graphlab.lab.sweeps.kept import KeptSweep
from graphlab.lab.sweeps.records import Head, Key, Proposal, Task

from .fitting import blobs

VALUES = ({"lr": 0.001}, {"lr": 0.03})


def small_sweep(folder, weights=True, folds=0, **settings):
    """Two trials of two seeds that were really trained, as files."""
    path = folder / "0001-20261128-120000"
    (path / kept.WEIGHTS).mkdir(parents=True)
    sweep = Sweep((Search("", "lr", Space("list", (0.001, 0.03))),), "grid", seeds=2, folds=folds)
    document = blobs(**settings).with_(sweep=sweep)
    save(document, path / kept.DOCUMENT)
    data = (path / kept.DOCUMENT).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    head = Head(
        path.name, time.time(), "s", digest, fields(sweep), {"lr": "0.001,0.03"}, {}, "accuracy", 2, 3
    )
    (path / kept.HEAD).write_bytes(msgspec.json.encode(head))
    lines = {kept.TRIALS: [Proposal(k, values) for k, values in enumerate(VALUES)], kept.FITS: []}
    for trial in (0, 1):
        for repeat in (0, 1):
            task = Task(Key(trial, repeat), digest, VALUES[trial], repeat, folds, weights=weights)
            done = run_fit(task, data)
            lines[kept.FITS].append(msgspec.structs.replace(done.fit, weights=weights))
            if weights:
                (path / kept.WEIGHTS / f"{trial}.{repeat}.0.safetensors").write_bytes(done.weights)
    for name, records in lines.items():
        (path / name).write_bytes(b"".join(msgspec.json.encode(r) + b"\n" for r in records))
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return small_sweep(tmp_path_factory.mktemp("final"))


def test_it_is_the_test_figure_of_each_seed_with_an_interval_and_is_counted(path):
    sweep = KeptSweep(path)
    opening = final_evaluation(sweep, 1)
    for seed in (0, 1):
        trainer = Trainer(blobs(lr=0.03), seed=seed)
        for _ in trainer.fit(3):
            pass
        assert opening.scores[seed] == trainer.evaluate("test").metrics["accuracy"]
    assert opening.low < opening.score < opening.high
    assert opening.rows == trainer.batches.count("test")
    before = len(sweep.openings())
    final_evaluation(sweep, 1)
    assert len(sweep.openings()) == before + 1


def test_the_best_trial_is_measured_unless_another_is_asked_for(path):
    sweep = KeptSweep(path)
    assert final_evaluation(sweep).trial == max(sweep.trials.values(), key=lambda trial: trial.score).number


def test_weights_that_were_not_kept_are_learnt_again_to_the_same_figures(path, tmp_path):
    again = KeptSweep(small_sweep(tmp_path, weights=False))
    assert final_evaluation(again, 1).scores == final_evaluation(KeptSweep(path), 1).scores


def test_without_sealed_rows_and_for_a_trial_that_is_not_there_nothing_is_counted(path, tmp_path):
    bare = KeptSweep(small_sweep(tmp_path, test=0.0))
    with pytest.raises(DataError, match="no test rows"):
        final_evaluation(bare)
    with pytest.raises(ExperimentError, match="There is no trial 7"):
        final_evaluation(bare, 7)
    assert bare.openings() == []


def test_the_command_tells_score_interval_and_how_often_they_were_opened(path, capsys):
    before = len(KeptSweep(path).openings())
    with pytest.raises(SystemExit) as end:
        program.program.main(["final-test", str(path), "--trial", "1", "--json"])
    assert end.value.code == 0
    told = json.loads(capsys.readouterr().out)
    assert told["opened"] == before + 1
    assert told["values"] == VALUES[1]
    with pytest.raises(SystemExit):
        program.program.main(["final-test", str(path)])
    assert "95 % interval" in (out := capsys.readouterr().out)
    assert f"opened {before + 2} times" in out or "opened twice" in out


def test_a_sweep_in_folds_needs_no_validation_rows_for_its_final_evaluation(tmp_path):
    path = small_sweep(tmp_path, weights=False, folds=3, validation=0.0)
    opening = final_evaluation(KeptSweep(path), 1)
    assert None not in opening.scores
    for seed in (0, 1):
        trainer = Trainer(blobs(lr=0.03, validation=0.0), seed=seed)
        for _ in trainer.fit(3):
            pass
        assert opening.scores[seed] == trainer.evaluate("test").metrics["accuracy"]


def test_an_opening_for_which_the_disk_has_no_room_is_no_part_of_the_next(path, monkeypatch):
    class Full(io.FileIO):
        def write(self, data):
            return super().write(data[:10])

    sweep = KeptSweep(path)
    final_evaluation(sweep, 1)
    before = sweep.openings()
    with monkeypatch.context() as full:
        full.setattr(seal, "open", lambda file, mode, **_: Full(file, "a+"), raising=False)
        with pytest.raises(SaveError, match="No space left"):
            final_evaluation(sweep, 1)
    assert sweep.openings() == before
    assert final_evaluation(sweep, 1).scores == before[-1].scores
    assert len(sweep.openings()) == len(before) + 1
