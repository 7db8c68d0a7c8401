"""Places of nodes and wires as Qt has them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from ...graph.drawn import curves, unrolled
from ...graph.drawn.curves import Curves
from ...graph.drawn.shapes import NodeShape
from ...graph.drawn.unrolled import Levels


def value_rect(shape: NodeShape) -> QRectF:
    """Where a node's value is pictured, seen from its corner."""
    return QRectF(*shape.value_box)


def grad_rect(shape: NodeShape) -> QRectF:
    """The strip of its gradient."""
    return QRectF(*shape.grad_box)


def slider_rect(width: float) -> QRectF:
    """The slider of T, in the header of a node that wide."""
    return QRectF(*unrolled.slider_box(width))


def switch_rect(width: float) -> QRectF:
    """The switch between folded and unrolled."""
    return QRectF(*unrolled.switch_box(width))


def rail_rect(levels: Levels) -> QRectF:
    """The line along which one looks for a time."""
    return QRectF(*levels.rail_box)


def wire_path(wires: Curves, k: int) -> QPainterPath:
    """Wire `k`, exactly."""
    return _path(wires.ends[k, 0], wires.ends[k, 1], wires.parts(k))


def loose_path(x0: float, y0: float, x1: float, y1: float) -> QPainterPath:
    """The curve of a wire in somebody's hand."""
    return _path(x0, y0, [curves.loose(x0, y0, x1, y1)])


def _path(x: float, y: float, parts: Iterable[tuple[float, ...]]) -> QPainterPath:
    path = QPainterPath(QPointF(x, y))
    for part in parts:
        if len(part) == 2:
            path.lineTo(*part)
        else:
            path.cubicTo(*part)
    return path
