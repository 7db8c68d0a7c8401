"""Gated activations: exact against 50 digits, and quiet at the ends of the number line."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.ops.op_trial import Trial

POINTS = np.array([-30.0, -8.0, -3.0, -1.0, -1e-8, 0.0, 1e-8, 0.5, 2.0, 3.0, 8.0, 25.0])


def gelu(x):
    return x * 0.5 * math.erfc(-x / math.sqrt(2))


def mish(x):
    return x * math.tanh(math.log1p(math.exp(x)))


@pytest.mark.parametrize(
    ("name", "exact"),
    [
        ("SiLU", lambda x: x / (1 + math.exp(-x))),
        ("GELU", gelu),
        ("Mish", mish),
        ("Softplus", lambda x: x if x > 20 else math.log1p(math.exp(x))),
        ("Softsign", lambda x: x / (1 + abs(x))),
        ("Hardswish", lambda x: x * min(max(x + 3, 0), 6) / 6),
        ("Hardsigmoid", lambda x: min(max(x + 3, 0), 6) / 6),
    ],
)
def test_the_values_are_those_of_the_definition(name, exact):
    trial = Trial(name, {}, {"x": POINTS})
    trial.forward()
    np.testing.assert_allclose(trial.y, [exact(float(x)) for x in POINTS], rtol=4e-15, atol=4e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("SiLU", (0, 1e4)),
        ("GELU", (0, 1e4)),
        ("Mish", (0, 1e4)),
        ("Softplus", (0, 1e4)),
        ("Softsign", (-1, 1)),
        ("Hardswish", (0, 1e4)),
        ("Hardsigmoid", (0, 1)),
    ],
)
def test_far_away_values_and_slopes_are_the_limits(name, ends, dtype):
    trial = Trial(name, {}, {"x": np.array([-1e4, 1e4])}, dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        trial.forward()
        gradient = trial.backward(np.ones(2, dtype))["x"]
    np.testing.assert_allclose(trial.y, ends, atol=1e-3)
    slope = 1 if ends[1] == 1e4 else 0
    np.testing.assert_allclose(gradient, [0, slope], atol=1e-6)


@pytest.mark.parametrize(("name", "slopes"), [("Hardswish", [0, 1]), ("Hardsigmoid", [0, 0])])
def test_the_corners_are_pytorchs(name, slopes):
    trial = Trial(name, {}, {"x": np.array([-3.0, 3.0])})
    trial.forward()
    np.testing.assert_array_equal(trial.backward(np.ones(2))["x"], slopes)


def test_softplus_is_linear_beyond_its_threshold():
    trial = Trial("Softplus", {"threshold": 2.0, "beta": 2.0}, {"x": np.array([0.9, 1.1])})
    trial.forward()
    assert trial.y[0] > 0.9
    assert trial.y[1] == 1.1
    assert trial.backward(np.ones(2))["x"][1] == 1
