"""Embedding and OneHot: rows looked up, gradients gathered, indices out of range named."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import FeedError, ParamError, ShapeError
from graphlab.ops import Spec, make
from tests.ops.op_trial import Trial, run

WEIGHT = np.arange(8.0).reshape(4, 2)
SIZES = {"num_embeddings": 4, "embedding_dim": 2}


def looked_up(x, **params):
    trial = Trial("Embedding", SIZES | params, {"x": np.array(x), "weight": WEIGHT})
    trial.forward()
    return trial


def test_rows_are_looked_up():
    np.testing.assert_array_equal(looked_up([[3, 0], [1, 1]]).y, WEIGHT[[[3, 0], [1, 1]]])


def test_a_row_used_twice_gets_both_gradients():
    gradient = looked_up([1, 3, 1]).backward(np.array([[1.0, 2.0], [4.0, 8.0], [16.0, 32.0]]))["weight"]
    np.testing.assert_array_equal(gradient, [[0, 0], [17, 34], [0, 0], [4, 8]])


def test_padding_gives_zeros_and_learns_nothing():
    for padding in (1, -3):
        trial = looked_up([1, 2], padding_idx=padding)
        np.testing.assert_array_equal(trial.y, [[0, 0], WEIGHT[2]])
        np.testing.assert_array_equal(trial.backward(np.ones((2, 2)))["weight"].sum(1), [0, 0, 2, 0])


@pytest.mark.parametrize(
    ("op", "params", "wrong", "message", "hint"),
    [
        (
            "Embedding",
            SIZES,
            4,
            r"is the index 4, but there are 4 embeddings \(0 to 3\)",
            "num_embeddings to 5",
        ),
        ("Embedding", SIZES, -1, "is the index -1", "begin at 0"),
        ("OneHot", {"num_classes": 3}, 7, r"index 7, but there are 3 classes \(0 to 2\)", "num_classes to 8"),
        ("OneHot", {"num_classes": 1}, 1, r"index 1, but there is 1 class \(0 to 0\)", "num_classes to 2"),
        ("OneHot", {"num_classes": 3}, -2, "index -2", "begin at 0"),
    ],
)
def test_an_index_out_of_range_is_named_with_the_numbers(op, params, wrong, message, hint):
    with pytest.raises(FeedError, match=message) as caught:
        run(op, params, x=np.array([[0, 0], [0, wrong]]))
    assert hint in caught.value.hint


def test_a_shared_table_that_does_not_fit_is_named():
    with pytest.raises(ShapeError, match="weight is 4×3, but num_embeddings and embedding_dim ask for 4×2"):
        make("Embedding", SIZES).infer(Spec((5,), "int"), Spec((4, 3)))


def test_padding_outside_the_table_is_refused():
    with pytest.raises(ParamError, match=r"padding_idx \(4\) is no index of 4 embeddings"):
        make("Embedding", SIZES | {"padding_idx": 4})


def test_one_hot_rows():
    np.testing.assert_array_equal(
        run("OneHot", {"num_classes": 3}, x=np.array([2, 0])), [[0, 0, 1], [1, 0, 0]]
    )
