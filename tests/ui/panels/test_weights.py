"""Parameters as mosaics."""

from typing import Any

import numpy as np
import pytest

from graphlab.ui.panels.weights import Tile, Tiles, mosaic
from graphlab.ui.session import Session


@pytest.mark.parametrize("room", [(300, 140), (190, 90), (900, 400)])
def test_images_lie_side_by_side_and_none_is_cut_off(
    room: tuple[int, int], quiet_session: Session, qtbot: Any
):
    tiles = Tiles(quiet_session, None)
    qtbot.addWidget(tiles)
    shapes = [(16, 2), (1, 16), (1, 128), (64, 64), (8, 1)]
    tiles.set_tiles([Tile("n1", f"p{k}", np.ones(shape), 1.0) for k, shape in enumerate(shapes)])
    tiles.lay_out(*room)
    frames = tiles.frames
    assert all(f.left() >= 0 and f.right() <= room[0] and f.bottom() <= tiles.height() for f in frames)
    assert not any(a.intersects(b) for k, a in enumerate(frames) for b in frames[:k])
    assert tiles.height() >= room[1]


def test_one_image_takes_the_height_of_the_panel(quiet_session: Session, qtbot: Any) -> None:
    tiles = Tiles(quiet_session, None)
    qtbot.addWidget(tiles)
    tiles.set_tiles([Tile("n1", "weight", np.ones((30, 30)), 1.0)])
    tiles.lay_out(400, 300)
    assert tiles.frames[0].height() > 200


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
