"""Names from afar: beside the nodes of a small sheet, of a steady size, where a node is too small to bear its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from ...graph.drawn.shapes import Form
from ..colour import alpha
from ..theme import theme
from .camera import Camera
from .detail import Detail, bears_all
from .draw_forms import FAR_STACK
from .ink import metrics, text_font
from .looks import LookBook
from .scene import Scene

_PX = 10
_HEIGHT, _GAP, _APART = 14.0, 2.0, 6.0  # pixels: of a name, from its node, between two names
_LEAST = 28.0  # pixels that say something of a name


class Label(NamedTuple):
    """A name, perhaps shortened, and where it stands."""

    rect: QRectF
    text: str


def place_labels(
    nodes: Sequence[tuple[QRectF, str]], width: Callable[[str], float], shorten: Callable[[str, float], str]
) -> list[Label]:
    """Each name below its node, else above it, else shortened to what is free below. All in pixels.

    No name lies over a node or over another one; a node that has no room at all stays without.
    """
    taken = [rect for rect, _ in nodes]
    made: list[Label] = []
    for rect, name in nodes:
        label = _place(rect, name, width(name), taken, shorten)
        if label is not None:
            made.append(label)
            taken.append(label.rect)
    return made


def _place(
    node: QRectF, name: str, wide: float, taken: Sequence[QRectF], shorten: Callable[[str, float], str]
) -> Label | None:
    below, above = (_row(node, wide, y) for y in (node.bottom() + _GAP, node.top() - _GAP - _HEIGHT))
    for rect in (below, above):
        if _room(rect, taken) >= wide:
            return Label(rect, name)
    room = _room(below, taken)
    if room < _LEAST:
        return None
    return Label(_row(node, room, below.top()), shorten(name, room))


def _row(node: QRectF, wide: float, top: float) -> QRectF:
    return QRectF(node.center().x() - wide / 2, top, wide, _HEIGHT)


def _room(rect: QRectF, taken: Iterable[QRectF]) -> float:
    """How wide a name about the middle of `rect` may be until it comes to something else at its height."""
    middle, room = rect.center().x(), rect.width()
    for other in taken:
        if other.top() < rect.bottom() and other.bottom() > rect.top():
            away = max(other.left() - middle, middle - other.right(), 0.0)
            room = min(room, 2 * max(away - _APART, 0.0))
    return room


def draw_far_names(painter: QPainter, camera: Camera, scene: Scene, looks: LookBook) -> None:
    """Draws them. The place of a name depends on the sheet and the zoom alone: none jumps as one moves over it."""
    if not bears_all(Detail.FAR, len(scene.ids)):
        return
    corner = camera.screen(QPointF(0, 0))
    nodes = []
    for k, node in enumerate(scene.ids):
        form = scene.forms[k]
        if form != Form.POINT:
            rect = scene.rect(node).adjusted(0, 0, 0, FAR_STACK if form == Form.GROUP else 0)
            size = QRectF(rect.topLeft() * camera.zoom, rect.size() * camera.zoom)
            nodes.append((size, looks.of(node).name))
    told = metrics(_PX)
    painter.resetTransform()
    painter.setFont(text_font(_PX))
    for rect, text in place_labels(
        nodes,
        lambda name: told.horizontalAdvance(name) + 2.0,
        lambda name, room: told.elidedText(name, Qt.TextElideMode.ElideRight, room),
    ):
        place = rect.translated(corner)
        painter.fillRect(place, alpha(theme().canvas, 0.8))
        painter.setPen(theme().text)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
