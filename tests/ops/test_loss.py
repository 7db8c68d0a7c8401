"""Losses: finite for any score, exact figures, and what they say about targets that do not fit."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import FeedError, ShapeError
from graphlab.ops import Dim, Spec, make
from tests.ops.op_trial import Trial, run

N = Dim("N")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("score", [1e4, -1e4])
def test_huge_scores_stay_finite(dtype, score):
    for name, arrays in {
        "CrossEntropyLoss": {"input": np.array([[score, 0.0, -score]]), "target": np.array([1])},
        "BCEWithLogitsLoss": {"input": np.array([[score]]), "target": np.array([[1.0]])},
    }.items():
        trial = Trial(name, {}, arrays, dtype)
        trial.forward()
        gradient = trial.backward(np.ones((), trial.dtype))["input"]
        assert np.isfinite(trial.y)
        assert np.isfinite(gradient).all()
        expected = 1e4 if name == "CrossEntropyLoss" or score < 0 else 0
        assert trial.y == pytest.approx(expected, rel=1e-6)


def test_cross_entropy_of_even_odds_is_the_logarithm_of_the_number_of_classes():
    assert run("CrossEntropyLoss", input=np.zeros((5, 10)), target=np.arange(5)) == pytest.approx(np.log(10))


def test_indices_and_one_hot_targets_agree():
    scores = np.random.default_rng(0).standard_normal((6, 4))
    classes = np.array([0, 3, 1, 1, 2, 0])
    by_index = Trial("CrossEntropyLoss", {}, {"input": scores, "target": classes})
    by_share = Trial("CrossEntropyLoss", {}, {"input": scores, "target": np.eye(4)[classes]})
    by_index.forward()
    by_share.forward()
    assert by_index.y == pytest.approx(float(by_share.y), rel=1e-14)
    one = np.ones(())
    np.testing.assert_allclose(by_index.backward(one)["input"], by_share.backward(one)["input"], atol=1e-15)


@pytest.mark.parametrize(("index", "hint"), [(3, "at least 4 units"), (-1, "begin at 0")])
def test_an_index_that_is_no_class_is_named(index, hint):
    with pytest.raises(FeedError, match=f"class index {index}, but input has 3 classes") as caught:
        run("CrossEntropyLoss", input=np.zeros((2, 3)), target=np.array([0, index]))
    assert hint in caught.value.hint


def test_mean_squared_error_is_exact():
    assert run("MSELoss", input=np.array([1.0, 2.0]), target=np.array([0.0, 4.0])) == 2.5


def test_a_prediction_column_against_a_target_row_is_refused():
    """NumPy would broadcast it to N×N and train on nonsense."""
    with pytest.raises(ShapeError, match=r"input \(N×1\) and target \(N\)") as caught:
        make("MSELoss", {}).infer(Spec((N, 1)), Spec((N,)))
    assert caught.value.socket == "target"
    assert "column" in caught.value.hint


def test_the_hint_names_the_units_that_would_fit():
    with pytest.raises(ShapeError) as caught:
        make("BCEWithLogitsLoss", {}).infer(Spec((N, 16)), Spec((N, 1)))
    assert caught.value.hint == "Set units of the last layer to 1."


def test_class_indices_must_match_the_rows():
    with pytest.raises(ShapeError, match=r"target \(N×1\) should hold a class index for each row .*: N\."):
        make("CrossEntropyLoss", {}).infer(Spec((N, 3)), Spec((N, 1), "int"))


def test_metrics():
    scores, classes = np.array([[2.0, 1.0], [0.0, 1.0], [3.0, 0.0], [0.0, 1.0]]), np.array([0, 1, 1, 1])
    assert make("CrossEntropyLoss", {}).metrics(scores, classes) == {"accuracy": 0.75}
    assert make("CrossEntropyLoss", {}).metrics(scores, np.eye(2)[classes]) == {"accuracy": 0.75}
    assert make("BCEWithLogitsLoss", {}).metrics(scores[:, :1] - 1, np.ones((4, 1))) == {"accuracy": 0.5}
    assert make("MSELoss", {}).metrics(np.zeros(2), np.array([3.0, 3.0])) == {"rmse": 3.0}
