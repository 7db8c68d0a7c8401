"""Principal components against numpy's SVD, and what keeps a picture steady."""

import numpy as np
import pytest

from graphlab.lab.projection import principal, turned


def cloud(rows: int, numbers: int) -> np.ndarray:
    rng = np.random.default_rng(3)
    return rng.normal(size=(rows, numbers)) * np.linspace(4, 0.2, numbers) ** 2 + rng.normal(size=numbers)


@pytest.mark.parametrize(("rows", "numbers"), [(50, 6), (40, 900), (600, 300)])
def test_components_are_those_of_the_svd(rows: int, numbers: int) -> None:
    values = cloud(rows, numbers)
    found = principal(values, 3)
    centred = values - values.mean(axis=0)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    assert np.allclose(np.abs((found.axes * axes[:3].T).sum(axis=0)), 1, atol=1e-4)
    assert np.allclose(found.shares, sizes[:3] ** 2 / (sizes**2).sum(), rtol=1e-4)
    assert np.allclose(found.of(values).mean(axis=0), 0, atol=1e-8)


def test_a_picture_does_not_flip_from_one_frame_to_the_next() -> None:
    values = cloud(200, 8)
    before = principal(values, 2)
    flipped = type(before)(before.mean, -before.axes[:, ::-1], before.shares)
    after = principal(values + np.random.default_rng(0).normal(size=values.shape) * 1e-3, 2, flipped)
    assert np.abs(after.of(values) - flipped.of(values)).max() < 0.05
    # the plane is still that of the components
    assert np.isclose(np.linalg.svd(after.axes.T @ before.axes)[1].min(), 1, atol=1e-4)


def test_fewer_dimensions_than_wanted_and_no_variance_are_borne() -> None:
    assert principal(np.zeros((5, 1)), 2).axes.shape == (1, 1)
    for still in (principal(np.ones((5, 4)), 2), principal(np.ones((3, 400)), 2)):
        assert np.allclose(still.axes.T @ still.axes, np.eye(2))
        assert np.allclose(still.shares, 0)
    bad = principal(np.array([[np.nan, 1.0], [2.0, np.inf], [0.0, 1.0]]), 2)
    assert np.isfinite(bad.axes).all()


def test_turning_keeps_distances() -> None:
    points = np.random.default_rng(1).normal(size=(20, 3))
    seen = turned(points, 0.7, -0.4)
    assert np.allclose(np.linalg.norm(seen, axis=1), np.linalg.norm(points, axis=1))
    assert np.allclose(turned(points, 0.0, 0.0)[:, :2], points[:, [0, 2]])
