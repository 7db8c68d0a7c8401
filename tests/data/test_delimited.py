"""CSV and TSV: what separates cells, whether names stand on top, what each column holds, and what is refused."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphlab import data
from graphlab.data import store
from graphlab.data.delimited import read_text
from graphlab.errors import BrokenFileError, DataError, FileError, GraphlabError, TooLargeError

Write = Any


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def make(text: str | bytes, name: str = "a.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return make


@pytest.mark.parametrize(
    ("text", "columns", "first"),
    [
        ("a,b\n1,2\n3,4\n", ("a", "b"), [1, 2]),
        ("1,2\n3,4\n", ("column 1", "column 2"), [1, 2]),
        ("a;b\n1;2\n3;4\n", ("a", "b"), [1, 2]),
        ("a\tb\n1\t2\n", ("a", "b"), [1, 2]),
        ("a|b\n1|2\n", ("a", "b"), [1, 2]),
        ("a;b\n1,5;2\n3,25;4\n", ("a", "b"), [1.5, 2]),
        ("\ufeffa,b\n1,2\n", ("a", "b"), [1, 2]),
        ("a,b\r\n1,2\r\n", ("a", "b"), [1, 2]),
        ("a,b\n1,2\n\n  \n3,4", ("a", "b"), [1, 2]),
        ("a, b\n1, 2\n", ("a", "b"), [1, 2]),
        ("v\n1\n2\n3\n", ("v",), [1]),
        ("1\n2\n3\n", ("column 1",), [1]),
        ("a,a,\n1,2,3\n", ("a", "a 2", "column 3"), [1, 2, 3]),
        ('"first, one","b ""quoted"""\n1,2\n', ("first, one", 'b "quoted"'), [1, 2]),
        ('"two\nlines",b\n1,2\n', ("two lines", "b"), [1, 2]),
        ("a,b\n1e3,-2\n", ("a", "b"), [1000, -2]),
    ],
)
def test_how_a_file_is_written_is_found_out(
    write: Write, text: str, columns: tuple[str, ...], first: list[float]
):
    found = data.read(write(text))
    assert found.columns == columns
    assert found.cells[0].tolist() == first
    assert found.cells.dtype == np.float32
    assert not found.cells.flags.writeable


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_letters_of_other_alphabets_are_read_in_any_encoding(write: Write, encoding: str):
    assert data.read(write("größe,b\n1,2\n", encoding=encoding)).columns == ("größe", "b")


def test_a_letter_that_is_no_utf8_far_down_is_still_read(write: Write):
    path = write(b"a,b\n" + b"x,1\n" * 80_000 + b"\xe4,2\n")
    assert data.read(path).categories["a"] == ("x", "ä")


def test_words_become_classes_in_the_order_of_the_alphabet(write: Write):
    found = data.read(write("v,colour\n1,red\n2,blue\n3,red\n4,\n"))
    assert found.categories == {"colour": ("blue", "red")}
    assert found.cells[:3, 1].tolist() == [1, 0, 1]
    assert np.isnan(found.cells[3, 1])
    assert found.target == "colour"


def test_a_table_of_words_alone_has_names_when_they_do_not_come_again(write: Write):
    assert data.read(write("c,d\nred,yes\nblue,no\nred,no\n")).columns == ("c", "d")
    assert data.read(write("red,yes\nblue,no\nred,no\n")).columns == ("column 1", "column 2")


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("a,b,c", "c"),
        ("class,b,c", "class"),
        ("a,Species,c", "Species"),
        ("x,y,c", "y"),
        ("label,target,c", "target"),
    ],
)
def test_the_target_is_guessed_by_its_name_else_the_last(write: Write, header: str, target: str):
    assert data.read(write(f"{header}\n1,2,3\n4,5,6\n")).target == target
    assert data.read(write(f"{header}\n1,2,3\n"), target="").target == ""


def test_an_unknown_target_is_refused_with_what_there_is(write: Write):
    with pytest.raises(DataError, match=r"has no column 'd'\. It has a, b"):
        data.read(write("a,b\n1,2\n"), target="d")


def test_one_column_has_no_target(write: Write):
    assert data.read(write("v\n1\n2\n")).target == ""


def test_gaps_are_kept_as_such_and_told_by_row_and_column(write: Write):
    found = data.read(write("a,b\n1,\nNA,2\n?,3\n4,inf\n5,1e99\n"))
    assert dict(found.params["gaps"]) == {"a": (2, 2), "b": (1, 3)}


def test_a_word_among_numbers_makes_the_column_words_and_says_which(write: Write):
    found = data.read(write("a,b\n" + "1,2\n" * 300 + "oops,3\n"))
    assert found.categories["a"] == ("1", "oops")
    assert "row 301 has “oops”" in found.notes[0]


def test_commas_in_numbers_are_told_where_they_cannot_be_understood(write: Write):
    assert any("commas in numbers" in note for note in data.read(write('a,b\n"1,5",2\n"2,5",3\n')).notes)


