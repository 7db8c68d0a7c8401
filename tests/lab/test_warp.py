"""What layers make of the plane, against layers known by hand."""

import numpy as np

from graphlab.lab.lines import line_mesh
from graphlab.lab.warp import between, flat_scores, frame, is_long, stage

GRID = line_mesh((-1.0, -1.0, 1.0, 1.0)).points
ROWS = np.random.default_rng(0).uniform(-1, 1, size=(30, 2))


def test_two_units_are_drawn_as_they_are_and_one_on_a_line() -> None:
    two = stage(GRID * 3, ROWS * 3)
    assert not two.projected
    assert np.array_equal(two.grid, GRID * 3)
    one = stage(GRID[:, :1], ROWS[:, :1])
    assert np.array_equal(one.rows[:, 0], ROWS[:, 0])
    assert not one.rows[:, 1].any()


def test_more_units_are_seen_along_the_components_of_the_rows_lying_as_in_the_layer_before() -> None:
    rng = np.random.default_rng(1)
    into = np.linalg.qr(rng.normal(size=(7, 2)))[0].T  # a turned plane in seven dimensions
    first = stage(GRID, ROWS)
    seen = stage(GRID @ into + 5, ROWS @ into + 5, previous=first)
    assert seen.projected
    assert np.isclose(seen.projection.shares.sum(), 1)
    middle = ROWS.mean(axis=0)
    assert np.allclose(seen.grid, GRID - middle, atol=1e-6)


def test_the_way_between_layers_begins_with_the_one_and_ends_with_the_other() -> None:
    first, second = stage(GRID, ROWS), stage(np.tanh(GRID) * 40 + 3, np.tanh(ROWS) * 40 + 3)
    for share, want in ((0.0, first), (1.0, second)):
        grid, rows = between(first, second, share)
        assert np.allclose(grid, want.grid)
        assert np.allclose(rows, want.rows)
    half = between(first, second, 0.5)[0]
    assert frame(first)[1] < np.abs(half - half.mean(axis=0)).max() < frame(second)[1]


def test_scores_that_are_flat_are_told_and_others_are_not() -> None:
    ways = np.array([[1.0, -2.0], [0.5, 0.5]])
    found = flat_scores(ROWS, ROWS @ ways.T + [0.25, -1.0])
    assert found is not None
    assert np.allclose(found, [[1.0, -2.0, 0.25], [0.5, 0.5, -1.0]])
    assert flat_scores(ROWS, np.tanh(3 * ROWS)) is None


def test_numbers_that_are_none_are_borne() -> None:
    bad = GRID.copy()
    bad[0] = np.nan
    assert np.isfinite(frame(stage(bad, ROWS))[0]).all()


def test_a_layer_that_reaches_far_one_way_is_told() -> None:
    assert not is_long(stage(GRID, ROWS))
    assert is_long(stage(GRID * [1, 9], ROWS * [1, 9]))
    assert not is_long(stage(GRID * [1, 0], ROWS * [1, 0]))  # a line has one way only
