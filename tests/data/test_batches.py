"""Mini-batches: every row once an epoch, in an order that (seed, epoch) alone decide."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlab.data import Data, digits
from graphlab.errors import DataError

counts = st.integers(1, 200)
sizes = st.integers(1, 250)
epochs = st.integers(0, 2**40)
seeds = st.integers(0, 2**63 - 1)

GOLDEN_ORDER = [6, 1, 3, 7, 9, 5, 4, 8, 2, 0]  # computed once; must never change


def numbers(count: int) -> Data:
    return Data(np.zeros((count, 1)), np.zeros(count))


@given(count=counts, size=sizes, epoch=epochs, seed=seeds)
def test_an_epoch_visits_every_row_once(count, size, epoch, seed):
    visited = np.concatenate(list(numbers(count).batches(epoch, size, seed)))
    np.testing.assert_array_equal(np.sort(visited), np.arange(count))


@given(count=counts, size=sizes)
def test_only_the_last_batch_is_short(count, size):
    lengths = [len(batch) for batch in numbers(count).batches(0, size)]
    assert lengths[:-1] == [min(size, count)] * (len(lengths) - 1)
    assert sum(lengths) == count


@given(count=counts, size=sizes)
def test_a_short_last_batch_can_be_dropped(count, size):
    lengths = [len(batch) for batch in numbers(count).batches(0, size, drop_last=True)]
    assert lengths == [size] * (count // size)


@given(size=st.integers(1, 20), epoch=epochs, seed=seeds)
def test_seed_and_epoch_decide_whatever_was_asked_before(size, epoch, seed):
    data = numbers(50)
    first = list(data.batches(epoch, size, seed))
    list(data.batches(epoch + 1, size, seed))
    for batch, again in zip(first, data.batches(epoch, size, seed), strict=True):
        np.testing.assert_array_equal(batch, again)


def test_epochs_and_seeds_differ_from_one_another():
    orders = {
        tuple(np.concatenate(list(numbers(50).batches(epoch, 10, seed))))
        for epoch in range(5)
        for seed in range(5)
    }
    assert len(orders) == 25


def test_the_order_is_the_same_on_every_machine_and_numpy():
    np.testing.assert_array_equal(np.concatenate(list(numbers(10).batches(3, 4, seed=1))), GOLDEN_ORDER)


def test_batches_stay_inside_their_split():
    data = digits().split(0.2)
    visited = np.concatenate(list(data.batches(0, 64, split="validation")))
    np.testing.assert_array_equal(np.sort(visited), data.splits["validation"])


def test_one_batch_of_everything_keeps_the_rows_in_order():
    (batch,) = numbers(4).batches(epoch=9, size=4)
    np.testing.assert_array_equal(batch, [0, 1, 2, 3])


def test_an_empty_split_has_no_batches():
    assert list(numbers(4).batches(0, 2, split="test")) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"epoch": 0, "size": 0}, "batch size must be at least 1"),
        ({"epoch": 0, "size": 2.0}, "batch size must be a whole number"),
        ({"epoch": 0, "size": True}, "batch size must be a whole number"),
        ({"epoch": -1, "size": 2}, "epoch must be from 0 to"),
        ({"epoch": 0, "size": 2, "seed": -1}, "seed must be from 0 to"),
        ({"epoch": 0, "size": 2, "split": "all"}, "There is no split 'all'"),
    ],
)
def test_batches_that_make_no_sense_are_refused_before_the_first_one(arguments, message):
    with pytest.raises(DataError, match=message):
        numbers(4).batches(**arguments)
