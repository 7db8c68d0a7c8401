"""Two curves over the steps, train and validation, by pyqtgraph: slow to load, so imported with the first chart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from .. import numbers
from ..losses import Envelope, smooth
from ..painting import unswept
from ..theme import mono_font, theme

GAP = "   "
Floats = NDArray[np.float64]


class Plot(pg.PlotWidget):
    """A plotting area over the steps."""

    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        axes = {"bottom": Steps("bottom"), "left": Heights("left")}
        super().__init__(parent, background=None, axisItems=axes)
        self.setMinimumSize(QSize(60, 40))
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.getViewBox().setMouseEnabled(x=True, y=False)
        for name in ("left", "bottom"):
            plot.getAxis(name).enableAutoSIPrefix(False)
        plot.getAxis("left").setWidth(38)
        plot.layout.setContentsMargins(0, 2, 12, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        with unswept():
            super().paintEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.left.emit()


class Steps(pg.AxisItem):
    """The axis of steps: 20 k rather than 20000, so that the numbers stand apart."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.logMode:
            return [_plain(10.0**value) for value in values]
        return [numbers.short(round(value)) if spacing >= 1 else f"{value:g}" for value in values]


class Heights(pg.AxisItem):
    """The axis of values; on a logarithmic one only 1, 2 and 5 times powers of ten have numbers, so that they fit."""

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        written = super().logTickStrings(values, scale, spacing)
        leads = (round(10.0 ** (value % 1), 6) for value in values)
        return [text if lead in (1, 2, 5, 10) else "" for text, lead in zip(written, leads, strict=True)]


def _plain(value: float) -> str:
    return numbers.short(round(value)) if value >= 1 else f"{value:g}".replace("-", numbers.MINUS)


class Chart(QWidget):
    """Two curves over the steps, their last values in words, and a read-out under the pointer."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._title, self._percent = title, False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.words = QLabel(self)
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setContentsMargins(8, 0, 0, 0)
        column.addWidget(self.words)
        self.view = Plot(self)
        self.plot = self.view.getPlotItem()
        column.addWidget(self.view, 1)
        self.range = self.plot.plot([], [])
        self.train = self.plot.plot([], [], antialias=True)
        self.validation = self.plot.plot([], [], symbol="o", symbolSize=4, antialias=True)
        self.line = pg.InfiniteLine(angle=90, movable=False)
        self.line.hide()
        self.plot.addItem(self.line, ignoreBounds=True)
        self._steps: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        self._last = (np.nan, np.nan)
        self.view.scene().sigMouseMoved.connect(self._point)
        self.view.left.connect(self._leave)
        self.dress()

    def show_train(self, e: Envelope, window: int, by: Callable[[Floats, int], Floats] = smooth) -> None:
        """Draws the range of each bucket thin and the moving mean strong."""
        mean = by(e.mean, min(window, max(len(e.mean) // 4, 1)))
        self._set(self.train, "train", e.step, mean)
        steps, both = np.repeat(e.step, 2), np.stack([e.low, e.high], axis=1).reshape(-1)
        draw(self.range, steps, both if window > 1 else both[:0])

    def show_validation(self, steps: NDArray[np.float64], values: NDArray[np.float64]) -> None:
        self._set(self.validation, "validation", steps, values)
        self.validation.setSymbol("o" if len(steps) <= 40 else None)

    def reach(self, steps: float) -> None:
        """Makes the axis go on to that place, though nothing was measured there."""
        self.range.setPen(None)
        draw(self.range, np.array([0.0, steps]), np.zeros(2))

    def say(self, train: float, validation: float, *, as_percent: bool = False) -> None:
        """Writes the newest values above the curves, unless the pointer asks for others."""
        self._last, self._percent = (train, validation), as_percent
        if not self.line.isVisible():
            self._write(train, validation)

    def dress(self) -> None:
        now = theme()
        soft = now.tint(now.accent, 0.45, now.panel)
        self.range.setPen(pg.mkPen(soft, width=1))
        self.train.setPen(pg.mkPen(now.accent, width=1.6))
        self.validation.setPen(pg.mkPen(now.families.loss, width=1.6, style=Qt.PenStyle.DashLine))
        self.validation.setSymbolBrush(now.families.loss)
        self.validation.setSymbolPen(None)
        self.line.setPen(pg.mkPen(now.secondary, width=1))
        dress_axes(self.plot)
        self.words.setFont(mono_font(11))
        self._write(*self._last)

    def where(self, place: float) -> str:
        """A place of the axis in words."""
        return f"step {place:,.0f}"

    def _set(self, curve: Any, name: str, steps: NDArray[np.float64], values: NDArray[np.float64]) -> None:
        self._steps[name] = (steps, values)
        draw(curve, steps, values)

    def _write(self, train: float, validation: float, step: float | None = None) -> None:
        """The fullest wording that there is room for; colours tell the curves apart in any."""
        now = theme()
        shown = numbers.percent if self._percent else lambda v: numbers.number(v, 4)
        there = [(n, v) for n, v in (("train", train), ("validation", validation)) if np.isfinite(v)]
        colours = {"train": now.accent, "validation": now.families.loss}
        head = [(self.where(step), now.secondary)] if step is not None else []
        title = [(self._title, now.secondary)] if self._percent else []
        wordings: list[list[tuple[str, QColor]]] = []
        for short in ({}, {"validation": "val."}, {"train": "", "validation": ""}):
            values = [(f"{short.get(n, n)} {shown(float(v))}".strip(), colours[n]) for n, v in there]
            wordings += [[*title, *head, *values], [*head, *values]]
        metrics, room = QFontMetrics(self.words.font()), self.width() - 12

        def fits(wording: list[tuple[str, QColor]]) -> bool:
            return metrics.horizontalAdvance(GAP.join(text for text, _ in wording)) <= room

        chosen = next((wording for wording in wordings if fits(wording)), wordings[-1])
        gap = "&nbsp;" * len(GAP)
        self.words.setText(gap.join(f"<span style='color:{c.name()}'>{text}</span>" for text, c in chosen))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self.line.isVisible():
            self._write(*self._last)

    def _point(self, position: QPointF) -> None:
        box = self.plot.getViewBox()
        if not box.sceneBoundingRect().contains(position):
            return
        step = box.mapSceneToView(position).x()
        self.line.setPos(step)
        self.line.show()
        self._write(self._near("train", step), self._near("validation", step), step)

    def _near(self, name: str, step: float) -> float:
        steps, values = self._steps.get(name, (np.empty(0), np.empty(0)))
        return float(values[min(int(np.searchsorted(steps, step)), len(steps) - 1)]) if len(steps) else np.nan

    def _leave(self) -> None:
        self.line.hide()
        self._write(*self._last)


def dress_axes(plot: pg.PlotItem) -> None:
    """Ground and axes in the colours of the theme."""
    now = theme()
    if (view := plot.getViewWidget()) is not None:
        view.setBackground(now.canvas)  # of itself it keeps the ground of the theme in which it was made
    for name in ("left", "bottom"):
        axis = plot.getAxis(name)
        axis.setPen(pg.mkPen(now.line))
        axis.setTextPen(pg.mkPen(now.secondary))
        axis.setStyle(tickFont=mono_font(10), tickLength=-4, maxTickLevel=0, hideOverlappingLabels=True)


def draw(curve: Any, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Only finite float64 reaches pyqtgraph, which dies of anything else."""
    x, y = np.asarray(x, dtype=np.float64)[: len(y)], np.asarray(y, dtype=np.float64)
    good = np.isfinite(x) & np.isfinite(y)
    curve.setData(x[good], y[good])
