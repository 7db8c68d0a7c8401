"""Filters over a training: a row for each filter, a column for each moment. A press on a moment goes there."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...lab.film import Strip
from .. import numbers
from ..painting import painting
from ..theme import mono_font, signed_rgba, theme
from .grid import cell_under

HEAD, LEFT, FOOT = 18.0, 34.0, 18.0
SMALLEST, SCROLLED, LARGEST = 22.0, 44.0, 72.0  # pixels of a picture; where not all rows are seen; at most
GAP = 4.0


def columns_for(width: int, height: int, rows: int, aspect: float, moments: int) -> tuple[int, float]:
    """How many moments have room, and how many pixels a picture is high: so that all rows are seen, if they can be.

    Where one has to scroll anyway, few moments are drawn larger.
    """
    tall = (height - HEAD - FOOT) / max(rows, 1) - GAP
    if tall < SMALLEST:
        tall = min(((width - LEFT) / max(moments, 1) - GAP) / aspect, SCROLLED)
    tall = min(max(tall, SMALLEST), LARGEST)
    return max(int((width - LEFT) // (tall * aspect + GAP)), 1), tall


class FilmView(QWidget):
    """Left and Right choose a moment, Enter or a press goes to it."""

    chosen = Signal(int)  # step

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._strip: Strip | None = None
        self._image = QImage()
        self._tall = SMALLEST
        self._current = -1
        self._hover: tuple[int, int, int, int] | None = None  # row, column, and the number within
        self.here = -1  # the step that the run is at
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Filters over the training")

    @property
    def strip(self) -> Strip | None:
        return self._strip

    def show_strip(self, strip: Strip, tall: float, here: int) -> None:
        """`tall`: pixels of a picture; `here`: the step that the run is at."""
        self._strip, self._tall, self.here = strip, tall, here
        self._image = _image(strip)
        self._current = min(self._current, len(strip.steps) - 1)
        self.setAccessibleDescription(
            f"{len(strip.filters)} filters at the steps {', '.join(f'{step:,}' for step in strip.steps)}"
        )
        self.setFixedHeight(round(HEAD + FOOT + len(strip.filters) * (tall + GAP)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, 200)

    # Geometry

    def tile(self, row: int, column: int) -> QRectF:
        """Where a picture lies."""
        assert self._strip is not None
        wide = self._tall * self._strip.size[1] / self._strip.size[0]
        return QRectF(LEFT + column * (wide + GAP), HEAD + row * (self._tall + GAP), wide, self._tall)

    def column_at(self, x: float) -> int:
        """Which moment is there; −1 for none."""
        if self._strip is None:
            return -1
        step = self.tile(0, 0).width() + GAP
        column = math.floor((x - LEFT) / step)
        return column if 0 <= column < len(self._strip.steps) else -1

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        strip = self._strip
        if strip is None:
            return
        with painting(self) as painter:
            painter.setFont(mono_font(10))
            self._paint_heads(painter, strip)
            height, width = strip.size
            for row in range(len(strip.filters)):
                line = self.tile(row, 0)
                if not QRectF(event.rect()).intersects(QRectF(0, line.top(), self.width(), line.height())):
                    continue
                painter.setPen(theme().secondary)
                name = QRectF(0, line.top(), LEFT - 6, line.height())
                painter.drawText(
                    name,
                    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                    str(strip.filters[row]),
                )
                for column in range(len(strip.steps)):
                    part = QRectF(column * (width + 1), row * (height + 1), width, height)
                    painter.drawImage(self.tile(row, column), self._image, part)
            self._paint_marks(painter, strip)
            painter.setPen(theme().secondary)
            foot = QRectF(LEFT, self.height() - FOOT, self.width() - LEFT, FOOT)
            painter.drawText(foot, Qt.AlignmentFlag.AlignVCenter, self.read_out())

    def _paint_heads(self, painter: QPainter, strip: Strip) -> None:
        free = 0.0
        for column, step in enumerate(strip.steps):
            text, tile = f"{step:,}", self.tile(0, column)
            wide = painter.fontMetrics().horizontalAdvance(text)
            left = min(tile.center().x() - wide / 2, self.width() - wide - 1.0)
            if left < free:
                continue
            free = left + wide + 8
            painter.setPen(theme().accent if step == self.here else theme().secondary)
            painter.drawText(QRectF(left, 0, wide + 2, HEAD - 3), Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(theme().secondary)
        painter.drawText(QRectF(0, 0, LEFT - 6, HEAD - 3), Qt.AlignmentFlag.AlignVCenter, "step")

    def _paint_marks(self, painter: QPainter, strip: Strip) -> None:
        bottom = self.tile(len(strip.filters) - 1, 0).bottom()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for column, step in enumerate(strip.steps):
            is_current = column == self._current and self.hasFocus()
            if not is_current and step != self.here:
                continue
            tile = self.tile(0, column)
            pen = QPen(theme().accent, 2 if is_current else 1)
            painter.setPen(pen)
            painter.drawRect(QRectF(tile.left() - 2, HEAD - 2, tile.width() + 4, bottom - HEAD + 4))

    def read_out(self) -> str:
        """The line below: the number under the pointer, or what full colour is."""
        strip = self._strip
        if strip is None:
            return ""
        if self._hover is not None:
            row, column, down, right = self._hover
            height, width = strip.size
            cell = strip.cells[row * (height + 1) + down, column * (width + 1) + right]
            told = "  ".join(numbers.number(v, 4, sign=True) for v in np.atleast_1d(cell).tolist())
            return f"filter {strip.filters[row]}, step {strip.steps[column]:,}, [{down}, {right}]  {told}"
        return f"±{numbers.number(strip.scale)}" if strip.scale else "all zero"

    # Hands

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = self._at(event.position())
        self.update()

    def _at(self, point: QPointF) -> tuple[int, int, int, int] | None:
        strip, column = self._strip, self.column_at(point.x())
        if strip is None or column < 0:
            return None
        row = math.floor((point.y() - HEAD) / (self._tall + GAP))
        if not 0 <= row < len(strip.filters):
            return None
        tile = self.tile(row, column)
        return (row, column, *cell_under(tile, strip.size, point)) if tile.contains(point) else None

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        column = self.column_at(event.position().x())
        if self._strip is not None and column >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._current = column
            self.chosen.emit(self._strip.steps[column])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, strip = Qt.Key(event.key()), self._strip
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if strip is None or not strip.steps:
            super().keyPressEvent(event)
        elif key in moves:
            here = self._current if self._current >= 0 else len(strip.steps) - 1
            self._current = min(max(here + moves[key], 0), len(strip.steps) - 1)
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._current >= 0:
            self.chosen.emit(strip.steps[self._current])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()


def _image(strip: Strip) -> QImage:
    """Signed colours; of three inputs, black is −, grey 0 and white + in each of red, green and blue."""
    drawn = np.nan_to_num(strip.drawn)
    if drawn.ndim == 3:
        shades = np.clip(127.5 * (1 + drawn), 0, 255).round().astype(np.uint8)
        rgba = np.concatenate([shades, np.full((*drawn.shape[:2], 1), 255, np.uint8)], axis=2)
    else:
        rgba = signed_rgba(drawn, 1.0)
    rgba = np.ascontiguousarray(rgba)
    height, width = drawn.shape[:2]
    return QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
