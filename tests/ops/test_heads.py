"""Attention taken apart: the nodes together are the operation in one node; what is hidden gets nothing."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import ShapeError
from graphlab.ops import Dim, Spec, make
from tests.ops.op_trial import Trial, recorded, run

N, T = Dim("N"), Dim("T")
RNG = np.random.default_rng(0)


@pytest.mark.parametrize("causal", [True, False])
def test_scores_weights_and_a_product_are_attention(causal):
    q, k, v = (RNG.standard_normal((2, 3, 5, 4)) for _ in range(3))
    scores = run("AttentionScores", query=q, key=k)
    weights = run("MaskedSoftmax", {"is_causal": causal}, x=scores)
    whole = Trial("ScaledDotProductAttention", {"is_causal": causal}, {"query": q, "key": k, "value": v})
    found = whole.forward()
    np.testing.assert_allclose(weights, found["weights"], rtol=0, atol=1e-15)
    np.testing.assert_allclose(weights @ v, found["y"], rtol=0, atol=1e-14)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_scores_overflow_nothing_and_give_what_small_ones_give(causal, dtype):
    scores = RNG.standard_normal((3, 6, 6)).astype(dtype)
    small = Trial("MaskedSoftmax", {"is_causal": causal}, {"x": scores}, dtype)
    for shift in (0, 59, -70, 3000):
        far = Trial("MaskedSoftmax", {"is_causal": causal}, {"x": scores + shift}, dtype)
        atol = 1e-3 if dtype == "float32" else 1e-12  # of the scores themselves little is left
        np.testing.assert_allclose(far.forward()["y"], small.forward()["y"], rtol=0, atol=atol)


def test_one_that_is_no_number_spoils_its_own_row_alone():
    x = np.zeros((2, 2))
    x[1, 0] = np.nan
    y = run("MaskedSoftmax", {}, x=x)
    assert y[0].tolist() == [1, 0]
    assert np.isnan(y[1]).any()


def test_heads_that_were_split_are_merged_again():
    x = RNG.standard_normal((2, 5, 12))
    heads = run("SplitHeads", {"heads": 3}, x=x)
    assert heads.shape == (2, 3, 5, 4)
    np.testing.assert_array_equal(heads[1, 2, 3], x[1, 3, 8:])
    np.testing.assert_array_equal(run("MergeHeads", x=heads), x)


def test_the_future_has_the_weight_zero_and_gets_no_gradient():
    trial = Trial("MaskedSoftmax", {}, {"x": RNG.standard_normal((2, 4, 4))})
    y = trial.forward()["y"]
    assert not np.triu(y, 1).any()
    np.testing.assert_allclose(y.sum(-1), 1)
    assert not np.triu(trial.backward(RNG.standard_normal(y.shape))["x"], 1).any()


def test_a_mask_hides_besides_the_future():
    seen = np.array([[[1, 1, 0, 0]]])
    y = run("MaskedSoftmax", {}, x=np.zeros((1, 4, 4)), mask=seen)
    np.testing.assert_allclose(y[0], [[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0]])


def test_a_row_that_may_see_nothing_gets_zeros_and_explains_itself():
    trial = Trial(
        "MaskedSoftmax", {"is_causal": False}, {"x": np.ones((2, 2)), "mask": np.zeros((2, 1), int)}
    )
    assert not trial.forward()["y"].any()
    assert not trial.backward(np.ones((2, 2)))["x"].any()


def test_features_that_heads_cannot_share_are_refused_with_what_would_do():
    with pytest.raises(ShapeError, match=r"10 features.*4 heads") as refusal:
        make("SplitHeads", {}).infer(Spec((N, T, 10)))
    assert "Set heads to 2" in refusal.value.hint


def test_length_and_batch_may_stay_open():
    assert make("SplitHeads", {}).infer(Spec((N, T, 8))) == Spec((N, 4, T, 2))
    assert make("MergeHeads", {}).infer(Spec((N, 4, T, 2))) == Spec((N, T, 8))
    assert make("AttentionScores", {}).infer(Spec((N, 4, T, 2)), Spec((N, 4, T, 2))) == Spec((N, 4, T, T))
    assert make("ClassToken", {}).infer(Spec((N, T, 8)), Spec((8,))) == Spec((N, T + 1, 8))


def test_a_shorter_sequence_takes_the_first_positions_and_the_rest_learns_nothing():
    weight = RNG.standard_normal((5, 2))
    trial = Trial("LearnedPositions", {"length": 5}, {"x": np.zeros((3, 2, 2)), "weight": weight})
    np.testing.assert_array_equal(trial.forward()["y"], np.broadcast_to(weight[:2], (3, 2, 2)))
    np.testing.assert_array_equal(trial.backward(np.ones((3, 2, 2)))["weight"][:, 0], [3, 3, 0, 0, 0])


@pytest.mark.parametrize(
    ("length", "shape", "said"),
    [(4, (N, 9, 8), "Set length to 9"), (None, (N, T, 8), "Set length to the most")],
)
def test_places_without_a_row_are_refused_with_what_to_set(length, shape, said):
    with pytest.raises(ShapeError) as refusal:
        make("LearnedPositions", {"length": length}).learnable(Spec(shape))
    assert said in refusal.value.hint


def test_they_are_repeated_at_full_speed_without_the_python_around_them():
    x = RNG.standard_normal((2, 3, 4))
    assert recorded("SplitHeads", {"heads": 2}, x=x)
    assert recorded("MergeHeads", x=x[None])
    assert recorded("AttentionScores", query=x, key=x)
    assert recorded("MaskedSoftmax", x=x @ x.swapaxes(1, 2))
    assert recorded("LearnedPositions", x=x)
    assert recorded("ClassToken", x=x)
