"""Textures: the same from the same seed, balanced, told apart by form alone, and much like natural pictures."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab import data
from graphlab.data.textures import CLASSES, GRAIN


@pytest.fixture(scope="module")
def found() -> data.Data:
    return data.textures(samples=240, seed=3).with_layout("image")


def test_they_are_made_from_a_seed_and_balanced(found: data.Data):
    again = data.textures(samples=240, seed=3).with_layout("image")
    np.testing.assert_array_equal(found.x, again.x)
    assert not np.array_equal(found.x, data.textures(samples=240, seed=4).with_layout("image").x)
    assert found.x.shape == (240, 3, 32, 32)
    assert found.x.min() >= 0
    assert found.x.max() <= 1
    assert np.bincount(found.target).tolist() == [40] * len(CLASSES)
    assert found.classes == CLASSES


def test_no_class_is_lighter_or_of_another_colour(found: data.Data):
    means = np.array([found.x[found.target == k].mean(axis=(0, 2, 3)) for k in range(len(CLASSES))])
    assert np.ptp(means, axis=0).max() < 0.12


def test_light_varies_more_than_colour(found: data.Data):
    light = found.x.mean(axis=1)
    red_green = found.x[:, 0] - found.x[:, 1]
    assert light.std() > 1.5 * red_green.std()


def test_power_falls_steeply_with_frequency_as_in_natural_pictures(found: data.Data):
    """About as frequency to the −2 (Field 1987): dead leaves and clouds have between −1.5 and −3."""
    power = (np.abs(np.fft.fft2(found.x.mean(axis=1) - 0.5)) ** 2).mean(axis=0)
    radius = np.hypot(*np.meshgrid(np.fft.fftfreq(32), np.fft.fftfreq(32)))
    rings = [(low, power[(radius >= low) & (radius < 1.5 * low)].mean()) for low in (0.06, 0.1, 0.16, 0.25)]
    slope = np.polyfit(np.log([r for r, _ in rings]), np.log([p for _, p in rings]), 1)[0]
    assert -3 < slope < -1.5


@pytest.mark.parametrize("label", range(GRAIN))
def test_leaves_of_a_grain_lie_in_its_direction(found: data.Data, label: int):
    light = found.x[found.target == label].mean(axis=1)
    down, right = np.gradient(light, axis=(1, 2))
    across = np.angle((right - 1j * down).ravel() ** 2 @ np.ones(light.size)) / 2  # of the steepest change
    along = (np.degrees(across) + 90) % 180
    assert abs((along - 45 * label + 90) % 180 - 90) < 8
