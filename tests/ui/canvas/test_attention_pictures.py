"""Attention shows in its node where it looks, and an element of that is found and pointed at there."""

from __future__ import annotations

import numpy as np

from graphlab.engine.messages import Tensor, TensorKey
from graphlab.ui.canvas.live import as_map, in_map, out_of_map, pictured
from graphlab.ui.widgets.stats_line import stats_of


def tensor(*shape: int) -> Tensor:
    values = np.random.default_rng(0).random(shape).astype(np.float32)
    return Tensor(TensorKey("value", "n1", "weights"), shape, "float32", True, stats_of(values), values)


def test_attention_shows_its_weights_and_everything_else_its_first_output() -> None:
    assert pictured(("y", "weights")) == "weights"
    assert pictured(("y", "h_n")) == "y"
    assert pictured(("weights",)) == "weights"


def test_one_head_is_drawn_as_a_picture_for_each_row() -> None:
    one, heads = tensor(2, 5, 4), tensor(2, 3, 5, 4)
    drawn = as_map(one)
    assert drawn.array.shape == (2, 1, 5, 4)
    assert as_map(heads) is heads
    assert in_map(drawn, (1, 2, 3)) == (1, 0, 2, 3)
    assert out_of_map(drawn, (1, 0, 2, 3)) == (1, 2, 3)
    assert drawn.array[in_map(drawn, (1, 2, 3))] == one.array[1, 2, 3]
    assert in_map(heads, (1, 2, 3, 0)) == out_of_map(heads, (1, 2, 3, 0)) == (1, 2, 3, 0)
