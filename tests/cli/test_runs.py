"""`graphlab runs`, and the runs that `graphlab train` keeps."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.graph import Graph
from graphlab.io import load
from graphlab.lab.runs import RunFolder, unsaved_folder


@pytest.fixture
def trained(call, tmp_path):
    """`trained("--lr", 0.1, …)`: one more run of xor.graphlab, a copy of the example."""
    call("train", "xor", "--epochs", 1, "--no-record", "--save", "xor.graphlab")

    def train(*words):
        done = call("train", tmp_path / "xor.graphlab", "--epochs", 3, *words)
        assert done.code == 0, done.err
        return RunFolder(tmp_path / "xor.runs").runs()[0]

    return train


def test_a_training_is_kept_to_the_bit(call, trained, tmp_path):
    run = trained("--save", "out.graphlab", "--seed", 5)
    _, weights = load(tmp_path / "out.graphlab")
    kept = run.weights()
    assert kept.keys() == weights.keys()
    assert all(np.array_equal(kept[name], weights[name]) for name in weights)
    assert (run.state, run.head.seed, run.figures.epochs) == ("finished", 5, 3)
    curve = run.curve()
    assert len(curve.losses) == run.figures.steps == run.end.weights_step
    assert [epoch.epoch for epoch in curve.epochs] == [1, 2, 3]
    assert run.has_weights("best")
    scores = [epoch.validation_loss or epoch.loss for epoch in curve.epochs]
    assert run.end.best_step == curve.epochs[int(np.argmin(scores))].step


def test_a_training_that_stopped_early_says_why(call, trained):
    run = trained("--epochs", 40, "--stop-patience", 2, "--min-delta", 10)
    assert run.state == "finished"
    assert run.figures.epochs < 40
    assert run.end.reason


def test_examples_are_kept_with_the_settings_and_no_record_keeps_nothing(call):
    call("train", "xor", "--epochs", 1, "--no-record")
    assert RunFolder(unsaved_folder()).runs() == []
    call("train", "xor", "--epochs", 1)
    assert [run.head.graph for run in RunFolder(unsaved_folder()).runs()] == ["XOR"]
    assert "XOR" in call("runs", "--all-columns").out


def test_training_goes_on_where_nothing_can_be_kept(call, trained, tmp_path):
    (tmp_path / "xor.runs").write_text("in the way")
    done = call("train", tmp_path / "xor.graphlab", "--epochs", 1)
    assert done.code == 0
    assert "not kept" in done.err


def test_a_training_that_fails_is_kept_as_far_as_it_came(call, write, tmp_path):
    graph = Graph("steep")
    x = graph.add("Input", name="x", shape=("N", 2))
    target = graph.add("Input", name="target", shape=("N", 1))
    graph.add("MSELoss", graph.add("Linear", x, name="out", units=1), target, name="loss")
    path = write(graph)
    done = call("train", path, "--data", "xor", "--optimizer", "SGD", "--lr", 1e6, "--epochs", 50)
    assert done.code == 2
    (run,) = RunFolder(tmp_path / "graph.runs").runs()
    assert run.state == "failed"
    assert run.end.reason in done.err
    assert 0 < len(run.curve().losses) < 50


def test_the_table_is_sorted_and_filtered(call, trained, tmp_path):
    for lr in (0.1, 0.01, 0.001):
        trained("--lr", lr)
    listed = call("runs", "xor.graphlab", "--json", "--sort", "lr").json
    assert [row["lr"] for row in listed] == [0.001, 0.01, 0.1]
    assert [row["lr"] for row in call("runs", "xor.graphlab", "--json").json] == [0.001, 0.01, 0.1]
    found = call("runs", "xor.graphlab", "--filter", "lr<0.05 -lr<0.005", "--json").json
    assert [row["name"] for row in found] == ["run 2"]
    out = call("runs", "xor.graphlab").out
    assert "run 3" in out
    assert "optimizer" in out
    assert "no column 'lrr'" in call("runs", "xor.graphlab", "--sort", "lrr").complaint
    assert "Runs have no 'lrr'" in call("runs", "xor.graphlab", "--filter", "lrr<1").complaint
    assert "no file 'nothing.graphlab'" in call("runs", "nothing.graphlab").complaint


def test_one_run_is_told_in_full_and_two_are_compared(call, trained):
    run = trained("--lr", 0.1)
    trained("--lr", 0.01, "--set", "hidden.units=5")
    found = call("runs", "show", "1", "--of", "xor.graphlab", "--json").json
    assert (found["id"], found["lr"], found["training"]["lr"]) == (run.id, 0.1, 0.1)
    assert "weight_decay" in call("runs", "show", "run 1", "--of", "xor.graphlab").out
    done = call("runs", "compare", "1", "2", "--of", "xor.graphlab", "--json")
    assert done.code == 1
    assert done.json["differences"]["lr"] == [0.1, 0.01]
    assert any("hidden: units" in line for line in done.json["graphs"][0])
    assert "lr" in call("runs", "compare", "1", "2", "--of", "xor.graphlab").out
    assert call("runs", "compare", "1", "1", "--of", "xor.graphlab").code == 0
    assert "two or more" in call("runs", "compare", "1", "--of", "xor.graphlab").complaint


def test_what_is_deleted_comes_back(call, trained, tmp_path):
    run = trained()
    done = call("runs", "delete", "1", "--of", "xor.graphlab")
    assert run.id in done.out
    assert call("runs", "xor.graphlab", "--json").json == []
    assert "Brought back 1 run" in call("runs", "delete", "--restore", run.id, "--of", "xor.graphlab").out
    assert len(call("runs", "xor.graphlab", "--json").json) == 1
    assert "no run '7'" in call("runs", "delete", "7", "--of", "xor.graphlab").complaint


def test_runs_are_exported_for_tensorboard(call, trained, tmp_path):
    pytest.importorskip("tensorboardX")
    trained()
    trained()
    done = call("runs", "export", "--to", tmp_path / "board", "--of", "xor.graphlab")
    assert done.code == 0, done.err
    assert sorted(path.name for path in (tmp_path / "board").iterdir()) == ["run-1", "run-2"]
    assert all(list(path.glob("events.out.tfevents.*")) for path in (tmp_path / "board").iterdir())
    assert "No training is kept" in call("runs", "export", "--to", "b", "--of", tmp_path).complaint
