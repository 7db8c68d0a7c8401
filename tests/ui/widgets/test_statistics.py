"""Statistics and histogram tell the truth about odd values."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.ui.widgets.histogram import Histogram, bins
from graphlab.ui.widgets.stats_line import StatsLine, stats_of


def test_statistics_leave_out_what_is_not_finite_and_count_it() -> None:
    stats = stats_of([1.0, -3.0, 0.0, np.nan, np.inf])
    assert (stats.low, stats.high, stats.zeros, stats.bad, stats.count) == (-3.0, 1.0, 1, 2, 5)
    assert stats.mean == pytest.approx(-2 / 3)
    assert stats.norm == pytest.approx(10**0.5)


def test_nan_is_mentioned_only_when_there_is_some(qtbot) -> None:
    line = StatsLine()
    qtbot.addWidget(line)
    line.set_array([1.0, -0.5])
    assert "NaN" not in line.text()
    assert "−0.500" in line.text()
    line.set_array([1.0, np.nan])
    assert "NaN" in line.text()


def test_an_array_without_finite_values_has_no_numbers(qtbot) -> None:
    stats = stats_of([np.nan, np.nan])
    assert np.isnan(stats.mean)
    assert stats.bad == 2


def test_no_bar_mixes_signs() -> None:
    counts, edges = bins(np.random.default_rng(0).normal(size=1000))
    assert counts.sum() == 1000
    assert np.any(np.isclose(edges, 0))


@pytest.mark.parametrize("values", [[3.0], [0.0, 0.0], [1e-30, 2e-30], [-5.0, -1.0], [np.nan, 2.0]])
def test_every_finite_value_is_in_a_bar(values: list[float]) -> None:
    counts, edges = bins(values)
    assert counts.sum() == np.isfinite(values).sum()
    assert len(edges) == len(counts) + 1


def test_an_empty_histogram_is_drawn(qtbot) -> None:
    histogram = Histogram()
    qtbot.addWidget(histogram)
    histogram.set_array([])
    assert not histogram.grab().isNull()


def test_a_bar_says_its_range_and_count(qtbot) -> None:
    histogram = Histogram()
    qtbot.addWidget(histogram)
    histogram.set_counts([3, 1], [-1.0, 0.0, 1.0])
    assert histogram.read_out(0) == "−1.0 … 0: 3 elements"
