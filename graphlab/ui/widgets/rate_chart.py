"""The loss against the learning rate, as it was tried: single steps thin, their mean strong, and rates to choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from ..theme import mono_font, theme
from .chart import Plot, draw, dress_axes

Floats = NDArray[np.float64]
HIGHEST = 1.6  # times the first loss, up to which the axis goes: what comes after is told by the line leaving


class Mark(NamedTuple):
    """A rate that is marked: `text` stands at its line, `colour` is a token of the theme."""

    rate: float
    text: str
    colour: str
    dashed: bool = False


class RateChart(Plot):
    """`pointed` tells which step the pointer or the arrow keys are on; `chosen`, a rate that was double-clicked."""

    pointed = Signal(object)  # int, None for none
    chosen = Signal(float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        plot = self.getPlotItem()
        plot.setLogMode(True, False)
        plot.getViewBox().setMouseEnabled(x=False, y=False)
        plot.getAxis("left").setWidth(46)
        self.raw = plot.plot([], [], antialias=True)
        self.mean = plot.plot([], [], antialias=True)
        self._marks: list[tuple[Mark, Any]] = []
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._line.hide()
        plot.addItem(self._line, ignoreBounds=True)
        self._rates: Floats = np.empty(0)
        self._at: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Loss against the learning rate; the arrow keys read it")
        self.scene().sigMouseMoved.connect(self._moved)
        self.left.connect(lambda: self.point_at(None))
        self.dress()

    def show_curves(self, rates: Floats, losses: Floats, smoothed: Floats, span: tuple[float, float]) -> None:
        """Draws what was tried of the rates in `span`."""
        self._rates = np.asarray(rates, np.float64)
        draw(self.raw, self._rates, losses)
        draw(self.mean, self._rates, smoothed)
        box = self.getPlotItem().getViewBox()
        box.setXRange(*np.log10(span), padding=0.01)
        good = smoothed[np.isfinite(smoothed)]
        if len(good):
            low = float(good.min())
            top = low + HIGHEST * max(float(good[0]) - low, 0.05 * abs(low), 1e-9)
            high = min(float(max(good.max(), losses[0])), top)
            room = 0.06 * (high - low) or 0.1
            box.setYRange(low - room, high + room, padding=0)

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """Upright lines at these rates, and no others; the names of two that are close stand at different heights."""
        if [mark for mark, _ in self._marks] == list(marks):
            return
        plot = self.getPlotItem()
        for _, line in self._marks:
            plot.removeItem(line)
        self._marks = []
        for at, mark in enumerate(marks):
            options = {"position": 0.07 + 0.12 * at, "movable": False, "anchors": [(0, 0.5), (1, 0.5)]}
            line = pg.InfiniteLine(np.log10(mark.rate), 90, movable=False, label=mark.text, labelOpts=options)
            plot.addItem(line, ignoreBounds=True)
            self._marks.append((mark, line))
        self.dress()

    def dress(self) -> None:
        now = theme()
        dress_axes(self.getPlotItem())
        self.raw.setPen(pg.mkPen(now.tint(now.accent, 0.45, now.panel), width=1))
        self.mean.setPen(pg.mkPen(now.accent, width=2))
        self._line.setPen(pg.mkPen(now.secondary, width=1))
        for mark, line in self._marks:
            colour: QColor = now.colours()[mark.colour]
            style = Qt.PenStyle.DashLine if mark.dashed else Qt.PenStyle.SolidLine
            line.setPen(pg.mkPen(colour, width=1.4, style=style))
            line.label.setColor(now.text)
            line.label.setFont(mono_font(10))
            line.label.fill = pg.mkBrush(now.panel)
            line.label.update()

    # Reading

    def point_at(self, at: int | None) -> None:
        """Puts the line at the step of that number, or takes it away."""
        if at is not None and not len(self._rates):
            at = None
        self._line.setVisible(at is not None)
        if at is not None:
            self._line.setPos(float(np.log10(self._rates[at])))
        if at != self._at:
            self._at = at
            self.pointed.emit(at)

    def _step_at(self, position: QPointF) -> int | None:
        box = self.getPlotItem().getViewBox()
        if not len(self._rates) or not box.sceneBoundingRect().contains(position):
            return None
        return int(np.abs(np.log10(self._rates) - box.mapSceneToView(position).x()).argmin())

    def _moved(self, position: QPointF) -> None:
        self.point_at(self._step_at(position))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = self._step_at(self.mapToScene(event.position().toPoint()))
        if at is not None:
            self.chosen.emit(float(self._rates[at]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        last = len(self._rates) - 1
        if way is not None and last >= 0:
            self.point_at(last if self._at is None else min(max(self._at + way, 0), last))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._at is not None:
            self.chosen.emit(float(self._rates[self._at]))
        else:
            super().keyPressEvent(event)
