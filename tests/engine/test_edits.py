"""What a running document keeps when it is edited."""

from __future__ import annotations

import numpy as np

from graphlab.engine.workspace import Workspace
from graphlab.errors import SettingsError
from graphlab.graph import Graph


def chain() -> Graph:
    g = Graph("chain")
    x = g.add("Input", name="x", value=((0.0, 1.0), (2.0, 3.0), (4.0, 5.0)))
    g.add("Mean", g.add("Linear", g.add("Linear", x, name="a", units=2), name="b", units=2), name="mean")
    return g


def test_momentum_stays_with_its_parameter_when_the_order_changes():
    g = chain()
    space = Workspace(g.document)
    space.train(1)
    run = space.run
    before = {slot.name: run.optimizer.state["m"][slot.window] for slot in run.plan.parameters.values()}
    with g.edit("swap a and b"):
        for socket in ("a.x", "b.x", "mean.x"):
            g.disconnect(socket)
        g.connect("x", "b")
        g.connect("b", "a")
        g.connect("a", "mean")
    space.load(g.document)
    run = space.run
    assert list(run.parameters) == ["b.weight", "b.bias", "a.weight", "a.bias"]
    assert run.steps_done == 1
    for slot in run.plan.parameters.values():
        assert np.array_equal(run.optimizer.state["m"][slot.window], before[slot.name])


def test_an_edited_value_of_a_parameter_is_taken():
    g = Graph()
    g.add("Sum", g.add("Parameter", name="p", value=(1.0, 2.0)))
    space = Workspace(g.document)
    space.phase("forward")
    g.set("p", value=(5.0, 6.0))
    space.load(g.document)
    assert space.run.value("p").tolist() == [5, 6]


def test_an_edited_initialiser_begins_that_parameter_anew_and_no_other():
    g = chain()
    space = Workspace(g.document)
    space.train(1)
    other = space.run.value("b.weight")
    g.set("a", weight_init="zeros")
    space.load(g.document)
    assert not space.run.value("a.weight").any()
    assert np.array_equal(space.run.value("b.weight"), other)


def test_a_document_with_an_optimizer_of_a_newer_graphlab_runs_but_does_not_train():
    g = chain()
    document = g.document.with_(training=type(g.document.training)(optimizer="Lioness"))
    space = Workspace(document)
    assert isinstance(space.obstacle, SettingsError)
    space.phase("backward")
    assert space.document is document
