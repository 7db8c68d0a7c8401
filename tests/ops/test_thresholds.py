"""Activations of straight lines and their relatives: the corners are PyTorch's, and nothing overflows far away."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import ParamError, ShapeError, Unsupported
from graphlab.ops import Dim, Spec, make
from graphlab.ops.interchange import from_onnx
from tests.ops.op_trial import Trial, run

CORNERS = {
    "Hardtanh": ({}, [-1.0, 1.0], "hardtanh"),
    "ReLU6": ({}, [0.0, 6.0], "relu6"),
    "Threshold": ({"threshold": 1.0, "value": -2.0}, [1.0], "threshold"),
    "Softshrink": ({}, [-0.5, 0.5], "softshrink"),
    "Hardshrink": ({}, [-0.5, 0.5], "hardshrink"),
}


@pytest.mark.parity
@pytest.mark.parametrize("name", CORNERS)
def test_the_corners_are_pytorchs(name):
    torch = pytest.importorskip("torch")
    params, points, function = CORNERS[name]
    x = np.array(points)
    trial = Trial(name, params, {"x": x})
    trial.forward()
    theirs = torch.tensor(x, requires_grad=True)
    y = getattr(torch.nn.functional, function)(theirs, **params)
    y.sum().backward()
    np.testing.assert_array_equal(trial.y, y.detach().numpy())
    np.testing.assert_array_equal(trial.backward(np.ones(x.shape))["x"], theirs.grad.numpy())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("name", "ends", "slopes"),
    [
        ("CELU", (-1, 1e4), (0, 1)),
        ("LogSigmoid", (-1e4, 0), (1, 0)),
        ("ReLU6", (0, 6), (0, 0)),
        ("Hardtanh", (-1, 1), (0, 0)),
        ("Softshrink", (0.5 - 1e4, 1e4 - 0.5), (1, 1)),
    ],
)
def test_far_away_values_and_slopes_are_the_limits(name, ends, slopes, dtype):
    trial = Trial(name, {}, {"x": np.array([-1e4, 1e4])}, dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        trial.forward()
        gradient = trial.backward(np.ones(2, dtype))["x"]
    np.testing.assert_allclose(trial.y, ends, rtol=1e-6)
    np.testing.assert_allclose(gradient, slopes, atol=1e-6)


def test_a_gate_that_is_shut_lets_nothing_through():
    np.testing.assert_allclose(run("GLU", x=np.array([3.0, 5.0, -1e4, 1e4])), [0, 5])


def test_halves_need_an_even_size():
    with pytest.raises(ShapeError, match=r"Axis -1 of x \(N×3\) is 3 long and has no two halves"):
        make("GLU", {}).infer(Spec((Dim("N"), 3)))
    with pytest.raises(ShapeError, match="is N long"):
        make("GLU", {"dim": 0}).infer(Spec((Dim("N"), 4)))


def test_bounds_in_the_wrong_order_are_refused():
    with pytest.raises(ParamError, match=r"Hardtanh\.min_val \(2\) is not below max_val \(1\)"):
        make("Hardtanh", {"min_val": 2.0})


def test_the_one_operator_of_onnx_is_the_hard_or_the_soft_one_by_its_bias():
    x = np.zeros(3)
    assert type(from_onnx("Shrink", {"lambd": 1.5, "bias": 1.5}, [x])[0]).__name__ == "Softshrink"
    assert type(from_onnx("Shrink", {"lambd": 1.5}, [x])[0]).__name__ == "Hardshrink"
    with pytest.raises(Unsupported, match="by lambd, not by 1"):
        from_onnx("Shrink", {"lambd": 1.5, "bias": 1.0}, [x])
