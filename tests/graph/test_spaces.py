"""Spaces as text: what is read, what is written, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphlab.errors import SettingsError
from graphlab.graph.spaces import as_space, parse_space, parse_value, space_text, value_text
from graphlab.graph.sweep import Space

NUMBERS = st.floats(-1e12, 1e12) | st.integers(-(10**9), 10**9).map(float)
VALUES = (
    st.text(max_size=12) | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()
)
LISTS = st.builds(
    lambda kind, values: Space(kind, tuple(values)),
    st.sampled_from(["list", "choice"]),
    st.lists(VALUES | st.none(), min_size=1, max_size=5, unique_by=lambda v: (type(v), v)),
)
RANGES = st.builds(
    lambda kind, ends: Space(kind, (), *sorted(ends)),
    st.just("range"),
    st.tuples(NUMBERS, NUMBERS),
)
LOGS = st.tuples(st.floats(1e-300, 1e300), st.floats(1e-300, 1e300)).map(
    lambda ends: Space("log", (), *sorted(ends))
)
WHOLE = st.builds(
    lambda a, b, step, log: Space("integer", (), *sorted((a, b)), step=step, log=log),
    st.integers(1, 10**9),
    st.integers(1, 10**9),
    st.integers(1, 1000),
    st.booleans(),
)


@settings(max_examples=100, deadline=None)
@given(LISTS | RANGES | LOGS | WHOLE)
def test_what_is_written_reads_as_the_same_space(space: Space) -> None:
    again = parse_space(space_text(space))
    assert again == space
    assert [type(value) for value in again.values] == [type(value) for value in space.values]


@pytest.mark.parametrize(
    ("text", "space"),
    [
        ("8,16,32", Space("list", (8, 16, 32))),
        (" 0.1 , 1e-3 ", Space("list", (0.1, 0.001))),
        ("ReLU, Tanh", Space("choice", ("ReLU", "Tanh"))),
        ("true,false", Space("choice", (True, False))),
        ("0:0.1", Space("range", (), 0, 0.1)),
        ("range:-1:1", Space("range", (), -1, 1)),
        ("log:1e-4:1e-1", Space("log", (), 1e-4, 1e-1)),
        ("int:8:64", Space("integer", (), 8, 64)),
        ("int:8:64:8", Space("integer", (), 8, 64, step=8)),
        ("intlog:4:256", Space("integer", (), 4, 256, log=True)),
        ('"8",8', Space("choice", ("8", 8))),
        ('"a,b",c d', Space("choice", ("a,b", "c d"))),
        ("(3, 5),(5, 3)", Space("choice", ("(3, 5)", "(5, 3)"))),
        ("null,2", Space("choice", (None, 2))),
        ("choice:1,2", Space("choice", (1, 2))),
        ("conv 3×3,lstm-cell", Space("choice", ("conv 3×3", "lstm-cell"))),
    ],
)
def test_a_text_says_a_space(text: str, space: Space) -> None:
    found = parse_space(text)
    assert found == space
    assert [type(value) for value in found.values] == [type(value) for value in space.values]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("list:", "empty"),
        ("8,,16", "between two commas"),
        ("8,8", "twice"),
        ("9:1", "Write 1:9"),
        ("log:0:1", "cannot reach 0"),
        ("log:-1:1", "cannot reach -1"),
        ("intlog:0:8", "cannot reach 0"),
        ("log:1", "log:1e-4:1e-1"),
        ("log:a:b", "'a' is no number"),
        ("lgo:1:2", "Did you mean log:1:2?"),
        ("int:1.5:3", "whole numbers"),
        ("int:1:3:0", "whole numbers"),
        ("int:1:3:0.5", "whole numbers"),
        ("int:1:3:1e999", "whole numbers"),
        ("0:1e999", "no end"),
        ("1e999", "cannot be tried"),
        ('"a', "quotes"),
        ('a"b', "quotes"),
    ],
)
def test_what_is_no_space_is_refused_with_what_to_write(text: str, words: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        parse_space(text)
    assert words in str(refusal.value)
    assert refusal.value.hint


def test_values_are_a_list_of_numbers_or_a_choice() -> None:
    assert as_space([8, 16]) == Space("list", (8, 16))
    assert as_space(np.array([0.1, 0.2])) == Space("list", (0.1, 0.2))
    assert as_space(range(3)) == Space("list", (0, 1, 2))
    assert as_space(["SGD", "Adam"]) == Space("choice", ("SGD", "Adam"))
    assert as_space([(3, 5), (5, 3)]) == Space("choice", ("(3, 5)", "(5, 3)"))
    assert as_space("int:1:4").grid() == (1, 2, 3, 4)
    with pytest.raises(SettingsError, match="empty"):
        as_space([])
    with pytest.raises(SettingsError, match="3 is no space"):
        as_space(3)  # type: ignore[arg-type]


def test_a_list_of_many_values_is_checked_at_once() -> None:
    assert len(as_space(range(10_000)).values) == 10_000
    with pytest.raises(SettingsError, match="10,001"):
        as_space(range(10_001))


@given(VALUES)
@settings(max_examples=100, deadline=None)
def test_a_value_is_read_as_it_is_written(value: object) -> None:
    assert parse_value(value_text(value)) == value
