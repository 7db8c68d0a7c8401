"""A small bubble at the pointer that explains, in place, why something was refused; it fades by itself."""

from __future__ import annotations

from PySide6.QtCore import Property, QPoint, QPropertyAnimation, QRect, QRectF, QSequentialAnimationGroup, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ..painting import painting
from ..theme import theme
from .ink import metrics, text_font

_WIDEST = 340
_PAD = 10
_READING = 55  # milliseconds a letter
_WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft


class Bubble(QWidget):
    """Says one thing at a time. The mouse goes through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.text = ""
        self.hint = ""
        self._strength = 1.0
        self._fading = QSequentialAnimationGroup(self)
        self._fade = QPropertyAnimation(self, b"strength", self)
        self._fade.setDuration(500)
        self._fade.setStartValue(1.0)
        self._fade.setEndValue(0.0)
        self._pause = self._fading.addPause(4000)
        self._fading.addAnimation(self._fade)
        self._fading.finished.connect(self.hide)
        self.hide()

    def say(self, at: QPoint, text: str, hint: str = "") -> None:
        """Shows a message beside `at` (in the parent's pixels), for as long as it takes to read."""
        self.text, self.hint = text, hint
        self.setAccessibleDescription(f"{text} {hint}".strip())
        size = self._layout()[2]
        room = self.parentWidget().rect().adjusted(6, 6, -6, -6)
        place = QRect(at.x() + 16, at.y() + 14, size.width(), size.height())
        place.moveRight(min(place.right(), room.right()))
        place.moveBottom(min(place.bottom(), room.bottom()))
        place.moveLeft(max(place.left(), room.left()))
        place.moveTop(max(place.top(), room.top()))
        self.setGeometry(place)
        self._set_strength(1.0)
        self._pause.setDuration(2000 + _READING * len(text + hint))
        self._fading.stop()
        self._fading.start()
        self.show()
        self.raise_()

    def _layout(self) -> tuple[QRect, QRect, QRect]:
        """Where text, hint and the whole bubble are."""
        head = metrics(12, 600).boundingRect(QRectF(0, 0, _WIDEST, 1000), _WRAP, self.text).toAlignedRect()
        more = metrics(12).boundingRect(QRectF(0, 0, _WIDEST, 1000), _WRAP, self.hint).toAlignedRect()
        gap = 4 if self.hint else 0
        text = QRect(_PAD, _PAD, head.width() + 2, head.height())
        hint = QRect(_PAD, text.bottom() + 1 + gap, more.width() + 2, more.height() if self.hint else 0)
        return text, hint, QRect(0, 0, max(text.width(), hint.width()) + 2 * _PAD, hint.bottom() + 1 + _PAD)

    def _get_strength(self) -> float:
        return self._strength

    def _set_strength(self, value: float) -> None:
        self._strength = value
        self.update()

    strength = Property(float, _get_strength, _set_strength)

    def paintEvent(self, event: QPaintEvent) -> None:
        text, hint, whole = self._layout()
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setOpacity(self._strength)
            painter.setPen(QPen(theme().error, 1.2))
            painter.setBrush(theme().panel)
            painter.drawRoundedRect(QRectF(whole).adjusted(0.75, 0.75, -0.75, -0.75), 7, 7)
            painter.setPen(theme().text)
            painter.setFont(text_font(12, 600))
            painter.drawText(text, _WRAP, self.text)
            painter.setPen(theme().secondary)
            painter.setFont(text_font(12))
            painter.drawText(hint, _WRAP, self.hint)
