"""The curves of watched numbers over the steps, on one axis or each on its own, and where the pointer reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter
from PySide6.QtWidgets import QWidget

from .. import numbers
from ..painting import painting, unswept
from ..theme import mono_font, theme
from .chart import Plot, draw, dress_axes
from .strokes import WIDTH, colour_of, pen_of, style_of

Floats = NDArray[np.float64]
DENSITY = 2.0  # pixels of a saved picture for each on the screen
LINE = 18  # pixels of a line of the legend in it


class WatchPlot(Plot):
    """Curves in the order of the watches. `pointed` tells the step under the pointer, or under the arrow keys."""

    pointed = Signal(object)  # float, None for none

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.logarithmic = self.apart = False
        self._curves: list[Any] = []
        self._data: list[tuple[Floats, Floats]] = []
        self._step: float | None = None
        self.setAccessibleName("Curves of the watched numbers; the arrow keys read them")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._line.hide()
        self.getPlotItem().addItem(self._line, ignoreBounds=True)
        self.scene().sigMouseMoved.connect(self._moved)
        self.left.connect(lambda: self.point_at(None))

    # What is shown

    def set_count(self, count: int) -> None:
        """There are so many curves now, and nothing to draw of them yet."""
        plot = self.getPlotItem()
        for curve in self._curves:
            plot.removeItem(curve)
        self._curves = [plot.plot([], [], antialias=True) for _ in range(count)]
        self._data = [(np.empty(0), np.empty(0))] * count
        self.dress()

    def show_curves(self, data: Sequence[tuple[Floats, Floats]]) -> None:
        """Draws steps and values, as many as there are curves."""
        self._data = list(data)
        for curve, (steps, values) in zip(self._curves, self._data, strict=True):
            draw(curve, steps, self._scaled(values))

    def set_logarithmic(self, on: bool) -> None:
        self.logarithmic = on
        self.getPlotItem().setLogMode(False, on and not self.apart)
        self.show_curves(self._data)

    def set_apart(self, on: bool) -> None:
        """Whether each curve fills the height by itself; the axis then says nothing, the legend tells the numbers."""
        self.apart = on
        self.getPlotItem().getAxis("left").setStyle(showValues=not on)
        self.set_logarithmic(self.logarithmic)

    def _scaled(self, values: Floats) -> Floats:
        shown = np.abs(values) if self.logarithmic else values
        if not self.apart:
            return shown
        if self.logarithmic:
            with np.errstate(divide="ignore"):
                shown = np.log10(shown)
        good = shown[np.isfinite(shown)]
        low, high = (float(good.min()), float(good.max())) if good.size else (0.0, 0.0)
        return (shown - low) / (high - low) if high > low else np.where(np.isfinite(shown), 0.5, np.nan)

    def dress(self) -> None:
        dress_axes(self.getPlotItem())
        self._line.setPen(pg.mkPen(theme().secondary, width=1))
        for at, curve in enumerate(self._curves):
            curve.setPen(pg.mkPen(colour_of(at), width=1.6, style=style_of(at)))

    # Reading

    def point_at(self, step: float | None) -> None:
        """Puts the line at the nearest step that was noted, or takes it away."""
        steps = np.concatenate([s for s, _ in self._data]) if self._data else np.empty(0)
        if step is not None and len(steps):
            step = float(steps[np.abs(steps - step).argmin()])
            self._line.setPos(step)
        else:
            step = None
        self._line.setVisible(step is not None)
        if step != self._step:
            self._step = step
            self.pointed.emit(step)

    def _moved(self, position: QPointF) -> None:
        box = self.getPlotItem().getViewBox()
        if box.sceneBoundingRect().contains(position):
            self.point_at(box.mapSceneToView(position).x())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        steps = np.unique(np.concatenate([s for s, _ in self._data])) if self._data else np.empty(0)
        if way is None or not len(steps):
            super().keyPressEvent(event)
            return
        here = len(steps) - 1 if self._step is None else int(np.searchsorted(steps, self._step)) + way
        self.point_at(float(steps[min(max(here, 0), len(steps) - 1)]))

    # As a picture

    def picture(self, legend: Sequence[str]) -> QImage:
        """The plot with the names of its curves below, on the ground of the panel."""
        rows = len(legend)
        width, height = max(self.width(), 320), max(self.height(), 160)
        image = QImage(
            round(width * DENSITY),
            round((height + rows * LINE + 12) * DENSITY),
            QImage.Format.Format_ARGB32_Premultiplied,
        )
        image.fill(theme().panel)
        with unswept(), painting(image) as painter:
            painter.scale(DENSITY, DENSITY)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.render(painter, QRectF(0, 0, width, height), self.viewport().rect())
            painter.setFont(mono_font(11))
            for at, text in enumerate(legend):
                middle = height + 6 + at * LINE + LINE / 2
                painter.setPen(pen_of(at))
                painter.drawLine(QPointF(12, middle), QPointF(12 + WIDTH, middle))
                painter.setPen(theme().text)
                place = QRectF(20 + WIDTH, middle - LINE / 2, width - 40 - WIDTH, LINE)
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
        return image

    def png(self, legend: Sequence[str]) -> bytes:
        store = QByteArray()
        buffer = QBuffer(store)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self.picture(legend).save(buffer, "PNG")  # type: ignore[call-overload]
        buffer.close()
        return bytes(store.data())


def in_words(title: str, value: float) -> str:
    """A line of a legend."""
    return f"{title}  {numbers.number(value, 4)}"
