"""Features of the lecture: what no line separates becomes separable."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from graphlab.errors import ParamError, ShapeError
from graphlab.ops import Dim, Spec, make
from tests.ops.op_trial import Trial, run

N = Dim("N")


def test_powers_stand_side_by_side():
    y = run("PolynomialFeatures", {"degree": 3}, x=np.array([[2.0, -1.0]]))
    np.testing.assert_array_equal(y, [[2, -1, 4, 1, 8, -1]])


@pytest.mark.parametrize(("size", "order"), [(2, 2), (5, 2), (5, 3), (6, 6), (3, 8), (1, 4), (4, 1)])
def test_products_are_those_of_every_combination_in_order(size, order):
    x = np.random.default_rng(0).standard_normal((4, size))
    expected = [
        x[:, list(chosen)].prod(axis=1)
        for k in range(1, order + 1)
        for chosen in itertools.combinations(range(size), k)
    ]
    np.testing.assert_allclose(
        run("FeatureProducts", {"order": order}, x=x), np.stack(expected, 1), atol=1e-14
    )


def test_xor_is_a_product_away():
    x = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    np.testing.assert_array_equal(run("FeatureProducts", x=x)[:, 2] < 0, [False, True, True, False])


def test_too_many_products_are_refused_by_number():
    with pytest.raises(ShapeError, match=r"784 features have 80,\d+,\d+ products of up to 3"):
        make("FeatureProducts", {"order": 3}).infer(Spec((N, 784)))


def test_two_rings_differ_in_their_radius():
    angle = np.linspace(0, 6, 20)
    for radius in (1.0, 2.0):
        x = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        y = run("PolarCoordinates", x=x)
        np.testing.assert_allclose(y[:, 0], radius, rtol=1e-14)
        np.testing.assert_allclose(np.exp(1j * y[:, 1]), np.exp(1j * angle), rtol=1e-12)


def test_the_origin_has_no_slope_in_polar_coordinates():
    trial = Trial("PolarCoordinates", {}, {"x": np.array([[0.0, 0.0], [3.0, 4.0]])})
    trial.forward()
    np.testing.assert_array_equal(trial.y[0], 0)
    gradient = trial.backward(np.ones((2, 2)))["x"]
    np.testing.assert_array_equal(gradient[0], 0)
    np.testing.assert_allclose(gradient[1], [3 / 5 - 4 / 25, 4 / 5 + 3 / 25])


def test_three_features_are_no_point_of_the_plane():
    with pytest.raises(ShapeError, match=r"x \(N×3\) has 3 features; a point of the plane has 2"):
        make("PolarCoordinates", {}).infer(Spec((N, 3)))


def test_a_standardised_batch_has_mean_zero_and_spread_one():
    x = np.random.default_rng(0).normal(50, 7, (400, 3))
    y = run("Standardise", {"eps": 0.0}, x=x)
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(0), 1, rtol=1e-12)


def test_a_feature_that_does_not_vary_becomes_zero():
    np.testing.assert_array_equal(run("Standardise", x=np.full((4, 2), 3.0)), 0)


def test_typed_statistics_treat_every_row_alike():
    params = {"mean": (1.0, 2.0), "std": (2.0, 4.0), "eps": 0.0}
    np.testing.assert_array_equal(run("Standardise", params, x=np.array([[3.0, 6.0]])), [[1, 1]])
    with pytest.raises(ShapeError, match=r"x \(N×3\) and mean \(2\) do not fit"):
        make("Standardise", params).infer(Spec((N, 3)))
    with pytest.raises(ShapeError, match=r"mean \(2\) is larger than x \(N×1\)"):
        make("Standardise", params).infer(Spec((N, 1)))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"mean": 1.0}, "has mean, but no std"),
        ({"std": 1.0}, "has std, but no mean"),
        ({"mean": 0.0, "std": (1.0, -2.0)}, "std holds -2"),
        ({"mean": 0.0, "std": 0.0, "eps": 0.0}, "std holds 0"),
    ],
)
def test_statistics_that_cannot_be_are_refused(params, message):
    with pytest.raises(ParamError, match=message):
        make("Standardise", params)
