"""A slider with a word before it and its value behind it, on a plain or a logarithmic scale."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from .. import numbers
from ..theme import mono_font

STEPS = 400
SETTLES = 800  # milliseconds after the last key


class _Quiet(QSlider):
    """The wheel scrolls the panel unless the slider has the keyboard."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Slide(QWidget):
    """`moved` comes with every change by a hand, `let_go` when it has settled."""

    moved = Signal(float)
    let_go = Signal()

    def __init__(
        self,
        name: str,
        tip: str,
        low: float,
        high: float,
        parent: QWidget | None = None,
        *,
        whole: bool = False,
        log: bool = False,
        percent: bool = False,
    ) -> None:
        super().__init__(parent)
        self._low, self._high, self._whole, self._log, self._percent = low, high, whole, log, percent
        self.value = low
        self.label, self.read_out = QLabel(name), QLabel()
        self.slider = _Quiet(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(STEPS // 20)
        self.slider.setSingleStep(max(1, STEPS // 100))
        self.slider.setAccessibleName(name)
        self.slider.setToolTip(tip)
        self.label.setToolTip(tip)
        self.label.setProperty("role", "secondary")
        self.label.setFixedWidth(76)
        self.read_out.setFont(mono_font(11))
        self.read_out.setFixedWidth(48)
        self.read_out.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for widget, stretch in ((self.label, 0), (self.slider, 1), (self.read_out, 0)):
            row.addWidget(widget, stretch)
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderReleased.connect(self.let_go)
        self._settle = QTimer(self)  # keys in a row are one stroke
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLES)
        self._settle.timeout.connect(self.let_go)

    def set_range(self, low: float, high: float) -> None:
        """What the ends of the slider stand for."""
        self._low, self._high = low, high

    def set_value(self, value: float) -> None:
        """Shows a value, and tells nobody; one beyond the ends is written all the same."""
        if self.slider.isSliderDown():
            return  # a hand is on it
        self.value = value
        self.slider.blockSignals(True)
        self.slider.setValue(self._place(value))
        self.slider.blockSignals(False)
        self._tell()

    def _place(self, value: float) -> int:
        value = min(max(value, self._low), self._high)
        if self._log:
            share = math.log(value / self._low) / math.log(self._high / self._low)
        else:
            share = (value - self._low) / (self._high - self._low)
        return round(share * STEPS)

    def _slid(self, place: int) -> None:
        share = place / STEPS
        if self._log:
            value = self._low * (self._high / self._low) ** share
        else:
            value = self._low + share * (self._high - self._low)
        value = self._plain(value)
        if value == self.value:
            return
        self.value = value
        self._tell()
        self.moved.emit(value)
        if not self.slider.isSliderDown():
            self._settle.start()

    def _plain(self, value: float) -> float:
        """Few digits: whole numbers to two figures, others to a hundredth of the range."""
        if self._whole:
            step = 10 ** max(0, math.floor(math.log10(max(value, 1))) - 1)
            return float(max(round(value / step) * step, self._low))
        step = 10.0 ** math.floor(math.log10((self._high - self._low) / 50))
        return float(f"{round(value / step) * step:.6g}")

    def _tell(self) -> None:
        if self._percent:
            self.read_out.setText(f"{self.value * 100:.0f} %")
        elif self._whole:
            self.read_out.setText(numbers.figures(round(self.value)))
        else:
            self.read_out.setText(numbers.number(self.value, 2))
