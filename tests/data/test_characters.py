"""A text as rows of characters."""

from __future__ import annotations

from pathlib import Path

import pytest

import graphlab as gl
from graphlab import data
from graphlab.data import store
from graphlab.data.characters import of_text
from graphlab.errors import DataError


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "a.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_each_row_is_followed_by_the_next_character(tmp_path: Path):
    found = data.read(written(tmp_path, "hello, hello"), length=3)
    classes = found.categories["next"]
    assert classes == ("␣", ",", "e", "h", "l", "o")
    rows = found.data
    assert rows.x.shape == (9, 3)
    said = ["".join(classes[int(k)] for k in (*x, t)) for x, t in zip(rows.x, rows.target, strict=True)]
    assert said[0] == "hell"
    assert said[-1] == "ello"


def test_it_feeds_an_embedding(tmp_path: Path):
    graph = gl.Graph()
    rows = graph.add("Table", **data.read(written(tmp_path, "abcabcabcabcabcabcabc" * 3), length=4))
    inner = graph.add("Embedding", rows, num_embeddings=3, embedding_dim=2)
    scores = graph.add("Linear", graph.add("Flatten", inner), units=3)
    graph.add("CrossEntropyLoss", scores, rows["target"])
    graph.configure(lr=0.05, epochs=15)
    last = list(gl.Trainer(graph).fit())[-1]
    assert last.metrics["accuracy"] == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [("short", "5 characters; rows of 16"), ("", "0 characters"), (b"\0\1\2" * 20, "no text")],
)
def test_what_makes_no_row_is_told(tmp_path: Path, text: str | bytes, words: str):
    with pytest.raises(DataError, match=words):
        data.read(written(tmp_path, text))


def test_too_many_characters_and_rows_that_cannot_be_are_refused():
    with pytest.raises(DataError, match="1,500 different characters"):
        of_text("".join(chr(0x4E00 + k) for k in range(1500)), "a")
    with pytest.raises(DataError, match="row of 0"):
        of_text("abc" * 10, "a", 0)


def test_a_text_beyond_what_fits_is_cut_and_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(store, "MOST", 40)
    found = of_text("abcd" * 100, "a", 3)
    assert len(found.cells) == 10
    assert "first 13 of 400 characters" in found.notes[0]


def test_a_table_in_a_text_file_is_a_table(tmp_path: Path):
    assert data.read(written(tmp_path, "a b,c d\n1,2\n3,4\n")).columns == ("a b", "c d")
    prose = "One fine day, I went.\nThen, two more.\n" * 3
    assert data.read(written(tmp_path, prose)).target == "next"
