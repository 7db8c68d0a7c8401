"""Lines where functions over the plane are 0, against lines known by hand."""

import numpy as np

from graphlab.lab.lines import line_mesh, mesh, pieces, straight, zero_lines

VIEW = (-2.0, -1.0, 3.0, 2.0)


def test_the_line_of_a_flat_function_is_exact_and_has_no_gaps() -> None:
    points = mesh(VIEW, 23, 17)
    values = (2 * points[:, 0] - 3 * points[:, 1] + 0.7).reshape(17, 23)
    found = zero_lines(values, VIEW)
    assert np.abs(2 * found[..., 0] - 3 * found[..., 1] + 0.7).max() < 1e-12
    length = np.hypot(*(found[:, 0] - found[:, 1]).T).sum()
    # it enters at y = −1 (x = −1.85) and leaves at y = 2 (x = 2.65)
    assert np.isclose(length, np.hypot(4.5, 3.0))


def test_the_line_of_a_circle_is_near_it() -> None:
    view = (-1.5, -1.5, 1.5, 1.5)
    points = mesh(view, 80, 80)
    found = zero_lines((np.hypot(*points.T) - 1).reshape(80, 80), view)
    assert np.abs(np.hypot(found[..., 0], found[..., 1]) - 1).max() < 1e-3
    assert np.isclose(np.hypot(*(found[:, 0] - found[:, 1]).T).sum(), 2 * np.pi, rtol=5e-3)


def test_a_function_of_one_sign_has_no_line() -> None:
    assert len(zero_lines(np.ones((5, 5)), VIEW)) == 0
    assert len(zero_lines(np.full((5, 5), np.nan), VIEW)) == 0


def test_lines_of_a_mesh_join_neighbours() -> None:
    made = line_mesh(VIEW, lines=3, fine=5)
    assert made.points.shape == (30, 2)
    steps = pieces(made.points, made.lines)
    assert steps.shape == (24, 2, 2)
    ways = steps[:, 1] - steps[:, 0]
    assert ((ways == 0).sum(axis=1) == 1).all()


def test_a_flat_score_is_told_with_its_numbers_and_another_is_not() -> None:
    points = np.random.default_rng(0).normal(size=(50, 2))
    assert np.allclose(straight(points, points @ [2.0, -1.0] + 0.5) or (), (2.0, -1.0, 0.5))
    assert straight(points, np.tanh(points[:, 0] * 3)) is None
    assert straight(points, np.ones(50)) is None
