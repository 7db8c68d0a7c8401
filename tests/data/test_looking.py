"""What is told of data: figures, classes, parts, and what is odd."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab import data
from graphlab.data.delimited import read_text
from graphlab.data.looking import look, remarks, size_of
from graphlab.data.points import are_in, next_class, params_of
from graphlab.errors import DataError
from graphlab.ops import make


def table(text: str, **more):
    return make("Table", {**read_text(text, "a.csv"), **more})


def said(found, batch_size=32):
    return " ".join(f"{r.level}: {r.text} {r.hint}" for r in remarks(found, batch_size))


def test_features_are_told_by_their_figures():
    op = table("a,b,c\n" + "\n".join(f"{k},{10 * k},{'xy'[k % 2]}" for k in range(12)))
    found = look(op, 0.25)
    assert found.names == ("a", "b")
    first = found.features()[0]
    assert first[:4] == ("a", 0.0, 11.0, 5.5)
    assert first.spread == pytest.approx(np.arange(12).std())
    assert found.target == "c"
    assert found.classes == ("x", "y")
    assert sum(found.counts().values()).tolist() == [6, 6]
    assert found.counts()["train"].sum() == 9
    assert found.part_of(int(found.splits["validation"][0])) == "validation"


def test_columns_of_words_become_a_feature_for_each_class():
    found = look(table("colour,n,kind\nred,1,a\nblue,2,b\nred,3,a\n"))
    assert found.names == ("colour = blue", "colour = red", "n")
    assert found.x[0].tolist() == [0, 1, 1]


def test_rows_that_cannot_be_given_are_shown_as_read_with_what_is_missing():
    found = look(table("a,b,c\n1,2,x\n,3,y\n5,,\n"))
    assert "Row 2 of a.csv has no number in a" in found.fault
    assert [f.missing for f in found.features()] == [1, 1]
    assert found.labels.tolist() == [0, 1, -1]
    assert said(found).startswith("error: Row 2")


@pytest.mark.parametrize("name", ["digits", "spirals", "iris"])
def test_every_kind_of_set_on_board_can_be_looked_at(name: str):
    op = make("Dataset", {"dataset": name})
    found = look(op, 0.2, 0.1)
    assert len(found) == len(data.load(name))
    assert found.name(0) == "x₁"
    assert size_of(op) == found.x.size
    assert sum(map(len, found.splits.values())) == len(found)
    assert (found.image_shape is not None) == (name == "digits")


def test_a_set_that_is_not_there_is_told_and_has_no_rows():
    found = look(make("Dataset", {"dataset": "nothing"}))
    assert not len(found)
    assert "no data set 'nothing'" in said(found)
    assert found.features() == []


def test_what_is_odd_is_told():
    alike = look(table("a,b,c\n" + "\n".join(f"{k},{k},x" for k in range(12)), target="c"))
    assert "All rows are of the class x" in said(alike)
    assert "No rows are kept apart for validation" in said(alike)
    assert "batch size 32 is larger than the 12 rows" in said(alike)
    assert "batch size" not in said(alike, 12)
    apart = look(table("a,b,c\n" + "\n".join(f"{k},{k * 1000},{'xy'[k % 2]}" for k in range(12))), 0.2)
    assert "factor of 1,000" in said(apart)
    assert "kept apart" not in said(apart)
    still = look(table("a,b,c\n" + "\n".join(f"{k},7,{'xy'[k % 2]}" for k in range(12))), 0.2)
    assert "b never changes" in said(still)


def test_nothing_is_odd_about_a_set_on_board():
    assert said(look(make("Dataset", {"dataset": "iris"}), 0.2)) == ""


def test_painted_points_are_the_rows_of_a_table():
    op = make("Table", params_of([[0.5, 1], [-1, 2], [3, 4]], [0, 1, 0]))
    assert are_in(op)
    found = look(op)
    assert found.x.tolist() == [[0.5, 1], [-1, 2], [3, 4]]
    assert found.labels.tolist() == [0, 1, 0]
    assert found.classes == ("blue", "orange")
    column = make("Table", params_of([[0.5, 1], [-1, 2]], [0, 1], form="column"))
    assert look(column).labels.tolist() == [0, 1]


def test_no_points_at_all_are_a_table_that_says_so():
    op = make("Table", params_of(np.zeros((0, 2)), np.zeros(0)))
    assert op.lack()[0] == "painted points has no rows yet."
    found = look(op)
    assert not len(found)
    assert "no rows yet" in found.fault


def test_points_without_a_class_each_are_refused():
    with pytest.raises(DataError):
        params_of([[1, 2]], [0, 1])
    with pytest.raises(DataError):
        params_of([[1, 2, 3]], [0])


def test_only_points_in_the_plane_with_a_class_can_be_painted():
    assert not are_in(make("Dataset", {}))
    assert not are_in(table("a,b,c,d\n1,2,3,x\n4,5,6,y\n"))
    assert are_in(table("a,b,c\n1,2,x\n3,4,y\n"))
    assert next_class(("blue", "orange")) == "green"
    assert next_class(("blue", "orange", "green", "violet", "yellow", "red", "teal", "grey")) == ""
