"""What is computed at the moment, lit: its node, the wires it reads and writes, and the nodes it reads from.

Forward is told by solid lines and arrowheads that point on, backward by dashes and arrowheads that point back. What is
read lies in a wide glow and has filled arrowheads, what is written has hollow ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPolygonF

from ..colour import alpha
from ..theme import theme
from .draw_frame import ring
from .ink import metrics, take_pen, text_font
from .scene import Scene
from .spotlight import Spot

_PLACES = (  # of arrowheads along a wire, by how many pixels it is long; from 150 on its label is in the middle
    (150.0, (0.18, 0.34, 0.66, 0.82)),
    (70.0, (0.3, 0.7)),
    (0.0, (0.5,)),
)
_GROW = 3.5  # pixels between a node and its ring


def draw_spot_wires(
    painter: QPainter,
    scene: Scene,
    path: Callable[[int], QPainterPath],
    visible: Iterable[int],
    spot: Spot,
    zoom: float,
) -> None:
    """Over the wires. `painter` is in canvas units."""
    if not spot.reads and not spot.writes:
        return
    colour = theme().phase(spot.phase)
    base = 2.0 * min(max(zoom, 0.7), 1.6)
    dash = Qt.PenStyle.DashLine if spot.phase == "backward" else Qt.PenStyle.SolidLine
    for k in visible:
        edge = scene.edges[k]
        key = edge.target, edge.input
        if key not in spot.reads and key not in spot.writes:
            continue
        reads = key in spot.reads
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if reads:
            take_pen(painter, alpha(colour, 0.30), base + 8)
            painter.drawPath(path(k))
        take_pen(painter, theme().canvas, base + 2)
        painter.drawPath(path(k))  # what is drawn below must not fill the gaps between dashes
        take_pen(painter, colour, base + (1.0 if reads else 0.0), dash)
        painter.drawPath(path(k))
        _arrowheads(painter, scene, k, spot.phase == "forward", reads, colour, zoom)


def _arrowheads(
    painter: QPainter, scene: Scene, k: int, onward: bool, filled: bool, colour: QColor, zoom: float
) -> None:
    points = scene.wires.points[k]
    steps = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    if along[-1] <= 0:
        return
    places = next(shares for least, shares in _PLACES if along[-1] * zoom >= least)
    size = 5.5 / min(zoom, 1.0)
    take_pen(painter, colour, 1.5)
    painter.setBrush(colour if filled else theme().canvas)
    for share in places:
        at = share * along[-1]
        x, y = (float(np.interp(at, along, points[:, axis])) for axis in (0, 1))
        dx, dy = (
            float(np.interp(at + 1, along, points[:, axis]) - np.interp(at - 1, along, points[:, axis]))
            for axis in (0, 1)
        )
        painter.drawPolygon(_head(QPointF(x, y), dx, dy, size if onward else -size))


def _head(at: QPointF, dx: float, dy: float, size: float) -> QPolygonF:
    """A triangle that points along (dx, dy); against it for a negative size."""
    length = float(np.hypot(dx, dy)) or 1.0
    ahead, aside = QPointF(dx, dy) * (size / length), QPointF(-dy, dx) * (abs(size) / length)
    return QPolygonF([at + ahead, at - ahead * 0.7 + aside * 0.9, at - ahead * 0.7 - aside * 0.9])


def draw_spot_node(painter: QPainter, scene: Scene, spot: Spot, zoom: float) -> None:
    """The ring and the arrow at the node, thin rings at those it reads from, and the node within a group."""
    if spot.node not in scene.index:
        return
    colour, dashed = theme().phase(spot.phase), spot.phase == "backward"
    for source in spot.sources:
        if source in scene.index and source != spot.node:
            grow = 2.0 / zoom
            around = scene.rect(source).adjusted(-grow, -grow, grow, grow)
            ring(painter, around, alpha(colour, 0.75), 1.2, zoom, dashed)
    rect, grow = scene.rect(spot.node), _GROW / zoom
    ring(painter, rect.adjusted(-grow, -grow, grow, grow), colour, 2.5, zoom, dashed)
    _arrow(painter, rect, spot.phase, zoom)
    if spot.inner:
        _say(painter, rect, spot, colour, zoom)


def _say(painter: QPainter, rect: QRectF, spot: Spot, colour: QColor, zoom: float) -> None:
    """Which node in the group it is, under its lower left corner, at a steady size on screen."""
    px = max(round(11 / zoom), 6)
    sign = "▸" if spot.phase == "forward" else "◂"
    text = f"{sign} {spot.inner}"
    width = metrics(px, 600).horizontalAdvance(text) + px * 1.2
    box = QRectF(rect.left(), rect.bottom() + 14 + 5 / zoom, width, px * 1.7)
    take_pen(painter, colour, 1.2)
    painter.setBrush(theme().panel)
    painter.drawRoundedRect(box, px * 0.4, px * 0.4)
    painter.setPen(theme().text)
    painter.setFont(text_font(px, 600))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _arrow(painter: QPainter, rect: QRectF, phase: str, zoom: float) -> None:
    """▸ at the left of a node computed forward, ◂ at the right of one computed backward."""
    size = 7 / min(zoom, 1.0)
    way = 1 if phase == "forward" else -1
    edge = rect.left() - size * 2.2 if way > 0 else rect.right() + size * 2.2
    at = QPointF(edge, rect.top() + 14)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().phase(phase))
    corners = [
        QPointF(-size * 0.6 * way, -size),
        QPointF(size * 0.8 * way, 0),
        QPointF(-size * 0.6 * way, size),
    ]
    painter.drawPolygon(QPolygonF([at + corner for corner in corners]))
