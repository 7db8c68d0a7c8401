"""A small bubble at the pointer that explains, in place, why something was refused; it fades by itself.

It may offer what to do about it: then it takes the mouse, and stays while the pointer is on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    Property,
    QEvent,
    QPoint,
    QPropertyAnimation,
    QRect,
    QRectF,
    QSequentialAnimationGroup,
    QSize,
    Qt,
)
from PySide6.QtGui import QEnterEvent, QHideEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QWidget

from ..icons import icon
from ..painting import painting
from ..theme import theme
from .ink import metrics, text_font

_WIDEST = 340
_PAD = 10
_READING = 55  # milliseconds a letter
_BUTTON = 28
_WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
Choice = tuple[str, Callable[[], object]]


class Bubble(QWidget):
    """Says one thing at a time, `about` something. The mouse goes through it, unless it offers what to do."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.text = ""
        self.hint = ""
        self.about: object = None
        self.buttons: list[QPushButton] = []
        self._strength = 1.0
        self._calm = False
        self._fading = QSequentialAnimationGroup(self)
        self._fade = QPropertyAnimation(self, b"strength", self)
        self._fade.setDuration(500)
        self._fade.setStartValue(1.0)
        self._fade.setEndValue(0.0)
        self._pause = self._fading.addPause(4000)
        self._fading.addAnimation(self._fade)
        self._fading.finished.connect(self.hide)
        self._let_through(True)
        self.hide()

    def say(
        self,
        at: QPoint,
        text: str,
        hint: str = "",
        choices: Sequence[Choice] = (),
        about: object = None,
        calm: bool = False,
    ) -> None:
        """Shows a message beside `at` (in the parent's pixels), for as long as it takes to read.

        calm: it answers a question; nothing is wrong.
        """
        self.text, self.hint, self.about, self._calm = text, hint, about, calm
        self.setAccessibleDescription(f"{text} {hint}".strip())
        self._offer(choices)
        size = self._layout()[2]
        room = self.parentWidget().rect().adjusted(6, 6, -6, -6)
        place = QRect(at.x() + 16, at.y() + 14, size.width(), size.height())
        place.moveRight(min(place.right(), room.right()))
        place.moveBottom(min(place.bottom(), room.bottom()))
        place.moveLeft(max(place.left(), room.left()))
        place.moveTop(max(place.top(), room.top()))
        self.setGeometry(place)
        self._put_buttons()
        self._set_strength(1.0)
        self._pause.setDuration(2000 + _READING * len(text + hint) + 4000 * bool(choices))
        self._fading.stop()
        self._fading.start()
        self.show()
        self.raise_()

    # What it offers

    def _offer(self, choices: Sequence[Choice]) -> None:
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons = [self._button(title, run) for title, run in choices]
        self._let_through(not choices)

    def _let_through(self, mouse: bool) -> None:
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, mouse)

    def _button(self, title: str, run: Callable[[], object]) -> QPushButton:
        button = QPushButton(icon("fix"), title, self)
        button.setIconSize(QSize(14, 14))
        button.setProperty("role", "offer")
        button.setFont(text_font(12))
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(self.hide)
        button.clicked.connect(lambda *_: run())
        button.ensurePolished()
        return button

    def _put_buttons(self) -> None:
        top = self._layout()[1].bottom() + 1 + _PAD
        for k, button in enumerate(self.buttons):
            button.setGeometry(_PAD, top + k * (_BUTTON + 4), button.sizeHint().width(), _BUTTON)
            button.show()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._fading.stop()
        self._set_strength(1.0)

    def leaveEvent(self, event: QEvent) -> None:
        if self.isVisible():
            self._pause.setDuration(1200)
            self._fading.start()

    def hideEvent(self, event: QHideEvent) -> None:
        if self.about is not None:  # what it was about may be marked on what lies below
            self.about = None
            self.parentWidget().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # what lies under it is not meant

    # How it looks

    def _layout(self) -> tuple[QRect, QRect, QRect]:
        """Where text, hint and the whole bubble are."""
        head = metrics(12, 600).boundingRect(QRectF(0, 0, _WIDEST, 1000), _WRAP, self.text).toAlignedRect()
        more = metrics(12).boundingRect(QRectF(0, 0, _WIDEST, 1000), _WRAP, self.hint).toAlignedRect()
        gap = 4 if self.hint else 0
        text = QRect(_PAD, _PAD, head.width() + 2, head.height())
        hint = QRect(_PAD, text.bottom() + 1 + gap, more.width() + 2, more.height() if self.hint else 0)
        wide = max(text.width(), hint.width(), *(b.sizeHint().width() for b in self.buttons), 0)
        below = len(self.buttons) * (_BUTTON + 4) + (_PAD - 4 if self.buttons else 0)
        return text, hint, QRect(0, 0, wide + 2 * _PAD, hint.bottom() + 1 + below + _PAD)

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
            painter.setPen(QPen(theme().accent if self._calm else theme().error, 1.2))
            painter.setBrush(theme().panel)
            painter.drawRoundedRect(QRectF(whole).adjusted(0.75, 0.75, -0.75, -0.75), 7, 7)
            painter.setPen(theme().text)
            painter.setFont(text_font(12, 600))
            painter.drawText(text, _WRAP, self.text)
            painter.setPen(theme().secondary)
            painter.setFont(text_font(12))
            painter.drawText(hint, _WRAP, self.hint)
