"""The history of a node's values."""

from collections.abc import Callable
from typing import Any

import numpy as np

from graphlab.ui.panels.activations import ROWS, ActivationsPanel, History, per_unit
from graphlab.ui.session import Session


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
    assert abs(densities.sum() - 1) < 1e-9
    assert densities[0].argmax() in (29, 30)


def test_channels_are_averaged_over_pictures() -> None:
    assert per_unit(np.ones((2, 3, 4, 4))).shape == (3,)
    assert per_unit(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist() == [2.0, 3.0]


def test_what_an_earlier_pass_left_says_so_and_is_not_entered_for_this_step(
    quiet_session: Session, arrive: Callable[..., None], qtbot: Any
) -> None:
    panel = ActivationsPanel(quiet_session)
    qtbot.addWidget(panel)
    quiet_session.select({quiet_session.document.node("h").id})
    panel.keys()
    arrive("value", "h", "y", np.ones((3, 4)))
    panel.redraw()
    assert panel.stale.isHidden()
    assert len(panel.history.rows) == 1
    panel.history.clear()
    arrive("value", "h", "y", np.zeros((3, 4)), fresh=False)
    panel.redraw()
    assert not panel.stale.isHidden()


def test_values_of_the_step_before_and_no_numbers_at_all_are_borne(
    quiet_session: Session, arrive: Callable[..., None], qtbot: Any
) -> None:
    panel = ActivationsPanel(quiet_session)
    qtbot.addWidget(panel)
    panel.show()
    quiet_session.select([quiet_session.document.node("h").id])
    for array, fresh in ((np.ones((2, 4)), False), (np.full((2, 4), np.nan), True)):
        arrive("value", "h", "y", array, fresh=fresh)
        panel._redraw()
    assert panel.history.rows == []
