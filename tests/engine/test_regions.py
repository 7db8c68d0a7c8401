"""A part of an array: exact where it is small, else pooled in a way that hides nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlab.engine.regions import MOST, POOLS, region, size_of
from graphlab.errors import FeedError

Array = npt.NDArray[Any]


@st.composite
def cases(draw: st.DrawFn) -> tuple[Array, tuple[tuple[int, int, int], ...]]:
    shape = draw(st.lists(st.integers(1, 9), min_size=0, max_size=4))
    array = np.random.default_rng(draw(st.integers(0, 99))).normal(size=shape).astype(np.float32)
    if draw(st.booleans()) and array.ndim > 1:
        array = array.swapaxes(0, -1)  # does not lie in one piece
    spans = []
    for size in array.shape:
        start = draw(st.integers(0, size - 1))
        spans.append((start, draw(st.integers(start + 1, size)), draw(st.integers(1, 5))))
    return array, tuple(spans)


def by_hand(array: Array, spans: tuple[tuple[int, int, int], ...], pool: str) -> Array:
    """One block after the other."""
    found = np.empty([size_of(span) for span in spans])
    for at in np.ndindex(found.shape):
        block = array[
            tuple(
                slice(start + k * step, min(start + (k + 1) * step, stop))
                for k, (start, stop, step) in zip(at, spans, strict=True)
            )
        ].reshape(-1)
        found[at] = {
            "extreme": block[np.abs(block).argmax()],
            "mean": block.mean(dtype=np.float64),
            "low": block.min(),
            "high": block.max(),
            "every": block[0],
        }[pool]
    return found


@given(cases(), st.sampled_from(POOLS))
def test_each_pooling_is_what_it_says(case: tuple[Array, Any], pool: str) -> None:
    array, spans = case
    np.testing.assert_allclose(region(array, spans, pool), by_hand(array, spans, pool), rtol=1e-12)


def test_a_block_keeps_the_sign_of_its_largest() -> None:
    array = np.array([1.0, -3.0, 2.0, 0.5, 4.0, -1.0])
    assert region(array, ((0, 6, 3),)).tolist() == [-3.0, 4.0]


def test_a_nan_shows_through_every_pooling_but_the_one_that_does_not_look() -> None:
    array = np.ones((40, 40), np.float32)
    array[7, 33] = np.nan
    for pool in ("extreme", "mean", "low", "high"):
        assert np.argwhere(np.isnan(region(array, ((0, 40, 10), (0, 40, 10)), pool))).tolist() == [[0, 3]]
    assert np.isfinite(region(array, ((0, 40, 10), (0, 40, 10)), "every")).all()


def test_an_infinity_is_the_extreme_of_its_block() -> None:
    assert region(np.array([1.0, -np.inf, 5.0]), ((0, 3, 3),)).tolist() == [-np.inf]


def test_whole_numbers_stay_whole() -> None:
    assert region(np.arange(12), ((0, 12, 4),)).tolist() == [3, 7, 11]


def test_a_part_is_a_copy() -> None:
    array = np.zeros((4, 4))
    part = region(array, ((0, 4, 1), (0, 4, 1)))
    array[0, 0] = 1
    assert part[0, 0] == 0


def test_too_large_a_part_and_one_that_is_not_there_are_refused() -> None:
    with pytest.raises(FeedError, match="at once"):
        region(np.zeros(MOST + 1, np.float32), ((0, MOST + 1, 1),))
    for spans in (((0, 5, 1),), ((0, 5, 1), (0, 3, 1)), ((-1, 2, 1), (0, 3, 1)), ((0, 4, 0), (0, 3, 1))):
        with pytest.raises(FeedError, match="no part"):
            region(np.zeros((4, 3)), spans)
