"""A reliability diagram: how often rows are right against how sure they are, and below it how many are how sure."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ...engine.calibration import Calibration
from .. import numbers
from ..colour import alpha
from ..painting import painting
from ..theme import mono_font, theme, ui_font
from .pick_view import PickView

LEFT, FOOT, TOP, GAP = 44.0, 32.0, 8.0, 8.0
UPPER = 0.68  # of the height, for the diagram
LOW = 130  # pixels up to which there is room for nothing else


class ReliabilityView(PickView):
    """Draws a `Calibration`. A click, or the arrows, choose a bin; Escape lets go of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Reliability diagram", parent)
        self.found: Calibration | None = None

    def sizeHint(self) -> QSize:
        return QSize(420, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 130)

    def show_calibration(self, found: Calibration) -> None:
        self.found = found
        self.describe()
        self.update()

    def words(self, place: int) -> str:
        """A bin in a sentence."""
        found = self.found
        if found is None:
            return ""
        low, high = found.edges[place : place + 2]
        count = numbers.count(int(found.counts[place]), "row")
        if not found.counts[place]:
            return f"{low:.0%} … {high:.0%} sure: no row"
        sure, right = found.sureness[place], found.accuracy[place]
        return f"{low:.0%} … {high:.0%} sure: {count}, {sure:.1%} sure on average, {right:.1%} right"

    # Where things are

    @property
    def is_low(self) -> bool:
        """Whether there is room for the diagram only."""
        return self.height() < LOW

    @property
    def upper(self) -> QRectF:
        """The diagram."""
        room = self.height() - FOOT - TOP
        tall = self.height() - TOP - FOOT / 2 if self.is_low else room * UPPER - GAP
        return QRectF(LEFT, TOP, max(self.width() - LEFT - 8, 10), max(tall, 10))

    @property
    def lower(self) -> QRectF:
        """The histogram of how sure the rows are."""
        upper = self.upper
        if self.is_low:
            return QRectF(upper.bottomLeft(), QSizeF(upper.width(), 0))
        top = upper.bottom() + GAP
        return QRectF(LEFT, top, upper.width(), max(self.height() - FOOT - top, 6))

    def column(self, place: int, within: QRectF) -> QRectF:
        """Where a bin lies in the diagram or in the histogram."""
        wide = within.width() / (len(self.found.counts) if self.found else 1)
        return QRectF(within.left() + place * wide, within.top(), wide, within.height())

    def at(self, place: QPointF) -> int | None:
        upper, count = self.upper, len(self.found.counts) if self.found else 0
        share = (place.x() - upper.left()) / upper.width()
        return int(share * count) if count and 0 <= share < 1 and place.y() > upper.top() else None

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        found = self.found
        if found is None:
            return
        now = theme()
        with painting(self) as painter:
            for place, colour in ((self.hovered, now.hover), (self.picked, now.selection)):
                if place is not None:
                    whole = self.column(place, self.upper).united(self.column(place, self.lower))
                    painter.fillRect(whole, colour)
            self._paint_axes(painter)
            for place in range(len(found.counts)):
                if found.counts[place]:
                    self._paint_bar(painter, found, place)
                    self._paint_count(painter, found, place)
            upper = self.upper
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(now.secondary, 1, Qt.PenStyle.DashLine))
            painter.drawLine(upper.bottomLeft(), upper.topRight())

    def _paint_bar(self, painter: QPainter, found: Calibration, place: int) -> None:
        """How often right, and hatched what is missing of how sure (or what is over it)."""
        now, cell = theme(), self.column(place, self.upper).adjusted(1.5, 0, -1.5, 0)
        right, sure = float(found.accuracy[place]), float(found.sureness[place])
        height = cell.height()
        bar = QRectF(cell.left(), cell.bottom() - right * height, cell.width(), right * height)
        painter.fillRect(bar, now.tint(now.positive, 0.55, now.panel))
        low, high = min(right, sure), max(right, sure)
        gap = QRectF(cell.left(), cell.bottom() - high * height, cell.width(), (high - low) * height)
        colour = now.error if sure > right else now.good
        painter.fillRect(gap, QBrush(alpha(colour, 0.8), _hatch(sure > right)))
        painter.setPen(QPen(now.text, 2))
        line = cell.bottom() - sure * height
        painter.drawLine(QPointF(cell.left(), line), QPointF(cell.right(), line))

    def _paint_count(self, painter: QPainter, found: Calibration, place: int) -> None:
        if self.is_low:
            return
        now, cell = theme(), self.column(place, self.lower).adjusted(1.5, 0, -1.5, 0)
        tall = max(cell.height() * float(found.counts[place]) / max(int(found.counts.max()), 1), 2.0)
        painter.fillRect(QRectF(cell.left(), cell.bottom() - tall, cell.width(), tall), now.secondary)
        painter.setFont(mono_font(9))
        text = f"{int(found.counts[place]):,}"
        if painter.fontMetrics().horizontalAdvance(text) <= cell.width() and cell.height() >= 26:
            inside = tall > cell.height() - 12
            painter.setPen(now.panel if inside else now.secondary)
            top = cell.bottom() - tall + 1 if inside else cell.bottom() - tall - 12
            painter.drawText(QRectF(cell.left(), top, cell.width(), 12), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_axes(self, painter: QPainter) -> None:
        now, upper, lower, align = theme(), self.upper, self.lower, Qt.AlignmentFlag
        painter.setPen(QPen(now.line, 1))
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            y = upper.bottom() - share * upper.height()
            painter.drawLine(QPointF(upper.left(), y), QPointF(upper.right(), y))
        painter.drawLine(lower.bottomLeft(), lower.bottomRight())
        painter.setFont(mono_font(10))
        painter.setPen(now.secondary)
        for share in (0.0, 0.5, 1.0) if upper.height() >= 45 else (0.0, 1.0):
            y = upper.bottom() - share * upper.height()
            painter.drawText(
                QRectF(0, y - 7, LEFT - 5, 14), align.AlignRight | align.AlignVCenter, f"{share:.0%}"
            )
            x = lower.left() + share * lower.width()
            at = QRectF(min(max(x - 20, lower.left() - 10), lower.right() - 36), lower.bottom() + 2, 40, 13)
            painter.drawText(at, align.AlignCenter, f"{share:.0%}")
        painter.setFont(ui_font(10))
        painter.drawText(QRectF(LEFT + 3, upper.top(), 120, 14), align.AlignLeft, "how often right")
        if self.is_low:
            return
        painter.drawText(QRectF(LEFT, lower.bottom() + 15, lower.width(), 14), align.AlignCenter, "how sure")
        painter.drawText(QRectF(LEFT + 3, lower.top() - 2, 120, 14), align.AlignLeft, "rows")

    # Hands

    def beside(self, key: Qt.Key) -> int | None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(key)
        if not step or self.found is None:
            return None
        last = len(self.found.counts) - 1
        return last if self.picked is None else min(max(self.picked + step, 0), last)


def _hatch(too_sure: bool) -> Qt.BrushStyle:
    """Besides the colour: one way where they are too sure, the other where not sure enough."""
    return Qt.BrushStyle.BDiagPattern if too_sure else Qt.BrushStyle.FDiagPattern


def score(value: float) -> str:
    """A calibration error or Brier score."""
    return numbers.fixed(value, 3) if math.isfinite(value) else "–"


def rows_in(found: Calibration, place: int) -> np.ndarray:
    """Which verdicts lie in a bin."""
    return np.flatnonzero(found.bin == place)
