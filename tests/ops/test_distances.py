"""Distances and vectors of length 1, and what happens where two points are the same."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import ShapeError
from graphlab.ops import Dim, Spec, make
from tests.ops.op_trial import Trial, run


def test_every_row_is_measured_against_every_other():
    corners = np.array([[0.0, 0.0], [3.0, 4.0]])
    np.testing.assert_array_equal(run("CDist", x1=corners, x2=corners), [[0, 5], [5, 0]])
    np.testing.assert_array_equal(run("CDist", {"p": 1.0}, x1=corners, x2=corners), [[0, 7], [7, 0]])


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
def test_at_a_distance_of_0_the_slope_is_0(p):
    x = np.ones((2, 3))
    trial = Trial("CDist", {"p": p}, {"x1": x, "x2": x.copy()})
    trial.forward()
    for gradient in trial.backward(np.ones((2, 2))).values():
        np.testing.assert_array_equal(gradient, 0)


def test_a_large_power_does_not_overflow_in_the_gradient():
    trial = Trial("PairwiseDistance", {"p": 30.0}, {"x1": np.array([[1e6, 2e6]]), "x2": np.zeros((1, 2))})
    trial.forward()
    np.testing.assert_allclose(trial.y, 2e6, rtol=1e-6)
    np.testing.assert_allclose(trial.backward(np.ones(1))["x1"], [[0, 1]], atol=1e-6)


def test_a_vector_of_zeros_stays_one():
    trial = Trial("Normalize", {}, {"x": np.array([[3.0, 4.0], [0.0, 0.0]])})
    trial.forward()
    np.testing.assert_allclose(trial.y, [[0.6, 0.8], [0, 0]])
    assert np.isfinite(trial.backward(np.ones((2, 2)))["x"]).all()


def test_vectors_of_different_length_are_refused():
    with pytest.raises(ShapeError, match=r"The vectors of x1 \(N×3\) have 3 numbers, those of x2 \(5×4\) 4"):
        make("CDist", {}).infer(Spec((Dim("N"), 3)), Spec((5, 4)))
