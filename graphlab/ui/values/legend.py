"""What the colours stand for: the ramp with its numbers at −, 0 and +, and whose largest value it is measured by."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from .. import numbers
from ..colour import LAWS, alpha
from ..display import display
from ..painting import painting
from ..theme import mono_font, signed_rgba, theme

_BAR, _STEPS = 8.0, 129
_NARROW = 620  # pixels, in which words have no room beside the ramp
_BY = {
    "shown": "of what is shown",
    "tensor": "of the tensor",
    "node": "of the node",
    "graph": "of the graph",
    "fixed": "fixed",
}


class Legend(QWidget):
    """A click, Space or Enter asks for the menu of scales."""

    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale, self._told, self._has_bad = 0.0, "", False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_scale(self, scale: float, told: str = "", has_bad: bool = False) -> None:
        """The value of full colour, how pooled numbers came about, and whether hatching must be explained."""
        self._scale, self._told, self._has_bad = scale, told, has_bad
        self.setAccessibleName(f"Colours: {self.words()}")
        self.setToolTip(f"{self.words()}.\nClick to choose another scale.")
        self.updateGeometry()
        self.update()

    def words(self) -> str:
        """All of it in a sentence."""
        now = display()
        size = numbers.number(self._scale)
        if not self._scale:
            return "all zero"
        law = "" if now.law == "soft" else f", {LAWS[now.law].lower()}"
        told = f"; {self._told}" if self._told else ""
        return f"orange {numbers.MINUS}{size}, grey 0, blue +{size}, the largest {_BY[now.scale]}{law}{told}"

    def sizeHint(self) -> QSize:
        return QSize(240, 26 + (13 if self._told and self._is_narrow else 0))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        now, align = theme(), Qt.AlignmentFlag
        with painting(self) as painter:
            painter.setFont(mono_font(10))
            wide = min(self.width() - 2.0, 260.0)
            bar = QRectF(1, 1, wide - (34 if self._has_bad else 0), _BAR)
            ramp = np.linspace(-1, 1, _STEPS)[None]
            rgba = np.ascontiguousarray(signed_rgba(ramp, 1.0))
            painter.drawImage(bar, QImage(rgba.data, _STEPS, 1, 4 * _STEPS, QImage.Format.Format_RGBA8888))
            painter.setPen(QPen(now.line, 1))
            painter.drawRect(bar)
            line = QRectF(bar.left(), bar.bottom() + 2, bar.width(), 14)
            painter.setPen(now.secondary)
            size = numbers.fitting(self._scale, 12)
            painter.drawText(line, align.AlignLeft, f"{numbers.MINUS}{size}" if self._scale else "0")
            painter.drawText(line, align.AlignHCenter, "0")
            painter.drawText(line, align.AlignRight, f"+{size}" if self._scale else "0")
            if self._has_bad:
                self._paint_bad(painter, QRectF(bar.right() + 8, 1, 20, _BAR), line)
            self._paint_words(painter, wide)
            if self.hasFocus():
                painter.setPen(QPen(now.accent, 1))
                painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_words(self, painter: QPainter, wide: float) -> None:
        """Whose largest value it is, and how pooled numbers came about: beside the ramp, below where it is narrow."""
        align, whose = Qt.AlignmentFlag, _BY[display().scale]
        beside = QRectF(wide + 14, -2, self.width() - wide - 14, 14)
        if beside.width() >= 80:
            painter.drawText(beside, align.AlignLeft, whose)
        if self._told:
            line = QRectF(1, 25, self.width() - 1, 14) if self._is_narrow else beside.translated(0, 14)
            words = painter.fontMetrics().elidedText(
                self._told, Qt.TextElideMode.ElideRight, int(line.width())
            )
            painter.drawText(line, align.AlignLeft, words)

    @property
    def _is_narrow(self) -> bool:
        return self.width() < _NARROW

    def _paint_bad(self, painter: QPainter, patch: QRectF, line: QRectF) -> None:
        painter.fillRect(patch, theme().invalid)
        painter.fillRect(patch, QBrush(alpha(theme().panel, 0.45), Qt.BrushStyle.BDiagPattern))
        painter.drawText(QRectF(patch.left() - 4, line.top(), 34, 14), 0, "NaN")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.wanted.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.wanted.emit()
        else:
            super().keyPressEvent(event)
