"""The sign of each frame colour, so that colours are told apart without seeing them: a disc, a triangle, a diamond …"""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPainterPath, QPixmap, QPolygonF

from .painting import painting
from .theme import theme

_CORNERS = {"green": (3, -90.0), "violet": (4, -90.0), "amber": (4, -45.0), "red": (6, 0.0)}


def shape(colour: str, middle: QPointF, radius: float) -> QPainterPath:
    """Disc, triangle, diamond, square, hexagon, or a bar for grey."""
    path = QPainterPath()
    if colour == "blue":
        path.addEllipse(middle, radius * 0.88, radius * 0.88)
    elif colour in _CORNERS:
        count, start = _CORNERS[colour]
        angles = (math.radians(start + 360 / count * k) for k in range(count))
        low = radius * 0.16 if count == 3 else 0.0  # a triangle's middle looks too high
        points = [middle + QPointF(math.cos(a), math.sin(a)) * radius + QPointF(0, low) for a in angles]
        path.addPolygon(QPolygonF(points))
        path.closeSubpath()
    else:
        path.addRect(QRectF(middle.x() - radius, middle.y() - radius * 0.38, radius * 2, radius * 0.76))
    return path


def paint(painter: QPainter, colour: str, middle: QPointF, radius: float) -> None:
    """Draws the sign of a frame colour in that colour."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().frame(colour))
    painter.drawPath(shape(colour, middle, radius))


def icon(colour: str, side: int = 16) -> QIcon:
    """The sign as an icon in the present theme, for a menu that is about to open."""
    density = 3
    picture = QPixmap(side * density, side * density)
    picture.fill(Qt.GlobalColor.transparent)
    with painting(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(density, density)
        paint(painter, colour, QPointF(side / 2, side / 2), side * 0.36)
    return QIcon(picture)
