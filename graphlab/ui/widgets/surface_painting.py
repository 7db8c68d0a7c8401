"""How scores between trials are painted: colours, and lines of equal score with their numbers."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from ...lab.sweeps.axes import Axis
from ...lab.terrain import contour
from ..colour import alpha, ink
from ..theme import mono_font, theme
from .trial_chart import Chart, Floats, Surface
from .trial_ground import Ground, path_of

ISOLINES = 7


def paint_surface(painter: QPainter, surface: Surface, chart: Chart, ground: Ground) -> None:
    """Colours in bands, lines of equal score with their numbers."""
    corner, opposite = ground.point(chart.x.low, chart.y.high), ground.point(chart.x.high, chart.y.low)
    place = QRectF(corner, opposite)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(place, _image(surface))
    view = (chart.x.low, chart.y.low, chart.x.high, chart.y.high)
    low, high = np.nanmin(surface.scores), np.nanmax(surface.scores)
    axis = Axis("", "linear", float(low), float(high), is_share=_is_share(chart))
    for level, text in axis.ticks(ISOLINES):
        if low < level < high:
            _paint_isoline(painter, contour(surface.scores, view, level), text, surface, level, ground, chart)


def _is_share(chart: Chart) -> bool:
    return chart.scale is not None and "%" in chart.scale.best


def _image(surface: Surface) -> QImage:
    shares = (surface.scores - surface.low) / ((surface.high - surface.low) or 1.0)
    rgb = theme().merit(np.clip(shares, 0, 1))[::-1]
    opaque = np.where(np.isfinite(surface.scores), 255, 0).astype(np.uint8)[::-1, :, None]
    pixels = np.ascontiguousarray(np.concatenate([rgb, opaque], axis=2))
    height, width = pixels.shape[:2]
    return QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def _paint_isoline(
    painter: QPainter,
    pieces: Floats,
    text: str,
    surface: Surface,
    level: float,
    ground: Ground,
    chart: Chart,
) -> None:
    if not len(pieces):
        return
    xs, ys = ground.place(pieces[..., 0], pieces[..., 1])
    parted = np.full((len(xs), 1), np.nan)
    path = path_of(np.concatenate([xs, parted], axis=1).ravel(), np.concatenate([ys, parted], axis=1).ravel())
    share = float(np.clip((level - surface.low) / ((surface.high - surface.low) or 1.0), 0, 1))
    red, green, blue = theme().merit(np.array([share]))[0].tolist()
    on = ink(QColor(red, green, blue))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(alpha(on, 0.55), 1))
    painter.drawPath(path)
    at = _clear_place(xs.mean(axis=1), ys.mean(axis=1), chart, ground)
    painter.setFont(mono_font(10))
    wide = painter.fontMetrics().horizontalAdvance(text) + 6
    box = QRectF(at.x() - wide / 2, at.y() - 7, wide, 14)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(alpha(QColor(red, green, blue), 0.85))
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(on)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _clear_place(xs: Floats, ys: Floats, chart: Chart, ground: Ground) -> QPointF:
    """Where along a line its number covers no dot: farthest from all of them."""
    k = len(xs) // 2
    if chart.dots is not None and len(chart.dots.x):
        across, up = ground.place(chart.dots.x, chart.dots.y)
        away = np.hypot(xs[:, None] - across, 2 * (ys[:, None] - up)).min(axis=1)
        k = int(np.nan_to_num(away).argmax())
    return QPointF(float(xs[k]), float(ys[k]))
