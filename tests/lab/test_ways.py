"""Ways that become known piece by piece."""

from __future__ import annotations

import numpy as np

from graphlab.lab.ways import MOST, Way


def points(*xs: float) -> np.ndarray:
    return np.array([[x, 0.0, 0.0] for x in xs])


def test_where_the_weights_are_goes_when_more_comes() -> None:
    way = Way()
    way.take(np.array([0, 1, 3]), points(0, 1, 3), passing=True)
    way.take(np.array([2, 4]), points(2, 4), passing=True)
    assert way.steps.tolist() == [0, 1, 2, 4]
    way.take(np.array([5]), points(5), passing=True)
    assert way.steps.tolist() == [0, 1, 2, 5]


def test_a_step_taken_back_takes_its_points_along() -> None:
    way = Way()
    way.take(np.array([0, 1, 2, 3]), points(0, 1, 2, 3))
    way.take(np.array([1, 1]), points(1.5, 1.5), passing=True)
    assert way.flat[:, 0].tolist() == [0, 1.5, 1.5]


def test_the_present_place_may_stand_where_a_point_is_kept() -> None:
    way = Way()
    way.take(np.array([0, 1]), points(0, 1))
    way.take(np.array([1]), points(1.2), passing=True)
    assert way.flat[:, 0].tolist() == [0, 1, 1.2]
    way.take(np.array([2]), points(2), passing=True)
    assert way.flat[:, 0].tolist() == [0, 1, 2]


def test_a_long_way_is_thinned_and_keeps_its_ends() -> None:
    way = Way()
    for step in range(MOST * 2):
        way.take(np.array([step]), points(step))
    assert len(way.steps) <= MOST
    assert (way.steps[0], way.steps[-1]) == (0, MOST * 2 - 1)
    assert (np.diff(way.steps) > 0).all()


def test_the_share_in_the_plane_is_that_of_the_squared_distance() -> None:
    way = Way()
    assert np.isnan(way.share)
    way.take(np.array([0, 1]), np.array([[3.0, 0.0, 4.0], [0.0, 0.0, 0.0]]))
    assert way.share == 1 - 16 / 25
