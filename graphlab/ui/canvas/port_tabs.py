"""In a group: a tab at either edge of the canvas that adds a port, by a click or by dropping a wire on it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from ..colour import alpha
from ..painting import painting
from ..theme import theme
from .ink import metrics, text_font
from .scene import SocketAt

_WIDTH, _HEIGHT, _LIT = 24, 104, 40
_WORDS = {"port in": "input", "port out": "output"}


class PortTab(QAbstractButton):
    """One of the two. `lit` while a wire in the hand may be dropped here, `aimed` when it is over it."""

    def __init__(self, parent: QWidget, kind: str) -> None:
        super().__init__(parent)
        self.kind = kind
        self._lit = self._aimed = False
        word = _WORDS[kind]
        self.setAccessibleName(f"New {word} of the group")
        self.setToolTip(f"New {word} of the group. Click, or drop a wire here.")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.hide()

    @property
    def is_left(self) -> bool:
        return self.kind == "port in"

    def light(self, lit: bool, aimed: bool) -> None:
        if (lit, aimed) != (self._lit, self._aimed):
            self._lit, self._aimed = lit, aimed
            self.place()
            self.update()

    def place(self) -> None:
        """At its edge of the canvas, half way up; larger while a wire may be dropped here."""
        around = self.parentWidget().size()
        width, height = (_LIT, min(_HEIGHT * 2, around.height())) if self._lit else (_WIDTH, _HEIGHT)
        x = 0 if self.is_left else around.width() - width
        self.setGeometry(x, (around.height() - height) // 2, width, height)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _HEIGHT)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme()
        hot = self._aimed or self.underMouse() or self.hasFocus()
        colour = now.good if self._lit else now.accent if hot else now.secondary
        with painting(self) as painter:
            painter.fillRect(self.rect(), now.canvas)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colour if hot or self._lit else now.line, 1.2))
            painter.setBrush(alpha(colour, 0.20 if hot else 0.10) if hot or self._lit else now.panel)
            painter.drawRoundedRect(self._shape(), 7, 7)
            painter.setPen(colour)
            self._words(painter)

    def _shape(self) -> QRectF:
        """Rounded on the inner side; the outer lies beyond the edge."""
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        return rect.adjusted(-10, 0, 0, 0) if self.is_left else rect.adjusted(0, 0, 10, 0)

    def _words(self, painter: QPainter) -> None:
        text = f"+ {_WORDS[self.kind]}"
        px = 12
        painter.setFont(text_font(px, 600))
        width = metrics(px, 600).horizontalAdvance(text) + 4
        painter.translate(QPointF(self.rect().center()) + QPointF(0.5, 0.5))
        painter.rotate(-90)
        painter.drawText(QRectF(-width / 2, -10, width, 20), Qt.AlignmentFlag.AlignCenter, text)


class PortTabs:
    """Both tabs of a canvas."""

    def __init__(self, parent: QWidget, add: Callable[[str], object]) -> None:
        self.tabs = [PortTab(parent, kind) for kind in _WORDS]
        for tab in self.tabs:
            tab.clicked.connect(lambda _, kind=tab.kind: add(kind))

    def show(self, inside: bool) -> None:
        for tab in self.tabs:
            tab.light(False, False)
            tab.place()
            tab.setVisible(inside)

    def place(self) -> None:
        for tab in self.tabs:
            tab.place()

    def follow(self, origin: SocketAt | None, at: QPointF) -> str:
        """A wire from `origin` is in the hand, at this pixel (None: no longer). The kind it would add here, or ""."""
        found = ""
        for tab in self.tabs:
            lit = origin is not None and tab.isVisible() and tab.is_left == origin.is_input
            aimed = lit and tab.geometry().contains(at.toPoint())
            tab.light(lit, aimed)
            found = tab.kind if aimed else found
        return found
