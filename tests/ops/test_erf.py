"""The error function against the C library's, everywhere."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ops.op_trial import Trial, run

EVERYWHERE = np.concatenate(
    [np.linspace(-8, 8, 20_001), 10.0 ** np.linspace(-30, 2, 500), -(10.0 ** np.linspace(-30, 2, 500))]
)


@pytest.mark.parametrize(("dtype", "most"), [("float64", 1.5e-15), ("float32", 3e-7)])
def test_it_is_erf_to_the_last_digits(dtype, most):
    x = EVERYWHERE.astype(dtype)
    trial = Trial("Erf", {}, {"x": x}, dtype=dtype)
    trial.forward()
    expected = np.array([math.erf(float(v)) for v in x])
    there = expected != 0
    worst = np.abs(trial.y[there] - expected[there]) / np.abs(expected[there])
    assert worst.max() < most
    assert (trial.y[~there] == 0).all()


@given(st.floats(allow_nan=False))
def test_it_is_odd_and_stays_within_one(x):
    there, back = run("Erf", x=np.array([x, -x]))
    assert there == -back
    assert abs(there) <= 1


def test_large_arrays_of_any_layout_are_the_same_element_by_element():
    x = np.random.default_rng(0).standard_normal((200, 150))
    whole = run("Erf", x=x)
    np.testing.assert_array_equal(whole, np.stack([run("Erf", x=row) for row in x]))
    trial = Trial("Erf", {}, {"x": x})
    trial.inputs["x"] = np.asfortranarray(x)
    trial.forward()
    np.testing.assert_array_equal(trial.y, whole)
