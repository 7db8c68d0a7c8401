"""Augmentation: every image by itself, exact when repeated, absent in evaluation."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import ParamError, ShapeError
from graphlab.ops import Spec, make
from tests.ops.op_trial import AUGMENTATION, Trial


def images(count=40, size=9):
    """Images with one bright pixel in the middle."""
    x = np.zeros((count, 1, size, size))
    x[:, 0, size // 2, size // 2] = 1
    return x


def made(name, params, x, training=True, step=0):
    trial = Trial(name, params, {"x": x}, training=training)
    trial.ctx.clock.step = step
    trial.forward()
    return trial


def test_images_are_shifted_each_by_its_own_at_most_so_far_each_way():
    y = made("RandomShift", {"shift": (2, 1)}, images()).y
    where = np.argwhere(y)
    assert len(where) == 40, "the pixel stays in the image"
    away = where[:, 2:] - 4
    assert {tuple(a) for a in np.abs(away)} <= {(a, b) for a in range(3) for b in range(2)}
    assert set(away[:, 0]) == {-2, -1, 0, 1, 2}
    assert set(away[:, 1]) == {-1, 0, 1}


def test_what_is_shifted_in_is_black():
    y = made("RandomShift", {"shift": 3}, np.ones((50, 1, 3, 3))).y
    assert y[:, 0, 1, 1].min() == 0
    assert set(np.unique(y)) == {0, 1}


@pytest.mark.parametrize(("name", "axis"), [("RandomHorizontalFlip", 3), ("RandomVerticalFlip", 2)])
def test_about_half_of_the_images_are_turned_over(name, axis):
    x = np.random.default_rng(0).standard_normal((400, 2, 3, 4))
    y = made(name, {}, x).y
    turned = (y == np.flip(x, axis)).all(axis=(1, 2, 3))
    assert ((y == x).all(axis=(1, 2, 3)) ^ turned).all()
    assert turned.mean() == pytest.approx(0.5, abs=0.08)
    np.testing.assert_array_equal(made(name, {"p": 1.0}, x).y, np.flip(x, axis))


def test_a_crop_lies_anywhere_in_training_and_in_the_middle_in_evaluation():
    x = np.arange(25.0).reshape(1, 1, 5, 5).repeat(200, axis=0)
    corners = made("RandomCrop", {"size": 3}, x).y[:, 0, 0, 0]
    assert set(corners) == {0, 1, 2, 5, 6, 7, 10, 11, 12}
    still = made("RandomCrop", {"size": 3}, x, training=False).y
    np.testing.assert_array_equal(still, x[:, :, 1:4, 1:4])
    padded = made("RandomCrop", {"size": 5, "padding": 4}, x, training=False).y
    np.testing.assert_array_equal(padded, x)


def test_a_quarter_turn_is_exact_and_counterclockwise():
    x = np.random.default_rng(0).standard_normal((300, 1, 5, 5))
    trial = made("RandomRotation", {"degrees": 90.0}, x)
    angles = np.degrees(np.arccos(np.clip(_cosine(trial), -1, 1)))
    assert 0 < angles.min() < 10
    assert 80 < angles.max() < 90
    by_90 = _turned_by(90.0, x[:1])
    np.testing.assert_allclose(by_90, np.rot90(x[:1], axes=(2, 3)), atol=1e-12)


def _cosine(trial):
    """Of the angle of each image, found from where one pixel came from."""
    rows, _ = trial.op.places(trial.ctx, trial.inputs["x"].shape)
    return rows[:, 3, 2] - rows[:, 2, 2]


def _turned_by(degrees, x):
    """The operation with the highest angle that can be drawn."""
    trial = Trial("RandomRotation", {"degrees": degrees}, {"x": x})

    class Highest:
        def random(self, shape):
            return np.ones(shape)

    trial.ctx.__class__ = type("Fixed", (type(trial.ctx),), {"__slots__": (), "rng": lambda self: Highest()})
    return trial.forward()["y"]


@pytest.mark.parametrize("name", AUGMENTATION)
def test_evaluation_changes_nothing(name):
    x = np.random.default_rng(0).standard_normal((3, 2, 6, 6))
    params = {"size": 6, "padding": 2} if name == "RandomCrop" else {}
    trial = made(name, params, x, training=False)
    np.testing.assert_array_equal(trial.y, x)
    dy = np.random.default_rng(1).standard_normal(x.shape)
    np.testing.assert_array_equal(trial.backward(dy)["x"], dy)


@pytest.mark.parametrize("name", AUGMENTATION)
def test_each_step_is_another_and_always_the_same(name):
    x = np.random.default_rng(0).standard_normal((30, 1, 6, 6))
    params = {"size": 5} if name == "RandomCrop" else {}
    first, other, again = (made(name, params, x, step=step).y for step in (0, 1, 0))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("name", AUGMENTATION)
def test_what_is_no_batch_of_images_is_refused(name):
    with pytest.raises(ShapeError, match=r"x \(4×64\) is no batch of images") as caught:
        make(name, {}).infer(Spec((4, 64)))
    assert "layout" in caught.value.hint


def test_a_window_larger_than_the_image_is_refused_with_what_would_fit():
    with pytest.raises(ShapeError, match="A window of 30×30 does not fit into images of 28×28") as caught:
        make("RandomCrop", {"size": 30}).infer(Spec((4, 1, 28, 28)))
    assert "28" in caught.value.hint


def test_three_numbers_for_two_axes_are_refused():
    with pytest.raises(ParamError, match="shift"):
        make("RandomShift", {"shift": (1, 2, 3)})
