"""How a PlaneView is painted: ground, picture, axes with numbers, lines, points, and what the pointer is on."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from .. import numbers
from ..canvas.batches import draw_lines
from ..class_marks import class_colour, class_path, mark_pixmap
from ..colour import alpha
from ..theme import mono_font, theme, ui_font
from ..widgets.curve_plot import ticks
from .plane_view import Floats, PlaneView, Stroke

MANY = 1200  # points from which on marks are smaller
THUMBNAIL = 64.0  # pixels high
MOST_NAMES = 40  # of lines that are written


def paint_plane(plane: PlaneView, painter: QPainter) -> None:
    """Paints all of it."""
    now, frame = theme(), plane.frame
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(frame, now.well)
    painter.save()
    painter.setClipRect(frame)
    _paint_picture(plane, painter)
    _paint_facets(plane, painter)
    if plane.numbered:
        _paint_grid(plane, painter)
    for stroke in plane.strokes:
        if stroke.key is None or stroke.key != plane.lit:
            _paint_stroke(plane, painter, stroke)
    _paint_dots(plane, painter)
    for stroke in plane.strokes:
        if stroke.key is not None and stroke.key == plane.lit:
            _paint_stroke(plane, painter, stroke, lit=True)
    _paint_names(plane, painter)
    _paint_ring(plane, painter)
    painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(now.accent if plane.hasFocus() else now.line, 1))
    painter.drawRect(frame)
    _paint_words(plane, painter)


def _paint_picture(plane: PlaneView, painter: QPainter) -> None:
    if plane.picture is None:
        return
    x0, y0, x1, y1 = plane.extent
    (left, low), (right, high) = plane.pixels(np.array([[x0, y0], [x1, y1]])).tolist()
    # its outermost pixels are centred on the edges of the extent
    wide = (right - left) / max(plane.picture.width() - 1, 1)
    tall = (low - high) / max(plane.picture.height() - 1, 1)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    place = QRectF(QPointF(left - wide / 2, high - tall / 2), QPointF(right + wide / 2, low + tall / 2))
    painter.drawImage(place, plane.picture)


def _paint_facets(plane: PlaneView, painter: QPainter) -> None:
    """Each with an edge of its own colour, so that no seam shows between two."""
    if plane.facets is None:
        return
    places = plane.pixels(plane.facets.corners)
    hatch = QBrush(theme().faint, Qt.BrushStyle.BDiagPattern)
    rows = zip(places.tolist(), plane.facets.colours.tolist(), plane.facets.broken.tolist(), strict=True)
    for corners, rgb, broken in rows:
        colour = QColor(*rgb)
        painter.setPen(QPen(colour, 0.8))
        painter.setBrush(hatch if broken else colour)
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))


def _paint_grid(plane: PlaneView, painter: QPainter) -> None:
    now, frame, (x0, y0, x1, y1) = theme(), plane.frame, plane.seen
    faint = alpha(now.faint, 0.35)
    for value in ticks(x0, x1, frame.width() / 62):
        x = plane.pixels(np.array([value, y0]))[0]
        painter.setPen(QPen(now.faint if value == 0 else faint, 1))
        painter.drawLine(QPointF(x, frame.top()), QPointF(x, frame.bottom()))
    for value in ticks(y0, y1, frame.height() / 40):
        y = plane.pixels(np.array([x0, value]))[1]
        painter.setPen(QPen(now.faint if value == 0 else faint, 1))
        painter.drawLine(QPointF(frame.left(), y), QPointF(frame.right(), y))


def _paint_stroke(plane: PlaneView, painter: QPainter, stroke: Stroke, lit: bool = False) -> None:
    if not len(stroke.pieces):
        return
    style = Qt.PenStyle.DashLine if stroke.dashed else Qt.PenStyle.SolidLine
    lines = plane.pixels(stroke.pieces).reshape(-1, 4)
    if lit:
        painter.setPen(QPen(theme().well, stroke.width + 5))
        draw_lines(painter, lines)
    pen = QPen(theme().text if lit else stroke.colour, stroke.width + (1.4 if lit else 0), style)
    if pen.color().alpha() == 255:
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)  # pieces join without a seam; see-through ones would show it
    painter.setPen(pen)
    draw_lines(painter, lines)


def _paint_dots(plane: PlaneView, painter: QPainter) -> None:
    dots = plane.dots
    if not len(dots.points):
        return
    radius = 4.0 if len(dots.points) <= MANY else 3.0
    places = plane.pixels(dots.points)
    if dots.colours is not None:
        _paint_coloured(plane, painter, places, radius)
        return
    if dots.depth is not None:
        _paint_by_depth(plane, painter, places, radius)
        return
    for hollow in (True, False):
        for label in np.unique(dots.labels).tolist():
            _paint_marks(
                painter, places[(dots.labels == label) & (dots.hollow == hollow)], label, hollow, radius
            )


def _paint_marks(painter: QPainter, places: Floats, label: int, hollow: bool, radius: float) -> None:
    """Hollow marks have the ground of a panel inside, so that they are seen on the colour of their own class."""
    if hollow:
        painter.setPen(QPen(class_colour(max(label, 0)), 1.5))
        painter.setBrush(theme().panel)
        for x, y in places.tolist():
            painter.drawPath(class_path(max(label, 0), radius * 0.9).translated(x, y))
        return
    mark = mark_pixmap(max(label, 0), radius, False, painter.device().devicePixelRatioF())
    half = mark.width() / mark.devicePixelRatioF() / 2
    for x, y in places.tolist():
        painter.drawPixmap(QPointF(x - half, y - half), mark)


def _paint_by_depth(plane: PlaneView, painter: QPainter, places: Floats, radius: float) -> None:
    """The farthest first, and those smaller."""
    dots = plane.dots
    assert dots.depth is not None
    span = float(np.ptp(dots.depth)) or 1.0
    near = np.round(3 * (dots.depth - dots.depth.min()) / span) / 3
    for k in np.argsort(dots.depth).tolist():
        size = radius * (0.7 + 0.5 * float(near[k]))
        _paint_marks(painter, places[k : k + 1], int(dots.labels[k]), bool(dots.hollow[k]), size)


def _paint_coloured(plane: PlaneView, painter: QPainter, places: Floats, radius: float) -> None:
    """Points whose colour is a number; hollow ones are squares, as these have a colour too."""
    now, dots = theme(), plane.dots
    assert dots.colours is not None
    painter.setPen(QPen(now.text, 1))
    for (x, y), colour, hollow in zip(places.tolist(), dots.colours, dots.hollow.tolist(), strict=True):
        painter.setBrush(colour)
        painter.drawPath(class_path(1 if hollow else 0, radius).translated(x, y))


def _paint_ring(plane: PlaneView, painter: QPainter) -> None:
    if plane.hover is None or plane.hover >= len(plane.dots.points):
        return
    place = QPointF(*plane.pixels(plane.dots.points[plane.hover]).tolist())
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((theme().well, 4.0), (theme().text, 1.6)):
        painter.setPen(QPen(colour, width))
        painter.drawEllipse(place, 7.5, 7.5)
    if plane.thumbnail is not None:
        _paint_thumbnail(plane, painter, place)


def _paint_thumbnail(plane: PlaneView, painter: QPainter, place: QPointF) -> None:
    """What the point is of, beside it, on the side where there is room."""
    assert plane.thumbnail is not None
    now, frame = theme(), plane.frame
    wide = THUMBNAIL * plane.thumbnail.width() / max(plane.thumbnail.height(), 1)
    left = place.x() + 14 if place.x() + 14 + wide < frame.right() else place.x() - 14 - wide
    top = min(max(place.y() - THUMBNAIL / 2, frame.top() + 2), frame.bottom() - THUMBNAIL - 2)
    box = QRectF(left, top, wide, THUMBNAIL)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(box, plane.thumbnail)
    painter.setPen(QPen(now.text, 1))
    painter.drawRect(box)


def _paint_names(plane: PlaneView, painter: QPainter) -> None:
    """The name of each line on a small plate, spread along the lines so that few lie on one another."""
    named = [stroke for stroke in plane.strokes if stroke.name and len(stroke.pieces)]
    if len(named) > MOST_NAMES:
        named = [stroke for stroke in named if stroke.key is not None and stroke.key == plane.lit]
    taken: list[QRectF] = []
    painter.setFont(mono_font(10))
    metrics, frame = QFontMetricsF(painter.font()), plane.frame
    for stroke in sorted(named, key=lambda s: s.key is None or s.key != plane.lit):
        places = plane.pixels(stroke.pieces).mean(axis=1)
        inside = (places[:, 0] > frame.left() + 10) & (places[:, 0] < frame.right() - 10)
        places = places[inside & (places[:, 1] > frame.top() + 9) & (places[:, 1] < frame.bottom() - 9)]
        wide = metrics.horizontalAdvance(stroke.name) + 6
        for share in (0.5, 0.2, 0.8, 0.35, 0.65, 0.05, 0.95):
            if not len(places):
                break
            x, y = places[min(int(share * len(places)), len(places) - 1)].tolist()
            plate = QRectF(x - wide / 2, y - 7, wide, 14)
            if not any(plate.intersects(other) for other in taken):
                taken.append(plate)
                _paint_plate(painter, plate, stroke, stroke.key is not None and stroke.key == plane.lit)
                break


def _paint_plate(painter: QPainter, plate: QRectF, stroke: Stroke, lit: bool) -> None:
    now = theme()
    painter.setPen(QPen(now.text if lit else stroke.colour, 1))
    painter.setBrush(now.panel)
    painter.drawRoundedRect(plate, 4, 4)
    painter.setPen(now.text)
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, stroke.name)


def _paint_words(plane: PlaneView, painter: QPainter) -> None:
    """The numbers of the axes, their names, and the note."""
    now, frame = theme(), plane.frame
    painter.setFont(mono_font(10))
    painter.setPen(now.secondary)
    if plane.numbered:
        _paint_numbers(plane, painter)
    painter.setFont(ui_font(11))
    metrics, elide = painter.fontMetrics(), Qt.TextElideMode.ElideRight
    under = QRectF(frame.left(), frame.bottom() + (17 if plane.numbered else 3), frame.width(), 16)
    note = metrics.elidedText(plane.note, elide, round(frame.width()))
    name = metrics.elidedText(
        plane.axes[0], elide, max(round(frame.width()) - metrics.horizontalAdvance(note) - 12, 0)
    )
    painter.drawText(under, Qt.AlignmentFlag.AlignRight, name)
    painter.drawText(under, Qt.AlignmentFlag.AlignLeft, note)
    if plane.numbered and plane.axes[1]:
        painter.save()
        painter.translate(8, frame.center().y())
        painter.rotate(-90)
        up = metrics.elidedText(plane.axes[1], elide, round(frame.height()))
        painter.drawText(
            QRectF(-frame.height() / 2, -8, frame.height(), 16), Qt.AlignmentFlag.AlignCenter, up
        )
        painter.restore()


def _paint_numbers(plane: PlaneView, painter: QPainter) -> None:
    frame, (x0, y0, x1, y1) = plane.frame, plane.seen
    side, middle = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter
    for value in ticks(x0, x1, frame.width() / 62):
        x = plane.pixels(np.array([value, y0]))[0]
        box = QRectF(x - 30, frame.bottom() + 2, 60, 14)
        if box.right() <= plane.width() + 12:
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, _tick(value))
    for value in ticks(y0, y1, frame.height() / 40):
        y = plane.pixels(np.array([x0, value]))[1]
        painter.drawText(QRectF(14, y - 8, frame.left() - 18, 16), side | middle, _tick(value))


def _tick(value: float) -> str:
    return f"{value:g}".replace("-", numbers.MINUS)
