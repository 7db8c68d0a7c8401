"""What is said of an array as a whole agrees with NumPy, whatever its layout and size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from graphlab.engine import survey as surveying
from graphlab.engine.messages import TensorKey
from graphlab.engine.preview import preview
from graphlab.engine.survey import edges, pieces, sample, spread, survey


@given(
    arrays.arrays(
        np.float32,
        arrays.array_shapes(min_dims=0, max_dims=3, max_side=7),
        elements=st.floats(-1e6, 1e6, width=32),
    ),
    st.booleans(),
)
def test_statistics_and_places_are_those_of_the_array(array: Any, turned: bool) -> None:
    array = array.T if turned else array
    told, exact = survey(array), array.astype(np.float64)
    assert told.stats.low == exact.min()
    assert told.stats.high == exact.max()
    assert told.stats.mean == pytest.approx(exact.mean(), rel=1e-9, abs=1e-9)
    assert told.stats.std == pytest.approx(exact.std(), rel=1e-9, abs=1e-9)
    assert told.stats.norm == pytest.approx(np.linalg.norm(exact), rel=1e-9)
    assert told.stats.zeros == np.count_nonzero(exact == 0)
    assert told.low is not None
    assert array[told.low] == exact.min()
    assert told.high is not None
    assert array[told.high] == exact.max()
    assert (told.bad, told.nans, told.infinities) == (None, 0, 0)


def test_nan_and_infinity_are_counted_apart_and_the_first_is_found() -> None:
    array = np.ones((300, 700), np.float32)  # several pieces
    array[200, 5], array[250, 6], array[250, 7] = np.nan, np.inf, -np.inf
    array[3, 4] = -2
    told = survey(array)
    assert (told.nans, told.infinities, told.bad) == (1, 2, (200, 5))
    assert (told.stats.bad, told.stats.low, told.low) == (3, -2, (3, 4))
    assert survey(np.full((2, 2), np.nan)).stats.count == 4
    assert survey(np.zeros((0, 3))).stats.count == 0


def test_a_spread_around_a_large_mean_keeps_its_digits() -> None:
    array = 1e7 + np.random.default_rng(0).normal(size=200_000)
    assert survey(array).stats.std == pytest.approx(array.std(), rel=1e-9)


@pytest.mark.parametrize("layout", ["C", "F", "broadcast"])
def test_pieces_are_all_elements_in_order(layout: str) -> None:
    array = np.arange(2 * 70_000).reshape(2, 70_000)
    if layout == "F":
        array = array.reshape(70_000, 2).T
    elif layout == "broadcast":
        array = np.broadcast_to(array[:1], (3, 70_000))
    found = list(pieces(array))
    assert np.array_equal(np.concatenate([piece for _, piece in found]), array.reshape(-1))
    assert [start for start, _ in found] == np.cumsum([0, *(p.size for _, p in found[:-1])]).tolist()


def test_bars_are_those_of_numpy_and_zero_is_an_edge() -> None:
    array = np.random.default_rng(1).normal(size=(500, 400)).astype(np.float32)
    array[0, 0] = np.nan
    low, high = float(np.nanmin(array)), float(np.nanmax(array))
    counts, borders = spread(array, low, high)
    assert 0.0 in borders
    assert counts.sum() == array.size - 1
    assert np.abs(counts - np.histogram(array[np.isfinite(array)], bins=borders)[0]).max() <= 1
    assert spread(np.full(9, 2.5), 2.5, 2.5)[0].tolist() == [9]
    assert len(edges(1.0, 2.0, 10)) == 11


def test_a_sample_looks_at_every_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveying, "LARGE", 10_000)
    monkeypatch.setattr(surveying, "SAMPLE", 2_000)
    array = np.tile(np.arange(100), (1000, 1))
    assert set(sample(array).tolist()) == set(range(100))


def test_a_frame_tells_of_a_large_array_by_a_sample_and_says_so() -> None:
    array = np.random.default_rng(0).normal(3, 2, (2_000, 1_100)).astype(np.float32)
    told = preview(TensorKey("value", "n", "y"), array, True, 256).stats
    assert told.about
    assert told.count == array.size
    assert told.mean == pytest.approx(3, abs=0.05)
    assert told.norm == pytest.approx(np.linalg.norm(array), rel=0.02)
    assert not preview(TensorKey("value", "n", "y"), array[:100], True, 256).stats.about
