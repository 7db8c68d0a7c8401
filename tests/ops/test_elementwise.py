"""What elementwise operations share: bounds, signs and indicators, of few numbers and of many."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.ops import Clock, Context
from graphlab.ops.elementwise import SMALL, clamp, indicator, signs

COUNTS = [5, SMALL, SMALL + 1, 10_000]


@pytest.fixture(params=COUNTS)
def x(request):
    numbers = np.random.default_rng(0).standard_normal(request.param)
    numbers[:5] = [0.0, -0.0, 1e-310, -np.inf, np.inf]
    return numbers


@pytest.fixture
def ctx():
    return Context("node", Clock(), np.float64)


def test_signs_are_minus_one_zero_and_one(ctx, x):
    out = np.full_like(x, 77)
    signs(ctx, x, out)
    np.testing.assert_array_equal(out, np.sign(x))


@pytest.mark.parametrize(("low", "high"), [(-0.5, 0.5), (None, 0.0), (0.0, None), (None, None)])
def test_what_lies_outside_moves_to_the_bound(x, low, high):
    out = np.empty_like(x)
    clamp(x, low, high, out)
    np.testing.assert_array_equal(out, np.clip(x, low, high))
    clamp(x, low, high, x)
    np.testing.assert_array_equal(x, out)


@pytest.mark.parametrize("compare", [np.greater, np.less_equal, np.equal])
def test_an_indicator_is_one_where_it_holds(ctx, x, compare):
    out = np.full_like(x, 77)
    indicator(ctx, compare, x, 0.0, out)
    np.testing.assert_array_equal(out, compare(x, 0.0).astype(float))
