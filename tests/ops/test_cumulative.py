"""Running totals: from either end, with and without the element itself, and with zeros among the factors."""

from __future__ import annotations

import numpy as np
import pytest

from tests.ops.op_trial import Trial, run

X = np.array([2.0, 3.0, 5.0])


@pytest.mark.parametrize(
    ("params", "sums", "products"),
    [
        ({}, [2, 5, 10], [2, 6, 30]),
        ({"reverse": True}, [10, 8, 5], [30, 15, 5]),
        ({"exclusive": True}, [0, 2, 5], [1, 2, 6]),
        ({"exclusive": True, "reverse": True}, [8, 5, 0], [15, 5, 1]),
    ],
    ids=str,
)
def test_totals(params, sums, products):
    np.testing.assert_array_equal(run("CumSum", params, x=X), sums)
    np.testing.assert_array_equal(run("CumProd", params, x=X), products)


@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
def test_zeros_among_the_factors_leave_the_gradient_exact(exclusive, reverse):
    params = {"exclusive": exclusive, "reverse": reverse}
    x = np.array([2.0, 0.0, 3.0, 0.0, 5.0])
    trial = Trial("CumProd", params, {"x": x})
    trial.forward()
    dy = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    found, steps = trial.backward(dy)["x"], []
    for i in range(5):  # each total is linear in each factor
        up = x.copy()
        up[i] += 1
        steps.append(dy @ (run("CumProd", params, x=up) - run("CumProd", params, x=x)))
    np.testing.assert_array_equal(found, steps)
