"""One training of a sweep: the same wherever and in how many parts it is done, and whatever goes wrong is told."""

from __future__ import annotations

import io

import numpy as np
import pytest

from graphlab.data.division import Division
from graphlab.engine import Trainer
from graphlab.graph import Graph
from graphlab.io import load
from graphlab.io import weights as tensors
from graphlab.io.examples import example
from graphlab.lab.sweeps import state_bytes
from graphlab.lab.sweeps.fit import run_fit

from .fitting import blobs, task, without_times


def test_a_fit_is_what_training_the_document_comes_to():
    document = blobs()
    trainer = Trainer(document, seed=7)
    reports = list(trainer.fit(3))
    done = run_fit(*task(document, seed=7, weights=True))
    assert done.fit.state == "done"
    assert done.fit.metric == "accuracy"
    assert done.fit.score == reports[-1].validation_metrics["accuracy"]
    assert [e.loss for e in done.fit.epochs] == [r.loss for r in reports]
    found = tensors.from_bytes(done.weights)
    assert all(np.array_equal(found[name], array) for name, array in trainer.run.weights.items())


def test_parts_come_to_the_same_bits_as_the_whole():
    document = blobs(5, keep_best=True, schedule="ReduceLROnPlateau", patience=0)
    whole = run_fit(*task(document, weights=True))
    first = run_fit(*task(document, until=2))
    assert first.state
    assert not first.rows
    second = run_fit(*task(document, until=3, state=first.state))
    last = run_fit(*task(document, state=second.state, weights=True))
    assert without_times(last) == without_times(whole)


def test_values_are_applied_and_the_seed_chooses_weights_but_not_the_rows_held_out():
    document = blobs()
    few = run_fit(*task(document, values={"lr": 0.001, "rows": 0.5}))
    many = run_fit(*task(document, values={"lr": 0.001}))
    other = run_fit(*task(document, values={"lr": 0.001}, seed=1))
    assert few.fit.train_rows == round(many.fit.train_rows / 2)
    assert few.fit.validation_rows == many.fit.validation_rows
    assert other.fit.epochs[0].loss != many.fit.epochs[0].loss
    assert (
        Trainer(document, seed=1).batches.rows("test").tolist()
        == Trainer(document).batches.rows("test").tolist()
    )


def test_how_each_held_out_row_did_has_the_score_as_its_mean():
    for metric in ("accuracy", "loss"):
        done = run_fit(*task(blobs(1), metric=metric))
        rows = np.load(io.BytesIO(done.rows), allow_pickle=False)
        assert len(rows) == done.fit.validation_rows
        assert rows.mean(dtype=np.float64) == pytest.approx(done.fit.score, rel=1e-5)


def test_flops_are_those_of_every_step_with_the_shorter_last_batch():
    fit = run_fit(*task(blobs(2))).fit
    again = run_fit(*task(blobs(4))).fit
    assert again.cost.flops == 2 * fit.cost.flops
    assert fit.cost.parameters == Trainer(blobs()).run.plan.parameter_size


def test_numbers_that_overflow_fail_with_the_node_and_the_curve_so_far():
    graph = load(example("digits-mlp").path)[0]
    graph.configure(optimizer="SGD", epochs=20)
    done = run_fit(*task(graph.document, values={"lr": 3e4, "rows": 0.05}))
    assert done.fit.state == "failed"
    assert "holds" in done.fit.error
    assert not done.log
    assert len(done.fit.epochs) >= 1


def test_too_little_memory_fails_by_that_name():
    done = run_fit(*task(blobs(), memory=1000))
    assert done.fit.state == "failed"
    assert "memory" in done.fit.error


def test_settings_that_make_no_network_fail_in_words():
    graph = Graph(blobs())
    loss = next(n for n in graph.document.nodes.values() if "Loss" in n.op)
    graph.remove(loss.name)
    done = run_fit(*task(graph.document))
    assert done.fit.state == "failed"
    assert done.fit.error


def test_it_is_cut_short_when_told_and_when_the_time_is_up():
    told = run_fit(*task(blobs(5)), note=lambda epoch: epoch.epoch < 2)
    assert (told.fit.state, told.fit.epochs[-1].epoch) == ("cut", 2)
    assert run_fit(*task(blobs(100_000), seconds=0.05)).fit.state == "cut"


def test_another_version_is_refused():
    done = run_fit(*task(blobs(), version="0.0.0"))
    assert done.refused


def test_training_ends_early_as_the_document_says():
    fit = run_fit(*task(blobs(60, stop_patience=1, lr=1.0, optimizer="SGD"))).fit
    assert fit.epochs[-1].epoch < 60


def test_of_many_epochs_some_are_measured_the_last_among_them():
    fit = run_fit(*task(blobs(120))).fit
    assert len(fit.epochs) == 25
    assert fit.epochs[-1].epoch == 120


@pytest.fixture(scope="module")
def digits():
    document = load(example("digits-mlp").path)[0].document
    return Trainer(document)


def test_folds_hold_out_each_row_once_with_the_classes_in_proportion(digits):
    data = digits.batches.data
    pool = np.sort(np.concatenate((data.splits["train"], data.splits["validation"])))
    folds = [Division(5, k).of(data) for k in range(5)]
    held_out = np.concatenate([fold.splits["validation"] for fold in folds])
    assert np.array_equal(np.sort(held_out), pool)
    for fold in folds:
        assert np.array_equal(fold.splits["test"], data.splits["test"])
        assert not np.intersect1d(fold.splits["train"], fold.splits["validation"]).size
        shares = np.bincount(data.target[fold.splits["validation"]]) / len(fold.splits["validation"])
        assert np.abs(shares - np.bincount(data.target[pool]) / len(pool)).max() < 0.01


def test_smaller_shares_are_parts_of_larger_ones(digits):
    data = digits.batches.data
    some = [set(Division(share=s).of(data).splits["train"].tolist()) for s in (0.1, 0.4, 1.0)]
    assert some[0] < some[1] < some[2]


def test_a_state_survives_as_bytes_and_a_damaged_one_is_named():
    state = {"a": np.arange(6, dtype=np.int64).reshape(2, 3), "b": [1.5, None, {"c": np.float32(2)}]}
    back = state_bytes.from_bytes(state_bytes.to_bytes(state))
    assert np.array_equal(back["a"], state["a"])
    assert back["b"] == [1.5, None, {"c": 2.0}]
    with pytest.raises(Exception, match="damaged"):
        state_bytes.from_bytes(state_bytes.to_bytes(state)[:-3])
