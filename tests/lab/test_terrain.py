"""Heights, contour lines and facets of a loss surface."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.lab.lines import mesh
from graphlab.lab.terrain import Relief, Scale, contour, loss_at, scale_of

VIEW = (-2.0, -1.0, 2.0, 3.0)


def bowl(side: int = 33) -> np.ndarray:
    x, y = mesh(VIEW, side, side).T
    return (x**2 + y**2).reshape(side, side)


def test_a_contour_of_a_bowl_is_a_circle() -> None:
    pieces = contour(bowl(65), VIEW, 1.0)
    assert len(pieces) > 50
    assert np.hypot(pieces[..., 0], pieces[..., 1]) == pytest.approx(1.0, abs=2e-3)


def test_a_flat_scale_goes_straight_and_its_levels_are_round() -> None:
    scale = scale_of(np.array([[1.0, 2.0], [3.0, 5.0]]))
    assert scale == Scale(1.0, 5.0)
    assert scale.height(np.array([1.0, 3.0, 5.0, 9.0])) == pytest.approx([0, 0.5, 1, 1])
    assert scale.levels() == pytest.approx([1.5, 2, 2.5, 3, 3.5, 4, 4.5])


def test_a_steep_surface_goes_by_the_logarithm() -> None:
    scale = scale_of(np.array([[0.01, 0.1], [1.0, 10.0]]))
    assert scale.logarithmic
    assert scale.height(np.array([0.01, 0.1, 1.0, 10.0])) == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert scale.levels() == pytest.approx([0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5])


@pytest.mark.parametrize("shift", [0.0, -5.0, 3.0])
def test_a_valley_that_reaches_zero_or_below_is_not_flattened_by_a_peak(shift: float) -> None:
    losses = np.array([[0.0, 0.01, 0.1], [0.2, 1.0, 5.0], [50.0, 1e3, 1e6]]) + shift
    heights = scale_of(losses).height(losses)
    assert (heights.reshape(-1)[0], heights.reshape(-1)[-1]) == pytest.approx((0, 1))
    assert (np.diff(np.sort(heights.reshape(-1))) > 0.01).all()


def test_what_is_not_finite_has_no_height_and_does_not_count() -> None:
    losses = np.array([[1.0, np.inf], [2.0, np.nan]])
    scale = scale_of(losses)
    assert (scale.low, scale.high) == (1.0, 2.0)
    assert np.isnan(scale.height(losses)).tolist() == [[False, True], [False, True]]
    assert scale_of(np.full((2, 2), np.nan)) == Scale(0.0, 1.0)


def test_a_constant_surface_has_no_lines() -> None:
    scale = scale_of(np.full((3, 3), 0.7))
    assert scale.levels() == []
    assert scale.height(np.array([0.7])) == pytest.approx([0])


def test_losses_between_the_points_are_those_of_a_straight_line() -> None:
    x, y = mesh(VIEW, 5, 5).T
    plane = (3 * x - y + 1).reshape(5, 5)
    points = np.array([[-1.3, 0.2], [2.0, 3.0], [0.0, -1.0]])
    assert loss_at(plane, VIEW, points) == pytest.approx(3 * points[:, 0] - points[:, 1] + 1)
    assert np.isnan(loss_at(plane, VIEW, np.array([[2.1, 0.0]])))[0]


def test_a_relief_stands_on_its_points() -> None:
    losses = bowl(5)
    relief = Relief(losses, VIEW, scale_of(losses), finest=5)
    assert relief.points.shape == (25, 3)
    assert relief.facets.shape == (16, 4)
    corners = relief.points[relief.facets[0]]
    assert corners[:, :2].tolist() == [[-1, -1], [-0.5, -1], [-0.5, -0.5], [-1, -0.5]]
    place = relief.place(np.array([[0.0, 1.0]]), np.array([losses.max()]))
    assert place == pytest.approx(np.array([[0.0, 0.0, 1.0]]))
    assert ((relief.shades() >= 0) & (relief.shades() <= 1)).all()


def test_a_fine_relief_is_thinned_and_tells_where_it_is_broken() -> None:
    losses = bowl(65)
    losses[0, 0] = np.inf
    relief = Relief(losses, VIEW, scale_of(losses), finest=33)
    assert relief.points.shape == (33 * 33, 3)
    assert relief.broken.sum() == 1
