"""The sign of each frame colour, so that colours are told apart without seeing them: a disc, a triangle, a diamond …"""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QTransform

from .painting import painting
from .theme import theme

_CORNERS = {"green": (3, -90.0), "violet": (4, -90.0), "amber": (4, -45.0), "red": (6, 0.0)}


@lru_cache(maxsize=16)
def shape(colour: str) -> QPainterPath:
    """Disc, triangle, diamond, square, hexagon, or a bar for grey, of radius 1 about the origin."""
    path = QPainterPath()
    if colour == "blue":
        path.addEllipse(QPointF(0, 0), 0.88, 0.88)
    elif colour in _CORNERS:
        count, start = _CORNERS[colour]
        angles = [math.radians(start + 360 / count * k) for k in range(count)]
        low = 0.16 if count == 3 else 0.0  # a triangle's middle looks too high
        path.addPolygon(QPolygonF([QPointF(math.cos(a), math.sin(a) + low) for a in angles]))
        path.closeSubpath()
    else:
        path.addRect(QRectF(-1, -0.38, 2, 0.76))
    return path


def paint(painter: QPainter, colour: str, middle: QPointF, radius: float) -> None:
    """Draws the sign of a frame colour in that colour."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().frame(colour))
    place = QTransform(radius, 0, 0, radius, middle.x(), middle.y())
    painter.drawPath(place.map(shape(colour)))


def icon(colour: str, chosen: bool = False, side: int = 18) -> QIcon:
    """The sign as an icon in the present theme, for a menu about to open; ringed when it is the `chosen` one."""
    density = 3
    picture = QPixmap(side * density, side * density)
    picture.fill(Qt.GlobalColor.transparent)
    with painting(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(density, density)
        paint(painter, colour, QPointF(side / 2, side / 2), side * 0.3)
        if chosen:
            painter.setPen(QPen(theme().accent, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(1, 1, side - 2, side - 2), 4, 4)
    return QIcon(picture)
