"""Inverse trigonometric and hyperbolic functions, and logarithms: exact values, and where they end."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.errors import NumericsError
from graphlab.graph import Graph
from tests.ops.op_trial import Trial, run


def test_atan2_tells_all_four_quarters_apart_and_is_flat_at_the_origin():
    up, right = np.array([1.0, 1.0, -1.0, -1.0, 0.0]), np.array([1.0, -1.0, 1.0, -1.0, 0.0])
    trial = Trial("Atan2", {}, {"a": up, "b": right})
    trial.forward()
    np.testing.assert_allclose(trial.y / np.pi, [0.25, 0.75, -0.25, -0.75, 0])
    gradients = trial.backward(np.ones(5))
    np.testing.assert_allclose(gradients["a"], [0.5, -0.5, 0.5, -0.5, 0])
    np.testing.assert_allclose(gradients["b"], [-0.5, -0.5, 0.5, 0.5, 0])


@pytest.mark.parametrize(("there", "back"), [("Sinh", "Asinh"), ("Cosh", "Acosh"), ("Tanh", "Atanh")])
def test_hyperbolic_functions_undo_each_other(there, back):
    x = np.linspace(0.1, 3, 20)
    np.testing.assert_allclose(run(back, x=run(there, x=x)), x, rtol=1e-12)


@pytest.mark.parametrize(("there", "back"), [("Sin", "Asin"), ("Tan", "Atan")])
def test_trigonometric_functions_undo_each_other(there, back):
    x = np.linspace(-1.5, 1.5, 20)
    np.testing.assert_allclose(run(back, x=run(there, x=x)), x, rtol=1e-12)


def test_the_slope_of_asinh_does_not_overflow():
    trial = Trial("Asinh", {}, {"x": np.array([-1e200, 1e200])})
    with np.errstate(over="raise"):
        trial.forward()
        np.testing.assert_allclose(trial.backward(np.ones(2))["x"], 1e-200)


def test_close_to_nothing_no_digit_is_lost():
    x = np.array([1e-15, -1e-15])
    np.testing.assert_allclose(run("Log1p", x=x), x, rtol=1e-14)
    np.testing.assert_allclose(run("Expm1", x=x), x, rtol=1e-14)


def test_logarithms_count_bits_and_digits():
    np.testing.assert_array_equal(run("Log2", x=np.array([1.0, 2.0, 0.125, 1024.0])), [0, 1, -3, 10])
    np.testing.assert_allclose(run("Log10", x=np.array([1.0, 1000.0, 0.01])), [0, 3, -2], rtol=1e-15)


@pytest.mark.parametrize(
    ("op", "x"), [("Asin", 2.0), ("Acos", -1.5), ("Acosh", 0.5), ("Atanh", 3.0), ("Log2", -1.0)]
)
def test_beyond_its_ends_the_run_reports_the_number(op, x):
    g = Graph()
    g.add("Sum", g.add(op, g.add("Input", name="x", shape=("N",)), name="it"))
    feed = Run(g)
    feed.feed(x=[0.5, x] if op != "Acosh" else [2.0, x])
    with pytest.raises(NumericsError, match=rf"The value of it holds nan at \[1\], where x is {x:g}\."):
        feed.forward()
