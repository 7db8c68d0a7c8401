"""Reductions where it is awkward: ties, zeros, nothing to reduce, and numbers as large as 1e4."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import FeedError, ParamError, ShapeError
from graphlab.ops import Dim, Spec, make
from tests.ops.op_trial import Trial, run

N = Dim("N")


def gradient(op, params, x, dy=None):
    trial = Trial(op, params, {"x": np.asarray(x, float)})
    trial.forward()
    return trial.backward(np.ones(trial.y.shape) if dy is None else np.asarray(dy, float))["x"]


@pytest.mark.parametrize(("op", "best"), [("Max", 3.0), ("Min", -3.0)])
def test_equal_extremes_share_the_gradient_evenly(op, best):
    x = [[best, 0.0, best], [0.5, best, 0.2]]
    np.testing.assert_allclose(gradient(op, {"dim": 1}, x), [[0.5, 0, 0.5], [0, 1, 0]])
    np.testing.assert_allclose(gradient(op, {}, x), np.array([[1, 0, 1], [0, 1, 0]]) / 3)


@pytest.mark.parity
@pytest.mark.parametrize("op", ["Max", "Min"])
@pytest.mark.parametrize("dim", [None, 0, -1, (0, 2), (-1, 1)])
def test_ties_are_pytorchs_along_any_axes(op, dim):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).integers(0, 3, (4, 3, 5)).astype(float)
    tensor = torch.tensor(x, requires_grad=True)
    getattr(torch, f"a{op.lower()}")(tensor, dim=() if dim is None else dim).sum().backward()
    np.testing.assert_allclose(gradient(op, {"dim": dim}, x), tensor.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("op", ["Max", "Min", "Mean", "ArgMax"])
def test_of_nothing_there_is_none(op):
    with pytest.raises(ShapeError, match=r"x \(0×3\) has no elements") as caught:
        make(op, {"dim": 0}).infer(Spec((0, 3)))
    assert caught.value.socket == "x"
    assert str(make(op, {"dim": 1}).infer(Spec((0, 3)))) == "0"


def test_the_sum_of_nothing_is_zero_the_product_one():
    assert run("Sum", x=np.zeros(0)) == 0
    assert run("Prod", x=np.zeros(0)) == 1
    with np.errstate(divide="ignore"):
        assert run("LogSumExp", x=np.zeros(0)) == -np.inf


@pytest.mark.parity
@pytest.mark.parametrize("zeros", [0, 1, 2])
def test_a_product_with_zeros_has_pytorchs_gradient(zeros):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(1).standard_normal((3, 4))
    x[1, :zeros] = 0
    tensor = torch.tensor(x, requires_grad=True)
    torch.prod(tensor, dim=1).sum().backward()
    np.testing.assert_allclose(gradient("Prod", {"dim": 1}, x), tensor.grad.numpy(), atol=1e-12)


def test_a_product_over_two_axes_leaves_each_element_out_in_turn():
    x = np.arange(1.0, 25).reshape(2, 3, 4)
    expected = x.prod(axis=(0, 2), keepdims=True) / x
    np.testing.assert_allclose(gradient("Prod", {"dim": (0, -1)}, x), expected, rtol=1e-12)


@pytest.mark.parametrize("p", [0.5, 1.0, 1.5, 2.0, 3.0])
def test_the_zero_vector_has_a_norm_without_slope(p):
    np.testing.assert_array_equal(gradient("Norm", {"p": p}, np.zeros(3)), 0)


def test_a_norm_is_the_length():
    assert run("Norm", x=np.array([3.0, -4.0])) == 5
    assert run("Norm", {"p": 1.0}, x=np.array([3.0, -4.0])) == 7


def test_too_few_elements_for_a_variance_are_counted():
    with pytest.raises(ShapeError, match="1 element is too few for a variance with correction 1"):
        make("Variance", {"dim": 1}).infer(Spec((N, 1)))
    op = make("Variance", {"dim": 0})
    assert str(op.infer(Spec((N, 3)))) == "3"
    trial = Trial("Variance", {"dim": 0, "correction": 0}, {"x": np.ones((1, 3))})
    with pytest.raises(FeedError, match="1 element is too few"):
        op.forward(trial.ctx, np.ones((1, 3)), y=np.zeros(3))


@pytest.mark.parametrize("offset", [0.0, 1e4, -1e4])
def test_logsumexp_is_exact_and_finite_at_ten_thousand(offset):
    x = np.array([0.0, 1.0, -1.0]) + offset
    expected = np.log(np.exp([0.0, 1.0, -1.0]).sum()) + offset
    np.testing.assert_allclose(run("LogSumExp", x=x), expected, rtol=1e-15)
    np.testing.assert_allclose(gradient("LogSumExp", {}, x).sum(), 1, rtol=1e-11)


def test_logsumexp_of_scores_that_are_out_of_the_question():
    x = np.array([[-np.inf, 0.0], [-np.inf, -np.inf]])
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(run("LogSumExp", {"dim": 1}, x=x), [0, -np.inf])


def test_the_first_of_several_largest_counts():
    np.testing.assert_array_equal(run("ArgMax", x=np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 0.0]])), [1, 0])
    assert run("ArgMax", {"dim": None}, x=np.array([[1.0, 2.0], [5.0, 3.0]])) == 2


def test_an_axis_named_twice_is_refused():
    with pytest.raises(ParamError, match="names an axis twice"):
        make("Max", {"dim": (1, 1)})
    assert str(make("Max", {"dim": (-1, 1)}).infer(Spec((N, 3)))) == "N"  # the same axis by both its names
