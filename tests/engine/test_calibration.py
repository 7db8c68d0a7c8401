"""The reliability diagram and its errors, against numbers counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine.calibration import Calibration
from graphlab.engine.verdicts import Verdicts


def verdicts(chances: list[list[float]], true: list[int]) -> Verdicts:
    told = np.array(chances, float)
    said = np.nan_to_num(told, nan=-np.inf).argmax(axis=1)
    count = np.arange(len(true))
    return Verdicts(("a", "b"), told, np.array(true, np.int64), said, count, count)


def test_five_rows_by_hand() -> None:
    found = Calibration.of(
        verdicts([[0.95, 0.05], [0.91, 0.09], [0.3, 0.7], [0.65, 0.35], [1, 0]], [0, 1, 1, 0, 0])
    )
    assert found.counts.tolist() == [0, 0, 0, 0, 0, 0, 2, 0, 0, 3]
    np.testing.assert_allclose(found.sureness[[6, 9]], [(0.7 + 0.65) / 2, (0.95 + 0.91 + 1) / 3])
    np.testing.assert_allclose(found.accuracy[[6, 9]], [1.0, 2 / 3])
    gaps = abs(0.675 - 1), abs(2.86 / 3 - 2 / 3)
    assert found.ece == pytest.approx(gaps[0] * 2 / 5 + gaps[1] * 3 / 5)
    assert found.worst == pytest.approx(gaps[0])
    each = [2 * 0.05**2, 2 * 0.91**2, 2 * 0.3**2, 2 * 0.35**2, 0]
    assert found.brier == pytest.approx(sum(each) / 5)
    assert found.bin.tolist() == [9, 9, 6, 6, 9]


def test_a_bin_has_its_upper_edge() -> None:
    found = Calibration.of(verdicts([[0.6, 0.4], [0.5, 0.5]], [0, 0]), bins=5)
    assert found.counts.tolist() == [0, 0, 2, 0, 0]


def test_a_network_that_is_as_often_right_as_it_is_sure_has_no_error() -> None:
    found = Calibration.of(verdicts([[0.75, 0.25]] * 4, [0, 0, 0, 1]))
    assert found.ece == found.worst == 0.0


def test_what_is_no_number_is_left_out() -> None:
    found = Calibration.of(verdicts([[np.nan, np.nan], [0.9, 0.1]], [0, 0]))
    assert (found.lost, found.total) == (1, 1)
    assert found.bin.tolist() == [-1, 8]
    assert found.brier == pytest.approx(0.02)
    nothing = Calibration.of(verdicts([[np.nan, np.nan]], [0]))
    assert np.isnan([nothing.ece, nothing.worst, nothing.brier]).all()
