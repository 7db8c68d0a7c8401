"""The score between trials: exact where it is linear, nothing beyond them."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import SettingsError
from graphlab.graph.sweep import Space
from graphlab.lab.sweeps.axes import axis
from graphlab.lab.sweeps.landscape import landscape, merged, triangles

UNIT = axis("a", [], Space("range", (), 0.0, 1.0))


def test_triangulation_is_delaunays():
    spatial = pytest.importorskip("scipy.spatial")
    points = np.random.default_rng(0).random((120, 2))
    theirs = {tuple(sorted(each)) for each in spatial.Delaunay(points).simplices.tolist()}
    assert {tuple(sorted(each)) for each in triangles(points).tolist()} == theirs


def test_lattices_are_covered_once_though_four_points_lie_on_each_circle():
    x, y = np.meshgrid(np.linspace(0, 1, 5), np.linspace(0, 1, 4))
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    corners = points[triangles(points)]
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    areas = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / 2
    assert areas.sum() == pytest.approx(1.0)


def test_linear_scores_are_met_exactly_and_nothing_is_said_beyond_the_trials():
    places = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.3, 0.3]])
    found = landscape(places, 2 * places[:, 0] - places[:, 1], UNIT, UNIT, columns=11, rows=11)
    x, y = np.meshgrid(np.linspace(0, 1, 11), np.linspace(0, 1, 11))
    inside = x + y <= 1 + 1e-9
    assert found[inside] == pytest.approx((2 * x - y)[inside])
    assert np.isnan(found[~inside]).all()


def test_trials_close_together_count_as_one_with_their_mean():
    places = np.array([[0.5, 0.5], [0.501, 0.5], [0.9, 0.1], [np.nan, 0.2]])
    points, means = merged(places, np.array([1.0, 3.0, 5.0, 7.0]), UNIT, UNIT)
    assert sorted(means.tolist()) == [2.0, 5.0]
    assert len(points) == 2


def test_trials_on_one_line_have_no_surface():
    places = np.array([[0.0, 0.0], [0.5, 0.5], [1.0, 1.0]])
    with pytest.raises(SettingsError, match="on one line"):
        landscape(places, places[:, 0], UNIT, UNIT)
