"""Operations dragged from the library: a ghost shows where the node will stand, and which wire would take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QDropEvent, QPainter, QPen

from ...graph.drawn.shapes import HEADER, RADIUS, shape_of
from ..colour import alpha
from ..offers import resolve, sample
from ..theme import theme
from .surgery import Key

if TYPE_CHECKING:
    from ...graph import Document
    from .view import CanvasView

MIME = "application/x-graphlab-op"
_HOLD = QPointF(24.0, HEADER / 2)  # where the hand holds the ghost


def op_in(event: QDropEvent, document: Document) -> str:
    """The key (see `offers`) of the op or group of the document that is being dragged, "" for something else."""
    data = event.mimeData()
    key = bytes(data.data(MIME).data()).decode("utf-8", "replace") if data.hasFormat(MIME) else ""
    return key if resolve(document, key) is not None else ""


class Ghost:
    """A node that is not there yet."""

    def __init__(self, view: CanvasView, op: str) -> None:
        self._view, self.op = view, op
        found = resolve(view.session.whole, op)
        assert found is not None
        self._made = found()
        self._shape = shape_of(sample(found), view.session.document)
        self.place = QPointF()
        self.receiver: Key | None = None

    @property
    def rect(self) -> QRectF:
        return QRectF(self.place.x(), self.place.y(), self._shape.width, self._shape.height)

    def move(self, event: QDropEvent) -> None:
        self.place = self._view.camera.world(event.position()) - _HOLD
        suspended = event.modifiers() & Qt.KeyboardModifier.AltModifier
        self.receiver = None if suspended else self._view.receiver_under(self.rect, self._made)

    def paint(self, painter: QPainter) -> None:
        """`painter` is in screen units."""
        rect, zoom = self._view.camera.screen_rect(self.rect), self._view.camera.zoom
        colour = theme().good if self.receiver is not None else theme().accent
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(alpha(colour, 0.10))
        painter.drawRoundedRect(rect, RADIUS * zoom, RADIUS * zoom)
