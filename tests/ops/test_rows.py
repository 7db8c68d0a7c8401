"""Sums and other reductions along rows: NumPy's numbers, whatever the way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlab.ops import Clock, Context
from graphlab.ops.rows import exponentials, fold, sums, total, unbroadcast

SHAPES = [
    (),
    (7,),
    (40_000,),
    (3, 4),
    (600, 10),
    (300, 33),
    (5, 3000),
    (2, 3, 4),
    (30, 20, 70),
    (0, 3),
    (4, 0),
]
AXES = [
    pytest.param(shape, axes, id=f"{shape} over {axes}")
    for shape in SHAPES
    for axes in [(), (0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2)]
    if all(axis < len(shape) for axis in axes) and (axes or not shape)
]


@pytest.fixture
def ctx():
    return Context("node", Clock(), np.float64)


def numbers(shape, low=0.5):
    return np.random.default_rng(0).uniform(low, 1.5, shape)


@pytest.mark.parametrize(("shape", "axes"), AXES)
@pytest.mark.parametrize("keepdims", [False, True])
def test_sums_are_numpys(ctx, shape, axes, keepdims):
    x = numbers(shape, -1.5)
    wanted = np.add.reduce(x, axis=axes, keepdims=keepdims)
    out = np.full(wanted.shape, 77.0)
    sums(ctx, x, axes, out)
    np.testing.assert_allclose(out, wanted, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize(("shape", "axes"), AXES)
@pytest.mark.parametrize("ufunc", [np.multiply, np.maximum, np.minimum])
def test_reductions_are_numpys(ctx, shape, axes, ufunc):
    x = numbers(shape) ** 0.01  # so that no product is too small
    if not x.size and ufunc is not np.multiply:
        return
    wanted = ufunc.reduce(x, axis=axes)
    out = np.full(wanted.shape, 77.0)
    fold(ctx, ufunc, x, axes, out)
    np.testing.assert_allclose(out, wanted, rtol=1e-11)


def test_scattered_arrays_are_reduced_too(ctx):
    x = numbers((600, 20)).T
    out = np.empty(20)
    sums(ctx, x, (1,), out)
    np.testing.assert_allclose(out, x.sum(1))
    fold(ctx, np.maximum, x.T, (1,), out := np.empty(600))
    np.testing.assert_array_equal(out, x.max(0))


def test_the_total_of_a_million_rounds_as_little_as_sums_in_pairs():
    x = np.random.default_rng(0).random(1_000_003, np.float32)
    out = np.empty((), np.float32)
    total(Context("node", Clock()), x, out)
    assert abs(out - x.sum(dtype=np.float64)) / out < 3e-7


@given(st.lists(st.sampled_from([1, 2, 3]), max_size=4).map(tuple), st.data())
def test_what_was_repeated_is_summed_back(shape, data):
    whole = (*data.draw(st.lists(st.integers(1, 3), max_size=2)), *(n if n > 1 else 4 for n in shape))
    gradient = numbers(whole, -1.5)
    plain, quick = np.full(shape, 77.0), np.full(shape, 78.0)
    unbroadcast(gradient, plain)
    unbroadcast(gradient, quick, Context("node", Clock(), np.float64))
    np.testing.assert_allclose(quick, plain, rtol=1e-12)
    np.testing.assert_allclose(plain.sum(), gradient.sum())


@pytest.mark.parametrize("shape", [(3, 5), (700, 9), (50, 100)])
@pytest.mark.parametrize("axis", [0, -1])
def test_exponentials_cannot_overflow(ctx, shape, axis):
    x = numbers(shape) * 1e4
    powers, norm = np.empty(shape), np.empty(x.max(axis, keepdims=True).shape)
    exponentials(ctx, x, axis, powers, powers, norm)
    np.testing.assert_array_equal(powers, np.exp(x - x.max(axis, keepdims=True)))
    np.testing.assert_allclose(norm, powers.sum(axis, keepdims=True))
