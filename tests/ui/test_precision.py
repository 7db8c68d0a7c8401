"""One setting says how exactly numbers are written, wherever they stand."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlab.ops import explanation_text
from graphlab.ui import display, numbers, settings
from graphlab.ui.precision import AUTO, Precision, from_text, shortest


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(settings.PLACE, str(tmp_path))
    yield
    display.reset()


@pytest.mark.parametrize(
    ("precision", "value", "text"),
    [
        (Precision("digits", 2), 3.14159, "3.1"),
        (Precision("digits", 9), -3.14159, "−3.14159000"),
        (Precision("digits", 17), 0.1, "0.10000000000000001"),
        (Precision("digits", 4), 2.5e-9, "2.500e−9"),
        (Precision("scientific", 4), 1234.5, "1.234e3"),
        (Precision("scientific", 3), -0.00012, "−1.20e−4"),
        (Precision("exact"), 0.1, "0.1"),
        (Precision("exact"), float(np.float32(0.1)), "0.1"),
        (Precision("exact"), 1e-30, "1e−30"),
        (Precision("exact"), 2.0, "2"),
        (Precision("hex"), 0.75, "0x1.8000000000000p−1"),
        (Precision("hex"), math.nan, "NaN"),
        (Precision("digits", 5), math.inf, "∞"),
        (Precision("digits", 5), 0.0, "0"),
    ],
)
def test_a_number_is_written_as_is_wanted(precision: Precision, value: float, text: str) -> None:
    display.set_display(precision=precision)
    assert numbers.number(value) == text
    assert numbers.fixed(value) == text
    assert explanation_text.figure(value) == text


def test_times_counts_and_axes_do_not_follow() -> None:
    display.set_display(precision=Precision("digits", 12))
    assert numbers.duration(0.0042) == "4.2 ms"
    assert numbers.number(7) == "7"
    assert numbers.plain(0.5) == "0.500"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_exact_reads_back_equal(value: float) -> None:
    assert numbers.parse(shortest(abs(value))) == abs(value) or np.float32(
        numbers.parse(shortest(abs(value)))
    ) == np.float32(abs(value))


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_field_holds_what_a_run_in_float32_holds(value: float) -> None:
    assert np.float32(numbers.parse(numbers.exact(value))) == np.float32(value)


def test_a_number_gives_up_digits_to_fit() -> None:
    display.set_display(precision=Precision("digits", 12))
    assert len(numbers.fitting(-123.456789, 6)) <= 6
    assert numbers.fitting(0.5, 20) == "0.500000000000"


def test_what_is_set_is_remembered() -> None:
    display.set_display(precision=Precision("scientific", 9), scale="graph", law="log", fixed=2.5)
    display.reset()
    assert display.display().precision == AUTO
    display.restore()
    now = display.display()
    assert (now.precision, now.scale, now.law, now.fixed) == (Precision("scientific", 9), "graph", "log", 2.5)


def test_nonsense_in_the_settings_is_as_at_first() -> None:
    store = settings.settings()
    for name, value in (("scale", "moon"), ("law", "murphy"), ("fixed", "−3"), ("precision", "digits 99")):
        store.setValue(f"values/{name}", value)
    display.restore()
    assert display.display() == display.Display()
    assert from_text("digits") == AUTO
