"""Residuals: numbers that the network says against those that are true, how they are off, and the rows furthest off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PySide6.QtWidgets import QSplitter, QWidget

from ...engine.residuals import Fit
from .. import numbers
from ..samples import NUMBERS
from ..session import Session
from ..verdict_panel import SamplesPanel
from ..widgets.fit_view import FitView
from ..widgets.histogram import Histogram
from ..widgets.split_choice import part_of
from ..widgets.worst_rows import WorstRows
from .live import header_choice
from .registry import panel


@panel("residuals", "Residuals", "bottom", 47, shown=False, tabbed=True)
class ResidualsPanel(SamplesPanel):
    """The points on the left; on the right the histogram of the residuals and the rows furthest off."""

    picture = "residuals"
    of = NUMBERS

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.view, self.histogram, self.rows = FitView(), Histogram(), WorstRows()
        self.histogram.setAccessibleName("Histogram of the residuals")
        self.output = header_choice(
            ("output 1",), "Output", "Which of its numbers is looked at", self.changed
        )
        self.view.chosen.connect(self._choose)
        self.rows.chosen.connect(self.view.choose)
        self._row: int | None = None  # of the data, which stays when the sample is another
        right = QSplitter()
        right.setChildrenCollapsible(False)
        right.addWidget(self.histogram)
        right.addWidget(self.rows)
        size = self.histogram.sizePolicy()
        size.setVerticalPolicy(size.Policy.Expanding)
        self.histogram.setSizePolicy(size)
        self.set_content(self.side_by_side(self.view, right))

    def header_tools(self) -> list[QWidget]:
        return [self.split, self.output]

    @property
    def found(self) -> Any:
        return self.samples.residuals

    def seen_as(self) -> tuple[object, ...]:
        return self.output.currentIndex(), self._row

    @property
    def fit(self) -> Fit | None:
        """The output looked at."""
        found = self.samples.residuals
        if found is None:
            return None
        return found.of(min(max(self.output.currentIndex(), 0), found.outputs - 1))

    def draw(self) -> None:
        fit, look = self.fit, self.samples.look
        if fit is None or look is None:
            return
        self._refill(self.found.outputs)
        there = np.flatnonzero(fit.rows == (-1 if self._row is None else self._row))
        self.view.picked = int(there[0]) if len(there) else None
        self.view.show_fit(fit)
        self.histogram.set_array(fit.residuals)
        self.rows.show_rows(look, fit, self.view.picked)
        number = numbers.number
        self.said.setText(
            f"R² {number(fit.r2, 4)}  ·  MAE {number(fit.mae)}  ·  RMSE {number(fit.rmse)}  ·  "
            f"{part_of(self.samples)}"
        )
        lost = f"  ·  {fit.lost:,} not a number" if fit.lost else ""
        self.title.setText(f"true − said: {number(fit.mean, sign=True)} on average{lost}")
        self.said.setToolTip(
            "R²: the share of the spread that is told. MAE and RMSE are in units of the target."
        )

    def _refill(self, outputs: int) -> None:
        if outputs != self.output.count():
            self.output.clear()
            self.output.addItems([f"output {k + 1}" for k in range(outputs)])
        self.output.setVisible(outputs > 1)

    def _choose(self, position: int | None) -> None:
        fit = self.fit
        self._row = None if position is None or fit is None else int(fit.rows[position])
        self.look_at(position)
        self.changed()

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """A line for each row, the furthest off first."""
        header, fit = ["row", "true", "said", "true - said"], self.fit
        if fit is None:
            return header, iter(())
        columns = zip(
            fit.rows.tolist(), fit.true.tolist(), fit.said.tolist(), fit.residuals.tolist(), strict=True
        )
        lines = list(columns)
        return header, (list(lines[k]) for k in fit.worst(len(lines)).tolist())
