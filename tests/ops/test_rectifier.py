"""Rectifiers at their corner, far from it, and with slopes of every kind."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import ShapeError, Unsupported
from graphlab.ops import Spec, get, make
from graphlab.ops.interchange import from_onnx
from tests.ops.op_trial import Trial, run

AROUND = np.array([-2.0, -0.0, 0.0, 3.0])


@pytest.mark.parametrize(
    ("name", "params", "slopes"),
    [
        ("ReLU", {}, [0, 0, 0, 1]),
        ("LeakyReLU", {"negative_slope": 0.1}, [0.1, 0.1, 0.1, 1]),
        ("LeakyReLU", {"negative_slope": 0.01}, [0.01, 0.01, 0.01, 1]),
        ("LeakyReLU", {"negative_slope": 2.0}, [2, 2, 2, 1]),
        ("ELU", {"alpha": 2.0}, [2 * np.exp(-2), 2, 2, 1]),
    ],
)
def test_the_corner_belongs_to_the_left_as_in_pytorch(name, params, slopes):
    trial = Trial(name, params, {"x": AROUND})
    trial.forward()
    np.testing.assert_allclose(trial.backward(np.ones(4))["x"], slopes, rtol=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["ELU", "SELU", "LeakyReLU", "PReLU"])
def test_far_away_nothing_overflows(name, dtype):
    trial = Trial(name, {}, {"x": np.array([-1e4, 1e4])}, dtype)
    with np.errstate(over="raise", invalid="raise"):
        trial.forward()
        gradient = trial.backward(np.ones(2, dtype))["x"]
    assert np.isfinite(trial.y).all()
    assert np.isfinite(gradient).all()
    assert trial.y[1] >= 9999


def test_elu_keeps_the_digits_of_small_numbers():
    np.testing.assert_allclose(run("ELU", x=np.array([-1e-12])), [-1e-12 + 5e-25], rtol=1e-15)


def test_prelu_learns_one_slope_for_each_channel():
    trial = Trial("PReLU", {"num_parameters": 2}, {"x": np.array([[-1.0, -2.0], [3.0, -4.0]])})
    trial.inputs["weight"][...] = [0.5, 0.1]
    trial.forward()
    np.testing.assert_array_equal(trial.y, [[-0.5, -0.2], [3, -0.4]])
    gradients = trial.backward(np.ones((2, 2)))
    np.testing.assert_array_equal(gradients["weight"], [-1, -6])
    np.testing.assert_array_equal(gradients["x"], [[0.5, 0.1], [1, 0.1]])


def test_prelu_begins_with_its_slope_and_offers_no_other_beginning():
    assert make("PReLU", {"init": 0.1}).start("weight") == 0.1
    assert "weight_init" not in get("PReLU").params_of


def test_prelu_refuses_channels_that_it_has_no_slopes_for():
    with pytest.raises(ShapeError, match=r"x \(4×5\) has 5 channels, but there are 3 slopes"):
        make("PReLU", {"num_parameters": 3}).learnable(Spec((4, 5)))
    with pytest.raises(ShapeError, match="no channels"):
        make("PReLU", {"num_parameters": 3}).learnable(Spec((3,)))


def test_onnx_forms_that_are_not_ours_are_refused():
    x = np.zeros((2, 3))
    with pytest.raises(Unsupported, match="one slope or one for each channel"):
        from_onnx("PRelu", {}, [x, np.zeros((2, 3))])
    with pytest.raises(Unsupported, match="constants of its authors"):
        from_onnx("Selu", {"alpha": 2.0, "gamma": 3.0}, [x])
    op, arrays = from_onnx("PRelu", {}, [np.zeros((2, 3, 4)), np.zeros((3, 1))])
    assert op.num_parameters == 3
    assert arrays["weight"].shape == (3,)
