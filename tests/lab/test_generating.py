"""Drawing the next character, and texts that a network writes with it."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import DataError, ParamError
from graphlab.lab.generating import Manner, Writing, looks_ahead, probes, softmax, write

SCORES = np.log([0.5, 0.25, 0.15, 0.1])


def test_the_temperature_divides_the_scores():
    assert Manner().chances(SCORES) == pytest.approx([0.5, 0.25, 0.15, 0.1])
    squared = np.array([0.5, 0.25, 0.15, 0.1]) ** 2
    assert Manner(0.5).chances(SCORES) == pytest.approx(squared / squared.sum())
    assert Manner(0.0).chances(SCORES).tolist() == [1, 0, 0, 0]


def test_only_the_likeliest_are_drawn_from():
    assert Manner(top_k=2).chances(SCORES) == pytest.approx([2 / 3, 1 / 3, 0, 0])
    assert Manner(top_k=9).chances(SCORES) == pytest.approx([0.5, 0.25, 0.15, 0.1])
    assert Manner(top_k=1).chances(np.zeros(3)).tolist() == [1, 0, 0]  # of equals the first


@pytest.mark.parametrize(
    ("share", "kept"), [(0.4, 1), (0.49, 1), (0.51, 2), (0.74, 2), (0.76, 3), (0.95, 4), (1.0, 4)]
)
def test_the_nucleus_is_the_fewest_that_have_the_share(share, kept):
    found = Manner(top_p=share).chances(SCORES)
    assert np.count_nonzero(found) == kept
    assert found == pytest.approx(
        np.where(np.arange(4) < kept, np.exp(SCORES), 0) / np.exp(SCORES)[:kept].sum()
    )


def test_the_nucleus_is_of_what_temperature_and_top_k_left():
    assert np.count_nonzero(Manner(temperature=0.1, top_p=0.9).chances(SCORES)) == 1
    assert np.count_nonzero(Manner(top_k=2, top_p=0.7).chances(SCORES)) == 2
    assert np.count_nonzero(Manner(top_k=2, top_p=0.6).chances(SCORES)) == 1


def test_what_is_drawn_has_the_probabilities():
    manner = Manner(seed=3)
    chances = manner.chances(SCORES)
    drawn = np.array([manner.draw(chances, place) for place in range(4000)])
    assert np.bincount(drawn, minlength=4) / 4000 == pytest.approx(chances, abs=0.03)
    assert [manner.draw(chances, place) for place in range(20)] == drawn[:20].tolist()
    assert [Manner(seed=4).draw(chances, place) for place in range(20)] != drawn[:20].tolist()


def test_what_is_cut_off_is_never_drawn():
    manner = Manner(top_k=1)
    chances = np.array([0.0, 1.0, 0.0])
    assert {manner.draw(chances, place) for place in range(300)} == {1}


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"temperature": -1}, "temperature of -1"),
        ({"temperature": float("nan")}, "temperature of nan"),
        ({"top_k": -1}, "top_k cannot be -1"),
        ({"top_p": 0}, "top_p cannot be 0"),
        ({"top_p": 1.5}, "top_p cannot be 1.5"),
        ({"seed": -1}, "seed cannot be -1"),
    ],
)
def test_impossible_manners_are_refused(params, words):
    with pytest.raises(ParamError, match=words):
        Manner(**params)


def test_scores_that_are_not_finite_are_told():
    with pytest.raises(DataError, match="not finite"):
        Manner().chances([1.0, np.nan])


def counting(rows):
    """A network that reads 4 characters and is sure that the next one comes next in the alphabet of 5."""
    return np.eye(5)[(rows + 1) % 5].transpose(0, 2, 1) * 50


def last_of_rows(rows):
    """The same after the whole row alone."""
    return np.eye(5)[(rows[:, -1] + 1) % 5] * 50


def by_rows(network, filled=False):
    return lambda writing: network(writing.row(filled))


def test_it_goes_on_beyond_what_is_read_at_once():
    start = Writing(tuple("abcde"), 4, (2,))
    *_, end = write(by_rows(counting), start, 9)
    assert end.text == "deabcdeab"
    assert end.row().tolist() == [[3, 4, 0, 1]]
    assert end.chances is not None
    assert end.chances.argmax() == 1


def test_a_network_that_says_one_character_after_a_row_reads_full_rows():
    start = Writing(tuple("abcde"), 4, (2,))
    assert start.row(filled=True).tolist() == [[0, 0, 0, 2]]
    *_, end = write(by_rows(last_of_rows, filled=True), start, 4, filled=True)
    assert end.text == "deab"


def test_it_stops_when_the_end_was_written():
    *_, end = write(by_rows(counting), Writing(tuple("abcde"), 4, (0,)), 50, until="ea")
    assert end.text == "bcdea"


def test_without_a_prompt_it_begins_after_the_end_of_a_line():
    assert Writing(tuple(" a\nb"), 3).row().tolist() == [[2, 2, 2]]
    assert Writing(tuple("ab"), 3).row().tolist() == [[0, 0, 0]]


def test_more_than_anybody_waits_for_is_refused():
    with pytest.raises(ParamError, match="1,000,000 characters"):
        list(write(by_rows(counting), Writing(tuple("abcde"), 4), 1_000_000))


def test_a_network_that_looks_ahead_is_found_out():
    rows = probes(4)
    assert not looks_ahead(counting(rows), 4, 5)
    assert looks_ahead(counting(rows) + rows.sum(axis=1)[:, None, None], 4, 5)
    flat = counting(rows).transpose(0, 2, 1).reshape(8, 5)
    assert not looks_ahead(flat, 4, 5)


def test_softmax_of_large_scores_is_finite():
    assert softmax(np.array([1000.0, 0.0])).tolist() == [1, 0]
