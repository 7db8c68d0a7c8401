"""A function and its slope as two curves, with a reading under the pointer or the arrow keys."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...engine.curve import Curve, Floats
from .. import numbers
from ..painting import painting
from ..theme import mono_font, theme

_LEFT, _TOP, _RIGHT, _BOTTOM = 44.0, 30.0, 12.0, 24.0
_HIGHEST, _WIDEST = (
    2.0,
    2.0,
)  # values shown: up to so many times half the width, or that of a picture this wide
_FLAT = 1e-6
_AROUND = 4  # points
Bools = NDArray[np.bool_]


class CurvePlot(QWidget):
    """Shows one curve; `set_curve(None)` shows nothing. Left and Right move the reading while it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curve: Curve | None = None
        self._names = ("x", "f(x)", "f′(x)")
        self._low, self._high = -1.0, 1.0
        self._at: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Curve of the function and its slope")

    def sizeHint(self) -> QSize:
        return QSize(420, 250)

    def set_curve(self, curve: Curve | None, names: tuple[str, str, str] = ("x", "f(x)", "f′(x)")) -> None:
        """Show a curve. `names`: of the axis, the function and its slope."""
        self._curve, self._names = curve, names
        if curve is not None:
            self._low, self._high = height_of(curve)
            self._at = None if self._at is None else min(self._at, len(curve.x) - 1)
        self._tell()
        self.update()

    def reading(self) -> tuple[float, float, float] | None:
        """(x, f, slope) where the pointer or the keys are; None where they are nowhere."""
        if self._curve is None or self._at is None:
            return None
        c, k = self._curve, self._at
        return float(c.x[k]), float(c.y[k]), float(c.slope[k])

    def point_at(self, x: float) -> None:
        """Moves the reading to the nearest place of the axis."""
        if self._curve is not None:
            self._at = int(np.abs(self._curve.x - x).argmin())
            self._tell()
            self.update()

    # Where things are

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)

    def pixel(self, x: float, y: float) -> QPointF:
        """Where on the widget a point of the curve lies."""
        assert self._curve is not None
        area, left, right = self._area(), self._curve.x[0], self._curve.x[-1]
        return QPointF(
            area.left() + (x - left) / (right - left) * area.width(),
            area.bottom() - (y - self._low) / (self._high - self._low) * area.height(),
        )

    def _path(self, values: Floats) -> QPainterPath:
        """The line through finite values, broken where the function jumps."""
        assert self._curve is not None
        path, before = QPainterPath(), -2
        room = self._high - self._low
        far = np.clip(values, self._low - room, self._high + room)  # a painter has no place for 10³⁰
        jumps = jumps_of(self._curve) if values is self._curve.y else slope_jumps(self._curve)
        for k in np.flatnonzero(np.isfinite(values)):
            place = self.pixel(float(self._curve.x[k]), float(far[k]))
            if k - before == 1 and not jumps[before]:
                path.lineTo(place)
            else:
                path.moveTo(place)
            before = int(k)
        return path

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            now = theme()
            painter.setPen(QPen(now.accent if self.hasFocus() else now.line, 1))
            painter.setBrush(now.well)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            if self._curve is None:
                return
            self._paint_grid(painter)
            painter.save()
            painter.setClipRect(self._area())
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(now.backward, 1.6, Qt.PenStyle.DashLine))
            painter.drawPath(self._path(self._curve.slope))
            painter.setPen(QPen(now.accent, 2))
            painter.drawPath(self._path(self._curve.y))
            painter.restore()
            self._paint_reading(painter)
            self._paint_words(painter)

    def _paint_grid(self, painter: QPainter) -> None:
        assert self._curve is not None
        now, area = theme(), self._area()
        painter.setFont(mono_font(10))
        left, right = float(self._curve.x[0]), float(self._curve.x[-1])
        for value in ticks(left, right, area.width() / 62):
            x = self.pixel(value, self._low).x()
            painter.setPen(QPen(now.faint if value == 0 else now.line, 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(now.secondary)
            box = QRectF(x - 30, area.bottom() + 3, 60, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, _tick(value))
        for value in ticks(self._low, self._high, area.height() / 34):
            y = self.pixel(left, value).y()
            painter.setPen(QPen(now.faint if value == 0 else now.line, 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(now.secondary)
            box = QRectF(2, y - 8, _LEFT - 8, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, _tick(value))

    def _paint_reading(self, painter: QPainter) -> None:
        found = self.reading()
        if found is None:
            return
        x, *values = found
        now, area = theme(), self._area()
        at = self.pixel(x, 0.0).x()
        painter.setPen(QPen(now.secondary, 1))
        painter.drawLine(QPointF(at, area.top()), QPointF(at, area.bottom()))
        for value, colour in zip(values, (now.accent, now.backward), strict=True):
            if self._low <= value <= self._high:
                painter.setPen(QPen(now.well, 1.5))
                painter.setBrush(colour)
                painter.drawEllipse(self.pixel(x, value), 4.0, 4.0)

    def _paint_words(self, painter: QPainter) -> None:
        """The names of the curves with a piece of each line; where something is read, with its numbers."""
        font, now = mono_font(11), theme()
        painter.setFont(font)
        wide = QFontMetricsF(font).horizontalAdvance
        at, found = _LEFT, self.reading()
        if found is not None:
            text = f"{self._names[0]} = {_number(found[0])}"
            at = _write(painter, at, text, now.text, wide(text)) + 16
        for k, (colour, style) in enumerate(
            ((now.accent, Qt.PenStyle.SolidLine), (now.backward, Qt.PenStyle.DashLine)), 1
        ):
            painter.setPen(QPen(colour, 2, style))
            painter.drawLine(QPointF(at, 16), QPointF(at + 20, 16))
            text = self._names[k] + (f" = {_number(found[k])}" if found is not None else "")
            at = _write(painter, at + 26, text, colour, wide(text)) + 18

    # Hands

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._curve is not None:
            area, c = self._area(), self._curve
            share = (event.position().x() - area.left()) / max(area.width(), 1.0)
            self.point_at(float(c.x[0] + min(max(share, 0.0), 1.0) * (c.x[-1] - c.x[0])))

    def leaveEvent(self, event: QEvent) -> None:
        if not self.hasFocus():
            self._at = None
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        count = len(self._curve.x) if self._curve is not None else 0
        here = count // 2 if self._at is None else self._at
        step = 1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 5
        places = {
            Qt.Key.Key_Left: here - step,
            Qt.Key.Key_Right: here + step,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: count - 1,
        }
        key = Qt.Key(event.key())
        if key in places and self._curve is not None:
            self.point_at(float(self._curve.x[min(max(places[key], 0), count - 1)]))
        else:
            super().keyPressEvent(event)

    def _tell(self) -> None:
        """The reading in words, for who does not see it."""
        found = self.reading()
        words = (
            ""
            if found is None
            else ", ".join(
                f"{name} = {_number(value)}" for name, value in zip(self._names, found, strict=True)
            )
        )
        self.setAccessibleDescription(words)


def height_of(curve: Curve) -> tuple[float, float]:
    """The lowest and highest value to show. What grows without bound is cut, so that the rest can be seen."""
    both = np.concatenate([curve.y, curve.slope])
    both = both[np.isfinite(both)]
    if not len(both):
        return -1.0, 1.0
    most = _HIGHEST * max((curve.x[-1] - curve.x[0]) / 2, _WIDEST)
    low, high = max(float(both.min()), -most), min(float(both.max()), most)
    if high - low < _FLAT:
        low, high = low - 1.0, high + 1.0
    margin = 0.06 * (high - low)
    return low - margin, high + margin


def jumps_of(curve: Curve) -> Bools:
    """For each place whether the function jumps between it and the next: farther than its slope leads."""
    step = np.diff(curve.x)
    led = 0.5 * (curve.slope[:-1] + curve.slope[1:]) * step
    return np.append(np.abs(np.diff(curve.y) - np.nan_to_num(led)) > 8 * step, False)


def slope_jumps(curve: Curve) -> Bools:
    """The same of the slope: where it leaps far, though it is steady around there, as that of |x| is at 0."""
    low, high = height_of(curve)
    leaps = np.abs(np.diff(curve.slope))
    padded = np.pad(np.nan_to_num(leaps), _AROUND, mode="edge")
    around = np.maximum(padded[: -2 * _AROUND], padded[2 * _AROUND :])
    return np.append((leaps > 0.08 * (high - low)) & (leaps > 4 * around), False)


def ticks(low: float, high: float, most: float) -> Iterator[float]:
    """Round numbers between the two, at most so many or so."""
    raw = (high - low) / max(most, 1.0)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(f * power for f in (1, 2, 5, 10) if f * power >= raw * 0.999)
    for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1):
        yield round(k * step, 12)


def _tick(value: float) -> str:
    return f"{value:g}".replace("-", numbers.MINUS)


def _number(value: float) -> str:
    return (
        "undefined"
        if math.isnan(value)
        else numbers.fixed(value, 4)
        if abs(value) < 1000
        else numbers.number(value)
    )


def _write(painter: QPainter, at: float, text: str, colour: QColor, width: float) -> float:
    """Writes into the top line; where it ends."""
    painter.setPen(colour)
    painter.drawText(QRectF(at, 6, width + 4, 20), Qt.AlignmentFlag.AlignVCenter, text)
    return at + width
