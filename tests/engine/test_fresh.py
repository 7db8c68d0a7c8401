"""Parameters drawn again: the run's own first values from its seed, others from another."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Run, infer
from graphlab.engine.fresh import fresh_values
from graphlab.engine.workspace import Workspace
from graphlab.graph import Graph
from graphlab.io import load
from graphlab.io.examples import example
from tests.engine.test_travel import assert_hops, train
from tests.engine.test_travel import network as travelled


def network():
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 1, 8, 8))
    h = g.add("BatchNorm2d", g.add("Conv2d", x, name="conv", out_channels=3, kernel_size=3), name="bn")
    h = g.add("Linear", g.add("Flatten", h), name="out", units=5, weight_init="orthogonal")
    g.add("Add", h, g.add("Parameter", name="b", value=(1.0, 2.0, 3.0, 4.0, 5.0)), name="sum")
    return g


@pytest.mark.parametrize("name", ["spirals", "digits-cnn", ""])
def test_with_the_documents_seed_they_are_what_a_run_begins_with(name):
    graph = load(example(name).path)[0] if name else network()
    found, run = infer(graph), Run(graph)
    ends = [*found.learnables, *found.states]
    made = fresh_values(found, ends, graph.document.training.seed)
    slots = run.plan.parameters | run.plan.states
    assert set(made) == set(slots)
    for end, array in made.items():
        assert np.array_equal(array, run.weights[slots[end].name]), end


def test_another_seed_gives_others_and_the_same_seed_the_same():
    found = infer(network())
    end = next(end for end in found.learnables if end[1] == "weight")
    first, again, other = (fresh_values(found, [end], seed)[end] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.std() == pytest.approx(other.std(), rel=0.5)


def test_time_travel_goes_over_a_layer_that_began_anew_to_the_bit():
    space, noted = Workspace(travelled().document), {}
    train(space, 20, noted)
    run = space.run
    end = next(end for end in run.plan.parameters if end[1] == "weight")
    fresh = fresh_values(run.plan.inference, [end], 5)[end]
    space.set_weights({run.plan.parameters[end].name: fresh}, {})
    train(space, 20, noted)
    assert_hops(space, noted, 12)
