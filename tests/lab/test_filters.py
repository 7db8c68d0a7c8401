"""Parameters as pictures: which are, in which order, of which input, and each by itself."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.lab.filters import How, arranged, board, by_itself, filters, norms


@pytest.mark.parametrize(("width", "wanted"), [(784, (1, 28, 28)), (64, (1, 8, 8)), (3072, (3, 32, 32))])
def test_rows_as_long_as_an_image_are_images(width: int, wanted: tuple[int, ...]) -> None:
    weight = np.arange(4.0 * width).reshape(4, width)
    found = filters(weight, weight.shape)
    assert found is not None
    assert found.shape == (4, *wanted)
    np.testing.assert_array_equal(found[2].reshape(-1), weight[2])


def test_other_matrices_and_parts_of_images_are_none() -> None:
    assert filters(np.zeros((4, 30)), (4, 30)) is None
    assert filters(np.zeros((4, 25)), (4, 25)) is None
    assert filters(np.zeros((4, 36)), (4, 784)) is None
    assert filters(np.zeros(64), (64,)) is None


def test_the_strongest_filter_comes_first() -> None:
    found = np.stack([np.full((2, 2, 2), size) for size in (1.0, -3.0, 2.0)])
    np.testing.assert_allclose(norms(found), np.sqrt(8) * np.array([1, 3, 2]))
    assert arranged(found, How(by_norm=True))[:, 0, 0, 0].tolist() == [-3, 2, 1]
    assert arranged(found, How())[:, 0, 0, 0].tolist() == [1, -3, 2]


def test_of_one_input_only_that_ones_pictures() -> None:
    found = np.arange(2 * 4 * 1 * 1.0).reshape(2, 4, 1, 1)
    assert arranged(found, How(channel=2)).reshape(-1).tolist() == [2, 6]
    assert arranged(found, How(channel=9)).shape == found.shape


def test_each_by_itself_reaches_one_and_nothing_stays_nothing() -> None:
    found = np.stack([np.full((1, 2, 2), 0.1), np.full((1, 2, 2), -4.0), np.zeros((1, 2, 2))])
    assert by_itself(found)[:, 0, 0, 0].tolist() == [1, -1, 0]
    colours = np.zeros((1, 3, 2, 2))
    colours[0, 1] = 2.0
    colours[0, 2] = -1.0
    assert by_itself(colours)[0, :, 0, 0].tolist() == [0, 1, -0.5]


def test_three_inputs_are_one_picture_in_colour_and_more_stand_in_a_row() -> None:
    assert board(np.ones((2, 3, 4, 5))).shape == (4, 11, 3)
    rows = board(np.arange(2 * 4 * 1.0).reshape(2, 4, 1, 1))
    assert rows.shape == (3, 7)
    assert rows[0, ::2].tolist() == [0, 1, 2, 3]
    assert np.isnan(rows[1]).all()
