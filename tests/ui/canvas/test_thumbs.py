"""Large pictures made small for the canvas: the whole is seen, in colour, and places are translated both ways."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine.messages import THUMB, TensorKey
from graphlab.engine.preview import is_large, preview, shown_of, step_of
from graphlab.ui.canvas.live import in_map, out_of_map

KEY = TensorKey(THUMB, "n1", "y")


def test_a_picture_is_seen_whole_and_in_colour():
    array = np.zeros((2, 3, 200, 300), np.float32)
    array[0, 1, :, 150:] = 1  # green on the right
    tensor = preview(KEY, array, True, 1000)
    assert tensor.shape == array.shape
    assert tensor.array.shape == (1, 3, 40, 60)
    np.testing.assert_array_equal(tensor.array[0, 1, 0, ::59], [0, 1])
    assert tensor.array[0, [0, 2]].max() == 0
    assert tensor.stats.high == 1


def test_a_pixel_is_the_mean_of_what_it_stands_for():
    array = np.random.default_rng(0).random((1, 1, 128, 128))
    small = preview(KEY, array, True, 100).array
    np.testing.assert_allclose(small[0, 0, 3, 5], array[0, 0, 6:8, 10:12].mean(), rtol=1e-6)


@pytest.mark.parametrize("shape", [(1, 64, 96, 96), (4, 5, 70, 2000), (1, 1, 65, 64), (2, 200, 500, 3)])
def test_of_many_channels_as_many_come_as_there_is_room_for(shape: tuple[int, ...]):
    found = preview(KEY, np.ones(shape, np.float32), True, 4096).array
    assert found.size <= 4096 or found.shape[1] == 1
    assert np.all(found == 1)
    assert is_large(shape) == (shape[2] * shape[3] > 4096)


def test_places_are_translated_both_ways():
    tensor = preview(KEY, np.zeros((1, 3, 200, 300), np.float32), True, 1000)
    step = step_of(tensor.shape)
    for place in ((0, 2, 0, 0), (0, 1, 39, 59)):
        there = out_of_map(tensor, place)
        assert in_map(tensor, there) == place
        assert all(0 <= i < n for i, n in zip(there, tensor.shape, strict=True))
    assert in_map(tensor, (0, 0, step, 2 * step - 1)) == (0, 0, 1, 1)


def test_a_small_picture_is_one_of_a_value():
    assert shown_of(KEY) == TensorKey("value", "n1", "y")
    other = TensorKey("grad", "n1", "y")
    assert shown_of(other) is other
