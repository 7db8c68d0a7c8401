"""How the parts of a chart of trials are painted: thousands of dots and lines in a few calls each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPolygonF

from ..colour import alpha
from ..theme import mono_font, theme
from .surface_painting import paint_surface
from .trial_chart import Chart, Dots, Floats, Scale, Stroke, Threads, bin_colour, bins_of
from .trial_ground import Ground, path_of

SEGMENTS = 15_000  # of lines up to which their edges are smoothed and others shine through: both take long
RIMMED = 2_000  # dots up to which each has a rim
FEW = 60  # lines up to which they are drawn wider
MANY = 400  # lines from which on they are drawn thinner and let others shine through
Place = Callable[[Floats, Floats], tuple[Floats, Floats]]


def paint_chart(painter: QPainter, chart: Chart, ground: Ground) -> None:
    """Everything but what is pointed at and chosen."""
    paint_axes(painter, chart, ground)
    painter.save()
    painter.setClipRect(ground.frame.adjusted(-6, -6, 6, 6))
    if chart.surface is not None:
        paint_surface(painter, chart.surface, chart, ground)
    for stroke in chart.strokes:
        paint_band(painter, stroke, ground)
    if chart.threads is not None:
        paint_threads(painter, chart.threads, ground.place)
    for stroke in chart.strokes:
        paint_stroke(painter, stroke, ground)
    if chart.dots is not None and chart.dots.is_drawn:
        paint_dots(painter, chart.dots, ground, on_surface=chart.surface is not None)
    painter.restore()


# Axes


def paint_axes(painter: QPainter, chart: Chart, ground: Ground) -> None:
    now, align, frame = theme(), Qt.AlignmentFlag, ground.frame
    painter.setFont(mono_font(10))
    wide = painter.fontMetrics().horizontalAdvance
    painter.fillRect(frame.adjusted(-6, -6, 6, 6), now.well)
    for place, text in ground.y.ticks(max(frame.height() / 24, 3)):
        y = ground.point(ground.x.low, place).y()
        painter.setPen(QPen(now.line, 1))
        painter.drawLine(QPointF(frame.left() - 6, y), QPointF(frame.right() + 6, y))
        painter.setPen(now.secondary)
        painter.drawText(QRectF(0, y - 8, frame.left() - 12, 16), align.AlignRight | align.AlignVCenter, text)
    free = frame.left() - 40
    for place, text in ground.x.ticks(max(frame.width() / 84, 2)):
        x = ground.point(place, ground.y.low).x()
        painter.setPen(QPen(now.line, 1))
        painter.drawLine(QPointF(x, frame.top() - 6), QPointF(x, frame.bottom() + 6))
        half = wide(text) / 2
        if x - half < free:
            continue
        free = x + half + 8
        painter.setPen(now.secondary)
        painter.drawText(QRectF(x - 60, frame.bottom() + 8, 120, 16), align.AlignHCenter, text)
    _paint_titles(painter, chart, frame)


def _paint_titles(painter: QPainter, chart: Chart, frame: QRectF) -> None:
    now, align = theme(), Qt.AlignmentFlag
    painter.setFont(mono_font(11))
    painter.setPen(now.text)
    across, up = chart.titles
    elided = painter.fontMetrics().elidedText
    room = int(frame.width())
    below = QRectF(frame.left(), frame.bottom() + 23, frame.width(), 16)
    painter.drawText(below, align.AlignHCenter, elided(across, Qt.TextElideMode.ElideMiddle, room))
    taken = _paint_names(painter, chart, frame)
    above = QRectF(6, frame.top() - 26, frame.right() - taken - 16, 16)
    painter.drawText(
        above,
        align.AlignLeft | align.AlignVCenter,
        elided(up, Qt.TextElideMode.ElideMiddle, int(max(above.width(), 0))),
    )


def _paint_names(painter: QPainter, chart: Chart, frame: QRectF) -> float:
    """The names of strokes at the top right, each with a piece of its line; the room that they take."""
    metrics, y, right = QFontMetricsF(painter.font()), frame.top() - 18, frame.right()
    named = [stroke for stroke in chart.strokes if stroke.name]
    for stroke in reversed(named):
        right -= metrics.horizontalAdvance(stroke.name)
        painter.setPen(theme().text)
        painter.drawText(QPointF(right, y + 4), stroke.name)
        painter.setPen(_stroke_pen(stroke))
        painter.drawLine(QPointF(right - 30, y), QPointF(right - 6, y))
        _paint_marks(painter, stroke, [QPointF(right - 18, y)])
        right -= 44
    painter.setPen(theme().text)
    return frame.right() - right if named else 0.0


def paint_scale(painter: QPainter, scale: Scale, place: QRectF) -> None:
    """What the colours stand for, the best on top."""
    now, align = theme(), Qt.AlignmentFlag
    painter.setFont(mono_font(10))
    bar = QRectF(place.left(), place.top() + 16, 10, max(place.height() - 32, 8))
    colours = now.merit(np.linspace(1, 0, 64)[:, None])
    image = QImage(np.ascontiguousarray(colours).tobytes(), 1, 64, 3, QImage.Format.Format_RGB888).copy()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(bar, image)
    painter.setPen(now.secondary)
    left = align.AlignLeft | align.AlignVCenter
    painter.drawText(QRectF(place.left(), place.top() - 2, place.width() + 20, 14), left, scale.best)
    painter.drawText(QRectF(place.left(), bar.bottom() + 3, place.width() + 20, 14), left, scale.worst)
    painter.save()
    painter.translate(bar.right() + 4, bar.bottom())
    painter.rotate(-90)
    painter.drawText(QRectF(0, 0, bar.height(), 14), align.AlignHCenter | align.AlignVCenter, scale.title)
    painter.restore()


# Lines


def paint_threads(painter: QPainter, threads: Threads, place: Place) -> None:
    """The best last, so that they lie on top."""
    rows, columns = threads.y.shape
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, rows * columns <= SEGMENTS)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    opacity = 0.9 if rows < MANY else 0.6 if rows * columns <= SEGMENTS else 1.0
    which = bins_of(threads.merit)
    for k in np.unique(which).tolist():
        for is_dashed in (True, False):
            chosen = (which == k) & (threads.dashed == is_dashed)
            if chosen.any():
                style = Qt.PenStyle.DotLine if is_dashed and rows < MANY else Qt.PenStyle.SolidLine
                painter.setPen(QPen(alpha(bin_colour(k), opacity), line_width(rows), style))
                painter.drawPath(threads_path(threads.x, threads.y[chosen], place))
    painter.restore()


def line_width(count: int) -> float:
    """The fewer lines, the wider."""
    return 1.8 if count <= FEW else 1.2 if count < MANY else 1.0


def threads_path(x: Floats, y: Floats, place: Place) -> QPainterPath:
    """All rows of y (n, columns) as one path."""
    parted = np.concatenate([y, np.full((len(y), 1), np.nan)], axis=1).ravel()
    across, up = place(np.tile(np.append(x, x[-1] if len(x) else 0.0), len(y)), parted)
    return path_of(across, up)


def paint_band(painter: QPainter, stroke: Stroke, ground: Ground) -> None:
    if not len(stroke.low):
        return
    xs, tops = ground.place(stroke.x, stroke.high)
    _, bottoms = ground.place(stroke.x, stroke.low)
    there = zip(xs.tolist(), tops.tolist(), strict=True)
    back = zip(xs[::-1].tolist(), bottoms[::-1].tolist(), strict=True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(alpha(stroke.colour, 0.2))
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in (*there, *back)]))


def paint_stroke(painter: QPainter, stroke: Stroke, ground: Ground) -> None:
    if not len(stroke.x):
        return
    x, y = stroke.x, stroke.y
    if stroke.has_steps:
        x, y = np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]
    xs, ys = ground.place(x, y)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_stroke_pen(stroke))
    painter.drawPath(path_of(xs, ys))
    xs, ys = ground.place(stroke.x, stroke.y)
    good = np.isfinite(xs) & np.isfinite(ys)
    points = [QPointF(a, b) for a, b in zip(xs[good].tolist(), ys[good].tolist(), strict=True)]
    _paint_marks(painter, stroke, points)


def _stroke_pen(stroke: Stroke) -> QPen:
    return QPen(stroke.colour, 2, Qt.PenStyle.DashLine if stroke.is_dashed else Qt.PenStyle.SolidLine)


def _paint_marks(painter: QPainter, stroke: Stroke, points: list[QPointF]) -> None:
    if not stroke.mark:
        return
    painter.setPen(QPen(theme().well, 1.2))
    painter.setBrush(stroke.colour)
    for point in points:
        if stroke.mark == "square":
            painter.drawRect(QRectF(point.x() - 3.5, point.y() - 3.5, 7, 7))
        else:
            painter.drawEllipse(point, 4.2, 4.2)


# Dots


def paint_dots(painter: QPainter, dots: Dots, ground: Ground, *, on_surface: bool = False) -> None:
    """Discs; rings for what was pruned, crosses for what failed."""
    xs, ys = ground.place(dots.x, dots.y)
    good = np.isfinite(xs) & np.isfinite(ys)
    which, wide = bins_of(dots.merit), dot_size(len(xs))
    rim = theme().text if on_surface else theme().well
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(xs) <= RIMMED)
    for k in np.unique(which).tolist():
        own = good & (which == k)
        rings, discs = own & dots.hollow, own & ~dots.hollow & ~dots.crossed
        _points(painter, xs[rings], ys[rings], bin_colour(k), wide + 1)
        _points(painter, xs[rings], ys[rings], theme().well, wide - 2)
        if len(xs) <= RIMMED:
            _points(painter, xs[discs], ys[discs], rim, wide + 1.6)
        _points(painter, xs[discs], ys[discs], bin_colour(k), wide)
    crossed = good & dots.crossed
    painter.setPen(QPen(theme().error, 1.4))
    r = wide / 2.4
    for x, y in zip(xs[crossed].tolist(), ys[crossed].tolist(), strict=True):
        painter.drawLine(QPointF(x - r, y - r), QPointF(x + r, y + r))
        painter.drawLine(QPointF(x - r, y + r), QPointF(x + r, y - r))
    painter.restore()


def dot_size(count: int) -> float:
    return 8.0 if count <= 300 else 6.0 if count <= 2000 else 4.0


def _points(painter: QPainter, xs: Floats, ys: Floats, colour: QColor, wide: float) -> None:
    if len(xs):
        from pyqtgraph.functions import arrayToQPolygonF

        pen = QPen(colour, wide)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPoints(arrayToQPolygonF(np.ascontiguousarray(xs), np.ascontiguousarray(ys)))
