"""How classes are told apart in pictures: each has a colour of the theme and a shape of its own, never colour alone."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from .painting import painting
from .theme import theme

_FAMILIES = ("activation", "attention", "parameter", "loss", "features", "structure")
SHAPES = ("circle", "square", "triangle", "diamond", "plus", "star", "hexagon", "arrow")


def class_colour(index: int) -> QColor:
    """The colour of a class: blue and orange first, as values are, then hues of the families."""
    now = theme()
    if index % 8 < 2:
        return now.positive if index % 8 == 0 else now.negative
    colour: QColor = getattr(now.families, _FAMILIES[index % 8 - 2])
    return colour


def class_shape(index: int) -> str:
    """The name of the shape of a class; from the ninth on another for the same colour."""
    return SHAPES[(index + index // 8) % 8]


@lru_cache(maxsize=64)
def class_path(index: int, radius: float) -> QPainterPath:
    """The shape of a class around the origin."""
    return _path(class_shape(index), radius)


def _path(shape: str, r: float) -> QPainterPath:
    path = QPainterPath()
    if shape == "circle":
        path.addEllipse(QPointF(0, 0), r, r)
    elif shape == "square":
        path.addRect(QRectF(-0.88 * r, -0.88 * r, 1.76 * r, 1.76 * r))
    elif shape == "plus":
        far, near = 1.1 * r, 0.42 * r
        corners = ((-near, -far), (near, -far), (near, -near), (far, -near), (far, near), (near, near))
        path.moveTo(*corners[0])
        for x, y in (*corners[1:], *((-x, -y) for x, y in corners)):
            path.lineTo(x, y)
        path.closeSubpath()
    else:
        count = {"triangle": 3, "diamond": 4, "hexagon": 6, "arrow": 3, "star": 10}[shape]
        start = math.pi / 2 if shape == "arrow" else -math.pi / 2
        for k in range(count):
            far = r * (0.5 if shape == "star" and k % 2 else 1.18)
            angle = start + math.tau * k / count
            point = QPointF(far * math.cos(angle), far * math.sin(angle))
            path.lineTo(point) if k else path.moveTo(point)
        path.closeSubpath()
    return path


def paint_mark(
    painter: QPainter, index: int, centre: QPointF, radius: float = 4.0, hollow: bool = False
) -> None:
    """Draws the mark of a class; hollow for what is kept apart."""
    colour = class_colour(index)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.3) if hollow else QPen(theme().panel, 0.8))
    painter.setBrush(Qt.BrushStyle.NoBrush if hollow else colour)
    painter.translate(centre)
    painter.drawPath(class_path(index, radius))
    painter.restore()


def mark_pixmap(index: int, radius: float = 4.0, hollow: bool = False, ratio: float = 1.0) -> QPixmap:
    """The mark of a class as a small picture, made once for each theme."""
    return _pixmap(index, radius, hollow, ratio, theme().name)


@lru_cache(maxsize=256)
def _pixmap(index: int, radius: float, hollow: bool, ratio: float, name: str) -> QPixmap:
    side = math.ceil(2 * radius * 1.3 + 3)
    picture = QPixmap(round(side * ratio), round(side * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    with painting(picture) as painter:
        paint_mark(painter, index, QPointF(side / 2, side / 2), radius, hollow)
    return picture
