"""Which node backward starts from, and what the schedule makes of it."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.errors import ProblemsError
from graphlab.graph import Graph


@pytest.mark.parametrize("op", ["Input", "Constant", "Parameter"])
def test_a_goal_that_nothing_leads_to_has_a_gradient_of_one(op):
    g = Graph()
    g.add(op, name="number", value=3.0)
    run = Run(g, goal="number")
    run.backward()
    assert run.grad("number") == 1
    assert run.contributions("number") == {}
    if op == "Parameter":
        assert run.grad("number.value") == 1


def test_a_number_that_lies_about_does_not_become_the_goal():
    g = Graph()
    a = g.add("Input", name="a", value=2.0)
    g.add("Mul", a, a, name="square")
    g.add("Constant", name="stray", value=3.0)
    run = Run(g)
    run.backward()
    assert run.plan.nodes[run.plan.goal].path == "square"
    assert run.grad("a") == 4


@pytest.mark.parametrize("input_gradients", [True, False])
def test_parameters_that_the_goal_ignores_are_not_updated(input_gradients):
    g = Graph()
    x = g.add("Input", name="x", value=((1.0, 2.0),))
    g.add("Sum", x, name="sum")
    g.add("Linear", x, name="aside")
    g.configure(goal="sum", optimizer="SGD", weight_decay=0.1)
    run = Run(g, input_gradients=input_gradients)
    weight = run.value("aside.weight")
    with pytest.raises(ProblemsError, match="depends on no parameter"):
        run.update()
    for _ in run.steps():
        pass
    assert np.array_equal(run.value("aside.weight"), weight)
