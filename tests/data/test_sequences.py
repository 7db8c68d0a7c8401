"""Sequence tasks: the answers are right, nothing comes twice, and the same seed gives the same rows."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from graphlab import data
from graphlab.data import givers, tasks
from graphlab.data.captions import COLOURS, WORDS
from graphlab.data.first_names import LONGEST, TONGUES, first_names
from graphlab.data.looking import look, size_of
from graphlab.data.targets import NONE
from graphlab.errors import DataError, ShapeError, TooLargeError
from graphlab.ops import make
from graphlab.ops.tasks import TASKS, task

NAMES = list(TASKS)
PADDED = ["parity", "count", "reverse", "kinds"]


def made(name, samples=60, **settings):
    return tasks.rows(name, samples=samples, **settings)


def texts(rows):
    """Every x as text, without what is past its end."""
    return ["".join(rows.alphabet[k] for k in x[:n]) for x, n in zip(rows.x, rows.lengths, strict=True)]


def written(rows):
    """Every target as text, up to the 0 that ends it."""
    return ["".join(rows.classes[k] for k in target if k > 0) for target in rows.target]


# All of them


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_rows_and_another_seed_others(name):
    first, again, other = (made(name, seed=seed).columns() for seed in (1, 1, 2))
    assert all(np.array_equal(first[column], again[column]) for column in first)
    assert not np.array_equal(first["x"], other["x"])


@pytest.mark.parametrize("name", NAMES)
def test_no_row_comes_twice(name):
    x = made(name, samples=400).x
    assert len(x) == 400
    assert len(np.unique(x.reshape(400, -1), axis=0)) == 400


@pytest.mark.parametrize("name", NAMES)
def test_the_node_foretells_the_shapes_that_it_gives(name):
    op = make("Sequences", {"task": name, "samples": 5, "seed": 3})
    found = givers.rows_of(op)
    for output, spec in zip(op.results(), op.infer(), strict=True):
        column = found.column(output)
        assert spec.shape[1:] == column.shape[1:]
        assert spec.kind == "float" or np.array_equal(column, np.trunc(column))
    assert size_of(op) == found.x.size


@pytest.mark.parametrize("name", NAMES)
def test_characters_and_classes_have_names(name):
    rows = made(name)
    if rows.alphabet and rows.x.dtype.kind == "i":
        assert rows.x.min() >= 0
        assert rows.x.max() < len(rows.alphabet)
    if rows.classes:
        asked = rows.target[rows.target != NONE]
        assert asked.min() >= 0
        assert asked.max() < len(rows.classes)


@pytest.mark.parametrize("name", PADDED)
def test_lengths_vary_between_shortest_and_length_and_nothing_is_past_the_end(name):
    rows = made(name, samples=300, length=8, shortest=5)
    assert set(rows.lengths.tolist()) == {5, 6, 7, 8}
    past = np.arange(8) >= rows.lengths[:, None]
    assert not rows.x[past].any()
    assert (rows.x[~past] > 0).all()


@pytest.mark.parametrize("name", [n for n in NAMES if "previous" in TASKS[n].outputs])
def test_previous_is_the_target_one_step_late(name):
    rows = made(name)
    assert not rows.previous[:, 0].any()
    assert np.array_equal(rows.previous[:, 1:], np.maximum(rows.target[:, :-1], 0))


@pytest.mark.parametrize("name", NAMES)
def test_a_task_says_what_it_is(name):
    assert len(task(name).description) > 30
    assert task(name).pattern in ("encoder", "generator", "transducer", "encoder-decoder")
    assert task(name).outputs == tuple(made(name, samples=2).columns())


# Whether the answers are right


def test_copy_asks_for_the_letters_again_after_the_distance():
    rows = made("copy", length=3, distance=7, symbols=9)
    assert rows.x.shape == (60, 13)
    assert (rows.x[:, 9] == 10).all()
    assert rows.alphabet[10] == "?"
    assert not rows.x[:, 3:9].any()
    assert not rows.x[:, 10:].any()
    assert np.array_equal(rows.target[:, 10:] + 1, rows.x[:, :3])
    assert (rows.target[:, :10] == NONE).all()


def test_the_first_letter_is_the_class_and_the_rest_are_digits():
    rows = made("first", distance=9, symbols=3)
    assert [text[0] for text in texts(rows)] == [rows.classes[k] for k in rows.target]
    assert all(text[1:].isdigit() and len(text) == 10 for text in texts(rows))


def test_adding_marks_one_number_in_each_half_and_wants_their_sum():
    rows = made("adding", length=9)
    assert rows.x[:, :4, 1].sum(axis=1).tolist() == rows.x[:, 4:, 1].sum(axis=1).tolist() == [1] * 60
    np.testing.assert_allclose(rows.target[:, 0], (rows.x[:, :, 0] * rows.x[:, :, 1]).sum(axis=1))


def test_parity_and_counting_count():
    for text, said in zip(texts(rows := made("parity", shortest=6)), rows.target, strict=True):
        assert text.count("1") % 2 == said
    for text, said in zip(texts(rows := made("count", shortest=6)), rows.target, strict=True):
        assert text.count("a") == said


def test_every_count_comes_about_as_often():
    counts = np.bincount(made("count", samples=3000, length=5).target, minlength=6)
    assert counts.min() > 0


def test_reverse_writes_the_word_from_its_end():
    rows = made("reverse", length=8, shortest=2)
    assert written(rows) == [text[::-1] for text in texts(rows)]


def test_additions_are_right():
    rows = made("addition", length=3)
    sums = [text.rstrip("=").split("+") for text in texts(rows)]
    assert [int(a) + int(b) for a, b in sums] == [int(text) for text in written(rows)]


def test_dates_are_the_same_day():
    rows, ways = made("dates", samples=200), ("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%d.%m.%Y", "%Y/%m/%d")
    for text, iso in zip(texts(rows), written(rows), strict=True):
        found = [day for way in ways if (day := _parsed(text, way))]
        assert [day.date().isoformat() for day in found][:1] == [iso]


def _parsed(text, way):
    try:
        return datetime.strptime(text, way)
    except ValueError:
        return None


def test_brackets_tell_how_many_are_open():
    rows = made("brackets", length=30, symbols=4)
    for text, depths in zip(texts(rows), rows.target, strict=True):
        told = [text[: k + 1].count("(") - text[: k + 1].count(")") for k in range(30)]
        assert told == depths.tolist()
        assert 0 <= min(told) <= max(told) <= 3


def test_kinds_tell_vowels_from_consonants():
    rows = made("kinds")
    said = {
        c: rows.classes[k]
        for x, t in zip(texts(rows), rows.target, strict=True)
        for c, k in zip(x, t, strict=True)
    }
    assert (said["e"], said["x"], said["7"], said["-"]) == ("vowel", "consonant", "digit", "sign")


def test_names_are_given_letter_by_letter_and_end_with_nothing():
    rows = tasks.rows("names")
    assert len(rows.x) == len(first_names()) == 8422
    assert sorted(written(rows)) == list(first_names())
    assert max(map(len, first_names())) == LONGEST
    assert not rows.x[:, 0].any()
    assert (rows.x[:, 1:] == np.maximum(rows.target[:, :-1], 0)).all()
    assert all(target[n - 1] == 0 for target, n in zip(rows.target, rows.lengths, strict=True))


def test_invented_names_end_as_their_language_does():
    rows = made("languages", samples=1000)
    endings = {k: tongue.end for k, tongue in enumerate(TONGUES)}
    like = [text.endswith(endings[k]) for text, k in zip(texts(rows), rows.target.tolist(), strict=True)]
    assert 0.6 < np.mean(like) < 0.95  # some of their letters are others
    assert np.bincount(rows.target).min() > 200


def test_a_picture_shows_what_its_caption_says():
    rows = made("captions", samples=100)
    colours = np.array(list(COLOURS.values()))
    for picture, said in zip(rows.x, rows.target, strict=True):
        colour, _, place, other, _ = (WORDS[k] for k in said)
        if colour == other:
            continue
        near = np.abs(picture[None] - colours[:, :, None, None]).sum(axis=1) < 0.1
        first, second = (np.argwhere(near[list(COLOURS).index(c)]).mean(axis=0) for c in (colour, other))
        assert (second - first)[{"above": 0, "left of": 1}[place]] > 4


# As rows of a node


def test_rows_held_out_are_divided_and_classes_stay_in_proportion():
    found = givers.rows_of(make("Sequences", {"task": "parity", "samples": 200}), validation=0.25)
    assert [len(found.splits[split]) for split in ("train", "validation")] == [150, 50]
    by_step = givers.rows_of(make("Sequences", {"samples": 200}), validation=0.25)
    assert by_step.by_step
    assert len(by_step.splits["validation"]) == 50
    assert by_step.with_target("class") is by_step


def test_characters_are_shown_as_characters():
    found = look(make("Sequences", {"task": "reverse", "samples": 10, "length": 4}))
    assert found.alphabet[:3] == ("·", "a", "b")
    assert found.labels is None
    found = look(make("Sequences", {"task": "parity", "samples": 10}))
    assert found.classes == ("even", "odd")
    assert look(make("Sequences", {"task": "captions", "samples": 4})).image_shape == (3, 32, 32)


# What a person can get wrong


def test_an_unknown_task_is_named_with_the_nearest():
    with pytest.raises(ShapeError, match="no sequence task 'revers'") as refused:
        make("Sequences", {"task": "revers"}).infer()
    assert refused.value.hint == "Did you mean reverse?"


def test_a_shortest_above_the_length_is_refused():
    with pytest.raises(ShapeError, match="cannot have 9 characters where the longest has 5") as refused:
        make("Sequences", {"length": 5, "shortest": 9}).infer()
    assert refused.value.hint == "Set shortest to 5 or less."


def test_a_parameter_that_a_task_does_not_take_is_refused_and_ignored_by_the_node():
    with pytest.raises(DataError, match="dates has no parameter 'distance'"):
        data.sequences("dates", distance=3)
    assert make("Sequences", {"task": "dates", "distance": 3}).settings() == {"seed": 0}


def test_more_than_there_is_room_for_is_refused():
    with pytest.raises(TooLargeError, match="numbers; 50,000,000 are the most"):
        data.sequences("copy", samples=100_000, distance=2000)


def test_where_there_are_fewer_rows_all_are_made():
    assert len(data.sequences("parity", length=3, samples=100).x) == 8
