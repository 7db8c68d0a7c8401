"""A scalar, large: what a loss or a single value deserves."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from .. import numbers
from ..painting import painting
from ..theme import mono_font, theme


class BigNumber(QWidget):
    """Shows one number with seven digits. Double-click or Enter activates."""

    activated = Signal()

    def __init__(self, parent: QWidget | None = None, *, px: int = 30) -> None:
        super().__init__(parent)
        self._value = 0.0
        self._font = mono_font(px, QFont.Weight.DemiBold)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_value(self, value: float) -> None:
        """Show `value`."""
        self._value = value
        self.setAccessibleName(self.text())
        self.update()

    def text(self) -> str:
        """The number as written."""
        return numbers.exact(self._value)

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self._font)
        return QSize(round(metrics.horizontalAdvance("−0.123456e−10")), round(metrics.height()) + 16)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setFont(self._font)
            painter.setPen(theme().number_colour(self._value) if self._value else theme().text)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, self.text())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activated.emit()
        else:
            super().keyPressEvent(event)
