"""Which unit follows what in a text."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.lab.tracking import _SIGNS, tracks

TEXT = 'He said "no 12" (so).\nAh!\n'


def marked(sign: str, text: str = TEXT) -> str:
    return "".join("^" if value else "." for value in _SIGNS[sign](text)).rstrip(".")


@pytest.mark.parametrize(
    ("sign", "at"),
    [
        ("line ends", ".....................^...^"),
        ("last letters of words", ".^....^...^.......^....^"),
        ("first letters of words", "^..^.....^.......^....^"),
        ("vowels", ".^..^^....^.......^...^"),
        ("spaces", "..^....^...^...^"),
        ("capitals", "^.....................^"),
        ("digits", "............^^"),
        ("punctuation", "........^.....^.^..^^...^"),
        ("inside quotes", "........^^^^^^"),
        ("inside brackets", "................^^^"),
    ],
)
def test_each_sign_stands_where_it_should(sign, at):
    assert marked(sign) == at


def test_places_count_from_the_last_break():
    assert _SIGNS["place in the word"]("ab cde").tolist() == [1, 2, 0, 1, 2, 3]
    assert _SIGNS["place in the line"]("ab\nc").tolist() == [1, 2, 0, 1]
    assert _SIGNS["inside brackets"]("a)((b)").tolist() == [0, 0, 0, 1, 1, 0]


def test_quotes_of_books_open_and_close():
    assert marked("inside quotes", "a “b” c «d» e") == "..^^....^^"


def test_the_unit_that_follows_a_sign_is_found_with_its_direction():
    rng = np.random.default_rng(0)
    text = TEXT * 20
    values = rng.normal(size=(len(text), 6))
    values[:, 4] = 0.3 - 2 * _SIGNS["vowels"](text)
    values[:, 2] = 1.0  # always the same
    found = tracks(values, text)
    assert found.ranked("vowels")[0] == (4, "vowels", pytest.approx(-1))
    assert found.ranked()[0][:2] == (4, "vowels")
    assert found.along[:, 2].tolist() == [0] * len(found.signs)
    wanted = np.corrcoef(values[:, 0], _SIGNS["spaces"](text))[0, 1]
    assert found.along[found.signs.index("spaces"), 0] == pytest.approx(wanted)


def test_signs_that_never_change_are_left_out():
    assert "digits" not in tracks(np.zeros((5, 2)), "ab\ncd").signs
    assert tracks(np.zeros((3, 2)), "111").ranked() == tracks(np.zeros((0, 2)), "").ranked() == []
