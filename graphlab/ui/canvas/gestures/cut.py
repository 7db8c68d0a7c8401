"""Ctrl+right-drag: a stroke through wires cuts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from ...theme import theme
from ..draw_wires import Emphasis
from ..surgery import Key, unplug
from .gesture import Gesture, Pointer

if TYPE_CHECKING:
    from ..view import CanvasView


class Cut(Gesture):
    """Collects the wires that the stroke crosses and removes them at the release."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view: CanvasView, at: Pointer) -> None:
        super().__init__(view, at)
        self._stroke = [at.world]
        self._doomed: set[Key] = set()

    def move(self, at: Pointer) -> None:
        self.at = at
        self._doomed.update(self.view.scene.wires_cut_by(self._stroke[-1], at.world))
        self._stroke.append(at.world)
        self.view.update()

    def release(self, at: Pointer) -> None:
        self.move(at)
        if self._doomed:
            self.view.session.attempt(unplug, self.view.session.graph, sorted(self._doomed))

    def emphasis(self, plain: Emphasis) -> Emphasis:
        return plain._replace(doomed=frozenset(self._doomed))

    def paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().error, 1.5, Qt.PenStyle.DashLine))
        points: list[QPointF] = [self.view.camera.screen(p) for p in self._stroke]
        painter.drawPolyline(QPolygonF(points))
