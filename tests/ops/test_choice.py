"""Softmax and its relatives: finite and exact however large the scores, and who wins."""

from __future__ import annotations

import numpy as np
import pytest

from tests.ops.op_trial import Trial, run

LARGE = np.array([[-1e4, 0.0, 1e4], [1e4, 1e4, 1e4], [1e4, 1e4 - 1, -1e4]])
CLOSE = np.exp([0.0, -1.0]) / np.exp([0.0, -1.0]).sum()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("op", "sign"), [("Softmax", 1), ("Softmin", -1)])
def test_probabilities_are_exact_at_ten_thousand(op, sign, dtype):
    trial = Trial(op, {}, {"x": sign * LARGE}, dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        trial.forward()
        gradient = trial.backward(np.array([[1, 2, 4]] * 3, dtype))["x"]
    exact = np.array([[0, 0, 1], [1 / 3] * 3, [*CLOSE, 0]])
    np.testing.assert_allclose(trial.y, exact, rtol=1e-6 if dtype == "float32" else 1e-14)
    inner = exact @ [1, 2, 4]
    np.testing.assert_allclose(gradient, sign * exact * ([1, 2, 4] - inner[:, None]), atol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_smooth_maximum_is_exact_at_ten_thousand(dtype):
    trial = Trial("LogSumExp", {"dim": 1}, {"x": LARGE}, dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        trial.forward()
        gradient = trial.backward(np.ones(3, dtype))["x"]
    exact = 1e4 + np.log([1, 3, 1 + np.exp(-1)])
    np.testing.assert_allclose(trial.y, exact, rtol=1e-7 if dtype == "float32" else 1e-15)
    # float32 rounds the sum itself to a thousandth, and the slopes with it
    slopes = [[0, 0, 1], [1 / 3] * 3, [*CLOSE, 0]]
    np.testing.assert_allclose(gradient, slopes, atol=1e-3 if dtype == "float32" else 1e-11)


def test_the_first_of_several_equal_ones_wins_all():
    x = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 0.0]])
    np.testing.assert_array_equal(run("Hardmax", x=x), [[0, 1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(run("Hardmax", {"dim": 0}, x=x), [[0, 1, 1], [1, 0, 0]])
