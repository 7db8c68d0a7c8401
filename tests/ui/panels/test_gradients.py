"""The bars of gradient norms."""

from collections.abc import Callable
from typing import Any

import numpy as np

from graphlab.ui.panels.gradients import GradientsPanel, _decades, _share
from graphlab.ui.session import Session


def test_bars_stand_in_topological_order_with_their_norms(
    quiet_session: Session, arrive: Callable[..., None], qtbot: Any
) -> None:
    panel = GradientsPanel(quiet_session)
    qtbot.addWidget(panel)
    for name, size in (("y", 3.0), ("z", 4.0), ("h", 0.0)):
        arrive("grad", name, "y", np.array([size, 0.0]))
    assert [(bar.label, bar.norm) for bar in panel.present()] == [("z", 4.0), ("h", 0.0), ("y", 3.0)]


def test_the_scale_spans_whole_decades() -> None:
    low, high = _decades([0.02, 3.0, 0.0, float("inf")])
    assert (low, high) == (-2.0, 1.0)
    assert _share(3.0, low, high) > _share(0.02, low, high) > 0
    assert _share(0.0, low, high) == 0.0


def test_nothing_finite_still_has_a_scale() -> None:
    assert _decades([0.0, float("nan")]) == (-1.0, 0.0)
