"""Attention: masks, causality, what unplugged sockets mean, and the patterns that tell positions apart."""

from __future__ import annotations

import math

import numpy as np
import pytest

from graphlab.errors import ShapeError
from graphlab.ops import Dim, Spec, make
from tests.ops.op_trial import Trial, run

N, L = Dim("N"), Dim("L")
RNG = np.random.default_rng(0)


def attention(params=None, **arrays):
    drawn = {n: RNG.standard_normal((2, 4, 3)) for n in ("query", "key", "value")}
    trial = Trial("ScaledDotProductAttention", params, drawn | arrays)
    return trial, trial.forward()


def test_weights_are_positive_and_sum_to_one():
    _, found = attention()
    assert (found["weights"] > 0).all()
    np.testing.assert_allclose(found["weights"].sum(-1), 1)


def test_a_causal_position_ignores_what_comes_after_it():
    trial, found = attention({"is_causal": True})
    before = found["y"].copy()
    trial.inputs["value"][:, 2:] = 99
    trial.inputs["key"][:, 2:] = 99
    assert np.array_equal(trial.forward()["y"][:, :2], before[:, :2])
    assert not np.triu(found["weights"], 1).any()


def test_a_position_that_may_look_nowhere_sees_nothing_and_sends_nothing_back():
    mask = np.ones((4, 4), int)
    mask[1] = 0
    trial, found = attention(attn_mask=mask)
    assert not found["weights"][:, 1].any()
    assert not found["y"][:, 1].any()
    gradients = trial.backward(np.ones((2, 4, 3)))
    assert not gradients["query"][:, 1].any()
    assert all(np.isfinite(g).all() for g in gradients.values())


def test_huge_scores_stay_finite():
    _, found = attention(query=np.full((2, 4, 3), 1e4), key=RNG.standard_normal((2, 4, 3)) * 1e4)
    assert np.isfinite(found["y"]).all()


def test_a_mask_beside_is_causal_is_refused():
    op = make("ScaledDotProductAttention", {"is_causal": True})
    x = Spec((N, 4, 3))
    with pytest.raises(ShapeError, match="is_causal"):
        op.infer(x, x, x, Spec((4, 4)))


def test_keys_of_another_size_are_refused_with_the_numbers():
    op = make("ScaledDotProductAttention", {})
    with pytest.raises(ShapeError, match="3 and 5"):
        op.infer(Spec((N, 4, 3)), Spec((N, 4, 5)), Spec((N, 4, 3)), None)


def test_features_that_the_heads_cannot_share_are_refused():
    with pytest.raises(ShapeError, match=r"6 features.*4 heads"):
        make("MultiheadAttention", {}).learnable(query=Spec((L, N, 6)))


def test_without_key_and_value_the_sequence_looks_at_itself():
    x = RNG.standard_normal((3, 2, 4))
    alone = Trial("MultiheadAttention", {"num_heads": 2}, {"query": x})
    weights = {n: a for n, a in alone.inputs.items() if "proj" in n}
    wired = Trial("MultiheadAttention", {"num_heads": 2}, {"query": x, "key": x, "value": x} | weights)
    np.testing.assert_allclose(alone.forward()["y"], wired.forward()["y"], atol=1e-12)
    dy = np.ones((3, 2, 4))
    parts = wired.backward(dy)
    total = parts["query"] + parts["key"] + parts["value"]
    np.testing.assert_allclose(alone.backward(dy)["query"], total, atol=1e-12)


def test_batch_and_length_may_stay_open():
    op = make("MultiheadAttention", {})
    shapes = {n: Spec(s) for n, s in op.learnable(query=Spec((L, N, 8))).items()}
    rest = {s.name: shapes.get(s.name) for s in op.sockets()[1:]}
    assert op.infer(Spec((L, N, 8)), **rest) == (Spec((L, N, 8)), Spec((N, 4, L, L)))


def test_positions_get_sines_and_cosines():
    y = run("PositionalEncoding", x=np.zeros((5, 1, 4)))
    assert y[0, 0].tolist() == [0, 1, 0, 1]
    np.testing.assert_allclose(y[3, 0], [math.sin(3), math.cos(3), math.sin(0.03), math.cos(0.03)])
