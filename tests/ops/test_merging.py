"""Sums and averages of several values, and what is handed on with or without its gradient."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.errors import ShapeError
from graphlab.graph import Graph
from graphlab.ops import Dim, Spec, make
from tests.ops.op_trial import Trial


def test_every_value_gets_its_share_of_the_gradient():
    arrays = {"x1": np.ones((2, 3)), "x2": np.full(3, 2.0), "x3": np.array(6.0)}
    for op, total, share in (("AddN", 9.0, 1.0), ("Average", 3.0, 1 / 3)):
        trial = Trial(op, {"count": 3}, arrays)
        trial.forward()
        np.testing.assert_array_equal(trial.y, np.full((2, 3), total))
        gradients = trial.backward(np.ones((2, 3)))
        np.testing.assert_allclose(gradients["x1"], np.full((2, 3), share))
        np.testing.assert_allclose(gradients["x2"], np.full(3, 2 * share))
        np.testing.assert_allclose(gradients["x3"], 6 * share)


def test_the_value_that_does_not_fit_the_others_is_named():
    shapes = {"x1": Spec((Dim("N"), 3)), "x2": Spec((3,)), "x3": Spec((4,))}
    with pytest.raises(ShapeError, match=r"x3 \(4\) do not fit: 3 against 4 in the last axis") as caught:
        make("AddN", {"count": 3}).infer(**shapes)
    assert caught.value.socket == "x3"


def test_a_graph_counts_the_sources_it_is_given():
    g = Graph()
    values = [g.add("Constant", value=value, name=f"c{value:g}") for value in (1.0, 2.0, 6.0)]
    g.add("Average", *values, name="mean")
    g.add("Maximum", *values, name="most")
    run = Run(g)
    run.forward()
    assert run.value("mean") == 3
    assert run.value("most") == 6


def test_nothing_upstream_learns_through_detach():
    g = Graph()
    w = g.add("Parameter", name="w", value=3.0)
    g.add("Mul", w, g.add("Detach", w, name="fixed"), name="product")
    run = Run(g, dtype="float64")
    run.backward()
    assert run.loss == 9
    assert run.gradients["w.value"] == 3  # not 6, the slope of w²


def test_identity_is_its_input_and_costs_nothing():
    g = Graph()
    g.add("Sum", g.add("Identity", g.add("Input", name="x", value=(1.0, 2.0)), name="same"))
    run = Run(g)
    run.forward()
    assert np.shares_memory(run.buffers.values[g["same"].id, "y"], run.buffers.values[g["x"].id, "y"])
