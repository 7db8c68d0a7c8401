"""Maximum, Minimum and Clip, and who gets the gradient where values are equal or on a bound."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import ParamError
from graphlab.ops import make
from tests.ops.op_trial import Trial, run


@pytest.mark.parametrize("op", ["Maximum", "Minimum"])
def test_equal_values_share_the_gradient_by_halves(op):
    x = np.array([1.0, -2.0])
    trial = Trial(op, {}, {"a": x, "b": x.copy()})
    trial.forward()
    gradients = trial.backward(np.array([3.0, 4.0]))
    np.testing.assert_array_equal(gradients["a"], [1.5, 2])
    np.testing.assert_array_equal(gradients["b"], [1.5, 2])


@pytest.mark.parity
@pytest.mark.parametrize("op", ["Maximum", "Minimum"])
def test_ties_are_pytorchs_whatever_the_shapes(op):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 3, (5, 4, 3)).astype(float), rng.integers(0, 3, (4, 1)).astype(float)
    trial = Trial(op, {}, {"a": a, "b": b})
    trial.forward()
    dy = rng.standard_normal(trial.y.shape)
    tensors = [torch.tensor(x, requires_grad=True) for x in (a, b)]
    getattr(torch, op.lower())(*tensors).backward(torch.tensor(dy))
    for gradient, tensor in zip(trial.backward(dy).values(), tensors, strict=True):
        np.testing.assert_allclose(gradient, tensor.grad.numpy(), atol=1e-12)


def test_what_is_clipped_gets_no_gradient_but_a_bound_itself_does():
    trial = Trial("Clip", {"min": 0.0, "max": 1.0}, {"x": np.array([-0.1, 0.0, 0.5, 1.0, 1.1])})
    trial.forward()
    np.testing.assert_array_equal(trial.y, [0, 0, 0.5, 1, 1])
    np.testing.assert_array_equal(trial.backward(np.full(5, 2.0))["x"], [0, 2, 2, 2, 0])


def test_one_bound_is_enough():
    x = np.array([-5.0, 5.0])
    np.testing.assert_array_equal(run("Clip", {"min": None, "max": 1.0}, x=x), [-5, 1])
    np.testing.assert_array_equal(run("Clip", {"min": -1.0, "max": None}, x=x), [-1, 5])


def test_without_bounds_everything_passes_with_its_gradient():
    trial = Trial("Clip", {"min": None, "max": None}, {"x": np.array([-5.0, 5.0])})
    trial.forward()
    np.testing.assert_array_equal(trial.y, [-5, 5])
    np.testing.assert_array_equal(trial.backward(np.array([2.0, 3.0]))["x"], [2, 3])


def test_bounds_that_cannot_be_are_refused():
    with pytest.raises(ParamError, match=r"Clip\.min \(2\) is above max \(1\)"):
        make("Clip", {"min": 2.0, "max": 1.0})


@pytest.mark.parametrize(("op", "extreme"), [("Maximum", 3.0), ("Minimum", -1.0)])
def test_the_extreme_of_several_is_found_and_equal_ones_share_its_gradient(op, extreme):
    arrays = {"a": np.array([extreme]), "b": np.array([1.0]), "c": np.array([[extreme], [extreme]])}
    trial = Trial(op, {"count": 3}, arrays)
    trial.forward()
    np.testing.assert_array_equal(trial.y, [[extreme], [extreme]])
    gradients = trial.backward(np.array([[2.0], [4.0]]))
    np.testing.assert_array_equal(gradients["a"], [3])
    np.testing.assert_array_equal(gradients["b"], [0])
    np.testing.assert_array_equal(gradients["c"], [[1], [2]])


def test_a_half_rounds_to_the_even_neighbour():
    np.testing.assert_array_equal(run("Round", x=np.array([-0.5, 0.5, 1.5, 2.5])), [0, 0, 2, 2])
