"""Arithmetic of two values: literals, broadcasting, remainders, division by zero."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlab.engine import Run
from graphlab.errors import NumericsError, ShapeError
from graphlab.graph import Graph
from graphlab.ops import Dim, Spec, make
from tests.ops.op_trial import Trial, run

N = Dim("N")


def test_an_unwired_b_is_the_number_typed_there():
    x = np.array([[1.0, 2.0]])
    np.testing.assert_array_equal(run("Add", {"b": 1.0}, a=x), x + 1)
    np.testing.assert_array_equal(run("Div", {"a": 10.0}, b=x), 10 / x)
    np.testing.assert_array_equal(run("Sub", {"a": 1.0}, b=x), 1 - x)


def test_sizes_that_do_not_broadcast_are_named():
    with pytest.raises(ShapeError, match=r"a \(N×3\) and b \(4\) do not fit: 3 against 4") as caught:
        make("Mul", {}).infer(Spec((N, 3)), Spec((4,)))
    assert caught.value.socket == "b"


@given(st.floats(-50, 50), st.floats(-20, 20).filter(lambda b: abs(b) > 1e-3))
def test_remainders_are_those_of_python_and_of_c(a, b):
    assert run("Mod", {}, a=np.array(a), b=np.array(b)) == pytest.approx(a % b, abs=1e-9)
    assert run("Mod", {"fmod": True}, a=np.array(a), b=np.array(b)) == math.fmod(a, b)


def test_a_remainder_slopes_down_with_each_whole_time():
    for fmod, times in ((False, -4), (True, -3)):
        trial = Trial("Mod", {"fmod": fmod}, {"a": np.array(-7.0), "b": np.array(2.0)})
        trial.forward()
        assert trial.backward(np.array(1.0))["b"] == -times


@pytest.mark.parametrize("op", ["Div", "Mod"])
def test_division_by_zero_is_reported_at_its_node(op):
    graph = Graph()
    some = graph.add("Constant", value=((1.0, 2.0),))
    graph.add(op, some, graph.add("Constant", value=((4.0, 0.0),)), name="ratio")
    with pytest.raises(NumericsError, match=r"value of ratio holds (inf|nan) at \[0, 1\]"):
        Run(graph).forward()


@pytest.mark.parametrize("fmod", [False, True])
@pytest.mark.parametrize("scale", [1.0, 1e7, 1e12])
def test_the_remainder_of_many_single_precision_numbers_is_exact(fmod, scale):
    rng = np.random.default_rng(0)
    a = (rng.standard_normal(5000) * scale).astype(np.float32)
    b = (rng.standard_normal(5000) + np.float32(0.1)).astype(np.float32)
    a[:500] = b[:500] * rng.integers(-50, 50, 500)  # whole numbers of times, and what rounding makes of them
    trial = Trial("Mod", {"fmod": fmod}, {"a": a, "b": b}, dtype="float32")
    trial.forward()
    exact = (np.fmod if fmod else np.remainder)(a, b)
    np.testing.assert_array_equal(trial.y, exact)


@pytest.mark.parametrize(
    ("a", "b", "remainder"), [(-1.0, np.inf, np.inf), (1.0, np.inf, 1.0), (1.0, 0.0, np.nan)]
)
def test_the_remainder_of_numbers_that_are_not_finite_is_numpys(a, b, remainder):
    trial = Trial("Mod", {}, {"a": np.full(5000, a), "b": np.full(5000, b)}, dtype="float32")
    with np.errstate(all="ignore"):
        trial.forward()
    np.testing.assert_array_equal(trial.y, np.full(5000, remainder))
