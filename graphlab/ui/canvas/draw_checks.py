"""What a gradient check has found, on the canvas: a badge at each node with a sign and its greatest relative error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ...graph.drawn.shapes import Form
from ..gradient_checks import Verdict
from ..theme import theme
from .batches import draw_rects
from .detail import Detail, detail_at
from .draw_forms import STACK
from .ink import metrics, text_font

if TYPE_CHECKING:
    from .surface import Surface

Rows = NDArray[np.intp]
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
        self._shown: object = None  # the result that was painted last
        self._rows: dict[str, Rows] = {}  # by state; "" for all
        self._of: tuple[object, object] = (None, None)  # what they were made of
        self._checks.changed.connect(self._changed)

    def _changed(self) -> None:
        """How far a check is is no matter of the canvas."""
        if self._checks.result is not self._shown:
            self._shown = self._checks.result
            self._surface.update()

    def rows(self, state: str = "") -> Rows:
        """The rows of the scene that have a badge, of a state or all."""
        scene, verdicts = self._surface.scene, self._checks.verdicts
        if self._of[0] is not scene.ids or self._of[1] is not verdicts:
            self._of, found = (scene.ids, verdicts), dict[str, list[int]]()
            for node, verdict in verdicts.items():
                if node in scene.index:
                    found.setdefault(verdict.state, []).append(scene.index[node])
            found[""] = sorted(row for rows in found.values() for row in rows)
            self._rows = {name: np.array(sorted(rows), dtype=np.intp) for name, rows in found.items()}
        return self._rows.get(state, np.empty(0, dtype=np.intp))

    def paint(self, painter: QPainter, area: QRect) -> None:
        """`painter` is in screen units; `area` is what is to be painted."""
        if self._checks.result is None:
            return
        surface, verdicts = self._surface, self._checks.verdicts
        view = surface.camera.world_rect(QRectF(area).adjusted(-120, -30, 30, 30))
        scene = surface.scene
        there = scene.nodes_in(view)
        painter.save()
        if detail_at(surface.camera.zoom) == Detail.FAR:
            self._paint_far(painter, there)
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(text_font(TEXT, 600))
            for k in np.intersect1d(there, self.rows()).tolist():
                verdict = verdicts[scene.ids[k]]
                self._paint_badge(painter, self.place(scene.ids[k], verdict), verdict)
        painter.restore()

    def _paint_far(self, painter: QPainter, there: Rows) -> None:
        """Only what is wrong, outlined, all of a kind at once."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setTransform(self._surface.camera.transform())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for state, style in (("astray", Qt.PenStyle.DashLine), ("wrong", Qt.PenStyle.SolidLine)):
            rows = np.intersect1d(there, self.rows(state))
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
