"""Dropout: exact when repeated, right on average, absent in evaluation."""

from __future__ import annotations

import numpy as np

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
