"""A drawing becomes an image as MNIST's and UCI's were made."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab import data, ops
from graphlab.data import store
from graphlab.data.givers import rows_of
from graphlab.data.handwriting import as_image, as_ink, as_row, averaged, like_rows, picture_row


def drawn(top, bottom, left, right, side=100):
    ink = np.zeros((side, side))
    ink[top:bottom, left:right] = 1
    return ink


def test_no_ink_is_an_empty_image():
    assert not as_image(np.zeros((50, 50)), 28, 28).any()


def test_a_large_image_has_the_digit_in_a_box_of_twenty_pixels_wherever_it_was_drawn():
    for top, left in ((5, 5), (30, 50)):
        made = as_image(drawn(top, top + 40, left, left + 20), 28, 28)
        there = made > 0.5
        assert (there.any(axis=1).sum(), there.any(axis=0).sum()) == (20, 10)
        assert made.max() == pytest.approx(1)


def test_the_centre_of_mass_is_in_the_middle_pixel_of_a_large_image():
    ink = drawn(10, 70, 20, 30)
    ink[10:20, 20:60] = 1  # an L on its head: heavy at the top left
    made = as_image(ink, 28, 28)
    places = np.arange(28)
    assert (made.sum(axis=1) * places).sum() / made.sum() == pytest.approx(14, abs=0.5)
    assert (made.sum(axis=0) * places).sum() / made.sum() == pytest.approx(14, abs=0.5)


def test_a_digit_of_mnist_comes_out_as_it_was_from_wherever_it_is_put():
    digits = data.mnist5k().x.reshape(-1, 28, 28)[::250]
    for digit in digits:
        ink = np.zeros((200, 200))
        ink[20:188, 5:173] = np.kron(digit, np.ones((6, 6)))
        assert np.abs(as_image(ink, 28, 28) - digit).mean() < 0.005


def test_a_small_image_is_filled_from_top_to_bottom_and_five_eighths_wide():
    for left, right in ((30, 80), (20, 90)):
        made = as_image(drawn(20, 84, left, right), 8, 8)
        assert np.allclose(made[:, 2:6], 1)
        assert np.allclose(made[:, [1, 6]], 0.5)
        assert not made[:, [0, 7]].any()


def test_a_one_is_not_spread_out_to_a_block():
    made = as_image(drawn(10, 90, 48, 52), 8, 8)
    assert made[:, 3:5].min() > 0
    assert not made[:, [0, 1, 2, 5, 6, 7]].any()


def test_a_pixel_is_the_mean_of_its_ink():
    ink = drawn(0, 80, 0, 80, side=80)
    ink[10:20, 32:40] = 0.0  # half of a pixel that is 16 wide
    assert as_image(ink, 8, 8)[1, 3] == pytest.approx(0.5)


def test_a_dot_and_ink_at_the_border_are_no_trouble():
    for ink in (drawn(0, 1, 0, 1), drawn(99, 100, 99, 100), drawn(0, 100, 0, 100)):
        for side in (8, 28, 1):
            made = as_image(ink, side, side)
            assert np.isfinite(made).all()
            assert made.max() > 0


def test_paper_is_what_most_pixels_are():
    assert like_rows(np.array([0.0, 1.0]), np.array([0.0, 0.0, 0.0, 16.0])).tolist() == [0, 16]
    assert like_rows(np.array([0.0, 1.0]), np.array([255.0, 255.0, 0.0])).tolist() == [255, 0]


def test_standardised_rows_get_a_standardised_drawing():
    digits = data.digits()
    cells = np.concatenate([digits.x[:100], digits.target[:100, None].astype(np.float32)], axis=1)
    params = {
        "content": store.keep(cells),
        "rows": 100,
        "unnamed": 64,
        "shape": (1, 8, 8),
        "columns": ("class",),
    }
    params |= {"target": "class", "categories": (("class", tuple("0123456789")),), "standardise": True}
    source, how = ops.get("Table")(**params), (0.2, 0.0, 0, True)
    made = as_row(digits.x[7].reshape(8, 8), source, (1, 8, 8), how)
    assert made.shape == (1, 1, 8, 8)
    assert made.dtype == np.float32
    assert np.allclose(made[0], rows_of(source, *how).x[7], atol=1e-5)


def written(side: int = 60) -> np.ndarray:
    """A dark bar on light paper that is darker on one side, with grain."""
    rng = np.random.default_rng(0)
    paper = np.linspace(0.75, 0.9, side) + rng.normal(0, 0.01, (side, side))
    paper[15:45, 28:33] = 0.15
    return paper


@pytest.mark.parametrize("is_negative", [False, True])
def test_a_photograph_of_writing_becomes_ink_whichever_is_darker(is_negative: bool):
    ink = as_ink(1 - written() if is_negative else written(), 60)
    assert ink[20:40, 29:32].min() > 0.9
    ink[14:46, 27:34] = 0
    assert ink.max() == 0  # neither grain nor shadow


def test_a_long_picture_keeps_its_proportions_and_a_blank_one_has_no_ink():
    tall = np.full((80, 20), 0.9)
    tall[10:70, 8:12] = 0.1
    ink = as_ink(tall, 40)
    rows, columns = np.flatnonzero(ink.max(axis=1) > 0.5), np.flatnonzero(ink.max(axis=0) > 0.5)
    assert len(rows) == 30
    assert len(columns) == 2
    assert abs(columns.mean() - 19.5) < 0.6
    assert as_ink(np.full((9, 9), 0.5), 12).max() == 0


def test_the_whole_paper_is_averaged_where_nothing_is_to_be_centred():
    ink = np.zeros((12, 12))
    ink[:3, :3] = 1
    assert averaged(ink, 4, 4).tolist() == [[1, 0, 0, 0], [0] * 4, [0] * 4, [0] * 4]


def test_a_picture_goes_in_within_the_range_of_the_rows():
    op = ops.make("Dataset", {"dataset": "textures", "samples": 12, "layout": "image"})
    row = picture_row(np.ones((3, 32, 32)), op, (3, 32, 32), (0.0, 0.0, 0, False))
    assert row.shape == (1, 3, 32, 32)
    assert row.dtype == np.float32
    assert row.max() == row.min() == pytest.approx(rows_of(op).x.max())
