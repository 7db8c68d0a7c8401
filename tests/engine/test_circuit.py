"""The loop of training: its stages as stretches of the schedule, going to the end of one, and what each holds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from graphlab.engine import Trainer
from graphlab.engine import messages as m
from graphlab.engine.answers import ANSWERS
from graphlab.engine.breakpoints import Breakpoints
from graphlab.engine.circuit import STAGES, ends_of, next_stage, stage_at, to_stage
from graphlab.engine.workspace import Workspace
from graphlab.errors import FeedError, ProblemsError
from graphlab.graph import Graph
from tests.engine.networks import winding_graph, xor_graph


@pytest.fixture
def space():
    return Workspace(winding_graph().document)


def where(space):
    run = space.run
    return stage_at(ends_of(run.schedule, run.plan.goal), run.cursor), run.steps_done


def told(space):
    return ANSWERS[m.Circuit](space, 7, m.Circuit(3))


def test_every_entry_is_in_one_stage(space):
    ends = ends_of(space.run.schedule, space.run.plan.goal)
    assert tuple(ends) == STAGES
    assert list(ends.values()) == sorted(ends.values())
    assert ends["update"] == len(space.run.schedule)
    goal = next(k for k, e in enumerate(space.run.schedule) if e.id == space.run.plan.goal)
    assert [stage_at(ends, k) for k in (0, 1, goal, goal + 1)] == ["batch", "forward", "forward", "loss"]


def test_a_graph_without_a_loss_has_batch_and_forward_only():
    graph = Graph()
    graph.add("Tanh", graph.add("Input", name="x", value=((1.0, 2.0),)))
    space = Workspace(graph.document)
    ends = ends_of(space.run.schedule, space.run.plan.goal)
    assert list(ends) == ["batch", "forward"]
    assert to_stage(space, "forward") == ""
    assert space.run.cursor == 2
    with pytest.raises(ProblemsError):
        to_stage(space, "backward")


def test_stage_after_stage_goes_round(space):
    visited = []
    for _ in range(11):
        assert to_stage(space) == ""
        visited.append(where(space))
    assert [stage for stage, _ in visited] == [*STAGES, *STAGES, "batch"]
    assert [step for _, step in visited] == [0] * 4 + [1] * 5 + [2] * 2


def test_a_loop_by_stages_is_a_step_of_training_to_the_bit(space):
    for _ in range(10):
        to_stage(space)
    whole = Trainer(winding_graph())
    whole.advance(1), whole.advance(1)
    assert np.array_equal(space.run.store.flat, whole.run.store.flat)
    assert space.run.steps_done == 2


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("begin", STAGES)
def test_from_every_stage_one_comes_to_the_end_of_every_other(space, begin, stage):
    to_stage(space, begin)
    first = space.run.steps_done
    to_stage(space, stage)
    ends = ends_of(space.run.schedule, space.run.plan.goal)
    assert space.run.cursor == ends[stage]
    assert where(space)[0] == stage
    assert space.run.steps_done - first <= 1
    assert space.run.is_fed


def test_a_breakpoint_on_the_way_stops_it(space):
    node = space.document.node("both").id
    space.breakpoints = Breakpoints([m.Breakpoint(node, "forward")])
    assert to_stage(space, "loss").startswith("both")
    assert space.run.schedule[space.run.cursor - 1].id == node
    assert to_stage(space, "loss") == ""


def test_what_is_not_fed_says_so():
    space = Workspace(xor_graph().document)
    with pytest.raises(FeedError):
        to_stage(space, "batch")


def test_it_tells_which_rows_are_in_the_batch(space):
    assert not told(space).is_fed
    to_stage(space, "batch")
    found = told(space)
    trainer = space.trainer
    rows = trainer.batches.order(0, trainer.batch_size, 0, True)[0]
    assert (found.batch, found.batches, found.epoch, found.size) == (0, trainer.steps_per_epoch, 0, len(rows))
    assert found.rows == tuple(rows[:24].tolist())
    assert math.isnan(found.gradient)
    for _ in range(trainer.steps_per_epoch):
        to_stage(space, "update")
    found = told(space)
    assert (found.batch, found.epoch) == (trainer.steps_per_epoch - 1, 0), "of the step just made"
    to_stage(space, "batch")
    assert (told(space).batch, told(space).epoch) == (0, 1)


def test_it_tells_loss_gradient_and_update(space):
    to_stage(space, "backward")
    before, gradient = space.run.store.flat.copy(), space.run.store.gradient.copy()
    assert told(space).gradient == pytest.approx(np.linalg.norm(gradient), rel=1e-5)
    assert told(space).loss == space.run.loss
    assert math.isnan(told(space).update)
    to_stage(space, "update")
    found = told(space)
    assert found.update == pytest.approx(np.linalg.norm(space.run.store.flat - before), rel=1e-5)
    assert (found.optimizer, found.rate, found.step) == ("Adam", 0.05, 1)
    assert m.decode_event(m.encode(found)[8:]) == found


def test_next_is_what_ends_next():
    ends = {"batch": 0, "forward": 3, "loss": 4, "backward": 6, "update": 7}
    assert [next_stage(ends, k) for k in (0, 2, 3, 4, 6, 7)] == [
        "forward",
        "forward",
        "loss",
        "backward",
        "update",
        "batch",
    ]
    assert next_stage(ends, 0, is_fed=False) == "batch"


def test_an_edit_that_compiles_anew_keeps_the_clock_of_training(space):
    space.train(2)
    space.trainer._seconds = 12.5
    graph = Graph(space.document)
    graph.set_flags("first", frozen=True)
    assert space.load(graph.document)
    assert space.run.steps_done == 2
    assert space.trainer.seconds == 12.5
