"""Dropout and noise: exact when repeated, right on average, absent in evaluation."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import ShapeError
from graphlab.ops import Spec, make
from tests.ops.op_trial import Trial


def test_it_switches_off_the_asked_share_and_keeps_the_mean():
    trial = Trial("Dropout", {"p": 0.3}, {"x": np.ones((200, 200))})
    trial.forward()
    assert abs((trial.y == 0).mean() - 0.3) < 0.01
    assert abs(trial.y.mean() - 1) < 0.02
    assert set(np.unique(trial.y)) == {0, 1 / 0.7}


def test_evaluation_changes_nothing():
    trial = Trial("Dropout", {"p": 0.9}, {"x": np.ones(50)}, training=False)
    trial.forward()
    np.testing.assert_array_equal(trial.y, 1)
    np.testing.assert_array_equal(trial.backward(np.full(50, 3.0))["x"], 3)


def test_each_step_has_its_own_mask_and_always_the_same():
    trial = Trial("Dropout", {}, {"x": np.ones(100)})
    masks = []
    for step in (0, 1, 0):
        trial.ctx.clock.step = step
        trial.forward()
        masks.append(trial.y.copy())
    np.testing.assert_array_equal(masks[0], masks[2])
    assert (masks[0] != masks[1]).any()


def test_p_of_one_switches_everything_off():
    trial = Trial("Dropout", {"p": 1.0}, {"x": np.ones(9)})
    trial.forward()
    np.testing.assert_array_equal(trial.y, 0)


def test_whole_channels_are_switched_off():
    trial = Trial("Dropout2d", {"p": 0.5}, {"x": np.ones((20, 20, 3, 3))})
    trial.forward()
    channels = trial.y.reshape(400, 9)
    assert (channels == channels[:, :1]).all()
    assert abs((channels[:, 0] == 0).mean() - 0.5) < 0.1
    np.testing.assert_array_equal(trial.backward(np.ones(trial.y.shape))["x"], trial.y)


def test_what_is_no_batch_of_channels_is_refused():
    with pytest.raises(ShapeError, match=r"x \(2×3\) is no batch of channels N×C×L") as caught:
        make("Dropout1d", {}).infer(Spec((2, 3)))
    assert "Use Dropout" in caught.value.hint


def test_alpha_dropout_keeps_mean_and_variance():
    x = np.random.default_rng(0).standard_normal((300, 300))
    for p in (0.1, 0.5):
        trial = Trial("AlphaDropout", {"p": p}, {"x": x})
        trial.forward()
        assert trial.y.mean() == pytest.approx(0, abs=0.02)
        assert trial.y.std() == pytest.approx(1, abs=0.02)
        fallen = trial.backward(np.ones(x.shape))["x"] == 0
        assert fallen.mean() == pytest.approx(p, abs=0.02)
        assert np.ptp(trial.y[fallen]) == 0  # all to the same value


def test_noise_has_the_asked_spread_in_training_only():
    for training, std in ((True, 0.3), (False, 0.0)):
        trial = Trial("GaussianNoise", {"std": 0.3}, {"x": np.full(100_000, 5.0)}, training=training)
        trial.forward()
        assert trial.y.mean() == pytest.approx(5, abs=0.01)
        assert trial.y.std() == pytest.approx(std, abs=0.01)


def test_what_is_drawn_anew_each_step_is_the_same_for_the_same_step():
    trial = Trial("RandnLike", {}, {"x": np.zeros(10_000)})
    drawn = []
    for step in (0, 1, 0):
        trial.ctx.clock.step = step
        trial.forward()
        drawn.append(trial.y.copy())
    np.testing.assert_array_equal(drawn[0], drawn[2])
    assert abs(np.corrcoef(drawn[0], drawn[1])[0, 1]) < 0.05
    assert drawn[0].std() == pytest.approx(1, abs=0.05)
