"""Axes of charts."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphlab.lab.report.ticks import axis, widened

numbers = st.floats(-1e12, 1e12).filter(lambda v: v == 0 or abs(v) > 1e-12)


def test_ticks_are_even_numbers() -> None:
    assert [text for _, text in axis([0.0, 1.0]).ticks] == ["0", "0.25", "0.50", "0.75", "1.00"]
    assert [text for _, text in axis([0.0, 2000.0]).ticks] == ["0", "500", "1,000", "1,500", "2,000"]
    assert [text for _, text in axis([-3.0, 3.0], whole=True).ticks] == ["−2", "0", "2"]


def test_a_log_axis_has_powers_of_ten() -> None:
    made = axis([3e-5, 0.2], log=True)
    assert [value for value, _ in made.ticks] == pytest.approx([1e-4, 1e-3, 1e-2, 1e-1])
    assert made.share(math.sqrt(3e-5 * 0.2)) == pytest.approx(0.5)
    assert math.isnan(made.share(0.0))
    assert [text for _, text in axis([1.0, 6.0], log=True).ticks] == ["1", "2", "5"]


@settings(max_examples=100)
@given(st.lists(numbers, max_size=6), st.booleans(), st.booleans())
def test_every_value_has_a_place_and_no_axis_is_without_ticks(values, log, whole) -> None:
    made = widened(axis(values, log=log, whole=whole and not log))
    assert made.high > made.low
    assert len(made.ticks) <= 40
    for value in values:
        if value > 0 or not log:
            assert -1e-6 <= made.share(value) <= 1 + 1e-6
    assert all(-0.1 <= made.share(value) <= 1.1 for value, _ in made.ticks)


def test_what_is_not_finite_does_not_stretch_an_axis() -> None:
    assert axis([1.0, math.nan, 2.0, math.inf]).high == 2.0
    assert axis([]).ticks
