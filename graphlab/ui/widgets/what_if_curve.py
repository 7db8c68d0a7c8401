"""The goal as a function of one number, with its tangent where the number is now: what a derivative means, drawn."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from .. import numbers
from ..painting import painting
from ..theme import mono_font, theme

_LEFT, _TOP, _RIGHT, _BOTTOM = 12.0, 22.0, 12.0, 20.0
_ROOM = 0.08  # of the height, above and below
_DOT = 4.5
_KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class WhatIfCurve(QWidget):
    """Shows goal(δ). A drag along it, or Left and Right, chooses δ."""

    chosen = Signal(float)
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curve: list[tuple[float, float]] = []
        self._span, self._delta, self._before, self._after = 1.0, 0.0, 0.0, 0.0
        self._slope: float | None = None
        self._goal = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("The goal as a function of the number, and its tangent")
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    def sizeHint(self) -> QSize:
        return QSize(320, 150)

    def minimumSizeHint(self) -> QSize:
        return QSize(140, 90)

    def show_curve(
        self,
        curve: Mapping[float, float],
        span: float,
        point: tuple[float, float],
        before: float,
        slope: float | None,
        goal: str,
    ) -> None:
        """`curve`: δ → goal, within ±span; `point`: δ and the goal there; slope: of the tangent, None for none."""
        self._curve = sorted((d, g) for d, g in curve.items() if abs(d) <= span * (1 + 1e-9) and g == g)
        self._span, (self._delta, self._after) = span, point
        self._before, self._slope, self._goal = before, slope, goal
        self.setToolTip(f"{goal} for δ from −{numbers.number(span)} to {numbers.number(span)}")
        self.update()

    # Where things are

    def area(self) -> QRectF:
        """Where the curve lies."""
        return QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)

    def _range(self) -> tuple[float, float]:
        """The goals at the lower and the upper edge."""
        goals = [goal for _, goal in self._curve] + [self._before, self._after]
        goals = [goal for goal in goals if abs(goal) < 1e300]
        low, high = min(goals, default=0.0), max(goals, default=1.0)
        if self._slope is not None and low == high:
            low, high = low - abs(self._slope) * self._span, high + abs(self._slope) * self._span
        room = (high - low) * _ROOM or max(abs(high), 1.0) * 1e-6
        return low - room, high + room

    def pixel(self, delta: float, goal: float) -> QPointF:
        """Where on the widget a point lies."""
        area, (low, high) = self.area(), self._range()
        x = area.left() + (delta / self._span + 1) / 2 * area.width()
        y = area.bottom() - (goal - low) / (high - low) * area.height()
        return QPointF(x, min(max(y, -1e6), 1e6))

    def delta_at(self, x: float) -> float:
        """The δ over a pixel."""
        area = self.area()
        share = min(max((x - area.left()) / max(area.width(), 1.0), 0.0), 1.0)
        return float(f"{(2 * share - 1) * self._span:.3g}")

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            now = theme()
            painter.setPen(QPen(now.accent if self.hasFocus() else now.line, 1))
            painter.setBrush(now.well)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            self._paint_axes(painter)
            painter.setClipRect(self.area().adjusted(-6, -6, 6, 6))
            self._paint_lines(painter)
            self._paint_points(painter)
            painter.setClipping(False)
            self._paint_words(painter)

    def _paint_axes(self, painter: QPainter) -> None:
        """Where the number is now, and what the goal is."""
        area = self.area()
        painter.setPen(QPen(theme().line, 1))
        middle = self.pixel(0.0, self._before)
        painter.drawLine(QPointF(middle.x(), area.top()), QPointF(middle.x(), area.bottom()))
        painter.drawLine(QPointF(area.left(), middle.y()), QPointF(area.right(), middle.y()))

    def _paint_lines(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._slope is not None:
            painter.setPen(QPen(theme().backward, 1.6, Qt.PenStyle.DashLine))
            ends = [(d, self._before + self._slope * d) for d in (-self._span, self._span)]
            painter.drawLine(self.pixel(*ends[0]), self.pixel(*ends[1]))
        painter.setPen(QPen(theme().forward, 2))
        path = QPainterPath()
        for k, (delta, goal) in enumerate(self._curve):
            place = self.pixel(delta, goal)
            path.lineTo(place) if k else path.moveTo(place)
        painter.drawPath(path)

    def _paint_points(self, painter: QPainter) -> None:
        """What is: a hollow dot; what would be: a full one; what the tangent says: a square; between them the error."""
        now, there = self.pixel(0.0, self._before), self.pixel(self._delta, self._after)
        if self._delta and self._slope is not None:
            told = self.pixel(self._delta, self._before + self._slope * self._delta)
            painter.setPen(QPen(theme().warning, 2))
            painter.drawLine(told, there)
            painter.setPen(QPen(theme().canvas, 1))
            painter.setBrush(theme().backward)
            painter.drawRect(QRectF(told.x() - 4, told.y() - 4, 8, 8))
        painter.setPen(QPen(theme().forward, 2))
        painter.setBrush(theme().well)
        painter.drawEllipse(now, _DOT, _DOT)
        if self._delta:
            painter.setPen(QPen(theme().canvas, 1))
            painter.setBrush(theme().forward)
            painter.drawEllipse(there, _DOT + 1, _DOT + 1)

    def _paint_words(self, painter: QPainter) -> None:
        painter.setFont(mono_font(10))
        height, wide = QFontMetricsF(painter.font()).height(), self.width() - _LEFT - _RIGHT
        top, bottom = QRectF(_LEFT, 4, wide, height), QRectF(_LEFT, self.height() - height - 3, wide, height)
        left, right, middle = (
            flag | Qt.AlignmentFlag.AlignVCenter
            for flag in (
                Qt.AlignmentFlag.AlignLeft,
                Qt.AlignmentFlag.AlignRight,
                Qt.AlignmentFlag.AlignHCenter,
            )
        )
        painter.setPen(theme().forward)
        painter.drawText(top, left, f"● {self._goal}(δ)")
        if self._slope is not None:
            painter.setPen(theme().backward)
            painter.drawText(top, right, "■ tangent ╌")
        painter.setPen(theme().secondary)
        painter.drawText(bottom, left, numbers.number(-self._span))
        painter.drawText(bottom, middle, "δ = 0")
        painter.drawText(bottom, right, numbers.number(self._span, sign=True))

    # Hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.delta_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.chosen.emit(self.delta_at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _KEYS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(step)
