"""Nodes computed again after a number was changed: for a moment each has a dotted ring and a turning arrow."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from .. import icons
from ..theme import theme
from .camera import Camera
from .detail import Detail, detail_at
from .scene import Scene

_GROW = 6.0  # pixels from the node to the ring
_BADGE = 9.0  # radius


def draw_anew(painter: QPainter, camera: Camera, scene: Scene, nodes: Iterable[str], view: QRectF) -> None:
    """Marks those of the nodes (ids on the sheet) that lie in `view`, in pixels."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for node in nodes:
        if node not in scene.index:
            continue
        rect = camera.screen_rect(scene.rect(node))
        if not view.intersects(rect):
            continue
        painter.setPen(QPen(theme().accent, 1.5, Qt.PenStyle.DotLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect.adjusted(-_GROW, -_GROW, _GROW, _GROW), 11, 11)
        if detail_at(camera.zoom) > Detail.FAR:
            _badge(painter, rect.topRight() + QPointF(_GROW - 1, 1 - _GROW))


def _badge(painter: QPainter, middle: QPointF) -> None:
    painter.setPen(QPen(theme().accent, 1.5))
    painter.setBrush(theme().panel)
    painter.drawEllipse(middle, _BADGE, _BADGE)
    side = 2 * _BADGE - 6
    place = QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)
    icons.paint(painter, "computed-anew", place, theme().accent)
