"""Powers, roots and logarithms where they are awkward."""

from __future__ import annotations

import numpy as np
import pytest

from tests.ops.op_trial import Trial, run


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


def test_a_reciprocal_or_root_of_zero_is_infinite_not_an_error():
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(run("Reciprocal", x=np.array([0.0, 4.0])), [np.inf, 0.25])
        trial = Trial("Sqrt", {}, {"x": np.array([0.0, 4.0])})
        trial.forward()
        np.testing.assert_array_equal(trial.backward(np.ones(2))["x"], [np.inf, 0.25])
