"""The badge at a node that is not well: a triangle with a mark in it, to be seen from however far one looks."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from ...graph.drawn.shapes import Form
from ..theme import theme
from .camera import Camera
from .scene import Scene

SIDE, FROM_AFAR = 17.0, 12.0  # pixels
_NEAR = 0.4  # zoom
_MOST = 300  # badges; of a graph in which more is not well the panel tells all


def badge_area(scene: Scene, camera: Camera, node: str) -> QRectF:
    """Where the badge of a node is, in pixels: on its lower left corner, so that it covers no name."""
    corner, side = (
        camera.screen_rect(scene.rect(node)).bottomLeft(),
        SIDE if camera.zoom >= _NEAR else FROM_AFAR,
    )
    return QRectF(corner.x() - side * 0.5, corner.y() - side * 0.6, side, side)


def draw_badges(painter: QPainter, scene: Scene, camera: Camera, ailing: Iterable[str], area: QRectF) -> None:
    """Draws the badges of those nodes that lie in `area`. `painter` is in screen units."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for _, node in zip(range(_MOST), ailing, strict=False):
        if node in scene.index and scene.shape(node).form is not Form.POINT:
            place = badge_area(scene, camera, node)
            if area.intersects(place):
                _badge(painter, place)
    painter.restore()


def _badge(painter: QPainter, place: QRectF) -> None:
    path = QPainterPath(QPointF(place.center().x(), place.top()))
    path.lineTo(place.bottomRight())
    path.lineTo(place.bottomLeft())
    path.closeSubpath()
    now = theme()
    join = Qt.PenJoinStyle.RoundJoin
    painter.setPen(QPen(now.canvas, 5, j=join))
    painter.drawPath(path)
    painter.setPen(QPen(now.warning, 2.4, j=join))
    painter.setBrush(now.warning)
    painter.drawPath(path)
    ink: QColor = now.canvas
    unit = place.height() / SIDE
    painter.setPen(QPen(ink, 1.9 * unit, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    x, top, bottom = place.center().x(), place.top(), place.bottom()
    painter.drawLine(QPointF(x, top + 6.0 * unit), QPointF(x, bottom - 5.2 * unit))
    painter.drawPoint(QPointF(x, bottom - 1.8 * unit))
