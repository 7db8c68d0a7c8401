"""What lands on the clipboard gives the same numbers to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from graphlab.ui.values.texts import as_numpy, as_rows

SHAPES = arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)


@given(
    st.sampled_from([np.float32, np.float64, np.int64]).flatmap(
        lambda kind: arrays.arrays(kind, SHAPES)  # NaN and infinity among them
    )
)
def test_numpy_code_gives_the_same_array(array: Any) -> None:
    made = np.asarray(eval(as_numpy(array), {"np": np}))
    assert made.dtype == array.dtype
    np.testing.assert_array_equal(made, array)


def test_numpy_code_is_laid_out_to_be_read() -> None:
    assert as_numpy(np.array([[0.1, -2], [3, 4]], np.float32)) == (
        "np.array([[0.1, -2.0],\n          [3.0, 4.0]], dtype=np.float32)"
    )
    assert max(map(len, as_numpy(np.random.default_rng(0).normal(size=300)).splitlines())) <= 120


@pytest.mark.parametrize("separator", [",", "\t"])
def test_rows_read_back_equal(separator: str) -> None:
    array = np.random.default_rng(0).normal(size=(7, 5)).astype(np.float32)
    array[2, 2] = np.nan
    lines = [line.split(separator) for line in as_rows(array, separator).splitlines()]
    np.testing.assert_array_equal(np.array(lines, dtype=np.float32), array)