@pytest.mark.parametrize(
    ("text", "left_out", "why"),
    [
        (",v,k\n0,1.5,a\n1,2.5,b\n2,3,a\n", "column 1", "counts the rows"),
        ("v,empty,k\n1,,2\n3,,4\n", "empty", "it is empty"),
        ("name,v\n" + "".join(f"n{k},{k}\n" for k in range(30)), "name", "tell rows apart"),
    ],
)
def test_columns_of_no_use_are_left_out_and_told(write: Write, text: str, left_out: str, why: str):
    found = data.read(write(text))
    assert left_out not in found.columns
    assert any(why in note for note in found.notes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.csv is empty"),
        ("\n \n", "a.csv is empty"),
        ("a,b\n", "a line of names, but no rows"),
        ("a,b\n1,2\n3\n4,5\n", r"Line 3 of a.csv has 1 cell; the first has 2"),
        ("a,b\nx,2\ny,3,4\n", r"Line 3 of a.csv has 3 cells; the first has 2"),
        (b"a,b\0\n1,2\n", "is no text"),
        ("a,b\n,\n", "no rows"),
    ],
)
def test_what_is_no_table_is_refused_with_the_place(write: Write, text: str, message: str):
    with pytest.raises(GraphlabError, match=message) as caught:
        data.read(write(text))
    assert caught.value.hint


def test_a_missing_file_a_folder_and_another_kind_are_refused(tmp_path: Path):
    with pytest.raises(FileError, match="does not exist"):
        data.read(tmp_path / "no.csv")
    with pytest.raises(FileError, match="is a folder"):
        data.read(tmp_path)
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    with pytest.raises(FileError, match="holds no rows"):
        data.read(tmp_path / "a.xlsx")


def test_a_hundred_thousand_rows_are_read_in_a_moment_and_exactly(write: Write):
    numbers = np.random.default_rng(1).normal(size=(100_000, 4)).astype(np.float32)
    path = write("a,b,c,d\n" + "\n".join(",".join(map(str, row)) for row in numbers.tolist()))
    shares: list[float] = []
    began = time.perf_counter()
    found = data.read(path, progress=shares.append)
    assert time.perf_counter() - began < 15
    assert np.array_equal(found.cells, numbers)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_both_ways_of_reading_find_the_same(write: Write):
    """A file of numbers alone goes another, faster way than one with a gap."""
    numbers = np.random.default_rng(2).normal(size=(500, 3)).astype(np.float32)
    lines = [",".join(map(str, row)) for row in numbers.tolist()]
    fast = data.read(write("a,b,c\n" + "\n".join(lines)))
    slow = data.read(write("a,b,c\n" + "\n".join([*lines, "1,,1"])))
    assert np.array_equal(fast.cells, slow.cells[:-1])


def test_too_many_numbers_are_refused_before_they_are_read(write: Write, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(store, "MOST", 1000)
    path = write("a,b\n" + "1.5,2.5\n" * 80_000)
    monkeypatch.setattr("graphlab.data.delimited._read", lambda *_: pytest.fail("nothing should be read"))
    with pytest.raises(TooLargeError, match=r"holds about .* numbers; 1,000 are the most"):
        data.read(path)


@pytest.mark.parametrize("last", ["1,2\n", "1,\n"])
def test_what_turns_out_too_large_is_refused_while_it_is_read(
    write: Write, monkeypatch: pytest.MonkeyPatch, last: str
):
    monkeypatch.setattr(store, "MOST", 1000)
    with pytest.raises(TooLargeError, match="1,000 are the most"):
        data.read(write("a,b\n" + "1,2\n" * 900 + last))


def test_reading_can_be_stopped(write: Write):
    class Stop(Exception):
        pass

    def stop(share: float) -> None:
        raise Stop

    with pytest.raises(Stop):
        data.read(write("a,b\n1,2\n"), progress=stop)


def test_a_table_at_hand_as_text_is_read_alike():
    found = read_text("a\tb\n1\t2\n3\t4\n")
    assert found.columns == ("a", "b")
    assert found.cells.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("text", ['a,b\n"' + "1,2\n" * 40_000, "x" * 200_000 + "\n1\n"])
def test_a_cell_without_an_end_is_told_of(write: Write, text: str):
    with pytest.raises(BrokenFileError, match="is no table: field larger") as refused:
        data.read(write(text))
    assert "quotation mark" in refused.value.hint


@pytest.mark.parametrize("text", [" ,\n", " , ,\n\n , ,\n", "\t\t\n"])
def test_a_table_of_blanks_is_empty(write: Write, text: str):
    with pytest.raises(DataError, match="is empty"):
        data.read(write(text))


def test_a_counter_that_is_infinite_counts_nothing(write: Write):
    assert data.read(write("id,a\n1,5\ninf,6\ninf,7\n")).columns == ("id", "a")


def test_lines_that_lack_something_are_named_by_their_number_in_the_file(write: Write):
    lines = ["age,income,group", "31,100,a", "", "45,,b", '"50",200,a', "na,300,?", *["60,,a"] * 6]
    found = data.read(write("\n".join(lines)))
    assert "line 4 (income), line 6 (age, group), line 7 (income)" in found.notes[-1]
    assert found.notes[-1].partition(" and ")[2].startswith("3 more")
    assert not data.read(write("a,b\n1,2\n3,4\n")).notes


def test_every_line_of_another_length_is_named(write: Write):
    lines = ["a,b,c", *["1,2,3"] * 4, "1,2", "1,2,3", "1,2,3,4", "", "5"]
    with pytest.raises(DataError) as caught:
        data.read(write("\n".join(lines)))
    assert "Line 6 of a.csv has 2 cells; the first has 3. Others differ, too: lines 8, 10." in str(
        caught.value
    )
