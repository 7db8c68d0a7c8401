"""Arithmetic: powers where they are awkward, and matrix products that do not fit."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import ShapeError
from graphlab.ops import Dim, Spec, make
from tests.ops.op_trial import Trial, run

N = Dim("N")


@pytest.mark.parametrize("power", [-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 2.5])
def test_powers_are_those_of_numpy(power):
    x = np.random.default_rng(0).uniform(0.1, 3, (5, 4))
    np.testing.assert_allclose(run("Pow", {"b": power}, a=x), x**power, rtol=1e-15)


@pytest.mark.parametrize(("power", "slope"), [(0.0, 0.0), (1.0, 1.0), (2.0, 0.0), (3.0, 0.0)])
def test_powers_of_zero_have_the_gradient_of_the_formula(power, slope):
    trial = Trial("Pow", {"b": power}, {"a": np.zeros(3)})
    with np.errstate(divide="ignore", invalid="ignore"):
        trial.forward()
        np.testing.assert_array_equal(trial.backward(np.ones(3))["a"], [slope] * 3)


def test_the_exponent_of_zero_gets_no_gradient():
    trial = Trial("Pow", {}, {"a": np.array([0.0, 1.0]), "b": np.array([2.0, 2.0])})
    with np.errstate(divide="ignore", invalid="ignore"):
        trial.forward()
        np.testing.assert_array_equal(trial.backward(np.ones(2))["b"], [0, 0])


def test_a_negative_number_has_whole_powers():
    np.testing.assert_array_equal(run("Pow", {"b": 3.0}, a=np.array([-2.0])), [-8])


def test_an_unwired_b_is_the_number_typed_there():
    x = np.array([[1.0, 2.0]])
    np.testing.assert_array_equal(run("Add", {"b": 1.0}, a=x), x + 1)
    np.testing.assert_array_equal(run("Div", {"a": 10.0}, b=x), 10 / x)
    np.testing.assert_array_equal(run("Sub", {"a": 1.0}, b=x), 1 - x)


def test_sizes_that_do_not_broadcast_are_named():
    with pytest.raises(ShapeError, match=r"a \(N×3\) and b \(4\) do not fit: 3 against 4") as caught:
        make("Mul", {}).infer(Spec((N, 3)), Spec((4,)))
    assert caught.value.socket == "b"


def test_inner_sizes_that_differ_are_named():
    with pytest.raises(
        ShapeError, match=r"Cannot multiply a \(N×16\) by b \(8×4\): the inner sizes 16 and 8"
    ):
        make("MatMul", {}).infer(Spec((N, 16)), Spec((8, 4)))


def test_a_scalar_is_no_matrix():
    with pytest.raises(ShapeError, match="b is a scalar") as caught:
        make("MatMul", {}).infer(Spec((N, 16)), Spec(()))
    assert caught.value.socket == "b"


def test_a_batch_of_open_size_multiplies():
    assert str(make("MatMul", {}).infer(Spec((N, 16)), Spec((16, 4)))) == "N×4"
    assert str(make("MatMul", {}).infer(Spec((N, 5, 16)), Spec((16,)))) == "N×5"
