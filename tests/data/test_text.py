"""A text as rows of which every character is to be predicted; what is held out shares nothing with training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import graphlab as gl
from graphlab import data
from graphlab.data import store
from graphlab.data.givers import rows_of
from graphlab.data.text import decode, encode, unknown_words
from graphlab.errors import DataError
from graphlab.ops import make

WORDS = "she sells sea shells on the sea shore.\n" * 6


def op(words: str = WORDS, **params):
    return make("Text", {**data.prose(words, "a.txt", 8), **params})


def said(codes) -> str:
    return decode(np.asarray(codes, int).ravel(), data.prose(WORDS, "a.txt").alphabet)


def test_at_every_position_the_next_character_is_the_target():
    rows = rows_of(op())
    assert rows.x.shape == rows.target.shape == (29, 8)
    assert rows.target.dtype == np.int64
    assert (said(rows.x[0]), said(rows.target[0])) == ("she sell", "he sells")
    assert said(rows.x) == WORDS[: 29 * 8]
    assert rows.alphabet[:2] == ("⏎", "␣")


def test_only_the_character_after_the_row_can_be_the_target():
    rows = rows_of(op(predict="next"))
    assert rows.x.shape == (len(WORDS) - 8, 8)
    assert [said(rows.x[k]) + said(rows.target[k : k + 1]) for k in (0, 1)] == ["she sells", "he sells "]
    assert len(rows_of(op(predict="next", stride=5)).x) == -(-(len(WORDS) - 8) // 5)


@pytest.mark.parametrize("params", [{}, {"stride": 3}, {"predict": "next"}, {"predict": "next", "stride": 3}])
def test_no_held_out_character_is_predicted_in_training(params):
    made = op(**params)
    rows = rows_of(made, 0.2, 0.2)
    start = np.arange(len(rows)) * made.step
    last = -np.inf
    for name in ("train", "validation", "test"):
        places = rows.splits[name]
        assert len(places)
        assert np.array_equal(places, np.arange(places[0], places[-1] + 1))
        assert start[places[0]] + 1 > last  # its first target lies behind all of the part before
        last = start[places[-1]] + 8


def test_holding_out_all_of_a_short_text_is_refused():
    with pytest.raises(DataError, match="rows that lie in order leave none"):
        rows_of(op("abcdefghij", length=4), 0.9)


def test_a_text_travels_with_its_graph(tmp_path: Path):
    graph = gl.Graph()
    graph.add("Text", name="text", **data.prose(WORDS, "a.txt", 8))
    gl.save(graph, tmp_path / "a.graphlab")
    content = graph.document.node("text").params["content"]
    kept = store._kept.pop(content)
    again = gl.load(tmp_path / "a.graphlab")[0]
    assert np.array_equal(store.find(content), kept)
    assert rows_of(again.document.node("text").make()).x.shape == (29, 8)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"\0\1\2" * 20, "is no text"), (b"a", "a single character")],
)
def test_what_is_no_text_is_told(tmp_path: Path, content: bytes, words: str):
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(DataError, match=words):
        data.text(tmp_path / "a.txt")


def test_a_text_shorter_than_a_row_has_shorter_rows_and_says_so():
    found = data.prose("abcde", "a.txt", 32)
    assert found["length"] == 4
    assert "Rows are 4 long" in found.notes[0]
    lack, hint = make("Text", {**found, "length": 5}).lack()
    assert "5 characters; a row of 5" in lack
    assert "Set length to 2" in hint


def test_characters_that_were_never_learnt_are_left_out_of_a_prompt_and_named():
    codes, unknown = encode("sea ßß 9!", data.prose(WORDS, "a.txt").alphabet)
    assert said(codes) == "sea  "
    assert unknown == ("ß", "9", "!")
    assert unknown_words(unknown).startswith("The text that was learnt has no characters ß 9 !.")
    assert unknown_words(()) == ""


def test_a_class_of_a_step_that_is_none_is_named():
    with pytest.raises(DataError, match="Target 1 of data is class 3"):
        data.Data(np.zeros((2, 2)), np.array([[0, -100], [1, 3]]), classes=("a", "b"), by_step=True)


def test_without_a_file_it_is_first_names_that_travel_with_no_graph():
    made = make("Text", {})
    assert made.lack() == ("", "")
    assert made.contents() == ()
    cells = store.find(made.content)
    assert cells is not None
    assert store.digest(cells) == made.content
    assert decode(cells[:, 0], made.alphabet) == data.names_text()
    assert made.size == len(cells)
    assert rows_of(make("Text", {"length": 10})).x.shape == (5916, 10)
