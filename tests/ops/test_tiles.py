"""3×3 convolution tile by tile: what neighbourhoods come to, as exactly, and where it is worth it."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import SGD, Run
from graphlab.graph import Graph
from graphlab.ops import correlation_by_image as by_image
from graphlab.ops import correlation_by_tile as by_tile
from graphlab.ops.context import Clock, Context
from graphlab.ops.neighbourhoods import Sizes
from graphlab.ops.windows import Window
from tests.engine.test_lean import trained_alike


def case(count, channels, filters, size, padding, groups, dtype):
    """A context, sizes, images, filters, and room for the windows."""
    window, random = Window((3, 3), (1, 1), padding), np.random.default_rng(0)
    x = random.standard_normal((count, channels, *size)).astype(dtype)
    weight = random.standard_normal((filters, channels // groups, 3, 3)).astype(dtype)
    y = np.full((count, filters, *window.output_size(size)), np.nan, dtype)
    it = Sizes.of(window, groups, weight.shape, x.shape, y.shape)
    return Context("conv", Clock(), dtype), it, x, weight, y


SAME = Window((3, 3), (1, 1), (1, 1))
CASES = [
    (1, 3, 4, (6, 6), (1, 1), 1),
    (3, 2, 5, (7, 4), (1, 0), 1),
    (2, 4, 6, (5, 8), (0, 2), 2),
    (4, 3, 3, (3, 3), (0, 0), 3),
    (1, 1, 1, (9, 9), (2, 1), 1),
]


@pytest.mark.parametrize("at_once", [1, 3, 1000])
@pytest.mark.parametrize("sizes", CASES, ids=str)
def test_both_directions_come_to_what_neighbourhoods_do(monkeypatch, sizes, at_once):
    monkeypatch.setattr(by_tile, "AT_ONCE", at_once)
    ctx, it, x, weight, y = case(*sizes, np.float64)
    expected = y.copy()
    by_image.correlate(ctx, it, x, weight, expected)
    for _ in range(2):  # memory that is used again must not be taken for zeros
        by_tile.correlate(ctx, it, x, weight, y)
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-12)
    dy, dx, found = np.random.default_rng(1).standard_normal(y.shape), np.zeros_like(x), np.ones_like(x)
    by_image.correlate_back(ctx, it, None, weight, dy, dx, None, keeps=False)
    by_tile.spread(ctx, it, weight, dy, found)
    np.testing.assert_allclose(found, dx, rtol=0, atol=1e-12)


def test_float32_is_as_exact_as_by_neighbourhoods():
    ctx, it, x, weight, y = case(1, 128, 64, (14, 14), (1, 1), 1, np.float32)
    other, true = y.copy(), y.astype(np.float64)
    by_tile.correlate(ctx, it, x, weight, y)
    by_image.correlate(ctx, it, x, weight, other)
    wide = Context("conv", Clock(), np.float64)
    by_image.correlate(wide, it, x.astype(np.float64), weight.astype(np.float64), true)
    mine, its = (np.abs(found - true).max() / np.abs(true).max() for found in (y, other))
    assert mine < 3 * its
    assert mine < 1e-6


def test_it_is_for_large_layers_in_single_precision():
    def worth(channels, filters, size, count=1, window=SAME, dtype=np.float32):
        x, y = (count, channels, size, size), (count, filters, *window.output_size((size, size)))
        weight = (filters, channels, *window.kernel)
        return by_tile.is_worth_it(Sizes.of(window, 1, weight, x, y), count, dtype)

    assert worth(64, 64, 224)  # VGG
    assert worth(512, 512, 28)
    assert not worth(512, 512, 14)  # too few windows for so many filters to be transformed
    assert worth(512, 512, 14, count=8)
    assert not worth(3, 64, 224)  # too few channels
    assert not worth(16, 32, 10)  # LeNet
    assert not worth(64, 64, 224, dtype=np.float64)
    for window in (
        Window((3, 3), (2, 2), (1, 1)),
        Window((5, 5), (1, 1), (2, 2)),
        Window((3, 3), (1, 1), (2, 2), (2, 2)),
        Window((3, 3), (1, 1), (3, 3)),
    ):
        assert not worth(64, 64, 224, window=window)


def test_a_layer_takes_it_and_full_speed_comes_to_the_same_bits(monkeypatch):
    taken = []
    for name in ("correlate", "spread"):
        original = getattr(by_tile, name)
        monkeypatch.setattr(by_tile, name, lambda *a, n=name, o=original: (taken.append(n), o(*a)))
    g = Graph("large")
    x = g.add("Input", name="x", shape=("N", 64, 28, 28))
    h = g.add("ReLU", g.add("Conv2d", x, out_channels=64, padding=1))
    g.add("Mean", g.add("Square", g.add("Conv2d", h, out_channels=64, padding=1)), name="loss")
    runs = [Run(g, optimizer=SGD(lr=0.01), seed=1, input_gradients=False) for _ in range(2)]
    for run in runs:
        run.feed(x=np.random.default_rng(0).standard_normal((1, 64, 28, 28)))
    trained_alike(*runs, steps=4)
    assert set(taken) == {"correlate", "spread"}
    assert taken.count("correlate") < 2 * 2 * 4  # the others were noted calls
