"""Numbers are written short, with a true minus sign, and can be read back."""

from __future__ import annotations

import math

import pytest

from graphlab.ui import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.731, "0.731"),
        (-0.731, "−0.731"),
        (0.9999, "1.000"),
        (12.345, "12.3"),
        (123456.0, "123456"),
        (1234567.0, "1.2e6"),
        (-2.1e-10, "−2.1e−10"),
        (0.0, "0"),
        (-0.0, "0"),
        (5, "5"),
        (1234567, "1234567"),
        (-3, "−3"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_number_with_three_significant_digits(value: float, text: str) -> None:
    assert numbers.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.42, "+0.420"), (-0.11, "−0.110"), (0.0, "0"), (math.inf, "+∞")]
)
def test_number_with_sign(value: float, text: str) -> None:
    assert numbers.number(value, sign=True) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.764, "+0.76"), (-0.421, "−0.42"), (-0.001, "0.00"), (math.nan, "NaN")]
)
def test_fixed_decimals_never_show_a_signed_zero(value: float, text: str) -> None:
    assert numbers.fixed(value, sign=True) == text


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0"), (96, "96"), (6090, "6,090"), (999_999, "999,999"), (62_378_344, "62.4 M")]
)
def test_figures_of_a_count(amount: int, text: str) -> None:
    assert numbers.figures(amount) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(17, "17 FLOP"), (1200, "1.2 kFLOP"), (1_200_000, "1.2 MFLOP"), (3 * 10**9, "3 GFLOP")],
)
def test_floating_point_operations(amount: int, text: str) -> None:
    assert numbers.flop(amount) == text


@pytest.mark.parametrize("value", [0.1, -2.5, 1e-9, -1e20, 3.0, 0.2984, 12345.678])
def test_what_a_field_shows_reads_back_as_the_same_number(value: float) -> None:
    assert numbers.parse(numbers.exact(value)) == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize(("text", "value"), [("−1,5", -1.5), (" 2e−3 ", 0.002), ("1 000", 1000.0)])
def test_parse_takes_what_people_type(text: str, value: float) -> None:
    assert numbers.parse(text) == value


@pytest.mark.parametrize("text", ["", "abc", "nan", "inf", "1,2,3", "--1"])
def test_parse_refuses_what_is_no_finite_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"could not convert|not a finite"):
        numbers.parse(text)


def test_shapes_and_indices() -> None:
    assert numbers.shape(("N", 3)) == "N×3"
    assert numbers.shape(()) == "scalar"
    assert numbers.index((0, 3)) == "[0, 3]"
    assert numbers.index(()) == ""


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0 nodes"),
        (1, "1 node"),
        (22, "22 nodes"),
        (9999, "9,999 nodes"),
        (12_500, "12.5 k nodes"),
        (1_200_000, "1.2 M nodes"),
    ],
)
def test_counts_are_in_words(amount: int, text: str) -> None:
    assert numbers.count(amount, "node") == text


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0 B"), (2100, "2.1 kB"), (999.6, "1 kB"), (5.5e9, "5.5 GB")]
)
def test_sizes(amount: float, text: str) -> None:
    assert numbers.size_of(amount) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0000042, "4 µs"),
        (0.0042, "4.2 ms"),
        (0.25, "250 ms"),
        (0.9999, "1.0 s"),
        (59.99, "1 min 0 s"),
        (95, "1 min 35 s"),
        (3720, "1 h 2 min"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert numbers.duration(seconds) == text
