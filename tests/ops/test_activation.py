"""Activations at the ends of the number line, and where they bend."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import ShapeError
from graphlab.ops import Spec, make
from tests.ops.op_trial import Trial, published, run


def test_published_stable_softmax():
    figures = published("cs231n_stable_softmax")
    found = run("Softmax", x=np.array(figures["given"]["f"], float))
    np.testing.assert_allclose(found, figures["expected"]["p"], rtol=1e-8)


def test_softmax_in_float32_underflows_to_zero_and_never_to_nan():
    trial = Trial("Softmax", {}, {"x": np.array([123.0, 456.0, 789.0])}, "float32")
    with np.errstate(under="ignore"):
        trial.forward()
    np.testing.assert_array_equal(trial.y, [0, 0, 1])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sigmoid_saturates_without_overflow(dtype):
    trial = Trial("Sigmoid", {}, {"x": np.array([-1e4, 0.0, 1e4])}, dtype)
    with np.errstate(all="raise"):
        trial.forward()
    np.testing.assert_array_equal(trial.y, [0, 0.5, 1])


@pytest.mark.parametrize("size", [3, 100_000])
def test_relu_is_flat_at_zero_for_small_and_large_arrays(size):
    x = np.linspace(-1, 1, size)
    x[size // 2] = 0
    trial = Trial("ReLU", {}, {"x": x}, "float32")
    trial.forward()
    np.testing.assert_array_equal(trial.y, np.where(trial.inputs["x"] > 0, trial.inputs["x"], 0))
    gradient = trial.backward(np.full(size, 2, np.float32))["x"]
    np.testing.assert_array_equal(gradient, np.where(trial.inputs["x"] > 0, 2, 0))


def test_relu_passes_nan_on_so_that_it_is_noticed():
    assert np.isnan(run("ReLU", x=np.array([np.nan]))).all()
    assert np.isnan(run("ReLU", x=np.full(5000, np.nan))).all()


def test_softmax_over_a_missing_axis_is_refused():
    with pytest.raises(ShapeError, match="no axis 2 in an array of 2 axes"):
        make("Softmax", {"dim": 2}).infer(Spec((3, 4)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_log_softmax_is_finite_and_exact_however_far_scores_are_apart(dtype):
    trial = Trial("LogSoftmax", {}, {"x": np.array([[-1e4, 0.0, 1e4], [1e4, 1e4, 1e4]])}, dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        trial.forward()
        gradient = trial.backward(np.array([[1, 0, 0], [0, 0, 3]], dtype))["x"]
    np.testing.assert_allclose(trial.y, [[-2e4, -1e4, 0], [-np.log(3)] * 3], rtol=1e-7)
    np.testing.assert_allclose(gradient, [[1, 0, -1], [-1, -1, 2]], rtol=1e-6)
