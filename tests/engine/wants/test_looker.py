"""Passes through a copy of a network: right to the bit of the engine, and without a trace in the run."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Run, Trainer, infer
from graphlab.engine.wants.eye import Eye, Unit, eye_of, has_eye, layers_of_units, low_middle_high, tones_of
from graphlab.engine.wants.looker import Looker, lookers
from graphlab.errors import FeedError, GoalError, ProblemsError
from graphlab.graph import Graph
from graphlab.io import load
from graphlab.io.examples import example
from tests.engine.wants.nets import ByHand, end, one_hot, picture, run_of, small


def test_gradients_are_those_of_a_computation_by_hand() -> None:
    run, hand = run_of(small()), None
    looker = Looker(run, end(run, "scores"))
    x, hand = np.concatenate([picture(2, 6, 6), picture(2, 6, 6, seed=4)]), ByHand(run)
    passed = looker.slopes(x, Unit(looker.end, (1,)).seed)
    for k in range(2):
        np.testing.assert_allclose(passed.values[k], hand.forward(x[k]), atol=1e-12)
        np.testing.assert_allclose(passed.slopes[k], hand.backward(one_hot(1)), atol=1e-12)


def test_pieces_make_no_difference() -> None:
    run = run_of(small())
    looker = Looker(run, end(run, "relu"))
    x = np.random.default_rng(0).random((7, 2, 6, 6))
    whole = looker.slopes(x, Unit(looker.end, (1, 2, 3)).seed)
    looker.at_once = 3
    parts = looker.slopes(x, Unit(looker.end, (1, 2, 3)).seed)
    np.testing.assert_allclose(parts.slopes, whole.slopes, atol=1e-14)
    np.testing.assert_allclose(parts.values, whole.values, atol=1e-14)


def test_a_graph_that_takes_one_picture_at_a_time_is_given_one() -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=(1, 1, 4, 4))
    g.add("Conv2d", x, name="conv", out_channels=2, kernel_size=3)
    run = Run(g, dtype="float64")
    looker = Looker(run, end(run, "conv"))
    assert looker.eye == Eye(end(run, "x"), (1, 4, 4), rows=1)
    three = np.random.default_rng(0).random((3, 1, 4, 4))
    assert looker.values(three)[0].shape == (3, 2, 2, 2)
    slopes = looker.slopes(three, Unit(looker.end, (0,)).seed).slopes
    np.testing.assert_allclose(slopes[2], looker.slopes(three[2:], Unit(looker.end, (0,)).seed).slopes[0])


def test_training_moves_neither_the_copy_nor_is_it_moved() -> None:
    g = small()
    rng = np.random.default_rng(1)
    alone, beside = (Run(g, dtype="float64") for _ in range(2))
    for run in (alone, beside):
        run.feed(x=rng.random((3, 2, 6, 6)) * 0 + 0.5, target=np.array([0, 1, 2]))
    looker = Looker(beside, end(beside, "scores"))
    x = picture(2, 6, 6)
    before = looker.values(x)[0]
    for _ in range(3):
        alone.train_step()
        looker.slopes(x, Unit(looker.end, (0,)).seed)
        beside.train_step()
    assert np.array_equal(alone.store.flat, beside.store.flat)
    assert np.array_equal(looker.values(x)[0], before)
    assert not np.array_equal(Looker(beside, looker.end).values(x)[0], before)


def test_several_layers_share_one_copy() -> None:
    run = run_of(small())
    found = lookers(run, [end(run, "conv"), end(run, "scores"), end(run, "conv")])
    first, second = found.values()
    assert first.run.store.flat is second.run.store.flat
    assert first.run.store.flat is not run.store.flat


def test_rows_of_pixels_are_pictures_too() -> None:
    g = Graph()
    data = g.add("Dataset", name="data", dataset="digits", layout="flat")
    scores = g.add("Linear", data["x"], name="scores", units=10)
    g.add("CrossEntropyLoss", scores, data["target"], name="loss")
    trainer = Trainer(g, input_gradients=True)
    looker = Looker(trainer.run, end(trainer.run, "scores"))
    assert looker.eye.flat
    assert looker.eye.shape == (1, 8, 8)
    weight = trainer.run.weights["scores.weight"]
    slopes = looker.slopes(picture(1, 8, 8), Unit(looker.end, (4,)).seed).slopes
    np.testing.assert_allclose(slopes[0, 0], weight[4].reshape(8, 8), rtol=1e-6)
    tones = tones_of(trainer, looker.eye)
    assert (tones.low, tones.high) == (trainer.batches.columns[looker.eye.end].min(), 1.0)
    rows = trainer.batches.rows("train")[:2]
    np.testing.assert_array_equal(
        looker.pictures_of(trainer, rows).reshape(2, 64), trainer.batches.columns[looker.eye.end][rows]
    )


def test_a_graph_without_pictures_says_so() -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 3))
    g.add("Linear", x, name="hidden", units=2)
    assert not has_eye(infer(g.document))
    with pytest.raises(ProblemsError, match="No picture goes into this graph"):
        eye_of(infer(g.document))
    run = Run(g)
    with pytest.raises(ProblemsError, match="N×C×H×W"):
        Looker(run, end(run, "hidden"))


def test_units_that_are_not_there_are_refused() -> None:
    run = run_of(small())
    specs = run.plan.inference.specs
    for at in ((3,), (0, 6, 0), (0, 0, 0, 0), (-1,)):
        with pytest.raises(GoalError, match="conv has no unit"):
            Unit(end(run, "conv"), at).check(specs[end(run, "conv")], "conv")
    Unit(end(run, "conv"), (2, 5, 5)).check(specs[end(run, "conv")], "conv")
    with pytest.raises(GoalError, match="has no units"):
        Unit(end(run, "loss")).check(specs[end(run, "loss")], "loss")


@pytest.mark.parametrize("shape", [(2, 5, 6), (1, 6, 6), (6, 6), (2, 2, 6, 6)])
def test_a_picture_of_another_size_is_refused_with_both_sizes(shape: tuple[int, ...]) -> None:
    run = run_of(small())
    with pytest.raises(FeedError, match="6×6 in 2 channels"):
        Looker(run, end(run, "scores")).eye.taken(np.zeros(shape))


def test_a_picture_that_is_not_finite_is_refused() -> None:
    run = run_of(small())
    with pytest.raises(FeedError, match="not finite"):
        Looker(run, end(run, "scores")).eye.taken(np.full((2, 6, 6), np.nan))


def test_a_gradient_that_is_stopped_on_the_way_is_told() -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 1, 4, 4))
    stop = g.add("Detach", x, name="stop")
    g.add("Conv2d", stop, name="conv", out_channels=2, kernel_size=3)
    run = Run(g, dtype="float64")
    looker = Looker(run, end(run, "conv"))
    with pytest.raises(GoalError, match="No gradient comes from conv back"):
        looker.slopes(picture(1, 4, 4), Unit(looker.end, (0,)).seed)


def test_another_input_with_nothing_to_give_is_named() -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 1, 4, 4))
    more = g.add("Input", name="more", shape=("N", 1, 4, 4))
    g.add("Conv2d", g.add("Add", x, more), name="conv", out_channels=2, kernel_size=3)
    run = Run(g, dtype="float64")
    with pytest.raises(FeedError, match="more has nothing to give"):
        Looker(run, end(run, "conv")).values(picture(1, 4, 4))


def test_nobody_asks_how_the_weights_should_change() -> None:
    run = run_of(small())
    looker = Looker(run, end(run, "scores"))
    looker.slopes(picture(2, 6, 6), Unit(looker.end, (0,)).seed)
    assert not looker.run.store.gradient.any()
    assert all(
        call.keywords["dweight"] is None
        for calls in looker.buffers.backward.values()
        for call in calls
        if "dweight" in call.keywords
    )


@pytest.mark.parametrize(
    ("name", "three"),
    [
        ("lenet-mnist", ("conv1", "conv2", "out")),
        ("digits-mlp", ("hidden", "relu", "out")),
        ("window", ("Y", "Y", "Y")),
    ],
)
def test_low_middle_and_high_are_layers_that_learn(name: str, three: tuple[str, ...]) -> None:
    found = infer(load(example(name).path)[0].document)
    layers = layers_of_units(found, eye_of(found))
    assert tuple(found.nodes[layers[k][0][0]].path for k in low_middle_high(found, layers)) == three
