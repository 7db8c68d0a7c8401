"""Histograms over time: merged without losing a count, bounded, and drawn as what they hold."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine.spreads import BINS, spread_of
from graphlab.lab.spreads import Histograms, History, bounds, densities, merged


def of(*arrays: np.ndarray) -> Histograms:
    found = [spread_of(np.asarray(a, float)) for a in arrays]
    columns = zip(*found, strict=True)
    exponents, firsts, counts, bad = (np.array(c, np.int64) for c in columns)
    return Histograms(exponents, firsts, counts, bad)


def by_hand(values: np.ndarray, found: Histograms, k: int = 0) -> list[int]:
    edges = (found.firsts[k] + np.arange(BINS + 1)) * 2.0 ** found.exponents[k]
    return np.histogram(values, bins=edges)[0].tolist()


@pytest.mark.parametrize("scales", [(1, 1), (1, 1e-9), (1e5, 1e-5), (0, 3)])
@pytest.mark.parametrize("offset", [0, 5, -40])
def test_two_histograms_become_that_of_all_the_numbers(scales: tuple[float, float], offset: float) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=300) * scales[0], rng.normal(size=200) * scales[1] + offset
    found = merged(of(a), of(b))
    assert found.counts[0].sum() == 500
    assert found.counts[0].tolist() == by_hand(np.concatenate([a, b]), found)


def test_an_empty_one_changes_nothing() -> None:
    a, empty = of(np.array([1.0, 2.0, 2.5])), Histograms.nothing(1)
    for found in (merged(a, empty), merged(empty, a)):
        assert found.counts.sum() == 3
        assert found.counts[0].tolist() == by_hand(np.array([1.0, 2.0, 2.5]), found)
    assert merged(empty, empty).counts.sum() == 0


def test_no_count_is_lost_however_many_readings_there_are() -> None:
    history, rng = History(2, most=16), np.random.default_rng(0)
    everything = []
    for step in range(1, 301):
        one, two = rng.normal(size=20) * 1.02**step, np.full(7, step / 7)
        everything.append(one)
        history.take(step, of(one, two))
    assert history.size <= 16
    assert history.stride == 32
    kept = history.of(0)
    assert kept.counts.sum() == 300 * 20
    assert history.of(1).counts.sum() == 300 * 7
    together = history.at(0)
    for place in range(1, history.size):
        together = merged(together, history.at(place))
    assert together.counts[0].tolist() == by_hand(np.concatenate(everything), together)


def test_steps_taken_back_are_forgotten() -> None:
    history = History(1)
    for step in (0, 1, 2, 3):
        history.take(step, of(np.full(2, step)))
    history.take(2, of(np.full(5, 9.0)))
    assert history.steps.tolist() == [0, 1, 2]
    assert history.at(2).counts.sum() == 5
    assert history.evenly(10).tolist() == [0, 1, 2]


def test_densities_are_the_shares_of_the_numbers() -> None:
    values = np.array([0.1, 0.1, 0.3, 0.9])
    found = densities(of(values), 0.0, 1.0, 2)
    np.testing.assert_allclose(found, [[0.75, 0.25]], atol=0.02)
    finer = densities(of(np.random.default_rng(0).random(8000)), 0.0, 1.0, 40)
    assert abs(finer.sum() - 1) < 0.02
    assert finer.max() < 0.05
    assert densities(Histograms.nothing(1), 0, 1, 4).tolist() == [[0, 0, 0, 0]]


def test_the_range_leaves_out_what_is_far_from_almost_all() -> None:
    values = np.concatenate([np.random.default_rng(0).uniform(-1, 1, 8000), [30.0]])
    low, high = bounds(of(values))
    assert -2 < low < -0.9
    assert 0.9 < high < 2
    low, high = bounds(of(np.array([1.0, 2.0, 3.0])))
    assert low <= 1 < 3 <= high


def test_a_single_number_has_room_around_it() -> None:
    for value in (0.0, 4.0):
        low, high = bounds(of(np.full(3, value)))
        assert low < value < high
    assert bounds(Histograms.nothing(2)) == (-0.5, 0.5)
