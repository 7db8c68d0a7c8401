"""A slim message over the canvas: says something in place, offers what to do about it, and never stops anyone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from . import icons
from .icons import icon
from .notice import Level
from .painting import painting
from .theme import theme

STAY = {"info": 6_000, "warning": 12_000, "error": 15_000}  # milliseconds
Choice = tuple[str, Callable[[], object]]


class Strip(QWidget):
    """One message at a time, the newest. It leaves by itself, unless the pointer rests on it or it has to stay."""

    resized = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.level: Level = "info"
        self._choices: list[QPushButton] = []
        self._stays = False
        self._label = QLabel(self)
        self._label.setWordWrap(True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(40, 7, 8, 7)
        self._row.setSpacing(8)
        self._row.addWidget(self._label, 1)
        self._close = QToolButton(self)
        self._close.setIcon(icon("close"))
        self._close.setIconSize(QSize(14, 14))
        self._close.setToolTip("Close this message")
        self._close.clicked.connect(self.close_up)
        self._row.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.close_up)
        self.hide()

    @property
    def text(self) -> str:
        return self._label.text()

    def say(self, level: Level, text: str, choices: Sequence[Choice] = (), *, stays: bool = False) -> None:
        """Shows a message with buttons; each button closes it."""
        self.level, self._stays = level, stays
        self._label.setText(text)
        for button in self._choices:
            self._row.removeWidget(button)
            button.deleteLater()
        self._choices = [self._button(title, run) for title, run in choices]
        self._close.setVisible(not stays)
        self.show()
        self.raise_()
        self._timer.stop()
        if not stays:
            self._timer.start(STAY[level])
        self.resized.emit()
        self.update()

    def reword(self, text: str) -> None:
        """Other words in the message that shows; its buttons stay what they are."""
        self._label.setText(text)

    def close_up(self) -> None:
        self._timer.stop()
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def height_for(self, width: int) -> int:
        """The height it takes when it is `width` wide."""
        taken = sum(b.sizeHint().width() + 8 for b in self._choices) + 40 + 8 + 32
        return max(46, self._label.heightForWidth(max(width - taken, 120)) + 16)

    def _button(self, title: str, run: Callable[[], object]) -> QPushButton:
        button = QPushButton(title, self)
        button.setCursor(Qt.CursorShape.PointingHandCursor)

        def pressed() -> None:
            self.close_up()
            run()

        button.clicked.connect(pressed)
        self._row.insertWidget(self._row.count() - 1, button)
        return button

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        if self.isVisible() and not self._stays:
            self._timer.start(STAY[self.level])

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme()
        colour = {"info": now.accent, "warning": now.warning, "error": now.error}[self.level]
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(now.tint(colour, 0.5, now.line))
            painter.setBrush(now.tint(colour, 0.10))
            painter.drawRoundedRect(box, 8, 8)
            icons.paint(painter, self.level, QRectF(13, self.height() / 2 - 9, 18, 18), colour)
