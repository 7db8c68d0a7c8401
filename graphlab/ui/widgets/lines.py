"""Rows of a matrix as curves over their columns; many elements in one pixel show as the band from least to greatest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from .. import numbers
from ..colour import alpha
from ..painting import painting
from ..theme import mono_font, theme
from .curve_plot import ticks

_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 8.0, 20.0, 38.0
_DOTS = 60  # elements up to which each has a dot
_HUES = ("layer", "activation", "parameter", "recurrent", "loss", "shape", "features", "normalisation")
_DASHES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)
MOST = len(_HUES)


@dataclass(frozen=True)
class Curve:
    """One row: least and greatest of each block of its elements, the same array twice where a block is one element."""

    name: str
    low: NDArray[np.float64]
    high: NDArray[np.float64]


class Lines(QWidget):
    """Wheel, plus and minus zoom along the columns, dragging pans, arrows walk, double-click or Enter activates.

    Positions in signals are (curve, column).
    """

    elementActivated = Signal(object)
    elementSelected = Signal(object)
    looked = Signal()  # other columns are in view

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves: list[Curve] = []
        self._columns = 0
        self._left, self._across = 0, 1  # of the curves' first block, and elements in a block
        self._span = (0.0, 1.0)  # columns in view
        self._hover: tuple[int, int] | None = None
        self._selected: tuple[int, int] | None = None
        self._grip: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Rows as curves")

    # -- what is shown -------------------------------------------------------------------------------------------

    def set_columns(self, columns: int) -> None:
        """How many elements a whole row has; all of them are in view if that is another number than before."""
        if columns != self._columns:
            self._columns, self._span = columns, (0.0, float(max(columns, 1)))
            self._selected = self._hover = None
            self.update()

    def set_curves(self, curves: list[Curve], left: int = 0, across: int = 1) -> None:
        """Curves whose first element is column `left`, `across` elements in each block."""
        self._curves, self._left, self._across = curves, left, across
        self.update()

    def span(self) -> tuple[int, int]:
        """First and last+1 column in view."""
        return max(math.floor(self._span[0]), 0), min(math.ceil(self._span[1]), self._columns)

    def selected(self) -> tuple[int, int] | None:
        """(curve, column) of the marked element."""
        return self._selected

    def select(self, position: tuple[int, int] | None) -> None:
        """Marks an element; says so by `elementSelected`."""
        if position == self._selected:
            return
        if position is not None and not (
            0 <= position[0] < len(self._curves) and 0 <= position[1] < self._columns
        ):
            return
        self._selected = position
        self.elementSelected.emit(position)
        self.update()

    def point_at(self, position: tuple[int, int] | None) -> None:
        """Marks an element as if the pointer were over it."""
        self._hover = position
        self.update()

    def zoom(self, factor: float, around: float | None = None) -> None:
        """Shows fewer columns, wider."""
        low, high = self._span
        middle = (low + high) / 2 if around is None else around
        wide = min(max((high - low) / factor, 4.0), float(max(self._columns, 1)))
        share = (middle - low) / (high - low)
        self._go(middle - share * wide, wide)

    def _go(self, left: float, wide: float) -> None:
        left = min(max(left, 0.0), max(self._columns - wide, 0.0))
        if (left, left + wide) != self._span:
            self._span = left, left + wide
            self.update()
            self.looked.emit()

    # -- geometry ------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(300, 220)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 140)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.looked.emit()

    def _frame(self) -> QRectF:
        return QRectF(
            _LEFT, _TOP, max(self.width() - _LEFT - _RIGHT, 1), max(self.height() - _TOP - _BOTTOM, 1)
        )

    def _x(self, column: Any) -> Any:
        """Pixels of columns; an element stands in the middle of its place."""
        frame, (low, high) = self._frame(), self._span
        return frame.left() + (column + 0.5 - low) / (high - low) * frame.width()

    def _range(self) -> tuple[float, float]:
        """What the ordinate reaches over: the finite values, zero where it is near, some air."""
        parts = [part for curve in self._curves for part in (curve.low, curve.high)]
        values = np.concatenate(parts) if parts else np.zeros(0)
        values = values[np.isfinite(values)]
        if not values.size:
            return -1.0, 1.0
        low, high = float(values.min()), float(values.max())
        if low == high:
            return low - (abs(low) or 1.0) * 0.5, high + (abs(high) or 1.0) * 0.5
        air = (high - low) * 0.06
        return low - air, high + air

    def at(self, point: QPointF) -> tuple[int, int] | None:
        """The element nearest to a point in its column."""
        frame, (low, high) = self._frame(), self._span
        if not self._curves or not frame.adjusted(-4, -8, 4, 8).contains(point):
            return None
        column = math.floor(low + (point.x() - frame.left()) / frame.width() * (high - low))
        column = min(max(column, 0), self._columns - 1)
        block = (column - self._left) // self._across
        bottom, top = self._range()
        wanted = top - (point.y() - frame.top()) / frame.height() * (top - bottom)
        best, nearest = None, math.inf
        for k, curve in enumerate(self._curves):
            if 0 <= block < len(curve.low):
                low_, high_ = float(curve.low[block]), float(curve.high[block])
                away = max(low_ - wanted, wanted - high_, 0.0) if math.isfinite(low_ + high_) else 1e300
                if away < nearest:
                    best, nearest = (k, column), away
        return best

    # -- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(mono_font(10))
            frame, (low, high) = self._frame(), self._range()
            self._paint_axes(painter, frame, low, high)
            painter.save()
            painter.setClipRect(frame.adjusted(-3, -3, 3, 3))
            for k, curve in enumerate(self._curves):
                self._paint_curve(
                    painter, frame, curve, self._colour(k), _DASHES[k % len(_DASHES)], low, high
                )
            self._paint_mark(painter, frame, low, high)
            painter.restore()
            self._paint_names(painter)
            self._paint_read_out(painter)

    def _colour(self, k: int) -> QColor:
        return getattr(theme().families, _HUES[k % MOST])

    def _paint_axes(self, painter: QPainter, frame: QRectF, low: float, high: float) -> None:
        now, align = theme(), Qt.AlignmentFlag
        for value in ticks(low, high, max(frame.height() / 40, 2)):
            y = frame.bottom() - (value - low) / (high - low) * frame.height()
            painter.setPen(QPen(now.secondary if value == 0 else now.line, 1))
            painter.drawLine(QPointF(frame.left(), y), QPointF(frame.right(), y))
            painter.setPen(now.secondary)
            text = f"{value:g}".replace("-", numbers.MINUS)
            painter.drawText(QRectF(0, y - 7, _LEFT - 6, 14), align.AlignRight | align.AlignVCenter, text)
        first, last = self._span
        for value in ticks(first, last, max(frame.width() / 90, 2)):
            if value != int(value) or not 0 <= value < self._columns:
                continue
            x = float(self._x(value))
            painter.setPen(now.secondary)
            painter.drawText(
                QRectF(x - 45, frame.bottom() + 3, 90, 14), align.AlignHCenter, f"{int(value):,}"
            )

    def _paint_curve(
        self,
        painter: QPainter,
        frame: QRectF,
        curve: Curve,
        colour: QColor,
        dash: Qt.PenStyle,
        low: float,
        high: float,
    ) -> None:
        first, last = self.span()
        start = max((first - self._left) // self._across - 1, 0)
        end = min((last - self._left) // self._across + 2, len(curve.low))
        if start >= end:
            return
        columns = self._left + np.arange(start, end) * self._across + (self._across - 1) / 2
        xs = np.asarray(self._x(columns))
        unit = frame.height() / (high - low)
        tops = frame.bottom() - (curve.high[start:end] - low) * unit
        bottoms = frame.bottom() - (curve.low[start:end] - low) * unit
        good = np.isfinite(tops) & np.isfinite(bottoms)
        for a, b in _runs(good):
            if self._across > 1:
                painter.setPen(QPen(colour, 1))
                painter.setBrush(alpha(colour, 0.35))
                there = zip(xs[a:b].tolist(), tops[a:b].tolist(), strict=True)
                back = zip(xs[a:b][::-1].tolist(), bottoms[a:b][::-1].tolist(), strict=True)
                painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in (*there, *back)]))
                continue
            points = [QPointF(x, y) for x, y in zip(xs[a:b].tolist(), tops[a:b].tolist(), strict=True)]
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour, 1.6, dash))
            painter.drawPolyline(QPolygonF(points))
            if last - first <= _DOTS:
                painter.setBrush(colour)
                painter.setPen(Qt.PenStyle.NoPen)
                for point in points:
                    painter.drawEllipse(point, 2.2, 2.2)
        painter.setPen(QPen(theme().error, 2))
        for x in xs[~good][:2000].tolist():  # where there is no number
            painter.drawLine(QPointF(x, frame.bottom() - 5), QPointF(x, frame.bottom()))

    def _paint_mark(self, painter: QPainter, frame: QRectF, low: float, high: float) -> None:
        for position, width in ((self._selected, 2.0), (self._hover, 1.2)):
            if position is None or position[0] >= len(self._curves):
                continue
            x = float(self._x(position[1]))
            painter.setPen(QPen(theme().secondary, 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, frame.top()), QPointF(x, frame.bottom()))
            value = self._value(position)
            if value is not None and math.isfinite(value):
                painter.setPen(QPen(theme().text, width))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                y = frame.bottom() - (value - low) / (high - low) * frame.height()
                painter.drawEllipse(QPointF(x, y), 4.5, 4.5)

    def _value(self, position: tuple[int, int]) -> float | None:
        """The element itself; None where a block stands for it."""
        curve, block = self._curves[position[0]], position[1] - self._left
        return float(curve.low[block]) if self._across == 1 and 0 <= block < len(curve.low) else None

    def _paint_names(self, painter: QPainter) -> None:
        x, metrics = _LEFT, painter.fontMetrics()
        for k, curve in enumerate(self._curves):
            wide = metrics.horizontalAdvance(curve.name)
            if x + 24 + wide > self.width():
                painter.setPen(theme().secondary)
                painter.drawText(QPointF(x, 12), "…")
                return
            painter.setPen(QPen(self._colour(k), 2, _DASHES[k % len(_DASHES)]))
            painter.drawLine(QPointF(x, 8), QPointF(x + 18, 8))
            painter.setPen(theme().text)
            painter.drawText(QPointF(x + 22, 12), curve.name)
            x += 34 + wide

    def _paint_read_out(self, painter: QPainter) -> None:
        position = self._hover or self._selected
        painter.setFont(mono_font(11))
        painter.setPen(theme().text if position else theme().secondary)
        frame = QRectF(8, self.height() - 18, self.width() - 12, 16)
        painter.drawText(frame, Qt.AlignmentFlag.AlignVCenter, self.read_out(position))

    def read_out(self, position: tuple[int, int] | None) -> str:
        """The line below: an element, or how much of the row is in view."""
        if position is None or position[0] >= len(self._curves):
            first, last = self.span()
            told = f"{first:,} … {max(last - 1, 0):,} of {self._columns:,}"
            return told + (f", least and greatest of each {self._across:,}" if self._across > 1 else "")
        curve, column = self._curves[position[0]], position[1]
        block = (column - self._left) // self._across
        if not 0 <= block < len(curve.low):
            return f"{curve.name} [{column}]  …"
        low, high = float(curve.low[block]), float(curve.high[block])
        if self._across == 1:
            return f"{curve.name} [{column}]  {numbers.number(low, 6, sign=True)}"
        start = self._left + block * self._across
        end = min(start + self._across, self._columns) - 1
        return f"{curve.name} [{start} … {end}]  {numbers.number(low, 4)} … {numbers.number(high, 4)}"

    # -- hands ---------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            low, high = self._span
            by = (event.position().x() - self._grip.x()) / self._frame().width() * (high - low)
            self._grip = event.position()
            self._go(low - by, high - low)
            return
        hover = self.at(event.position())
        if hover != self._hover:
            self._hover = hover
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = event.position()
            self.select(self.at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        position = self.at(event.position())
        if position is not None:
            self.elementActivated.emit(position)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._columns <= 4:
            event.ignore()
            return
        frame, (low, high) = self._frame(), self._span
        around = low + (event.position().x() - frame.left()) / frame.width() * (high - low)
        self.zoom(1.3 ** (event.angleDelta().y() / 120), around)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        moves = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        if key in moves and self._curves:
            curve, column = self._selected or (0, self.span()[0])
            down, right = moves[key] if self._selected else (0, 0)
            self.select((curve + down, column + right))
            self._bring_into_view()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1.6, None if self._selected is None else self._selected[1])
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / 1.6)
        elif key == Qt.Key.Key_0:
            self._go(0.0, float(max(self._columns, 1)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._selected is not None:
            self.elementActivated.emit(self._selected)
        else:
            super().keyPressEvent(event)

    def _bring_into_view(self) -> None:
        low, high = self._span
        if self._selected is not None and not low <= self._selected[1] < high:
            self._go(self._selected[1] - (high - low) / 2, high - low)


def _runs(good: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where `good` holds without a break: first and last+1."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
