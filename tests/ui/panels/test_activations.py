"""The history of a node's values."""

from typing import Any

import numpy as np

from graphlab.ui.panels.activations import ROWS, History, Ridges, per_unit


def test_a_long_history_is_thinned_evenly_and_ends_now() -> None:
    history = History()
    for step in range(5000):
        history.take(step, np.array([float(step)]))
    steps = [step for step, _ in history.rows]
    assert len(steps) <= ROWS
    assert steps[0] == 0
    assert steps[-1] == 4999
    gaps = np.diff(steps[:-1])
    assert gaps.max() <= 2 * gaps.min()


def test_going_back_forgets_what_came_later() -> None:
    history = History()
    for step in (0, 1, 2, 3):
        history.take(step, np.zeros(3))
    history.take(1, np.ones(3))
    assert [step for step, _ in history.rows] == [0, 1]


def test_values_that_are_not_numbers_are_left_out() -> None:
    history = History()
    history.take(0, np.array([np.nan, np.inf]))
    assert history.rows == []


def test_a_constant_has_a_density() -> None:
    history = History()
    history.take(0, np.zeros(10))
    densities, low, high = history.densities()
    assert low < 0 < high
    assert densities.max() == 1.0


def test_channels_are_averaged_over_pictures() -> None:
    assert per_unit(np.ones((2, 3, 4, 4))).shape == (3,)
    assert per_unit(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist() == [2.0, 3.0]


def test_a_history_without_rows_is_drawn_empty(qtbot: Any) -> None:
    """What an earlier pass computed before anybody looked is no row of it; nor is what holds no number."""
    ridges = Ridges(None)
    qtbot.addWidget(ridges)
    history = History()
    history.take(0, np.ones((5, 4)))
    ridges.show(history, "h")
    full = ridges.grab().toImage()
    ridges.show(History(), "h")
    assert ridges.grab().toImage() != full
