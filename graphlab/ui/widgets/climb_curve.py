"""What a unit says, step by step, as a small curve with its first and last number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from .. import numbers
from ..painting import painting
from ..theme import mono_font, theme

TALL, FOOT = 30.0, 15.0


class ClimbCurve(QWidget):
    """`steps`: how many there will be, so that the curve grows to the right instead of being squeezed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.values: NDArray[np.float64] = np.zeros(0)
        self.steps = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("What the unit says, step by step")

    def sizeHint(self) -> QSize:
        return QSize(140, round(TALL + FOOT))

    def show_values(self, values: NDArray[np.float64], steps: int) -> None:
        self.values, self.steps = values, max(steps, 1)
        self.setAccessibleDescription(self.told())
        self.update()

    def told(self) -> str:
        """ "0.31 → 5.2"."""
        if not len(self.values):
            return ""
        first, last = (numbers.plain(float(value)) for value in (self.values[0], self.values[-1]))
        return f"{first} → {last}  ·  step {len(self.values) - 1:,}"

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setFont(mono_font(11))
            painter.setPen(theme().secondary)
            foot = QRectF(1, self.height() - FOOT, self.width() - 2, FOOT)
            words = self.told()
            if painter.fontMetrics().horizontalAdvance(words) > foot.width():
                words = words.partition("  ·")[0]
            painter.drawText(foot, Qt.AlignmentFlag.AlignVCenter, words)
            area = QRectF(1, 2, self.width() - 2, self.height() - FOOT - 4)
            painter.setPen(theme().line)
            painter.drawLine(area.bottomLeft(), area.bottomRight())
            if len(self.values) > 1:
                self._paint_curve(painter, area)

    def _paint_curve(self, painter: QPainter, area: QRectF) -> None:
        low, high = float(np.nanmin(self.values)), float(np.nanmax(self.values))
        span = (high - low) or 1.0
        thinned = np.unique(np.linspace(0, len(self.values) - 1, min(len(self.values), 300)).astype(int))
        path = QPainterPath()
        for n, k in enumerate(thinned.tolist()):
            x = area.left() + area.width() * k / self.steps
            point = QPointF(x, area.bottom() - area.height() * (float(self.values[k]) - low) / span)
            path.lineTo(point) if n else path.moveTo(point)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().accent, 1.6))
        painter.drawPath(path)
