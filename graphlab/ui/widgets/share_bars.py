"""Shares of a whole as bars with their names, the greatest first: how important each hyperparameter is."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from .. import numbers
from ..painting import painting
from ..theme import mono_font, theme

TALL, GAP, EDGE = 26.0, 6.0, 10.0


class ShareBars(QWidget):
    """A click or Enter chooses a bar, the arrows go from one to the next. `chosen` brings its name."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shares: dict[str, float] = {}
        self._at: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Importance of each hyperparameter; the arrow keys go from one to the next")

    def show_shares(self, shares: Mapping[str, float]) -> None:
        """Shows them in the order in which they come."""
        self.shares = dict(shares)
        if self._at is not None and self._at >= len(self.shares):
            self._at = None
        self.setMinimumHeight(round(len(self.shares) * 18 + 2 * EDGE))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 160)

    def bar(self, k: int) -> QRectF:
        """Where a bar lies, from nothing to all."""
        wide = QFontMetricsF(mono_font(12)).horizontalAdvance
        left = min(max((wide(name) for name in self.shares), default=40.0) + 22, self.width() * 0.45)
        room = (self.height() - 2 * EDGE) / max(len(self.shares), 1)
        tall = min(TALL, room - GAP)
        return QRectF(left, EDGE + k * min(room, TALL + GAP), max(self.width() - left - 76, 10), max(tall, 4))

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(mono_font(12))
            for k, (name, share) in enumerate(self.shares.items()):
                self._paint_bar(painter, k, name, share)

    def _paint_bar(self, painter: QPainter, k: int, name: str, share: float) -> None:
        now, align, bar = theme(), Qt.AlignmentFlag, self.bar(k)
        is_at = k == self._at
        painter.setPen(QPen(now.accent, 1.4) if is_at and self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(now.well)
        painter.drawRoundedRect(bar, 3, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.accent if is_at else now.tint(now.accent, 0.7, now.panel))
        painter.drawRoundedRect(
            QRectF(bar.left(), bar.top(), max(bar.width() * share, 2), bar.height()), 3, 3
        )
        painter.setPen(now.text)
        elided = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, int(bar.left() - 20))
        before = QRectF(6, bar.top(), bar.left() - 14, bar.height())
        painter.drawText(before, align.AlignRight | align.AlignVCenter, elided)
        after = QRectF(bar.right() + 8, bar.top(), 66, bar.height())
        painter.drawText(after, align.AlignLeft | align.AlignVCenter, numbers.percent(share))

    def at(self, point: QPointF) -> int | None:
        """The bar under a point."""
        for k in range(len(self.shares)):
            bar = self.bar(k)
            if bar.top() - GAP / 2 <= point.y() <= bar.bottom() + GAP / 2:
                return k
        return None

    def point_at(self, k: int | None) -> None:
        if k != self._at:
            self._at = k
            names = list(self.shares)
            told = f"{names[k]}: {numbers.percent(self.shares[names[k]])}" if k is not None else ""
            self.setAccessibleDescription(told)
            self.update()

    def _choose(self, k: int | None) -> None:
        if k is not None:
            self.chosen.emit(list(self.shares)[k])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.point_at(self.at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        if not self.hasFocus():
            self.point_at(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self.at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        key = Qt.Key(event.key())
        if key in steps and self.shares:
            here = 0 if self._at is None else self._at + steps[key]
            self.point_at(min(max(here, 0), len(self.shares) - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self._at)
        else:
            super().keyPressEvent(event)
