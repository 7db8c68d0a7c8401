"""By how much a goal changes, beside what gradient × δ says: two bars on one scale, and the difference by its name."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from .. import numbers
from ..painting import painting
from ..theme import mono_font, theme

_ROW, _BAR, _GAP = 24.0, 12.0, 8.0
_NAMES = ("change", "gradient × δ", "difference")
_DIGITS = 4


class WhatIfBars(QWidget):
    """Three rows: what happens, what the derivative says, and by how much it is wrong."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._change, self._predicted = 0.0, None
        self._goal = "goal"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(round(3 * _ROW))
        self.setMinimumWidth(220)

    _predicted: float | None

    def sizeHint(self) -> QSize:
        return QSize(300, round(3 * _ROW))

    def show_numbers(self, goal: str, change: float, predicted: float | None) -> None:
        """`predicted` is None where no gradient is known."""
        self._goal, self._change, self._predicted = goal, change, predicted
        self.setAccessibleName(". ".join(f"{name}: {words}" for name, words, _ in self.rows()))
        self.update()

    def rows(self) -> list[tuple[str, str, float | None]]:
        """Of each row its name, its number in words, and the number."""
        predicted = self._predicted
        names = (f"change of {self._goal}", *_NAMES[1:])
        if predicted is None:
            return [
                (names[0], _words(self._change), self._change),
                *((name, "not yet", None) for name in names[1:]),
            ]
        error = self._change - predicted
        share = f" ({abs(error / self._change):.2g} of it)" if self._change and error else ""
        return [
            (names[0], _words(self._change), self._change),
            (names[1], _words(predicted), predicted),
            (names[2], _words(error) + share, error),
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            rows = self.rows()
            painter.setFont(mono_font(11))
            metrics = QFontMetricsF(painter.font())
            names = max(metrics.horizontalAdvance(name) for name, _, _ in rows) + _GAP
            figures = max(metrics.horizontalAdvance(words) for _, words, _ in rows) + _GAP
            names = min(names, self.width() * 0.4)
            room = QRectF(names, 0, max(self.width() - names - figures, 24.0), self.height())
            most = max((abs(value) for _, _, value in rows if value is not None), default=0.0)
            for k, (name, words, value) in enumerate(rows):
                line = QRectF(0, k * _ROW, self.width(), _ROW)
                self._paint_row(painter, line, room, (name, words, value), most, k)

    def _paint_row(
        self,
        painter: QPainter,
        line: QRectF,
        room: QRectF,
        row: tuple[str, str, float | None],
        most: float,
        k: int,
    ) -> None:
        name, words, value = row
        centre, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        painter.setPen(theme().secondary)
        painter.drawText(QRectF(0, line.top(), room.left() - 4, _ROW), centre, name)
        painter.setPen(theme().number_colour(value) if value else theme().secondary)
        painter.drawText(line, centre | right, words)
        middle = room.center().x()
        painter.setPen(theme().line)
        painter.drawLine(round(middle), round(line.top() + 3), round(middle), round(line.bottom() - 3))
        if not value or not most:
            return
        long = room.width() / 2 * abs(value) / most
        bar = QRectF(middle if value > 0 else middle - long, line.center().y() - _BAR / 2, long, _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_brush(k, value))
        painter.drawRoundedRect(bar, 2, 2)


def _brush(row: int, value: float) -> QBrush:
    """Told apart by form as well: full, hatched, dotted."""
    colour: QColor = (theme().forward, theme().backward, theme().warning)[row]
    pattern = (Qt.BrushStyle.SolidPattern, Qt.BrushStyle.BDiagPattern, Qt.BrushStyle.Dense4Pattern)[row]
    return QBrush(colour, pattern)


def _words(value: float) -> str:
    return numbers.number(value, _DIGITS, sign=True)
