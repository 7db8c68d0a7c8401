"""The pictures of shapes: the same seed draws the same, each class is drawn, and masks say what is where."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab import data
from graphlab.data.shapes import GROUND, SHAPES
from graphlab.engine import infer
from graphlab.errors import DataError
from graphlab.graph import Graph


def test_the_same_seed_draws_the_same_pictures_and_another_does_not() -> None:
    one, again, other = data.shapes(50), data.shapes(50), data.shapes(50, seed=1)
    np.testing.assert_array_equal(one.x, again.x)
    assert not np.allclose(one.x, other.x)


def test_pictures_are_colours_from_0_to_1_and_classes_alternate() -> None:
    found = data.shapes(100).with_layout("image")
    assert found.x.shape == (100, 3, 32, 32)
    assert found.x.min() >= 0
    assert found.x.max() <= 1
    assert np.bincount(found.target).tolist() == [20] * len(SHAPES)


def test_a_shape_is_told_by_its_outline_not_by_its_colour() -> None:
    """The mean colour of a picture says nothing of its class: all classes are alike within their errors."""
    found = data.shapes(2000, noise=0.0).with_layout("image")
    mean = found.x.mean(axis=(1, 2, 3))
    by_class = [mean[found.target == k] for k in range(len(SHAPES))]
    error = mean.std() / np.sqrt(400)
    assert max(m.mean() for m in by_class) - min(m.mean() for m in by_class) < 4 * error


def test_noise_stays_within_the_colours() -> None:
    loud, quiet = data.shapes(20, noise=0.5), data.shapes(20, noise=0.0)
    assert loud.x.max() <= 1
    assert np.std(loud.x - quiet.x) > 0.2


def test_a_mask_has_a_class_for_each_pixel_and_most_are_ground() -> None:
    found = data.shape_masks(200)
    assert found.by_step
    assert found.target.shape == (200, 32, 32)
    assert found.classes == (GROUND, *SHAPES)
    share = np.bincount(found.target.ravel(), minlength=6) / found.target.size
    assert 0.7 < share[0] < 0.9
    assert share[1:].min() > 0.01
    many = [len(np.unique(mask)) - 1 for mask in found.target]
    assert min(many) >= 1
    assert max(many) == 3


def test_the_pixels_of_one_shape_have_one_colour_where_there_is_no_noise() -> None:
    found = data.shape_masks(100, noise=0.0).with_layout("image")
    for picture, mask in zip(found.x, found.target, strict=True):
        names, sizes = np.unique(mask[mask > 0], return_counts=True)
        if len(names) == 1 and sizes[0] > 20:
            inside = picture[:, mask == names[0]]
            assert np.median(np.abs(inside - np.median(inside, axis=1, keepdims=True))) < 0.35


def test_masks_are_for_a_loss_of_each_pixel_and_come_in_no_other_form() -> None:
    g = Graph()
    node = g.add("Dataset", name="data", dataset="shape_masks", layout="image")
    found = infer(g.document)
    assert str(found.specs[node.id, "x"]) == "N×3×32×32"
    assert str(found.specs[node.id, "target"]) == "N×32×32"
    assert found.specs[node.id, "target"].kind == "int"
    with pytest.raises(DataError, match="one-hot"):
        data.load("shape_masks", target="one-hot")
    g.set("data", target="one-hot")
    assert "one-hot" in infer(g.document).problems[0].message


def test_rows_of_pictures_are_split_and_batched_with_their_masks() -> None:
    found = data.shape_masks(50).split(validation=0.2, seed=0)
    x, target = found.part("validation")
    assert x.shape == (10, 3072)
    assert target.shape == (10, 32, 32)
