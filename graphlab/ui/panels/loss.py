"""Loss and accuracy while training: train per step, validation per epoch. Every value is kept, few are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from .. import numbers
from ..losses import Envelope, smooth
from ..session import Session
from ..theme import mono_font, theme
from .live import LivePanel, header_switch
from .registry import panel

GAP = "   "
BUCKETS = 700  # columns of the drawn curve: two points each for the range, one for the mean
SMOOTHED = 21  # the mean is taken over so many of the columns


@panel("loss", "Loss", "bottom", 10, stretch=40)
class LossPanel(LivePanel):
    """The loss curve, and the accuracy beside it where the goal has one."""

    picture = "loss"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._content = QWidget(self)
        row = QHBoxLayout(self._content)
        row.setContentsMargins(4, 0, 8, 4)
        row.setSpacing(4)
        self.loss = Chart("loss", self._content)
        self.accuracy = Chart("accuracy", self._content)
        self.accuracy.plot.setYRange(0, 1, padding=0.04)
        row.addWidget(self.loss, 3)
        row.addWidget(self.accuracy, 2)
        self.accuracy.hide()
        self.set_content(self._content)
        self._logarithmic, self._smoothing = False, True
        session.scalars_arrived.connect(self.changed)
        session.opened.connect(self.changed)
        self.dress()

    def header_tools(self) -> list[QWidget]:
        return [
            header_switch(
                "smooth", "Show a moving mean over the range of the single steps", True, self.set_smoothing
            ),
            header_switch("log", "Logarithmic loss axis", False, self.set_logarithmic),
        ]

    def set_logarithmic(self, on: bool) -> None:
        self._logarithmic = on
        self.loss.plot.setLogMode(False, on)
        self.changed()

    def set_smoothing(self, on: bool) -> None:
        self._smoothing = on
        self.changed()

    def missing(self) -> bool:
        session = self.session
        if len(session.losses):
            return False
        if not session.document.nodes:
            self.empty.say("The loss curve is drawn here while a graph trains.")
        elif not session.inference.goal:
            self.empty.say(self.no_loss("There is no loss yet."))
        elif not session.inference.total_parameters:
            self.empty.say("Nothing here can learn. Add a Parameter, or a layer such as Linear.")
        else:
            self.empty.say("The loss of every step is drawn here.", "Train", session.train, "train")
        return True

    def redraw(self) -> None:
        losses = self.session.losses
        reports = losses.reports
        epochs = np.array([r.step for r in reports], dtype=np.float64)
        validation = np.array([_number(r.validation_loss) for r in reports])
        self.loss.show_train(self._clean(losses.envelope(BUCKETS)), SMOOTHED if self._smoothing else 1)
        self.loss.show_validation(epochs, self._positive(validation))
        self.loss.say(losses.last, validation[-1] if len(validation) else np.nan)
        self._draw_accuracy(epochs)

    def _draw_accuracy(self, epochs: NDArray[np.float64]) -> None:
        reports = self.session.losses.reports
        train = np.array([_number(r.metrics.get("accuracy")) for r in reports])
        validation = np.array([_number(r.validation_metrics.get("accuracy")) for r in reports])
        there = bool(np.isfinite(train).any() or np.isfinite(validation).any())
        self.accuracy.setVisible(there)
        if there:
            self.accuracy.show_train(Envelope(epochs, train, train, train), 1)
            self.accuracy.show_validation(epochs, validation)
            self.accuracy.reach(len(self.session.losses))
            self.accuracy.say(train[-1], validation[-1], as_percent=True)

    def _positive(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(values > 0, values, np.nan) if self._logarithmic else values

    def _clean(self, e: Envelope) -> Envelope:
        return Envelope(e.step, self._positive(e.low), self._positive(e.high), self._positive(e.mean))

    def dress(self, *_: object) -> None:
        for chart in (self.loss, self.accuracy):
            chart.dress()
        self.changed()


class Chart(QWidget):
    """Two curves over the steps, their last values in words, and a read-out under the pointer."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        import pyqtgraph as pg  # slow to load, and needed only once a curve is looked at

        self._pg, self._title, self._percent = pg, title, False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.words = QLabel(self)
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setContentsMargins(8, 0, 0, 0)
        column.addWidget(self.words)
        self.view = pg.PlotWidget(self, background=None)
        self.view.setMinimumSize(QSize(60, 40))
        self.plot = self.view.getPlotItem()
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.getViewBox().setMouseEnabled(x=True, y=False)
        self.plot.getAxis("left").enableAutoSIPrefix(False)
        self.plot.getAxis("bottom").enableAutoSIPrefix(False)
        self.plot.getAxis("left").setWidth(38)
        self.plot.layout.setContentsMargins(0, 2, 12, 0)
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
        self.view.leaveEvent = self._leave
        self.dress()

    def show_train(self, e: Envelope, window: int) -> None:
        """Draws the range of each bucket thin and the moving mean strong."""
        mean = smooth(e.mean, min(window, max(len(e.mean) // 8, 1)))
        self._set(self.train, "train", e.step, mean)
        steps, both = np.repeat(e.step, 2), np.stack([e.low, e.high], axis=1).reshape(-1)
        _draw(self.range, steps, both if window > 1 else both[:0])

    def show_validation(self, steps: NDArray[np.float64], values: NDArray[np.float64]) -> None:
        self._set(self.validation, "validation", steps, values)
        self.validation.setSymbol("o" if len(steps) <= 40 else None)

    def reach(self, steps: int) -> None:
        """Makes the axis go on to that step, though nothing was measured there."""
        self.range.setPen(None)
        _draw(self.range, np.array([0.0, steps]), np.zeros(2))

    def say(self, train: float, validation: float, *, as_percent: bool = False) -> None:
        """Writes the newest values above the curves, unless the pointer asks for others."""
        self._last, self._percent = (train, validation), as_percent
        if not self.line.isVisible():
            self._write(train, validation)

    def dress(self) -> None:
        now, pg = theme(), self._pg
        soft = now.tint(now.accent, 0.45, now.panel)
        self.range.setPen(pg.mkPen(soft, width=1))
        self.train.setPen(pg.mkPen(now.accent, width=1.6))
        self.validation.setPen(pg.mkPen(now.families.loss, width=1.6, style=Qt.PenStyle.DashLine))
        self.validation.setSymbolBrush(now.families.loss)
        self.validation.setSymbolPen(None)
        self.line.setPen(pg.mkPen(now.secondary, width=1))
        for name in ("left", "bottom"):
            axis = self.plot.getAxis(name)
            axis.setPen(pg.mkPen(now.line))
            axis.setTextPen(pg.mkPen(now.secondary))
            axis.setStyle(tickFont=mono_font(10), tickLength=-4, maxTickLevel=0, hideOverlappingLabels=True)
        self.words.setFont(mono_font(11))
        self._write(*self._last)

    def _set(self, curve: Any, name: str, steps: NDArray[np.float64], values: NDArray[np.float64]) -> None:
        self._steps[name] = (steps, values)
        _draw(curve, steps, values)

    def _write(self, train: float, validation: float, step: float | None = None) -> None:
        """The fullest wording that there is room for; colours tell the curves apart in any."""
        now = theme()
        shown = numbers.percent if self._percent else lambda v: numbers.number(v, 4)
        there = [(n, v) for n, v in (("train", train), ("validation", validation)) if np.isfinite(v)]
        colours = {"train": now.accent, "validation": now.families.loss}
        head = [(f"step {step:,.0f}", now.secondary)] if step is not None else []
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

    def _leave(self, event: object) -> None:
        self.line.hide()
        self._write(*self._last)


def _draw(curve: Any, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Only finite float64 reaches pyqtgraph, which dies of anything else."""
    x, y = np.asarray(x, dtype=np.float64)[: len(y)], np.asarray(y, dtype=np.float64)
    good = np.isfinite(x) & np.isfinite(y)
    curve.setData(x[good], y[good])


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
