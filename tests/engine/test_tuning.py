"""Whatever is changed while a network learns counts from the next step on, and nothing learnt is lost."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine.workspace import Workspace
from graphlab.graph import Graph
from graphlab.ops import get
from tests.engine.networks import winding_graph

CHANGES = {
    "lr": lambda g: g.configure(lr=0.001),
    "batch size": lambda g: g.configure(batch_size=8),
    "optimizer": lambda g: g.configure(optimizer="RMSprop"),
    "weight decay": lambda g: g.configure(weight_decay=0.1),
    "schedule": lambda g: g.configure(schedule="StepLR", step_size=1),
    "dropout": lambda g: g.set("dropout", p=0.7),
    "freeze": lambda g: g.set_flags("scores", frozen=True),
    "noise": lambda g: g.set("data", noise=1.5),
}


@pytest.fixture
def space():
    found = Workspace(winding_graph().document)
    found.train(2)
    found.train(1)
    return found


@pytest.mark.parametrize("what", CHANGES)
def test_training_goes_on_from_where_it_is(space, what):
    graph = Graph(space.document)
    CHANGES[what](graph)
    weights = {name: array.copy() for name, array in space.run.parameters.items()}
    losses = sum(len(chunk) for _, chunk in space.losses)
    space.load(graph.document)
    assert space.obstacle is None
    assert space.run.steps_done == 3
    assert all(np.array_equal(space.run.parameters[name], weights[name]) for name in weights)
    space.train(1)
    assert space.run.steps_done == 4
    assert sum(len(chunk) for _, chunk in space.losses) == losses + 1
    moved = {name for name in weights if not np.array_equal(space.run.parameters[name], weights[name])}
    frozen = {"scores.weight", "scores.bias"} if what == "freeze" else set()
    assert moved == set(weights) - frozen


def test_what_is_changed_is_what_counts(space):
    graph = Graph(space.document)
    graph.configure(lr=0.001, batch_size=8, weight_decay=0.1)
    graph.set("dropout", p=0.7)
    space.load(graph.document)
    space.train(1)
    run = space.run
    assert (run.optimizer.rate_used, run.optimizer.settings_used["weight_decay"]) == (0.001, 0.1)
    assert run.value("data.x").shape[0] == 8
    assert run.plan.op(space.document.node("dropout").id).p == 0.7


def test_memory_of_the_optimizer_lasts_where_it_is_the_same(space):
    before = space.run.optimizer.state["m"].copy()
    for edit in (CHANGES["lr"], CHANGES["dropout"], CHANGES["noise"]):
        graph = Graph(space.document)
        edit(graph)
        space.load(graph.document)
        assert np.array_equal(space.run.optimizer.state["m"], before)
    assert space.run.optimizer.steps == 3


def test_ops_say_which_of_their_params_one_turns():
    dropout = get("Dropout")(p=0.3)
    assert dropout.knob("p") == (0.3, 0.0, 1.0)
    noise = get("GaussianNoise")(std=4.0)
    assert noise.knob("std") == (4.0, 0.0, 8.0)
    assert get("Dataset")(dataset="moons").knob("noise") == (0.1, 0.0, 1.0)
    assert get("Dataset")(dataset="moons", noise=3.0).knob("noise") == (3.0, 0.0, 6.0)
    assert get("Dataset")(dataset="digits").knob("noise") is None
    assert get("Dataset")(dataset="no such").knob("noise") is None
    assert get("Linear").knobs == ()
