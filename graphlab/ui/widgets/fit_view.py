"""What is said against what is true, a point for each row, and the diagonal on which both are the same."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from ...engine.residuals import Fit
from .. import numbers
from ..colour import alpha
from ..painting import painting
from ..theme import mono_font, theme, ui_font
from .pick_view import PickView

LEFT, FOOT, TOP, EDGE = 50.0, 30.0, 8.0, 8.0
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
REACH = 10.0  # pixels around the pointer in which the nearest point is meant


class FitView(PickView):
    """Draws a `Fit`. A click on a point chooses its row, the arrows go from the row furthest off to the next."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What is said against what is true", parent)
        self.fit: Fit | None = None
        self._range = (0.0, 1.0)

    def sizeHint(self) -> QSize:
        return QSize(320, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(150, 120)

    def show_fit(self, fit: Fit) -> None:
        self.fit = fit
        if self.picked is not None and self.picked >= len(fit.true):
            self.picked = None
        both = np.concatenate([fit.true[fit.there], fit.said[fit.there]])
        low, high = (float(both.min()), float(both.max())) if both.size else (0.0, 1.0)
        margin = (high - low) * 0.04 or max(abs(low) * 0.05, 0.5)
        self._range = (low - margin, high + margin)
        self.describe()
        self.update()

    def words(self, position: int) -> str:
        """A row in a sentence."""
        if self.fit is None:
            return ""
        fit = self.fit
        said, true, off = (numbers.number(float(a[position]), 4) for a in (fit.said, fit.true, fit.residuals))
        return f"row {int(fit.rows[position]):,}: said {said}, is {true}, off by {off}"

    # Where things are

    @property
    def frame(self) -> QRectF:
        return QRectF(LEFT, TOP, max(self.width() - LEFT - EDGE, 10), max(self.height() - TOP - FOOT, 10))

    def places(self) -> np.ndarray:
        """(rows, 2) in pixels: said to the right, true upwards."""
        fit, frame, (low, high) = self.fit, self.frame, self._range
        if fit is None:
            return np.zeros((0, 2))
        span = high - low
        x = frame.left() + (fit.said - low) / span * frame.width()
        y = frame.bottom() - (fit.true - low) / span * frame.height()
        return np.stack([x, y], axis=1)

    def at(self, place: QPointF) -> int | None:
        """The row whose point is nearest."""
        if self.fit is None or not len(self.fit.true):
            return None
        apart = np.nan_to_num(((self.places() - (place.x(), place.y())) ** 2).sum(axis=1), nan=np.inf)
        nearest = int(apart.argmin())
        return nearest if apart[nearest] <= REACH**2 else None

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.fit is None:
            return
        now, frame = theme(), self.frame
        with painting(self) as painter:
            painter.fillRect(frame, now.canvas)
            self._paint_axes(painter, frame)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(now.secondary, 1, Qt.PenStyle.DashLine))
            painter.drawLine(frame.bottomLeft(), frame.topRight())
            places = self.places()[self.fit.there]
            few = len(places) <= 2000
            pen = QPen(alpha(now.accent, 0.75 if few else 0.4), 5 if few else 3)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in places.tolist()]))
            for position, colour in ((self.hovered, now.secondary), (self.picked, now.text)):
                if position is not None and self.fit.there[position]:
                    self._paint_row(painter, position, colour)

    def _paint_row(self, painter: QPainter, position: int, colour: QColor) -> None:
        """A ring around a point, and how far it is from the diagonal."""
        x, y = self.places()[position].tolist()
        frame, (low, high) = self.frame, self._range
        assert self.fit is not None
        share = (float(self.fit.said[position]) - low) / (high - low)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 1.6))
        painter.drawEllipse(QPointF(x, y), 5, 5)
        painter.drawLine(QPointF(x, y), QPointF(x, frame.bottom() - share * frame.height()))

    def _paint_axes(self, painter: QPainter, frame: QRectF) -> None:
        now, align = theme(), Qt.AlignmentFlag
        painter.setPen(QPen(now.line, 1))
        painter.drawRect(frame)
        painter.setFont(mono_font(10))
        painter.setPen(now.secondary)
        low, high = (numbers.number(value, 2) for value in self._range)
        side = QRectF(0, frame.top(), LEFT - 5, frame.height())
        foot = QRectF(frame.left(), frame.bottom() + 2, frame.width(), 13)
        painter.drawText(side, align.AlignRight | align.AlignTop, high)
        painter.drawText(side, align.AlignRight | align.AlignBottom, low)
        painter.drawText(foot, align.AlignLeft | align.AlignVCenter, low)
        painter.drawText(foot, align.AlignRight | align.AlignVCenter, high)
        painter.setFont(ui_font(10))
        painter.drawText(foot.translated(0, 13), align.AlignCenter, "said")
        painter.drawText(side, align.AlignRight | align.AlignVCenter, "true")

    # Hands

    def beside(self, key: Qt.Key) -> int | None:
        """From the row furthest off to the next."""
        step = _STEPS.get(key)
        if not step or self.fit is None or not len(self.fit.true):
            return None
        order: list[int] = self.fit.worst(len(self.fit.true)).tolist()
        at = -1 if self.picked is None else order.index(self.picked)
        return order[min(max(at + step, 0), len(order) - 1)]
