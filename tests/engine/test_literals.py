"""An edit of numbers in the document leaves the run where it is, and to the last bit what compiling anew would make."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine.workspace import Workspace
from graphlab.graph import Graph
from tests.engine.test_partial import same_everywhere


def network() -> Graph:
    g = Graph("network")
    x = g.add("Input", name="x", value=((0.5, -1.0), (2.0, 0.25)))
    scale = g.add("Constant", name="scale", value=(1.0, 2.0))
    weight = g.add("Parameter", name="weight", value=((0.3, -0.2), (0.1, 0.7)))
    hidden = g.add("Linear", g.add("Mul", x, scale, name="scaled"), name="hidden", units=2, weight=weight)
    turned = g.add("Transpose", g.add("LeakyReLU", hidden, name="leaky"), name="turned")
    kept = g.add("Dropout", turned, name="dropout", p=0.5)
    g.add("Sum", kept, name="goal")
    g.add("Tanh", x, name="beside")
    return g


EDITS = [
    ("scale", {"value": (1.0, -3.0)}),
    ("x", {"value": ((0.5, -1.0), (4.0, 0.25))}),
    ("weight", {"value": ((0.3, 5.0), (0.1, 0.7))}),
    ("leaky", {"negative_slope": 0.3}),
    ("dropout", {"p": 0.2}),
]


def both(g: Graph, phase: str) -> tuple[Workspace, Workspace]:
    made = Workspace(g.document), Workspace(g.document)
    for space in made:
        space.phase(phase)
    made[1].look_again()  # this one compiles anew
    return made


@pytest.mark.parametrize("phase", ["forward", "backward"])
@pytest.mark.parametrize(("node", "params"), EDITS)
def test_an_edited_number_comes_to_what_compiling_anew_makes_of_it(node, params, phase):
    g = network()
    one, other = both(g, phase)
    g.set(node, **params)
    assert not one.load(g.document)
    assert other.load(g.document)
    assert one.run.cursor == other.run.cursor > 0
    same_everywhere(one.run, other.run)
    for space in (one, other):
        for _ in range(3):
            space.phase("update")
    same_everywhere(one.run, other.run)
    assert one.document is g.document
    assert one.run.document is g.document


def test_only_what_depends_on_it_is_computed():
    g = network()
    space = Workspace(g.document)
    space.phase("forward")
    g.set("leaky", negative_slope=0.5)
    space.load(g.document)
    names = {g.document.nodes[key].name for key in space.anew.nodes}
    assert "leaky" in names
    assert not names & {"scaled", "hidden", "beside"}


def test_a_literal_at_a_socket():
    g = Graph()
    x = g.add("Input", name="x", value=(1.0, 4.0))
    g.add("Sum", g.add("Add", x, name="add"), name="goal")
    one, other = both(g, "backward")
    g.set("add", b=7.5)
    assert not one.load(g.document)
    other.load(g.document)
    same_everywhere(one.run, other.run)
    assert one.run.value("add").tolist() == [8.5, 11.5]


def compiled_anew(edit, trained: int = 0) -> bool:
    g = network()
    space = Workspace(g.document)
    space.phase("backward")
    for _ in range(trained):
        space.phase("update")
    edit(g)
    return space.load(g.document)


def test_what_changes_more_than_numbers_is_compiled_anew():
    assert compiled_anew(lambda g: g.set("scale", value=(1.0,)))
    assert compiled_anew(lambda g: g.set("x", value=((1.0, 2.0),)))
    assert compiled_anew(lambda g: g.set("hidden", bias=False))
    assert compiled_anew(lambda g: g.set("weight", value=((0.0, 5.0), (0.1, 0.7))), trained=1)
    assert compiled_anew(lambda g: g.add("Tanh", "x"))
    assert compiled_anew(lambda g: g.set_flags("leaky", muted=True))
    assert not compiled_anew(lambda g: g.set("scale", value=(3.0, 3.0)))


def test_axes_of_equal_size_that_change_places():
    g = Graph()
    x = g.add("Input", name="x", value=(((1.0, 2.0), (3.0, 4.0)), ((5.0, 6.0), (7.0, 8.0))))
    turned = g.add("Permute", x, name="turned", dims=(0, 2, 1))
    g.add("Sum", g.add("Square", turned), name="goal")
    space = Workspace(g.document)
    space.phase("forward")
    g.set("turned", dims=(1, 0, 2))
    assert not space.load(g.document)
    assert space.run.value("turned")[0, 1].tolist() == [5.0, 6.0]


def test_training_goes_on_with_the_edited_number():
    g = network()
    space = Workspace(g.document)
    space.train(1)
    weights = space.run.parameters["hidden.bias"].copy()
    g.set("scale", value=(0.0, 0.0))
    assert not space.load(g.document)
    assert np.array_equal(space.run.parameters["hidden.bias"], weights)
    assert not space.run.value("scaled").any()
    space.train(4)
    assert space.run.steps_done == 2


def test_what_other_operations_computed_is_stepped_back_to_with_them():
    g = network()
    space = Workspace(g.document)
    space.phase("backward")
    before, params = space.run.value("leaky").copy(), dict(space.document.node("leaky").params)
    space.phase("update")
    g.set("leaky", negative_slope=0.4)
    space.load(g.document)
    space.phase("backward")
    assert not np.array_equal(space.run.value("leaky"), before)
    space.back(100)
    assert (space.run.steps_done, space.run.cursor) == (0, 0)
    assert space.document.node("leaky").params == params
    space.phase("backward")
    assert np.array_equal(space.run.value("leaky"), before)
