"""Fits of filters: what is a Gabor function or a spot is found to be one, noise is not."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.lab import gabors


def wave(
    degrees: float, side: int = 9, waves: float = 0.2, wide: float = 2.0, phase: float = 0.6
) -> np.ndarray:
    """Stripes that run in that direction, under a round bell."""
    across = np.radians(degrees - 90)
    x, y = np.meshgrid(np.arange(side) - (side - 1) / 2, (side - 1) / 2 - np.arange(side))
    u = np.cos(across) * x + np.sin(across) * y
    return np.exp(-(x**2 + y**2) / (2 * wide**2)) * np.cos(2 * np.pi * waves * u + phase)


def coloured(form: np.ndarray, colour: tuple[float, ...] = (0.3, -0.2, 0.5)) -> np.ndarray:
    return np.array(colour)[:, None, None] * form


@pytest.mark.parametrize("degrees", [0, 30, 90, 135])
def test_stripes_are_found_with_their_direction(degrees: float):
    found = gabors.fit(coloured(wave(degrees)))
    assert found.r > 0.99
    assert found.kind == "edge"
    assert abs((found.degrees - degrees + 90) % 180 - 90) < 6
    np.testing.assert_allclose(found.drawn, coloured(wave(degrees)), atol=0.06)


def test_a_spot_is_a_blob_and_what_is_the_same_all_over_is_flat():
    assert gabors.fit(coloured(wave(0, waves=0.0, wide=1.5))).kind == "blob"
    assert gabors.fit(np.ones((3, 7, 7))).kind == "flat"


def test_noise_is_nothing_and_zeros_are_fitted_by_nothing():
    noise = np.random.default_rng(0).standard_normal((12, 3, 7, 7))
    assert max(gabors.fit(kernel).r for kernel in noise) < 0.6
    assert gabors.share(noise) == 0
    assert gabors.fit(np.zeros((1, 5, 5))).r == 0


def test_another_form_in_another_colour_counts_against_the_fit():
    both = coloured(wave(0)) + coloured(wave(90), (0.5, 0.0, -0.3))
    assert gabors.fit(both).r < 0.85


def test_the_share_counts_edges_and_blobs_that_have_not_faded():
    filters = np.stack([coloured(wave(20)), coloured(wave(0, waves=0.0, wide=1.5)), np.ones((3, 9, 9))])
    assert gabors.share(filters) == pytest.approx(2 / 3)
    faded = np.concatenate([filters, 0.001 * coloured(wave(70))[None]])
    assert gabors.share(faded) == pytest.approx(2 / 4)


def test_selectivity_is_near_1_for_long_stripes_and_0_for_a_spot():
    assert gabors.selectivity(wave(40, side=15, wide=4.0)[None]) > 0.8
    assert gabors.selectivity(wave(0, waves=0.0, wide=1.5)[None]) < 0.05
