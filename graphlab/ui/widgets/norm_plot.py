"""Curves of norms over the steps, with a line to hold them against."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QWidget

from ..theme import mono_font, theme
from .strokes import colour_of, style_of
from .watch_plot import WatchPlot


class NormPlot(WatchPlot):
    """A logarithmic axis at first. A double-click shows all again after zooming."""

    def __init__(self, parent: QWidget) -> None:
        self._strokes: list[int] = []
        self._guide: pg.InfiniteLine | None = None
        self._guide_at: float | None = None
        super().__init__(parent)
        self.getPlotItem().getAxis("left").setWidth(46)
        self.viewport().installEventFilter(self)
        self.setAccessibleName("Curves of the norms; the arrow keys read them")
        self.set_logarithmic(True)

    def set_curves(self, strokes: Sequence[int]) -> None:
        """There are curves with these strokes now."""
        if list(strokes) != self._strokes:
            self._strokes = list(strokes)
            self.set_count(len(strokes))

    def set_logarithmic(self, on: bool) -> None:
        super().set_logarithmic(on)
        self.set_guide(self._guide_at)

    def set_guide(self, value: float | None) -> None:
        """A horizontal line at that value, with its number; None for none."""
        self._guide_at = value
        if self._guide is None:
            options = {"position": 0.96, "movable": False, "anchors": [(1, 1), (1, 1)]}
            self._guide = pg.InfiniteLine(angle=0, movable=False, label="", labelOpts=options)
            self._guide.setZValue(-5)
            self.getPlotItem().addItem(self._guide, ignoreBounds=True)
        self._guide.setVisible(value is not None)
        if value is not None:
            self._guide.setPos(math.log10(value) if self.logarithmic else value)
            self._guide.label.setFormat(f"{value:g}")
            self._guide.setToolTip(f"Updates of about {value:g} of their weights are usually healthy")
        self._dress_guide()

    def show_all(self) -> None:
        """Takes zoom and pan back."""
        self.getPlotItem().getViewBox().enableAutoRange(x=True, y=True)

    def dress(self) -> None:
        super().dress()
        for curve, at in zip(self._curves, self._strokes, strict=True):
            style = style_of(at)
            curve.setPen(pg.mkPen(colour_of(at), width=1.4, style=style))
            # piece by piece a jagged curve is painted in a fifth of the time; dashes would begin anew at each
            curve.curve.setSegmentedLineMode("on" if style == Qt.PenStyle.SolidLine else "auto")
        self._dress_guide()

    def _dress_guide(self) -> None:
        if self._guide is not None:
            now = theme()
            self._guide.setPen(pg.mkPen(now.secondary, width=1, style=Qt.PenStyle.DashLine))
            self._guide.label.setColor(now.secondary)
            self._guide.label.setFont(mono_font(10))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonDblClick and watched is self.viewport():
            self.show_all()
            return True
        return super().eventFilter(watched, event)
