"""What of an array is sent: statistics of the whole, and a leading block."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlab.engine.messages import TensorKey
from graphlab.engine.preview import block_of, preview, statistics

KEY = TensorKey("value", "n1", "y")


@given(st.lists(st.integers(1, 50), min_size=0, max_size=4), st.integers(1, 500))
def test_block_is_a_leading_part_and_bounded(shape: list[int], limit: int) -> None:
    array = np.zeros(shape)
    part = array[block_of(array.shape, limit)]
    picture = shape[-1] * shape[-2] if len(shape) > 2 else 1
    assert part.ndim == array.ndim
    assert all(a <= b for a, b in zip(part.shape, array.shape, strict=True))
    assert 1 <= part.size <= max(limit, picture)


def test_small_arrays_are_sent_whole() -> None:
    assert preview(KEY, np.eye(4), True, 16).array.shape == (4, 4)


def test_pictures_are_sent_whole_one_after_the_other() -> None:
    assert preview(KEY, np.zeros((64, 3, 28, 28)), True, 256).array.shape == (1, 1, 28, 28)
    assert preview(KEY, np.zeros((64, 1, 8, 8)), True, 256).array.shape == (4, 1, 8, 8)


def test_wide_matrices_show_several_rows() -> None:
    assert preview(KEY, np.zeros((64, 784)), True, 256).array.shape == (16, 16)


def test_statistics_are_those_of_the_whole() -> None:
    rng = np.random.default_rng(0)
    array = rng.normal(3, 2, (40, 50)).astype(np.float32)
    array[0, :7] = 0
    stats = statistics(array)
    exact = array.astype(np.float64)
    assert stats.mean == pytest.approx(exact.mean(), rel=1e-6)
    assert stats.std == pytest.approx(exact.std(), rel=1e-5)
    assert stats.norm == pytest.approx(np.linalg.norm(exact), rel=1e-6)
    assert (stats.low, stats.high) == (exact.min(), exact.max())
    assert (stats.zeros, stats.bad, stats.count) == (7, 0, 2000)


def test_spread_of_nearly_equal_large_numbers_is_not_lost() -> None:
    array = np.array([1e4, 1e4 + 1, 1e4 + 2], dtype=np.float32)
    assert statistics(array).std == pytest.approx(np.std([0, 1, 2]), rel=1e-3)


def test_nan_and_infinity_are_counted_and_left_out() -> None:
    stats = statistics(np.array([1.0, np.nan, 3.0, -np.inf]))
    assert (stats.bad, stats.low, stats.mean, stats.high) == (2, 1.0, 2.0, 3.0)
    assert statistics(np.array([np.nan])).count == 1


def test_block_is_a_copy() -> None:
    array = np.zeros(3)
    tensor = preview(KEY, array, True, 16)
    array[0] = 5
    assert tensor.array[0] == 0
