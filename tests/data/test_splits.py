"""Splits are disjoint and complete, keep the classes in proportion, and depend on nothing but the seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from graphlab.data import SPLITS, Data, digits, moons, xor
from graphlab.errors import DataError

shares = st.floats(0, 0.45)

GOLDEN_TEST = [4, 6, 11]  # computed once; must never change


def numbers(count: int) -> Data:
    return Data(np.zeros((count, 1)), np.zeros(count))


@given(count=st.integers(3, 300), validation=shares, test=shares, seed=st.integers(0, 2**63 - 1))
def test_every_row_is_in_exactly_one_split(count, validation, test, seed):
    splits = numbers(count).split(validation, test, seed).splits
    together = np.concatenate([splits[name] for name in SPLITS])
    np.testing.assert_array_equal(np.sort(together), np.arange(count))


@given(count=st.integers(3, 300), validation=shares, test=shares)
def test_each_split_has_its_share_and_at_least_one_row(count, validation, test):
    splits = numbers(count).split(validation, test).splits
    for name, share in (("validation", validation), ("test", test)):
        assert abs(len(splits[name]) - share * count) <= (1 if share else 0)
        assert bool(len(splits[name])) == bool(share)


@given(
    sizes=st.lists(st.integers(4, 60), min_size=2, max_size=6),
    validation=st.floats(0.05, 0.45),
    test=st.floats(0.05, 0.45),
    seed=st.integers(0, 1000),
)
def test_classes_stay_in_proportion(sizes, validation, test, seed):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    assume(len(labels) >= 20)
    splits = Data(np.zeros((len(labels), 1)), labels).split(validation, test, seed).splits
    for rows in splits.values():
        counts = np.bincount(labels[rows], minlength=len(sizes))
        expected = np.array(sizes) * len(rows) / len(labels)
        # each end of a stretch may be off by a row, and by this class's share of the others' roundings
        slack = 2 + len(sizes) * np.array(sizes) / len(labels)
        assert (np.abs(counts - expected) <= slack).all()


def test_two_shares_that_round_up_leave_a_row_to_train_on():
    assert [len(rows) for rows in numbers(4).split(0.375, 0.375).splits.values()] == [1, 2, 1]
    assert [len(rows) for rows in numbers(4).split(0.65, 0.3).splits.values()] == [1, 2, 1]


def test_digits_keep_their_classes_to_the_row():
    counts = np.bincount(digits().split(0.2, 0.2).part("validation")[1])
    np.testing.assert_allclose(counts, np.bincount(digits().target) * 0.2, atol=1)


def test_a_column_of_two_classes_is_stratified_too():
    _, target = moons(100).split(0.2, seed=3).part("validation")
    assert target.sum() == 10


def test_without_stratification_chance_decides():
    counts = {
        float(moons(100).split(0.2, seed=s, stratified=False).part("validation")[1].sum()) for s in range(9)
    }
    assert len(counts) > 1


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    first, again, other = (digits().split(0.2, seed=seed).splits["validation"] for seed in (7, 7, 8))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_split_is_the_same_on_every_machine_and_numpy():
    np.testing.assert_array_equal(numbers(12).split(0.25, 0.25, seed=5).splits["test"], GOLDEN_TEST)


def test_a_set_knows_what_to_hold_out_when_it_is_not_told():
    assert len(digits().split().splits["validation"]) == 359
    assert len(xor().split().splits["validation"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"validation": 1.0}, "validation must be at least 0 and less than 1"),
        ({"validation": -0.1}, "validation must be at least 0"),
        ({"test": float("nan")}, "test must be at least 0"),
        ({"validation": "0.2"}, "validation must be a number"),
        ({"validation": 0.6, "test": 0.4}, "validation 0.6 and test 0.4 of 10 rows leave none to train on"),
        ({"seed": -1}, "seed must be from 0 to"),
        ({"seed": 1.5}, "seed must be a whole number"),
        ({"stratified": True}, "no classes to keep in proportion"),
    ],
)
def test_a_split_that_makes_no_sense_is_refused(arguments, message):
    with pytest.raises(DataError, match=message):
        numbers(10).split(**arguments)


@pytest.mark.parametrize(
    ("splits", "message"),
    [
        ({"train": [0, 1], "test": [1]}, "Row 1 is in the splits more than once"),
        ({"train": [0, 3]}, "names a row that is not there"),
        ({"train": [-1]}, "names a row that is not there"),
        ({"train": [0.5]}, "must be a list of row indices"),
        ({"training": [0]}, "There is no split 'training'"),
    ],
)
def test_hand_made_splits_are_checked(splits, message):
    with pytest.raises(DataError, match=message):
        Data(np.zeros((3, 1)), np.zeros(3), splits=splits)


def test_an_unknown_part_is_refused():
    with pytest.raises(DataError, match="There is no split 'dev'"):
        xor().part("dev")
