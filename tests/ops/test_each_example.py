"""What a test of all the examples of an operation says: which fail, and nothing less than a test of each would."""

from __future__ import annotations

import pytest

from graphlab.ops import get
from tests.ops.each_example import each_example, examples_of

TANH = examples_of([get("Tanh")])


def done(test):
    """The test carried out as it is for all the examples of Tanh."""
    each_example(TANH)(test)(op=get("Tanh"))


def test_every_example_is_tried():
    tried = []

    def test(op, example):
        tried.append((op, example))

    done(test)
    assert tried == TANH
    assert len(tried) >= 4


def test_the_one_that_fails_is_told():
    def test(op, example):
        assert example != TANH[2][1]

    with pytest.raises(AssertionError) as caught:
        done(test)
    assert caught.value.__notes__ == [f"It is example 2 of Tanh: {TANH[2][1]}"]


def test_all_that_fail_are_told_however_they_do():
    def test(op, example):
        if example == TANH[0][1]:
            pytest.fail("in words")
        assert example != TANH[1][1]

    with pytest.raises(BaseExceptionGroup, match=f"2 of {len(TANH)} examples of Tanh") as caught:
        done(test)
    assert [note for failure in caught.value.exceptions for note in failure.__notes__] == [
        f"It is example {k} of Tanh: {TANH[k][1]}" for k in (0, 1)
    ]


def test_one_that_is_skipped_hides_no_failure():
    def test(op, example):
        if example == TANH[0][1]:
            pytest.skip("not this one")
        raise ValueError("nor this")

    with pytest.raises(BaseExceptionGroup, match=f"{len(TANH) - 1} of"):
        done(test)


def test_an_operation_of_which_every_example_is_skipped_is_skipped():
    def test(op, example):
        pytest.skip("none of them")

    with pytest.raises(pytest.skip.Exception, match="none of them"):
        done(test)
