"""Rows and elements added up by index, against NumPy's own way, which takes longer."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.ops import Clock, Context
from graphlab.ops.adding import sum_rows


@pytest.mark.parametrize("width", [0, 1, 3, 700])
@pytest.mark.parametrize("count", [0, 1, 30, 400])
def test_rows_are_added_where_their_index_says(width, count):
    rng = np.random.default_rng(0)
    index, rows = rng.integers(0, 50, count), rng.standard_normal((count, width))
    table, wanted = np.full((50, width), 77.0), np.zeros((50, width))
    np.add.at(wanted, index, rows)
    sum_rows(Context("node", Clock(), np.float64), table, index, rows)
    np.testing.assert_allclose(table, wanted, rtol=1e-12, atol=1e-12)
