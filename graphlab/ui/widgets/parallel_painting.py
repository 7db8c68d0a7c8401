"""How parallel coordinates are painted: ten thousand lines as a few paths, one for each colour."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from ..colour import alpha
from ..theme import mono_font, theme
from .trial_chart import Bools, Floats, bin_colour, bins_of
from .trial_ground import path_of
from .trial_painting import MANY, line_width

if TYPE_CHECKING:
    from .parallel_lines import Lines
    from .parallel_plot import ParallelPlot

SMOOTHED = 600  # lines up to which their edges are smoothed and others shine through: both take long


def paint_kept_out(
    painter: QPainter, lines: Lines, xs: Floats, height_of: Callable[[Floats], Floats]
) -> None:
    """All lines as they look where a range keeps them out."""
    if len(xs) < 2:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(lines.numbers) <= SMOOTHED)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme().tint(theme().faint, 0.24, theme().panel), 1))
    painter.drawPath(_path(xs, height_of(lines.shares)))
    painter.restore()


def paint_lines(
    painter: QPainter, lines: Lines, passing: Bools, xs: Floats, height_of: Callable[[Floats], Floats]
) -> None:
    """Those that pass, the worst to the best."""
    rows = len(lines.numbers)
    if len(xs) < 2:
        return
    heights = height_of(lines.shares)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, rows <= SMOOTHED)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    which, opacity = bins_of(lines.merit), 0.9 if rows < MANY else 0.6 if rows <= SMOOTHED else 1.0
    for k in np.unique(which[passing]).tolist():
        for is_dashed in (True, False):
            chosen = passing & (which == k) & (lines.dashed == is_dashed)
            if chosen.any():
                style = Qt.PenStyle.DotLine if is_dashed and rows < MANY else Qt.PenStyle.SolidLine
                painter.setPen(QPen(alpha(bin_colour(k), opacity), line_width(rows), style))
                painter.drawPath(_path(xs, heights[chosen]))
    painter.restore()


def _path(xs: Floats, heights: Floats) -> QPainterPath:
    parted = np.concatenate([heights, np.full((len(heights), 1), np.nan)], axis=1).ravel()
    return path_of(np.tile(np.append(xs, xs[-1]), len(heights)), parted)


def paint_axes(painter: QPainter, plot: ParallelPlot) -> None:
    """Axes with their names above, their values beside them, and the ranges that are kept."""
    now, frame, xs = theme(), plot.frame(), plot.places()
    room = (frame.width() / max(len(xs) - 1, 1)) if len(xs) > 1 else frame.width()
    for k, axis in enumerate(plot.axes):
        x = float(xs[k])
        painter.setPen(QPen(now.secondary, 1.4))
        painter.drawLine(QPointF(x, frame.top()), QPointF(x, frame.bottom()))
        if axis.name in plot.ranges:
            _paint_range(painter, plot, x, plot.ranges[axis.name])
        _paint_ticks(painter, plot, k, x, room)
        _paint_name(painter, plot, axis.name, x, room, is_last=k == len(xs) - 1)


def _paint_range(painter: QPainter, plot: ParallelPlot, x: float, ends: tuple[float, float]) -> None:
    now = theme()
    low, high = plot.height_of(np.array(ends)).tolist()
    box = QRectF(x - 6, high - 1, 12, low - high + 2)
    painter.setPen(QPen(now.accent, 1.4))
    painter.setBrush(alpha(now.accent, 0.3))
    painter.drawRoundedRect(box, 3, 3)
    for y in (low, high):
        painter.drawLine(QPointF(x - 9, y), QPointF(x + 9, y))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_ticks(painter: QPainter, plot: ParallelPlot, k: int, x: float, room: float) -> None:
    now, align, axis = theme(), Qt.AlignmentFlag, plot.axes[k]
    painter.setFont(mono_font(10))
    wide = painter.fontMetrics().horizontalAdvance
    for place, text in axis.ticks(max(plot.frame().height() / 24, 3)):
        share = (place - axis.low) / (axis.high - axis.low) if axis.high > axis.low else 0.5
        y = float(plot.height_of(np.array([share]))[0])
        painter.setPen(QPen(now.secondary, 1))
        painter.drawLine(QPointF(x - 3, y), QPointF(x + 3, y))
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(max(room - 20, 24)))
        box = QRectF(x - 8 - wide(text) - 4, y - 7, wide(text) + 4, 14)
        painter.fillRect(box, alpha(now.panel, 0.82))
        painter.setPen(now.text)
        painter.drawText(box, align.AlignRight | align.AlignVCenter, text)


def _paint_name(
    painter: QPainter, plot: ParallelPlot, name: str, x: float, room: float, *, is_last: bool
) -> None:
    painter.setFont(mono_font(11))
    metrics, half = painter.fontMetrics(), min(room / 2 - 4, x - 2)
    text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, int(max(2 * half, 30)))
    painter.setPen(theme().accent if name in plot.ranges else theme().text)
    painter.drawText(QRectF(x - max(half, 15), 2, 2 * max(half, 15), 16), Qt.AlignmentFlag.AlignCenter, text)


def paint_marked(painter: QPainter, plot: ParallelPlot, number: int, colour: QColor) -> None:
    """A trial's line by itself, thick, with its number where it ends."""
    lines = plot.lines
    found = np.flatnonzero(lines.numbers == number) if lines is not None else np.zeros(0, np.int64)
    if lines is None or not len(found):
        return
    xs, heights = plot.places(), plot.height_of(lines.shares[found[0]])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(theme().panel, 5), QPen(colour, 2.6)):
        painter.setPen(pen)
        painter.drawPath(_path(xs, heights[None]))
    painter.setPen(QPen(theme().panel, 1))
    painter.setBrush(colour)
    good = np.flatnonzero(np.isfinite(heights))
    for k in good.tolist():
        painter.drawEllipse(QPointF(float(xs[k]), float(heights[k])), 3.6, 3.6)
    if len(good):
        _paint_number(painter, float(xs[good[-1]]), float(heights[good[-1]]), f"#{number}", colour)


def _paint_number(painter: QPainter, x: float, y: float, text: str, colour: QColor) -> None:
    painter.setFont(mono_font(10))
    box = QRectF(x + 8, y - 7, painter.fontMetrics().horizontalAdvance(text) + 6, 14)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().raised)
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(colour)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
