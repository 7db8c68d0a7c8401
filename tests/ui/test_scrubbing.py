"""How far a dragged number goes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from graphlab.ui.scrubbing import Scrub, round_unit, size_of

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.mark.parametrize(
    ("start", "pixels", "end"),
    [
        (0.5, 20, 0.6),
        (-2.0, 10, -1.8),
        (0.0, 10, 0.1),
        (1e-6, 100, 2e-6),
        (300.0, -50, 200.0),
        (1e6, 1, 1.01e6),
    ],
)
def test_a_number_goes_as_fast_as_it_is_large(start: float, pixels: float, end: float) -> None:
    assert Scrub((start,)).move(pixels) == (pytest.approx(end),)


def test_shift_is_finer_and_control_coarser_and_neither_makes_it_jump() -> None:
    scrub = Scrub((0.5,))
    assert scrub.move(10) == (0.55,)
    assert scrub.move(10, SHIFT) == (0.555,)
    (far,) = scrub.move(10, CONTROL)
    assert far == pytest.approx(1.05)
    assert scrub.move(-10, CONTROL) == (pytest.approx(0.55),)


def test_a_number_that_is_small_among_others_goes_as_they_do() -> None:
    assert Scrub((1e-5,), among=1.0).move(10) == (pytest.approx(0.1),)


def test_several_move_by_the_same_amount() -> None:
    low, high = Scrub((1.0, -3.0)).move(10)
    assert (low, high) == (pytest.approx(1.2), pytest.approx(-2.8))


def test_whole_numbers_stay_whole() -> None:
    scrub = Scrub((3.0,), whole=True)
    assert scrub.move(3) == (3.0,)
    assert scrub.move(13) == (5.0,)


def test_digits_stay_few() -> None:
    scrub = Scrub((0.123456789,))
    for _ in range(50):
        (value,) = scrub.move(1)
    assert value == 0.173
    assert scrub.move(-50) == (0.123,)


def test_units_are_round() -> None:
    assert [round_unit(value) for value in (1, 1.9, 2, 4.9, 5, 0.0099)] == [1, 1, 2, 2, 5, 0.005]
    assert [size_of(value) for value in (0, 0.37, -2, 1000)] == [0.1, 0.1, 1.0, 1000.0]
