"""Numbers at the axes of a chart stand apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtWidgets import QWidget


def test_a_logarithmic_axis_numbers_one_two_and_five(qtbot: Any) -> None:
    from graphlab.ui.widgets.chart import Plot

    outer = QWidget()
    qtbot.addWidget(outer)
    axis = Plot(outer).getPlotItem().getAxis("left")
    axis.setLogMode(False, True)
    marks = [0.05, 0.06, 0.09, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 2.0]
    told = axis.logTickStrings(np.log10(marks).tolist(), 1.0, 1.0)
    assert [bool(text) for text in told] == [True, False, False, True, True, False, True, False, True, True]
