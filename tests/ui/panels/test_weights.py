"""Parameters as mosaics."""

import numpy as np

from graphlab.ui.panels.weights import mosaic


def test_filters_stand_in_a_grid_of_outputs_and_inputs() -> None:
    board = mosaic(np.ones((4, 2, 3, 3)), (4, 2, 3, 3))
    assert board.shape == (4 * 4 - 1, 2 * 4 - 1)
    assert np.isnan(board[3]).all()


def test_rows_of_a_layer_that_looks_at_a_picture_are_pictures() -> None:
    weight = np.arange(10 * 64.0).reshape(10, 64)
    board = mosaic(weight, weight.shape)
    assert np.array_equal(board[:8, :8], weight[0].reshape(8, 8))
    assert np.array_equal(board[:8, 9:17], weight[1].reshape(8, 8))


def test_a_block_of_a_larger_matrix_is_no_picture() -> None:
    assert mosaic(np.zeros((10, 36)), (10, 784)).shape == (10, 36)


def test_a_matrix_stays_a_matrix_and_a_vector_is_a_row() -> None:
    assert mosaic(np.zeros((4, 3)), (4, 3)).shape == (4, 3)
    assert mosaic(np.zeros(5), (5,)).shape == (1, 5)
