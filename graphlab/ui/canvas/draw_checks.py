"""What a gradient check has found, on the canvas: a badge at each node with a sign and its greatest relative error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ..gradient_checks import Verdict
from ..theme import theme
from .batches import draw_rects
from .detail import Detail, detail_at
from .draw_forms import STACK
from .ink import metrics, text_font
from .shapes import Form

if TYPE_CHECKING:
    from .surface import Surface

TEXT, HEIGHT, PAD = 11, 17.0, 6.0  # pixels
_INSET = 12.0  # canvas units from the left edge of a node


def colour_of(state: str) -> QColor:
    """Green where it is right, red where it is wrong, amber where another is to blame; the sign says the same."""
    now = theme()
    return {"wrong": now.error, "astray": now.warning}.get(state, now.good)


class CheckBadges:
    """Paints the session's gradient check over the nodes of the sheet."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._checks = surface.session.checks
        self._checks.changed.connect(surface.update)

    def paint(self, painter: QPainter, area: QRect) -> None:
        """`painter` is in screen units; `area` is what is to be painted."""
        if self._checks.result is None:
            return
        surface, verdicts = self._surface, self._checks.verdicts
        view = surface.camera.world_rect(QRectF(area).adjusted(-120, -30, 30, 30))
        scene = surface.scene
        there = [
            (k, v) for k in scene.nodes_in(view).tolist() if (v := verdicts.get(scene.ids[k])) is not None
        ]
        painter.save()
        if detail_at(surface.camera.zoom) == Detail.FAR:
            self._paint_far(painter, there)
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(text_font(TEXT, 600))
            for k, verdict in there:
                self._paint_badge(painter, self.place(scene.ids[k], verdict), verdict)
        painter.restore()

    def _paint_far(self, painter: QPainter, there: list[tuple[int, Verdict]]) -> None:
        """Only what is wrong, outlined, all of a kind at once."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setTransform(self._surface.camera.transform())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for state, style in (("astray", Qt.PenStyle.DashLine), ("wrong", Qt.PenStyle.SolidLine)):
            rows = np.array([k for k, verdict in there if verdict.state == state], dtype=np.intp)
            pen = QPen(colour_of(state), 2, style)
            pen.setCosmetic(True)
            painter.setPen(pen)
            draw_rects(painter, self._surface.scene.rects[rows])

    def place(self, node: str, verdict: Verdict) -> QRectF:
        """Where a node's badge is drawn, in pixels: on its lower edge, at the left."""
        surface = self._surface
        rect = surface.scene.rect(node)
        if surface.scene.shape(node).form is Form.GROUP:
            rect = rect.adjusted(0, 0, 0, STACK)
        shown = surface.camera.screen_rect(rect)
        width = metrics(TEXT, 600).horizontalAdvance(verdict.text) + 2 * PAD
        left = shown.left() + min(_INSET * surface.camera.zoom, max(shown.width() - width, 0.0) / 2)
        return QRectF(round(left), round(shown.bottom() - HEIGHT / 2 + 3), width, HEIGHT)

    def _paint_badge(self, painter: QPainter, place: QRectF, verdict: Verdict) -> None:
        colour, now = colour_of(verdict.state), theme()
        is_right = verdict.state in ("right", "kink")
        painter.setPen(QPen(colour, 1 if is_right else 2))
        painter.setBrush(now.tint(colour, 0.14, now.canvas))
        painter.drawRoundedRect(place, HEIGHT / 2, HEIGHT / 2)
        painter.setPen(colour)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, verdict.text)
