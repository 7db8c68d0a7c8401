"""Drag on empty canvas: a rubber band selects what it touches. A click on nothing selects nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from ...colour import alpha
from ...theme import theme
from .gesture import Gesture, Pointer

if TYPE_CHECKING:
    from ..view import CanvasView

_LEAST = 3.0  # pixels; less is a click


class Band(Gesture):
    """Shift adds to the selection; Ctrl takes away from it."""

    scrolls = True

    def __init__(self, view: CanvasView, at: Pointer) -> None:
        super().__init__(view, at)
        self._before = view.session.selection
        self._adds = at.has(Qt.KeyboardModifier.ShiftModifier)
        self._takes = at.has(Qt.KeyboardModifier.ControlModifier)
        view.select_wires(())

    @property
    def area(self) -> QRectF:
        """The band in canvas units; it stays on the plane when the view scrolls."""
        return QRectF(self.start.world, self.at.world).normalized()

    def move(self, at: Pointer) -> None:
        self.at = at
        if (at.screen - self.start.screen).manhattanLength() < _LEAST:
            return
        scene, area = self.view.scene, self.area
        inside = {scene.ids[k] for k in scene.nodes_in(area).tolist()}
        inside |= {i for i in scene.boards if area.contains(scene.boards.rect(i))}
        self.view.session.select(self._combined(inside))
        self.view.update()

    def release(self, at: Pointer) -> None:
        self.move(at)
        if (at.screen - self.start.screen).manhattanLength() < _LEAST:
            self.view.session.select(self._combined(set()))

    def cancel(self) -> None:
        self.view.session.select(self._before)

    def _combined(self, inside: set[str]) -> set[str]:
        if self._adds:
            return set(self._before) | inside
        return set(self._before) - inside if self._takes else inside

    def paint(self, painter: QPainter) -> None:
        if (self.at.screen - self.start.screen).manhattanLength() < _LEAST:
            return
        band = self.view.camera.screen_rect(self.area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(
            QPen(theme().accent, 1, Qt.PenStyle.DashLine if self._takes else Qt.PenStyle.SolidLine)
        )
        painter.setBrush(alpha(theme().accent, 0.12))
        painter.drawRect(band)
