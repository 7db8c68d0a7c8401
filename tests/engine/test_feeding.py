"""What may go into a run: names, shapes, sizes such as N, and types."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Run, Trainer
from graphlab.errors import FeedError
from graphlab.graph import Graph
from tests.engine.networks import winding_graph, xor_feed, xor_graph


@pytest.fixture
def run():
    return Run(xor_graph())


@pytest.fixture
def classifier():
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 2))
    target = g.add("Input", name="target", shape=("N",), dtype="int")
    g.add("CrossEntropyLoss", g.add("Linear", x, name="scores", units=3), target, name="loss")
    return Run(g)


@pytest.mark.parametrize(
    ("fed", "says"),
    [
        ({"y": 1}, "There is no input 'y'. The inputs are: x, target."),
        ({"hidden": 1}, "There is no input 'hidden'."),
        ({"x.z": 1}, "x has no output 'z'."),
        ({"x": np.zeros(2)}, "x takes N×2, but was fed 2. The number of axes differs."),
        ({"x": np.zeros((4, 3))}, "x takes N×2, but was fed 4×3. An axis of 2 was fed 3."),
        ({"x": np.zeros((0, 2))}, "x takes N×2, but was fed 0×2. It is empty."),
        (
            {"x": np.zeros((4, 2)), "target": np.zeros((3, 1))},
            "target takes N×1, but was fed 3×1. N is 4 elsewhere.",
        ),
        ({"x": [[0, 1], [np.nan, 0]]}, "What was fed to x holds nan at [1, 0]."),
        ({"x": [[0, 1], [np.inf, 0]]}, "What was fed to x holds inf at [1, 0]."),
        ({"x": [[0], [1, 2]]}, "its rows differ in length"),
        ({"x": [["a", "b"]]}, "x takes numbers"),
        ({"x": np.array([[None, None]])}, "is no array of numbers"),
        ({"x": np.zeros((2, 2), complex)}, "x takes numbers, not complex numbers."),
    ],
)
def test_a_bad_feed_is_refused_with_what_would_fit(run, fed, says):
    with pytest.raises(FeedError) as error:
        run.feed(**fed)
    assert says in str(error.value)


def test_a_refused_feed_leaves_the_run_as_it_was(run):
    run.feed(**xor_feed())
    before = run.forward()
    with pytest.raises(FeedError):
        run.feed(x=np.zeros((4, 3)))
    assert run.forward() == before


def test_an_input_that_was_not_fed_is_named(run):
    with pytest.raises(FeedError, match="x has not been fed") as error:
        run.forward()
    assert error.value.node == "x"
    run.feed(x=np.zeros((4, 2)))
    with pytest.raises(FeedError, match="target has not been fed"):
        run.forward()


def test_inputs_may_be_fed_one_after_the_other(run):
    feed = xor_feed()
    run.feed(x=feed["x"])
    run.feed(target=feed["target"])
    together = Run(xor_graph())
    together.feed(**feed)
    assert run.forward() == together.forward()


def test_the_batch_size_may_change_and_come_back(run):
    feed = xor_feed()
    run.feed(**feed)
    first = run.forward()
    run.feed(**{name: array[:3] for name, array in feed.items()})
    run.forward()
    assert run.value("out").shape == (3, 1)
    for size in (1, 2, 5, 6, 7):
        run.feed(x=np.zeros((size, 2)), target=np.zeros((size, 1)))
        run.backward()
        assert run.grad("out").shape == (size, 1)
    run.feed(**feed)
    assert run.forward() == first


def test_what_is_fed_is_copied_and_cast(run):
    x = np.ones((2, 2), np.float64)
    run.feed(x=x, target=[[1], [0]])
    x[:] = 7
    run.forward()
    assert run.value("x").dtype == np.float32
    assert np.array_equal(run.value("x"), np.ones((2, 2)))


def test_an_input_with_a_value_needs_no_feed_but_takes_one():
    g = Graph()
    g.add("Sum", g.add("Input", name="x", value=(1.0, 2.0)), name="total")
    run = Run(g)
    assert run.forward() == 3
    run.feed(x=[5, 5])
    assert run.forward() == 10
    with pytest.raises(FeedError, match="x takes 2, but was fed 3"):
        run.feed(x=[1, 2, 3])


def test_class_indices_are_whole_numbers(classifier):
    classifier.feed(x=np.zeros((2, 2)), target=[0.0, 2.0])
    classifier.forward()
    assert classifier.value("target").dtype == np.int64
    with pytest.raises(FeedError, match="target takes whole numbers"):
        classifier.feed(x=np.zeros((2, 2)), target=[0.5, 1])


@pytest.mark.parametrize("bad", [3, -1, 2**40])
def test_a_class_that_does_not_exist_is_refused_in_any_batch_however_it_is_run(classifier, bad):
    """In the first batch, and in a later one, when the calls have been noted and are replayed."""
    good = {"x": np.ones((4, 2)), "target": [0, 1, 2, 0]}
    for before in (0, 1, 3):
        for go in (
            classifier.forward,
            classifier.train_step,
            classifier.backward,
            lambda: list(classifier.steps()),
        ):
            for _ in range(before):
                classifier.feed(**good)
                classifier.train_step()
            classifier.feed(**{**good, "target": [0, 1, 2, bad]})
            with pytest.raises(FeedError, match=f"the class index {bad}"):
                go()


def test_a_parameter_takes_only_what_fits(run):
    with pytest.raises(FeedError, match=r"hidden.weight takes 8×2 finite numbers"):
        run.set("hidden.weight", np.zeros((2, 8)))
    with pytest.raises(FeedError, match=r"takes 8×2 finite numbers"):
        run.set("hidden.weight", np.full((8, 2), np.nan))


def test_parameters_are_named_views_of_one_vector(run):
    run.parameters["out.bias"][...] = 42
    assert run.state()["parameters"][-1] == 42
    assert list(run.parameters) == ["hidden.weight", "hidden.bias", "out.weight", "out.bias"]
    assert {name: values.shape for name, values in run.parameters.items()} == {
        "hidden.weight": (8, 2),
        "hidden.bias": (8,),
        "out.weight": (1, 8),
        "out.bias": (1,),
    }


def test_values_and_gradients_are_copies(run):
    run.feed(**xor_feed())
    run.backward()
    run.value("tanh")[...] = 9
    run.grad("tanh")[...] = 9
    assert not (run.value("tanh") == 9).any()
    assert not (run.grad("tanh") == 9).any()


def test_a_data_set_feeds_its_batches_without_being_asked():
    trainer = Trainer(winding_graph())
    trainer.run.forward()
    assert trainer.run.value("data").shape == (16, 2)
    assert trainer.run.value("data.target").shape == (16,)


@pytest.mark.parametrize(
    ("dtype", "value", "message"),
    [
        ("int", [0.0, 1.5], r"x takes whole numbers \(class indices\), but x\[1\] is 1\.5"),
        ("int", [0.0, np.nan], r"but x\[1\] is nan"),
        ("int", ["a", "b"], "not text"),
        ("float", ["a", "b"], "x takes numbers, not text"),
        ("float", [1j, 2], "x takes numbers, not complex numbers"),
    ],
)
def test_what_is_no_number_is_told_in_words(dtype, value, message):
    g = Graph()
    g.add("Input", name="x", shape=("N",), dtype=dtype)
    with pytest.raises(FeedError, match=message):
        Run(g).feed(x=value)
