"""Intervals against scipy and closed forms."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from graphlab.errors import SettingsError
from graphlab.lab.sweeps.intervals import difference, interval, score_interval, student_quantile


def hits(share, rows, seed=0):
    return (np.random.default_rng(seed).random(rows) < share).astype(np.float32)


@pytest.mark.parametrize("share", [0.5, 0.9, 0.97])
def test_interval_of_hits_is_near_that_of_the_binomial_distribution(share):
    """Wilson's score interval is about right, Clopper and Pearson's a little wide; ends of ours are whole rows."""
    stats = pytest.importorskip("scipy.stats")
    rows, right = 270, round(270 * share)
    found = interval(np.arange(rows) < right)
    wilson = stats.binomtest(right, rows).proportion_ci(method="wilson")
    assert found.mean == right / rows
    assert (found.low, found.high) == pytest.approx((wilson.low, wilson.high), abs=1.6 / rows)
    exact = stats.binomtest(right, rows).proportion_ci(method="exact")
    assert exact.low - 0.5 / rows <= found.low < found.mean < found.high <= exact.high + 0.5 / rows


@pytest.mark.parametrize("rows", [60, 900])
def test_interval_of_losses_is_scipys(rows):
    stats = pytest.importorskip("scipy.stats")
    losses = np.random.default_rng(1).gamma(0.7, 1.0, rows)
    found = interval(losses)
    theirs = stats.bootstrap(
        (losses,), np.mean, n_resamples=10_000, method="BCa", batch=1000, rng=np.random.default_rng(2)
    ).confidence_interval
    width = theirs.high - theirs.low
    assert found.low == pytest.approx(theirs.low, abs=0.03 * width)
    assert found.high == pytest.approx(theirs.high, abs=0.03 * width)


def test_interval_of_very_many_losses_is_the_normal_one():
    losses = np.random.default_rng(1).gamma(2.0, 1.0, 40_000)
    found, error = interval(losses), float(losses.std()) / 200
    assert found.low == pytest.approx(losses.mean() - 1.96 * error, abs=0.06 * error)
    assert found.high == pytest.approx(losses.mean() + 1.96 * error, abs=0.06 * error)


def test_interval_is_the_same_every_time_and_takes_no_time():
    values = hits(0.9, 1000)
    first = interval(values)
    begin = time.process_time()
    assert interval(values) == first
    assert time.process_time() - begin < 0.05


def test_interval_where_every_row_is_right_still_knows_that_it_may_be_chance():
    assert interval(np.ones(100)).low == pytest.approx(0.025**0.01)
    assert interval(np.zeros(100)).high == pytest.approx(1 - 0.025**0.01)


def test_interval_covers_the_truth_as_often_as_it_says():
    """300 draws of 3 seeds and 200 rows: a crossed resample is known to be wide rather than narrow (Owen 2007)."""
    rng, inside = np.random.default_rng(3), 0
    for _ in range(300):
        seeds, rows = rng.normal(0, 0.02, (3, 1)), rng.normal(0, 1, 200)
        values = 0.9 + seeds + rows + rng.normal(0, 0.5, (3, 200))
        found = interval(values, resamples=500)
        inside += found.low < 0.9 < found.high
    assert 0.93 <= inside / 300 <= 0.99


def test_one_number_has_no_interval_and_says_so():
    found = interval([0.9])
    assert (found.over, found.is_known, found.excludes_zero) == ("nothing", False, False)


def test_seeds_alone_are_told_by_students_t():
    stats = pytest.importorskip("scipy.stats")
    scores = [0.91, 0.93, 0.95]
    low, high = stats.t.interval(0.95, 2, np.mean(scores), stats.sem(scores))
    found = score_interval(scores)
    assert (found.over, found.seeds) == ("seeds", 3)
    assert (found.low, found.high) == pytest.approx((low, high))
    for freedom in (1, 2, 3, 4, 7, 30, 200):
        assert student_quantile(0.975, freedom) == pytest.approx(stats.t.ppf(0.975, freedom))


def test_what_is_not_finite_or_missing_is_refused():
    with pytest.raises(SettingsError, match="not finite"):
        interval([0.1, math.nan])
    with pytest.raises(SettingsError, match="no scores"):
        interval([])


# Differences


def test_difference_is_of_pairs_and_much_narrower_than_of_two_means():
    losses = np.random.default_rng(0).gamma(1.0, 1.0, 400)
    better = losses - 0.05 + np.random.default_rng(1).normal(0, 0.05, 400)
    found = difference(better, losses)
    assert found.mean == pytest.approx(-0.05, abs=0.01)
    assert found.excludes_zero
    assert found.high - found.low < 0.1 * (interval(losses).high - interval(losses).low)


def test_difference_of_seeds_that_disagree_is_unsure_though_rows_are_many():
    a = np.stack([hits(share, 4000, k) for k, share in enumerate((0.95, 0.85, 0.9))])
    b = np.stack([hits(share, 4000, k + 9) for k, share in enumerate((0.86, 0.94, 0.88))])
    found = difference(a, b)
    assert (found.over, found.seeds, found.rows) == ("rows and seeds", 3, 4000)
    assert not found.excludes_zero


def test_difference_of_other_rows_is_refused():
    with pytest.raises(SettingsError, match="400 and 300 rows"):
        difference(hits(0.9, 400), hits(0.9, 300))


def test_settings_that_did_alike_in_every_row_do_not_differ():
    found = difference(hits(0.9, 50), hits(0.9, 50))
    assert (found.mean, found.low, found.high) == (0, 0, 0)
