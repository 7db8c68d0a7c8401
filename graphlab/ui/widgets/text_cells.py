"""A text as coloured characters: blue where a unit is positive, orange where it is negative."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from ..painting import painting
from ..theme import mono_font, theme, theme_changed

BREAK = "⏎"
PX, PADDING = 13, 4
SHORT = 1 / 3  # of the width: lines that are shorter on average follow one another in one line
WEAK = 0.25  # of the scale: smaller values have no line below
_MOVES = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_LINES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class TextCells(QWidget):
    """Lines end where they are full, and where the text ends them, unless it has many short ones.

    `pointed` brings the place of a character, or None. The arrows walk from character to character. The line below a
    character is solid for positive values, dotted for negative ones, and the longer the larger they are.
    """

    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.characters: tuple[str, ...] = ()
        self.values: NDArray[np.float64] = np.zeros(0)
        self.scale = 1.0
        self.at: int | None = None
        self._rows = self._columns = np.zeros(0, np.int64)
        self._wide = 1
        self.setFont(mono_font(PX))
        metrics = QFontMetricsF(self.font())
        self._cell = (round(metrics.horizontalAdvance("m")) + 3, round(metrics.height()) + PADDING)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Values over the text")
        theme_changed.connect(self._repaint)

    def _repaint(self, *_: object) -> None:
        self.update()

    def show_values(self, characters: Sequence[str], values: NDArray[np.float64], scale: float) -> None:
        """A value for each character; full colour at ± `scale`."""
        is_other = tuple(characters) != self.characters
        self.characters, self.values, self.scale = tuple(characters), np.asarray(values, float), scale
        if is_other:
            self.at = None
            self._lay_out()
        self.update()

    def _lay_out(self) -> None:
        self._wide = max(1, (self.width() - 2) // self._cell[0])
        ends = np.array([c == BREAK for c in self.characters], bool)
        if len(ends) / (1 + ends.sum()) < self._wide * SHORT:
            ends[:] = False
        rows, columns = np.zeros(len(ends), np.int64), np.zeros(len(ends), np.int64)
        row = column = 0
        for k, is_end in enumerate(ends.tolist()):
            rows[k], columns[k] = row, column
            column += 1
            if is_end or column >= self._wide:
                row, column = row + 1, 0
        self._rows, self._columns = rows, columns
        self.setFixedHeight(max(int(rows[-1]) + 1 if len(rows) else 1, 1) * self._cell[1] + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if max(1, (self.width() - 2) // self._cell[0]) != self._wide:
            self._lay_out()

    def sizeHint(self) -> QSize:
        return QSize(300, self.height())

    def cell(self, place: int) -> QRectF:
        """Where a character is painted."""
        wide, tall = self._cell
        return QRectF(1 + self._columns[place] * wide, 1 + self._rows[place] * tall, wide, tall)

    def place_at(self, point: QPoint) -> int | None:
        """Which character lies at a pixel."""
        wide, tall = self._cell
        row, column = (point.y() - 1) // tall, (point.x() - 1) // wide
        found = np.flatnonzero((self._rows == row) & (self._columns == column))
        return int(found[0]) if len(found) else None

    def point_at(self, place: int | None) -> None:
        if place != self.at:
            self.at = place
            self.update()
            self.pointed.emit(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.point_at(self.place_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        if not self.hasFocus():
            self.point_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not self.characters or key not in (*_MOVES, *_LINES):
            super().keyPressEvent(event)
            return
        at = self.at if self.at is not None else 0
        if key in _MOVES:
            at += _MOVES[key] if self.at is not None else 0
        else:
            at = self._above(at, _LINES[key])
        self.point_at(min(max(at, 0), len(self.characters) - 1))
        self._bring_into_view()

    def _above(self, at: int, lines: int) -> int:
        there = np.flatnonzero(self._rows == self._rows[at] + lines)
        return int(there[np.abs(self._columns[there] - self._columns[at]).argmin()]) if len(there) else at

    def _bring_into_view(self) -> None:
        area = self.parentWidget().parentWidget() if self.parentWidget() is not None else None
        if isinstance(area, QScrollArea) and self.at is not None:
            middle = self.cell(self.at).center().toPoint()
            area.ensureVisible(middle.x(), middle.y(), 20, 30)

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            tall = self._cell[1]
            first, last = event.rect().top() // tall - 1, event.rect().bottom() // tall + 1
            seen = np.flatnonzero((self._rows >= first) & (self._rows <= last))
            colours = theme().signed_map.indices(self.values[seen], self.scale)
            painter.setFont(self.font())
            for place, colour in zip(seen.tolist(), colours.tolist(), strict=True):
                self._paint_one(painter, place, colour)
            if self.at is not None and self.at < len(self.characters):
                painter.setPen(QPen(theme().accent if self.hasFocus() else theme().text, 1.5))
                painter.drawRect(self.cell(self.at).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_one(self, painter: QPainter, place: int, colour: int) -> None:
        signed, cell, value = theme().signed_map, self.cell(place), float(self.values[place])
        painter.fillRect(cell, signed.colours[colour])
        ink = signed.inks[colour]
        painter.setPen(ink)
        painter.drawText(cell.adjusted(0, 0, 0, -3), Qt.AlignmentFlag.AlignCenter, self.characters[place])
        share = min(abs(value) / self.scale, 1.0) if np.isfinite(value) and self.scale > 0 else 0.0
        if share > WEAK:
            painter.setPen(QPen(ink, 1.5, Qt.PenStyle.SolidLine if value > 0 else Qt.PenStyle.DotLine))
            low, half, middle = cell.bottom() - 2, share * (cell.width() - 4) / 2, cell.center().x()
            painter.drawLine(round(middle - half), round(low), round(middle + half), round(low))
