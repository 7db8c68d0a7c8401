"""Residuals and what is told of them, against numbers counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine.residuals import residuals
from graphlab.errors import DataError


def test_four_rows_by_hand() -> None:
    found = residuals([[1.0], [2.0], [2.0], [5.0]], [[1.0], [3.0], [2.0], [2.0]], range(10, 14), range(4))
    fit = found.of(0)
    assert fit.residuals.tolist() == [0, 1, 0, -3]
    assert (fit.mean, fit.mae) == (-0.5, 1.0)
    assert fit.rmse == pytest.approx(np.sqrt(10 / 4))
    assert fit.r2 == pytest.approx(1 - 10 / 2)
    assert fit.worst(2).tolist() == [3, 1]
    assert fit.rows[fit.worst(1)].tolist() == [13]


def test_the_true_numbers_have_an_r2_of_one_and_their_mean_has_zero() -> None:
    true = np.array([1.0, 2.0, 6.0])
    assert residuals(true, true, range(3), range(3)).of(0).r2 == 1.0
    assert residuals(np.full(3, 3.0), true, range(3), range(3)).of(0).r2 == pytest.approx(0.0)
    assert np.isnan(residuals(true, np.ones(3), range(3), range(3)).of(0).r2)


def test_each_output_is_told_of_by_itself() -> None:
    found = residuals([[1, 2], [3, 4]], [[1, 0], [3, 0]], range(2), range(2))
    assert found.outputs == 2
    assert (found.of(0).mae, found.of(1).mae) == (0.0, 3.0)


def test_what_is_no_number_is_left_out_and_stands_first() -> None:
    fit = residuals([1.0, np.nan, 9.0], [1.0, 1.0, 1.0], range(3), range(3)).of(0)
    assert fit.lost == 1
    assert fit.mae == 4.0
    assert fit.worst(3).tolist() == [1, 2, 0]


def test_other_numbers_than_are_to_be_reached_are_told() -> None:
    with pytest.raises(DataError, match="1 numbers to reach, but the network gives 2"):
        residuals([[1, 2]], [[1]], [0], [0])
