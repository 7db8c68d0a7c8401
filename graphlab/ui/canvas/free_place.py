"""Where a node that is added by keyboard comes to stand: beside another one, on no other."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

from ...graph.drawn.shapes import MIDDLE, WIDTH
from .scene import Scene

_GAP = 70.0  # between columns: room for the shape on the wire
_STEP, _TRIES = 32.0, 400


def beside(scene: Scene, node: str, *, before: bool = False) -> QPointF:
    """The place of a new node right of this one (or left, with `before`), where its sockets are about as high.

    It is the middle of the new node's left edge (of the right one, with `before`), as for a wire dropped there.
    """
    rect = scene.rect(node)
    left = rect.left() - _GAP - WIDTH if before else rect.right() + _GAP
    free = clear(scene, QPointF(left, rect.top()))
    return QPointF(free.x() + (WIDTH if before else 0), free.y() + MIDDLE)


def clear(scene: Scene, corner: QPointF) -> QPointF:
    """The first place from there downwards where a node of the usual size covers no other; its top left corner."""
    place = QPointF(corner)
    for _ in range(_TRIES):
        area = QRectF(place.x(), place.y(), WIDTH, 2 * MIDDLE)
        if not len(scene.nodes_in(area, 8.0)):
            return place
        place += QPointF(0, _STEP)
    return corner
