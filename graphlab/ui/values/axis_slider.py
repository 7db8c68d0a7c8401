"""Chooses one index along an axis: its name, a slider, and a field to type it into."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QSpinBox, QWidget

from ..theme import mono_font


class QuietSpin(QSpinBox):
    """A spin box that lets the wheel pass unless it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFont(mono_font(11))
        self.setKeyboardTracking(False)
        self.setFixedHeight(24)
        self.setStyleSheet("min-height: 16px; padding: 0 0 0 6px; font-size: 11px;")

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class AxisSlider(QWidget):
    """ "sample  ───●──  [3] of 16". Arrows on the slider go one by one, Page up and down by a tenth."""

    moved = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._label, self._of = QLabel(), QLabel()
        for label in (self._label, self._of):
            label.setProperty("role", "secondary")
            label.setFont(mono_font(11))
        self._label.setMinimumWidth(70)
        self._slider, self.spin = QSlider(Qt.Orientation.Horizontal), QuietSpin()
        self._slider.setMinimumWidth(40)
        self._slider.setToolTip("The keys [ and ] over the numbers go back and forth, too")
        self.spin.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._slider.valueChanged.connect(self._slid)
        self.spin.valueChanged.connect(self._slider.setValue)
        row.addWidget(self._label)
        row.addWidget(self._slider, 1)
        row.addWidget(self.spin)
        row.addWidget(self._of)

    def set_axis(self, name: str, size: int) -> None:
        """What the axis is called and how long it is; the chosen index is kept where it still exists."""
        self._label.setText(name)
        self._slider.setAccessibleName(name)
        self.spin.setAccessibleName(f"Index of {name}")
        for part in (self._slider, self.spin):
            part.blockSignals(True)
            part.setRange(0, max(size - 1, 0))
            part.blockSignals(False)
        self._slider.setPageStep(max(1, size // 10))
        self.spin.setFixedWidth(44 + 8 * len(str(max(size - 1, 0))))
        self._of.setText(f"of {size:,}")
        self.setVisible(size > 1)

    def value(self) -> int:
        """The index chosen."""
        return self._slider.value()

    def set_value(self, value: int) -> None:
        """Choose an index."""
        self._slider.setValue(value)

    def _slid(self, value: int) -> None:
        self.spin.blockSignals(True)
        self.spin.setValue(value)
        self.spin.blockSignals(False)
        self.moved.emit(value)
