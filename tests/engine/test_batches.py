"""What is in the inputs: the batch of the step, also after going back, and what a person puts there instead."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.data import Data
from graphlab.engine import Run, Trainer
from graphlab.engine.workspace import Workspace
from graphlab.errors import FeedError, NumericsError
from graphlab.graph import Graph
from tests.engine.networks import xor_feed, xor_graph


def moons(batch_size: int) -> Graph:
    g = Graph("moons")
    data = g.add("Dataset", dataset="moons", samples=40, name="data")
    y = g.add("Linear", g.add("Tanh", g.add("Linear", data, name="hidden", units=4)), name="out", units=1)
    g.add("BCEWithLogitsLoss", y, data["target"], name="loss")
    g.configure(batch_size=batch_size, validation=0.0, test=0.0)
    return g


def first_number(space: Workspace) -> float:
    return float(space.run.value("data.x")[0, 0])


@pytest.mark.parametrize("batch_size", [16, 12, 1000])
def test_after_going_back_over_an_update_the_next_step_has_its_own_batch_again(batch_size):
    run = Trainer(moons(batch_size)).run
    run.update()
    run.step()
    batch = run.value("data.x")
    run.back()
    run.back()
    run.step()
    run.step()
    assert run.steps_done == 1
    assert np.array_equal(run.value("data.x"), batch)


@pytest.mark.parametrize("batch_size", [16, 1000])
def test_an_edited_element_of_the_batch_lasts_for_that_step_whatever_the_batch_size(batch_size):
    space = Workspace(moons(batch_size).document)
    space.phase("forward")
    was = first_number(space)
    space.set_element(space.document.node("data").id, "x", (0, 0), 99.0)
    space.phase("update")
    assert first_number(space) == 99.0
    space.train(1)
    assert first_number(space) != 99.0
    assert batch_size == 16 or first_number(space) == was


def test_an_element_edited_after_training_is_seen():
    space = Workspace(moons(16).document)
    space.train(2)
    space.set_element(space.document.node("data").id, "x", (0, 0), 99.0)
    assert first_number(space) == 99.0


def test_what_is_fed_by_hand_takes_the_place_of_the_batch():
    run = Trainer(moons(16)).run
    run.feed(**{"data.x": np.full((3, 2), 7.0), "data.target": np.ones((3, 1))})
    run.forward()
    assert np.array_equal(run.value("data.x"), np.full((3, 2), 7.0))
    run.update()
    run.forward()
    assert run.value("data.x").shape == (16, 2)


def test_part_of_a_batch_may_be_fed_by_hand():
    run = Trainer(moons(1000)).run
    run.feed(**{"data.x": np.zeros((40, 2))})
    run.forward()
    assert not run.value("data.x").any()
    assert run.value("data.target").any()


def test_a_fed_array_that_is_changed_later_does_not_change_what_back_returns_to():
    run = Run(xor_graph())
    fed = {name: array.astype(np.float32) for name, array in xor_feed().items()}
    run.feed(**fed)
    run.backward()
    fed["x"] += 1
    run.update()
    before = run.value("x")
    run.step()
    run.back()
    run.back()
    assert np.array_equal(run.value("x"), before)


def test_a_value_with_a_size_of_its_own_goes_beside_batches():
    g = moons(16)
    g.add("Sum", g.add("Input", name="table", shape=("B", 3), value=((1.0, 2.0, 3.0),) * 5))
    trainer = Trainer(g)
    trainer.train_step()
    assert trainer.run.value("table").shape == (5, 3)


@pytest.mark.parametrize("rows", [1, 5])
def test_a_value_whose_rows_are_the_batch_is_refused_beside_data(rows):
    g = moons(16)
    g.add("Sum", g.add("Input", name="table", shape=("N", 3), value=((1.0, 2.0, 3.0),) * rows))
    with pytest.raises(FeedError, match="table"):
        Trainer(g)


def test_backward_after_an_update_belongs_to_the_next_step():
    run, other = (Trainer(moons(16)).run for _ in range(2))
    for each in (run, other):
        each.update()
    run.backward()
    other.forward()
    other.backward()
    assert np.array_equal(run.store.gradient, other.store.gradient)


def test_going_before_the_beginning_of_a_step_stays_in_it():
    run = Trainer(moons(16)).run
    run.update()
    run.step()
    run.go_to(-1)
    assert (run.cursor, run.steps_done) == (0, 1)


def test_no_steps_of_training_leave_the_run_where_it_is():
    run = Trainer(moons(16)).run
    run.step()
    assert not run.train(0).size
    assert run.cursor == 1


def test_going_back_over_a_step_whose_values_held_infinity_keeps_the_weights():
    g = moons(1000)
    g.add("Log", g.add("Mul", "hidden", b=0.0), name="side")
    run = Trainer(g).run
    run.train(1, remember=True)
    weights = run.store.flat.copy()
    with pytest.raises(NumericsError):
        run.forward()
    run.cursor = 0
    assert run.back() is not None
    run.update()
    assert np.array_equal(run.store.flat, weights)


def test_before_the_first_pass_there_is_no_loss():
    run = Run(xor_graph())
    run.feed(**xor_feed())
    assert run.loss is None
    run.forward()
    assert run.loss is not None


def test_the_rmse_of_many_rows_is_that_of_all_of_them():
    target = np.r_[np.zeros((1024, 1)), np.full((476, 1), 10.0)]
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 2))
    t = g.add("Input", name="target", shape=("N", 1))
    g.add("MSELoss", g.add("Linear", x, units=1, weight_init="zeros", bias_init="zeros"), t)
    measured = Trainer(g, data=Data(np.ones((1500, 2)), target), batch_size=2000).evaluate("train")
    assert measured.metrics["rmse"] == pytest.approx(measured.loss**0.5)


def test_the_one_batch_of_a_graph_without_data_is_fetched_once():
    g = Graph("by hand")
    x = g.add("Input", name="x", value=((1.0, 2.0),))
    g.add("Sum", g.add("Linear", x, units=2), name="goal")
    trainer = Trainer(g)
    first = trainer.run.feeder(0)
    trainer.run.take(first)
    assert trainer.run.feeder(1) is first
