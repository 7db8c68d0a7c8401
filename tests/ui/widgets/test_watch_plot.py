"""The plot of watched numbers between one set of watches and the next."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtWidgets import QWidget

from graphlab.ui.widgets.watch_plot import WatchPlot


def test_a_watch_that_goes_leaves_a_plot_that_can_be_switched(qtbot: Any) -> None:
    """Curves go at once, the numbers of those that stay come later; the switches may be pressed between."""
    parent = QWidget()
    qtbot.addWidget(parent)
    plot = WatchPlot(parent)
    steps = np.arange(3.0)
    plot.set_count(2)
    plot.show_curves([(steps, steps), (steps, -steps)])
    plot.set_count(1)
    plot.set_apart(True)
    plot.set_logarithmic(True)
    plot.point_at(1.0)
    plot.show_curves([(steps, steps)])
    plot.point_at(1.2)
    assert plot._step == 1.0
