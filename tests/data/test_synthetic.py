"""Made data: the same seed gives the same points, classes are balanced, shapes are as claimed."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab import data

SETS = ["xor", "spirals", "circles", "moons", "blobs", "clouds"]


@pytest.mark.parametrize("name", SETS)
def test_the_same_seed_gives_the_same_points_and_another_seed_others(name):
    first, again, other = (data.load(name, samples=50, noise=0.1, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.x, again.x)
    assert not np.array_equal(first.x, other.x)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("samples", [3, 50, 101])
def test_samples_is_the_number_of_rows_and_classes_are_balanced(name, samples):
    made = data.load(name, samples=samples)
    assert len(made) == samples
    counts = np.bincount(made.with_target("class").target)
    assert counts.max() - counts.min() <= (2 if name == "xor" else 1)


def test_xor_is_the_truth_table_by_default():
    np.testing.assert_array_equal(data.xor().x, [[0, 0], [0, 1], [1, 0], [1, 1]])
    np.testing.assert_array_equal(data.xor().target, [[0], [1], [1], [0]])


def test_noise_scatters_by_its_standard_deviation():
    scatter = data.xor(samples=40_000, noise=0.2).x - data.xor(samples=40_000).x
    np.testing.assert_allclose(scatter.std(axis=0), 0.2, rtol=0.02)
    np.testing.assert_allclose(scatter.mean(axis=0), 0, atol=0.005)


def test_circles_without_noise_lie_on_their_radii():
    made = data.circles(samples=100, noise=0)
    radius = np.linalg.norm(made.x, axis=1)
    np.testing.assert_allclose(radius, np.where(made.target[:, 0] == 1, 0.5, 1.0), rtol=1e-6)


def test_spirals_without_noise_are_each_other_turned_by_half_a_turn():
    made = data.spirals(samples=500, noise=0)
    radius = np.linalg.norm(made.x, axis=1)
    angle = 3 * np.pi * radius + np.pi * made.target[:, 0]
    np.testing.assert_allclose(
        made.x, radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1), atol=1e-5
    )


def test_moons_without_noise_reach_into_each_other():
    made = data.moons(samples=1000, noise=0)
    upper, lower = (made.x[made.target[:, 0] == label] for label in (0, 1))
    assert upper[:, 1].min() < lower[:, 1].max()
    assert abs(made.x.mean(axis=0)).max() < 0.1


def test_blobs_stand_around_a_triangle():
    made = data.blobs(samples=300, noise=0)
    corners = np.unique(made.x.round(4), axis=0)
    assert len(corners) == 3
    np.testing.assert_allclose(np.linalg.norm(corners, axis=1), 1, atol=1e-4)


def test_clouds_lie_on_their_sides_of_a_line():
    made = data.clouds(noise=0.0)
    assert np.allclose(made.x, np.where(made.target > 0.5, [1.0, 0.5], [-1.0, -0.5]))


def test_the_middle_of_the_line_is_one_class_and_both_ends_are_the_other():
    made = data.interval(samples=100)
    assert made.x.shape == (100, 1)
    far, is_inside = np.abs(made.x[:, 0]), made.target[:, 0] > 0.5
    assert far[is_inside].max() <= 0.45
    assert far[~is_inside].min() >= 0.55
    for side in (made.x[:, 0] > 0, made.x[:, 0] < 0):
        assert is_inside[side].any()
        assert not is_inside[side].all()
