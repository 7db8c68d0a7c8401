"""Names of classes: typed, read from a file, and told wherever rows are looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

import graphlab as gl
from graphlab.data.class_names import classes_of, read_class_names, split_names
from graphlab.data.givers import rows_of
from graphlab.data.looking import look
from graphlab.errors import DataError, FileError
from graphlab.ops import make


def test_classes_have_the_names_that_they_are_given_and_keep_the_others():
    op = make("Dataset", {"dataset": "iris", "called": ("bristly", "motley")})
    assert rows_of(op).classes == ("bristly", "motley", "virginica")
    assert look(op, 0.2).classes == ("bristly", "motley", "virginica")
    more = make("Dataset", {"dataset": "iris", "called": tuple("abcde")})
    assert rows_of(more).classes == ("a", "b", "c")
    assert (rows_of(more).target == rows_of(make("Dataset", {"dataset": "iris"})).target).all()


def test_classes_of_a_table_that_are_numbers_get_names():
    found = gl.data.from_arrays([[0.0], [1.0], [2.0]], [0, 1, 1], name="a.npy")
    op = make("Table", {**found, "called": ("cat", "dog")})
    assert classes_of(op) == ("0", "1")
    assert rows_of(op).classes == ("cat", "dog")
    assert look(op).classes == ("cat", "dog")


def test_what_has_no_classes_has_none_to_be_named():
    assert classes_of(make("Table", {"columns": ("a", "b"), "target": "b"})) == ()
    assert classes_of(make("Text", {})) == ()
    assert classes_of(make("ReLU", {})) == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cat, dog", ("cat", "dog")),
        (" cat ,, dog,", ("cat", "dog")),
        ("tench, Tinca tinca; goldfish", ("tench, Tinca tinca", "goldfish")),
        ("", ()),
    ],
)
def test_names_are_typed_with_commas_or_semicolons(text: str, names: tuple[str, ...]):
    assert split_names(text) == names


def test_names_are_read_from_a_file(tmp_path: Path):
    path = tmp_path / "names.txt"
    path.write_text("cat\n\n dog, hot \nbird\n")
    assert read_class_names(path) == ("cat", "dog, hot", "bird")
    path.write_text("cat, dog")
    assert read_class_names(path) == ("cat", "dog")


def test_files_that_hold_no_names_are_named(tmp_path: Path):
    with pytest.raises(FileError, match="cannot be read"):
        read_class_names(tmp_path / "gone.txt")
    path = tmp_path / "names.txt"
    path.write_text("  \n")
    with pytest.raises(DataError, match=r"names\.txt holds no names"):
        read_class_names(path)
    path.write_text("\n".join(map(str, range(2000))))
    with pytest.raises(DataError, match="2,000 lines"):
        read_class_names(path)
