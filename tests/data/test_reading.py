"""The rows of a Table as data: features, targets, gaps, scale; kept once by their hash."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphlab as gl
from graphlab import data
from graphlab.data import givers, store
from graphlab.data.delimited import read_text
from graphlab.data.givers import rows_of
from graphlab.data.reading import retargeted
from graphlab.errors import DataError, TooLargeError
from graphlab.ops import make

TEXT = "a,b,colour,grade\n1,0,red,1\n2,1,blue,2\n3,0,red,3\n4,1,blue,1\n"


def table(text: str = TEXT, **changed: Any) -> Any:
    return make("Table", {**read_text(text, "t.csv"), **changed})


def test_words_become_columns_of_ones_and_whole_targets_classes():
    found = rows_of(table())
    assert found.x.tolist() == [[1, 0, 0, 1], [2, 1, 1, 0], [3, 0, 0, 1], [4, 1, 1, 0]]
    assert found.target.tolist() == [0, 1, 2, 0]
    assert found.classes == ("1", "2", "3")


def test_another_target_and_chosen_features():
    found = rows_of(table(target="colour", features=("b", "a")))
    assert found.x.tolist() == [[0, 1], [1, 2], [0, 3], [1, 4]]
    assert found.classes == ("blue", "red")
    assert found.target.tolist() == [1, 0, 1, 0]


def test_numbers_as_target_are_one_column():
    assert rows_of(table(target="a")).target.tolist() == [[1], [2], [3], [4]]


@pytest.mark.parametrize(
    ("form", "expected"), [("one-hot", [[0, 1], [1, 0], [0, 1], [1, 0]]), ("column", [[1], [0], [1], [0]])]
)
def test_forms_of_a_target(form: str, expected: list[Any]):
    assert rows_of(table(target="colour", form=form)).target.tolist() == expected


def test_whole_numbers_can_be_class_indices_as_they_are():
    assert rows_of(table(target="b", form="class")).target.tolist() == [0, 1, 0, 1]


def test_choosing_a_target_tells_its_classes():
    op = table(target="a", features=("b", "grade"), categories=())
    changes = retargeted(op, "grade")
    assert changes == {"target": "grade", "features": ("b",), "categories": (("grade", ("1", "2", "3")),)}


GAPS = "a,b,y\n1,,0\n,2,1\n3,4,0\n5,6,1\n7,8,\n"


def test_a_gap_is_refused_with_its_row_and_column_unless_somebody_says_what_to_do():
    with pytest.raises(DataError, match=r"Row 2 of t.csv has no number in a\. Set missing to drop or mean"):
        rows_of(table(GAPS, target="y"))
    assert rows_of(table(GAPS, missing="drop")).x.tolist() == [[3, 4], [5, 6]]
    assert rows_of(table(GAPS, missing="mean")).x.tolist() == [[1, 4], [3, 2], [3, 4], [5, 6]]
    with pytest.raises(DataError, match="Every row"):
        rows_of(table("a,b\n1,\n,2\n", missing="drop"))


def test_a_gap_in_a_column_that_is_not_used_is_no_fault():
    assert len(rows_of(table("a,b,y\n1,,0\n2,2,1\n", features=("a",)))) == 2


def test_a_missing_word_is_filled_in_by_the_shares_of_the_others():
    found = rows_of(table("c,y\nred,1.5\nblue,2\nblue,3\n,4\n,5\nblue,6\n", missing="mean", target="y"))
    assert found.x[3].tolist() == pytest.approx([0.75, 0.25])


def test_standardised_features_have_mean_0_and_spread_1_on_the_training_rows():
    rows = np.random.default_rng(0).normal(5, 3, (200, 3))
    rows[:, 2] = 7
    op = make("Table", {**data.from_arrays(rows, np.arange(200) % 2, name="r"), "standardise": True})
    found = rows_of(op, 0.25, 0.0, 3)
    x, _ = found.part("train")
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(x.std(axis=0), [1, 1, 0], atol=1e-6)
    assert len(found.splits["validation"]) == 50


def test_standardised_images_are_scaled_by_channel():
    rows = np.random.default_rng(0).random((20, 2, 3, 3))
    x = data.from_arrays(rows, np.zeros(20, int), name="r").data.standardised().x
    np.testing.assert_allclose(x.mean(axis=(0, 2, 3)), 0, atol=1e-6)
    np.testing.assert_allclose(x.std(axis=(0, 2, 3)), 1, atol=1e-5)


def test_whole_columns_feed_an_embedding():
    text = "w1,w2,y\n" + "".join(f"{k % 5},{k % 3},{k % 2}\n" for k in range(40))
    graph = gl.Graph()
    rows = graph.add("Table", **{**read_text(text), "dtype": "int"})
    words = graph.add("Embedding", rows["x"], num_embeddings=5, embedding_dim=3)
    flat = graph.add("Flatten", words)
    graph.add("CrossEntropyLoss", graph.add("Linear", flat, units=2), rows["target"])
    reports = list(gl.Trainer(graph).fit(3))
    assert reports[-1].loss < reports[0].loss


def test_equal_rows_are_kept_once_and_nothing_can_change_them():
    first, again = read_text(TEXT), read_text(TEXT)
    assert first["content"] == again["content"]
    kept = store.find(first["content"])
    assert kept is not None
    with pytest.raises(ValueError, match="read-only"):
        kept[0, 0] = 9
    own = np.ones((2, 2), np.float32)
    content = store.keep(own)
    own[0, 0] = 5
    assert store.find(content)[0, 0] == 1


def test_the_hash_tells_shape_and_numbers_apart():
    numbers = np.arange(6, dtype=np.float32)
    hashes = {
        store.digest(numbers.reshape(2, 3)),
        store.digest(numbers.reshape(3, 2)),
        store.digest(-numbers[None]),
    }
    assert len(hashes) == 3
    with pytest.raises(DataError, match="are not what they were"):
        store.keep_as("0" * 64, numbers.reshape(2, 3))


def test_absent_rows_are_told_of_by_the_name_of_their_file():
    with pytest.raises(DataError, match=r"The rows of t\.csv are not here"):
        rows_of(table(content="f" * 64))


def test_rows_that_do_not_fit_the_params_are_refused():
    with pytest.raises(DataError, match="Read the file again"):
        rows_of(table(rows=3))
    with pytest.raises(DataError, match=r"Row 3 of t\.csv has grade 3, which is no class of it"):
        rows_of(table(categories=(("grade", ("1", "2")), ("colour", ("blue", "red")))))


def test_a_notebook_reads_and_trains_in_two_lines(tmp_path):
    path = tmp_path / "two.csv"
    path.write_text("x1,x2,y\n" + "".join(f"{k % 2},{k // 2 % 2},{'ab'[k % 2]}\n" for k in range(40)))
    graph = gl.Graph()
    rows = graph.add("Table", **gl.data.read(path))
    graph.add("CrossEntropyLoss", graph.add("Linear", rows["x"], units=2), rows["target"])
    trainer = gl.Trainer(graph)
    assert len(list(trainer.fit(2))) == 2
    assert trainer.batches.count("validation") == 6
    named = gl.Graph()
    x = named.add("Input", name="x", shape=("N", 2))
    target = named.add("Input", name="target", shape=("N",), dtype="int")
    named.add("CrossEntropyLoss", named.add("Linear", x, units=2), target)
    assert len(list(gl.Trainer(named, data=gl.data.read(path).data).fit(1))) == 1


def test_a_feature_for_each_word_may_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch):
    givers.forget()
    op = table()
    monkeypatch.setattr(store, "MOST", 15)
    with pytest.raises(TooLargeError, match="with a feature for each word 16 numbers; 15 are the most"):
        rows_of(op)
