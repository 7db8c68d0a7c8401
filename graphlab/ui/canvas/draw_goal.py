"""The mark at the node whose gradients are asked for, when it is not the loss: a doubled ring, and what of it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from ..theme import theme
from .camera import Camera
from .draw_frame import ring
from .ink import metrics, text_font
from .live import Live
from .scene import Scene

_PX = 11


def draw_goal(painter: QPainter, camera: Camera, scene: Scene, live: Live) -> None:
    """Draws it around the node, if it is on the sheet. `painter` is in screen units."""
    node, _, title = live.asked
    if node not in scene.index:
        return
    rect = scene.rect(node)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setTransform(camera.transform())
    grow = 6.5 / camera.zoom
    ring(painter, rect.adjusted(-grow, -grow, grow, grow), theme().backward, 1.5, camera.zoom)
    ring(painter, rect.adjusted(-2 * grow, -2 * grow, 2 * grow, 2 * grow), theme().backward, 1.0, camera.zoom)
    painter.resetTransform()
    _name(painter, camera.screen(rect.topLeft()), f"∂ {title} = 1")


def _name(painter: QPainter, corner: QPointF, text: str) -> None:
    width = metrics(_PX, 600).horizontalAdvance(text) + 12
    box = QRectF(round(corner.x()) + 0.5, round(corner.y() - 34) + 0.5, width, 18)
    painter.setPen(QPen(theme().backward, 1.2))
    painter.setBrush(theme().panel)
    painter.drawRoundedRect(box, 5, 5)
    painter.setFont(text_font(_PX, 600))
    painter.setPen(theme().text)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
