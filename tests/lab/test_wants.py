"""One call each for notebooks, and the pictures that are saved."""

from __future__ import annotations

import numpy as np
import pytest

import graphlab as gl
from graphlab.errors import GoalError
from graphlab.lab.contact_sheet import NEGATIVE, POSITIVE, ZERO, as_bytes, enlarged, in_a_row, signed
from tests.engine.wants.nets import picture, small


def test_from_a_notebook_each_is_one_call() -> None:
    run = gl.Run(small(), seed=1)
    wanted = gl.wants(run, "scores", 2, steps=30, seed=1, blur=0, smooth=0)
    assert wanted.title == "scores[2]"
    assert wanted.picture.shape == (2, 6, 6)
    assert wanted.curve[-1] > wanted.curve[0]
    again = gl.wants(run, "scores", (2,), steps=30, seed=1, blur=0, smooth=0)
    assert np.array_equal(wanted.picture, again.picture)
    reason = gl.why(run, picture(2, 6, 6), "integrated", label=1)
    assert reason.map is not None
    assert reason.map.sum() == pytest.approx(reason.integrated.after - reason.integrated.before, rel=0.01)
    assert gl.dream(run, np.zeros((2, 9, 9)) + 0.5, "relu", steps=2).shape == (2, 9, 9)
    with pytest.raises(GoalError, match="no unit"):
        gl.wants(run, "conv", 3)


def test_the_best_samples_come_with_their_rows() -> None:
    g = gl.Graph()
    data = g.add("Dataset", name="data", dataset="digits", layout="image")
    scores = g.add("Linear", g.add("Flatten", data["x"]), name="scores", units=10)
    g.add("CrossEntropyLoss", scores, data["target"], name="loss")
    trainer = gl.Trainer(g)
    best = gl.best_samples(trainer, "scores", 3, count=4)
    assert best.pictures.shape == (4, 1, 8, 8)
    assert list(best.values) == sorted(best.values, reverse=True)
    assert gl.why(trainer, 0, "fool").fooled is not None


def test_maps_are_blue_above_zero_and_orange_below() -> None:
    made = signed(np.array([[1.0, 0.0, -1.0]]))
    assert [tuple(pixel) for pixel in made[0].tolist()] == [POSITIVE, ZERO, NEGATIVE]
    both = signed(np.array([[[2.0, 1.0]], [[-2.0, 1.0]]]))
    assert [tuple(pixel) for pixel in both[0].tolist()] == [ZERO, POSITIVE]
    assert signed(np.zeros((2, 2))).tolist() == [[list(ZERO)] * 2] * 2


def test_pictures_stand_in_rows_with_a_gap_between() -> None:
    grey = as_bytes(np.array([[0.0, 0.5], [1.0, 2.0]]), 0, 1)
    assert grey[..., 0].tolist() == [[0, 128], [255, 255]]
    assert as_bytes(np.stack([np.zeros((2, 2)), np.ones((2, 2)), np.zeros((2, 2))]))[0, 0].tolist() == [
        0,
        255,
        0,
    ]
    sheet = in_a_row([grey] * 3, columns=2)
    assert sheet.shape == (5, 5, 3)
    assert sheet[0, 2].tolist() == sheet[4, 4].tolist() == [255, 255, 255]
    assert enlarged(grey, 3).shape == (6, 6, 3)
