"""The badge at a node of which something is searched, or inside which something is: a small plate with brackets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QPainter, QPen

from ...graph import Document
from ...graph.drawn.shapes import Form
from .. import icons, searching
from ..theme import theme
from ..widgets.search_mark import DRAWING

if TYPE_CHECKING:
    from .surface import Surface

SIDE, FROM_AFAR = 17.0, 12.0  # pixels
_NEAR = 0.4  # zoom
_FAR = 0.15  # from where on there is no room for any


class SearchBadges:
    """Paints them over the nodes of the sheet."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._of: tuple[object, object] = (None, None)
        self._nodes: list[str] = []
        surface.session.whole_changed.connect(self._changed)

    def _changed(self, old: Document, new: Document) -> None:
        if old.sweep is not new.sweep:
            self._surface.update()

    def nodes(self) -> list[str]:
        """The nodes that have one."""
        session = self._surface.session
        if self._of[0] is not session.whole or self._of[1] is not session.document:
            self._of = session.whole, session.document
            self._nodes = sorted(searching.nodes(session))
        return [node for node in self._nodes if node in self._surface.scene.index]

    def place(self, node: str) -> QRectF:
        """Where it is, in pixels: on the lower right corner, so that it covers neither a name nor what stands there."""
        camera = self._surface.camera
        corner = camera.screen_rect(self._surface.scene.rect(node)).bottomRight()
        side = SIDE if camera.zoom >= _NEAR else FROM_AFAR
        return QRectF(round(corner.x() - side / 2), round(corner.y() - side / 3), side, side)

    def paint(self, painter: QPainter, area: QRect) -> None:
        """`painter` is in screen units; `area` is what is to be painted."""
        scene, zoom = self._surface.scene, self._surface.camera.zoom
        if not self._surface.session.whole.sweep.searches or zoom < _FAR:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for node in self.nodes():
            if scene.shape(node).form is not Form.POINT and self.place(node).intersects(QRectF(area)):
                _badge(painter, self.place(node))
        painter.restore()


def _badge(painter: QPainter, place: QRectF) -> None:
    now = theme()
    painter.setPen(QPen(now.accent, 1.2))
    painter.setBrush(now.panel)
    painter.drawRoundedRect(place, 4, 4)
    inside = QRectF(QPointF(), place.size() * 0.86)
    inside.moveCenter(place.center())
    icons.paint(painter, DRAWING, inside, now.accent)
