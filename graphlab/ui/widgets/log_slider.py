"""A slider over powers of ten, with a mark at each, for numbers such as a learning rate."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSlider, QVBoxLayout, QWidget

from .. import numbers
from ..painting import painting
from ..theme import mono_font, theme, theme_changed

FINE = 100  # notches between two powers of ten
HANDLE = 7  # pixels from the edge to the middle of the handle


class QuietSlider(QSlider):
    """A slider that lets the wheel pass unless it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class LogSlider(QWidget):
    """From 10^low to 10^high. `moved` tells of every number on the way, `released` of the hand that lets go."""

    moved = Signal(float)
    released = Signal()

    def __init__(self, low: int, high: int, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.low, self.high = low, high
        self.slider = QuietSlider()
        self.slider.setRange(0, (high - low) * FINE)
        self.slider.setSingleStep(FINE // 20)
        self.slider.setPageStep(FINE // 2)
        self.slider.setAccessibleName(name)
        self.setFocusProxy(self.slider)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 15)
        column.setSpacing(0)
        column.addWidget(self.slider)
        self.slider.valueChanged.connect(lambda notch: self.moved.emit(self.number(notch)))
        self.slider.sliderReleased.connect(self.released)
        theme_changed.connect(self.update)

    def number(self, notch: int) -> float:
        """The number at a notch, with two digits, as one would type it."""
        return float(f"{10.0 ** (self.low + notch / FINE):.2g}")

    def show_number(self, value: float) -> None:
        """Goes there without telling anybody, unless a hand holds it."""
        if self.slider.isSliderDown() or value <= 0 or not math.isfinite(value):
            return
        notch = round((math.log10(value) - self.low) * FINE)
        if self.number(self.slider.value()) == value:  # two digits may be those of several notches
            return
        self.slider.blockSignals(True)
        self.slider.setValue(notch)
        self.slider.blockSignals(False)

    def sizeHint(self) -> QSize:
        return QSize(220, 40)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The powers of ten below the slider; every second of them where there is little room."""
        now, top = theme(), self.slider.geometry().bottom() + 1
        room = self.width() - 2 * HANDLE
        count = self.high - self.low
        every = 1 if room / max(count, 1) > 46 else 2
        with painting(self) as painter:
            painter.setFont(mono_font(9))
            for k in range(count + 1):
                x = HANDLE + room * k / count
                painter.setPen(QPen(now.faint, 1))
                painter.drawLine(QPointF(x, top - 3), QPointF(x, top))
                if k % every:
                    continue
                text = _power(self.low + k)
                wide = painter.fontMetrics().horizontalAdvance(text)
                painter.setPen(now.secondary)
                left = min(max(x - wide / 2, 0.0), self.width() - wide)
                painter.drawText(QPointF(left, top + 11), text)


def _power(exponent: int) -> str:
    return (
        numbers.plain(10.0**exponent, 1) if -4 < exponent < 4 else f"1e{exponent}".replace("-", numbers.MINUS)
    )
