"""The bars of gradient norms."""

from collections.abc import Callable
from typing import Any

import numpy as np

from graphlab.ui.panels.gradients import GradientsPanel, _share, _span
from graphlab.ui.session import Session


def test_bars_stand_in_topological_order_with_their_norms(
    quiet_session: Session, arrive: Callable[..., None], qtbot: Any
) -> None:
    panel = GradientsPanel(quiet_session)
    qtbot.addWidget(panel)
    for name, size in (("y", 3.0), ("z", 4.0), ("h", 0.0)):
        arrive("grad", name, "y", np.array([size, 0.0]))
    assert [(bar.label, bar.norm) for bar in panel.present()] == [("z", 4.0), ("h", 0.0), ("y", 3.0)]


def test_the_longest_bar_takes_the_room_and_the_shortest_is_seen() -> None:
    span = _span([0.02, 3.0, 0.0, float("inf")])
    assert _share(3.0, *span) == 1.0
    assert 0.0 < _share(0.02, *span) < 0.2
    assert _share(0.0, *span) == 0.0


def test_equal_gradients_have_equal_bars_on_a_scale_of_decades() -> None:
    low, high = _span([1.0, 1.0])
    assert high - low >= 2


def test_nothing_finite_still_has_a_scale() -> None:
    assert _span([0.0, float("nan")]) == (-1.0, 0.0)
