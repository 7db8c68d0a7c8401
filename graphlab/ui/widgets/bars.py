"""A long vector as bars up and down from zero, blue and orange; more elements than pixels show their extremes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from .. import numbers
from ..colour import magnitude
from ..painting import painting
from ..theme import mono_font, theme

_FOOTER = 20


class Bars(QWidget):
    """Shows a vector. Arrows walk along it, double-click or Enter activates; positions in signals are ints."""

    elementActivated = Signal(object)
    elementSelected = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._array: NDArray[np.float64] = np.zeros(0)
        self._hover: int | None = None
        self._selected: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_array(self, array: ArrayLike) -> None:
        """Show `array`, one axis."""
        self._array = np.asarray(array, dtype=np.float64).ravel()
        if self._selected is not None and self._selected >= self._array.size:
            self._selected = None
        self._hover = None
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, 120)

    def minimumSizeHint(self) -> QSize:
        return QSize(100, 80)

    def _frame(self) -> QRectF:
        return QRectF(0, 2, self.width(), self.height() - _FOOTER - 2)

    def at(self, x: float) -> int | None:
        """The element at this horizontal place."""
        if not self._array.size or not 0 <= x < self.width():
            return None
        return min(int(x / self.width() * self._array.size), self._array.size - 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            if not self._array.size:
                painter.setPen(theme().secondary)
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "no elements")
                return
            frame, finite = self._frame(), np.nan_to_num(self._array, posinf=0, neginf=0)
            low, high = min(float(finite.min()), 0.0), max(float(finite.max()), 0.0)
            unit = frame.height() / ((high - low) or 1.0)
            zero = frame.top() + high * unit
            painter.fillRect(QRectF(0, zero, self.width(), 1), theme().line)
            self._paint_bars(painter, finite, zero, unit)
            self._paint_read_out(painter)

    def _paint_bars(self, painter: QPainter, values: NDArray[np.float64], zero: float, unit: float) -> None:
        wide = self.width() / values.size
        if wide < 1:
            starts = np.unique(np.linspace(0, values.size, self.width(), endpoint=False).astype(int))
            tops = np.maximum.reduceat(values, starts).clip(min=0)
            bottoms = np.minimum.reduceat(values, starts).clip(max=0)
            for x, (top, bottom) in enumerate(zip(tops.tolist(), bottoms.tolist(), strict=True)):
                painter.fillRect(QRectF(x, zero - top * unit, 1, top * unit), theme().positive)
                painter.fillRect(QRectF(x, zero, 1, -bottom * unit), theme().negative)
            return
        gap = 2.0 if wide > 7 else 1.0 if wide > 3 else 0.0
        for position, value in enumerate(values.tolist()):
            tall = max(abs(value) * unit, 1.0)
            top = zero - tall if value >= 0 else zero
            bar = QRectF(position * wide, top, max(wide - gap, 1.0), tall)
            painter.fillRect(bar, self._colour(position, value))
            if not math.isfinite(self._array[position]):
                hatched = QRectF(bar.left(), self._frame().top(), bar.width(), self._frame().height())
                painter.fillRect(hatched, QBrush(theme().invalid, Qt.BrushStyle.BDiagPattern))

    def _colour(self, position: int, value: float) -> QColor:
        now = theme()
        if position in (self._hover, self._selected):
            return now.text
        return now.positive if value > 0 else now.negative if value < 0 else now.faint

    def _paint_read_out(self, painter: QPainter) -> None:
        painter.setFont(mono_font(11))
        position = self._hover if self._hover is not None else self._selected
        painter.setPen(theme().text if position is not None else theme().secondary)
        frame = QRectF(0, self.height() - _FOOTER + 3, self.width(), _FOOTER - 3)
        painter.drawText(frame, Qt.AlignmentFlag.AlignVCenter, self.read_out(position))

    def read_out(self, position: int | None) -> str:
        """The line below the bars: the element at `position`, or how high the highest bar is."""
        if position is None:
            return f"highest bar {numbers.number(magnitude(self._array))}"
        return f"[{position}]  {numbers.number(float(self._array[position]), 6, sign=True)}"

    def select(self, position: int | None) -> None:
        """Mark an element, or none; says so by `elementSelected`."""
        if position is None or 0 <= position < self._array.size:
            self._selected = position
            self.elementSelected.emit(position)
            self.update()

    def selected(self) -> int | None:
        """The marked element."""
        return self._selected

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hover = self.at(event.position().x())
        if hover != self._hover:
            self._hover = hover
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.select(self.at(event.position().x()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        position = self.at(event.position().x())
        if position is not None:
            self.elementActivated.emit(position)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        key = Qt.Key(event.key())
        if key in steps:
            self.select(0 if self._selected is None else self._selected + steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._selected is not None:
            self.elementActivated.emit(self._selected)
        else:
            super().keyPressEvent(event)
