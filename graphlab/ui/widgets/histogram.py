"""How the values of a tensor are spread: a small histogram, orange below zero and blue above."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...engine.survey import edges
from .. import numbers
from ..painting import painting
from ..theme import mono_font, theme

_BINS = 24
_AXIS = 16


def bins(array: ArrayLike, amount: int = _BINS) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Counts and edges of the finite values. Where they change sign, zero is an edge, so that no bar mixes signs."""
    values = np.asarray(array, dtype=np.float64).ravel()
    values = values[np.isfinite(values)]
    if values.size == 0:
        return np.zeros(0, np.int64), np.zeros(0)
    borders = edges(float(values.min()), float(values.max()), amount)
    return np.histogram(values, bins=borders)[0], borders


class Histogram(QWidget):
    """Bars of how many elements lie where; pointing at a bar tells its range and count."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: NDArray[np.int64] = np.zeros(0, np.int64)
        self._edges: NDArray[np.float64] = np.zeros(0)
        self._hover = -1
        self._logarithmic = False
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_array(self, array: ArrayLike) -> None:
        """Show how the finite values of `array` (any shape) are spread."""
        self.set_counts(*bins(array))

    def set_counts(self, counts: ArrayLike, edges: ArrayLike) -> None:
        """Show ready-made `counts` (n) between `edges` (n + 1)."""
        self._counts, self._edges = np.asarray(counts), np.asarray(edges)
        self._hover = -1
        self.update()

    def set_logarithmic(self, on: bool) -> None:
        """Bars as high as the logarithm of what they count, so that rare values are seen, or as the count itself."""
        self._logarithmic = on
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, 76)

    def minimumSizeHint(self) -> QSize:
        return QSize(100, 60)

    def _bar(self, position: int) -> QRectF:
        tallest = self._height(max(int(self._counts.max()), 1))
        wide = self.width() / len(self._counts)
        room = self.height() - _AXIS
        # The least count that is not zero must be seen, so a bar is two pixels high at least.
        count = int(self._counts[position])
        tall = max(room * self._height(count) / tallest, 2.0) if count else 0.0
        gap = 2.0 if wide > 6 else 0.0
        return QRectF(position * wide, room - tall, max(wide - gap, 1.0), tall)

    def _height(self, count: int) -> float:
        return math.log2(1 + count) if self._logarithmic else float(count)

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if not len(self._counts):
                return
            self._paint_bars(painter)
            painter.setFont(mono_font(10))
            painter.setPen(theme().secondary)
            frame = QRectF(0, self.height() - _AXIS + 3, self.width(), _AXIS - 3)
            if self._hover >= 0:
                painter.setPen(theme().text)
                painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, self.read_out(self._hover))
                return
            painter.drawText(frame, Qt.AlignmentFlag.AlignLeft, numbers.number(float(self._edges[0])))
            painter.drawText(frame, Qt.AlignmentFlag.AlignRight, numbers.number(float(self._edges[-1])))
            self._paint_zero(painter, frame)

    def _paint_bars(self, painter: QPainter) -> None:
        now = theme()
        painter.setPen(Qt.PenStyle.NoPen)
        for position in range(len(self._counts)):
            middle = self._edges[position] + self._edges[position + 1]
            colour = now.positive if middle > 0 else now.negative if middle < 0 else now.secondary
            painter.setBrush(colour if position != self._hover else now.text)
            painter.drawRoundedRect(self._bar(position), 1.5, 1.5)
        painter.setBrush(now.line)
        painter.drawRect(QRectF(0, self.height() - _AXIS, self.width(), 1))

    def _paint_zero(self, painter: QPainter, frame: QRectF) -> None:
        low, high = float(self._edges[0]), float(self._edges[-1])
        if not low < 0 < high:
            return
        x = self.width() * -low / (high - low)
        if 44 < x < self.width() - 44:
            painter.drawText(
                QRectF(x - 20, frame.top(), 40, frame.height()), Qt.AlignmentFlag.AlignHCenter, "0"
            )
        painter.drawLine(QPointF(x - 1, self.height() - _AXIS), QPointF(x - 1, self.height() - _AXIS + 3))

    def read_out(self, position: int) -> str:
        """What the bar at `position` stands for."""
        low, high = (numbers.number(float(e), 2) for e in self._edges[position : position + 2])
        return f"{low} … {high}: {numbers.count(int(self._counts[position]), 'element')}"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        amount = len(self._counts)
        hover = int(event.position().x() / max(self.width(), 1) * amount) if amount else -1
        if hover != self._hover:
            self._hover = min(hover, amount - 1)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = -1
        self.update()
