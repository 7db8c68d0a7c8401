"""A matrix as a board of coloured cells with its numbers, for a widget that shows several: painted once, then kept."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPen, QPixmap

from .. import numbers
from ..colour import alpha
from ..painting import painting
from ..theme import mono_font, signed_rgba, theme

LARGEST = 44.0  # pixels of a square cell
FLAT = (58.0, 34.0)  # of a cell in a board of one row
NUMBER = (26.0, 15.0)  # the least that a cell with its number needs
MOST_NUMBERS = 1500
SIGNED = 9.0  # pixels of a cell from which negative ones are marked
RULED = 6.0  # pixels of a cell from which cells stand apart

Floats = NDArray[np.float64]
Margins = tuple[int, int, int, int]  # cells of padding above, below, to the left and to the right
NONE: Margins = (0, 0, 0, 0)
Cell = tuple[int, int]


class Board:
    """One matrix. Cells of padding have negative indices, or such as lie beyond the matrix."""

    def __init__(self) -> None:
        self.values: Floats = np.zeros((0, 0))
        self.scale = 0.0
        self.margins = NONE
        self.title = ""
        self.frame = QRectF()
        self.cell = (1.0, 1.0)
        self._origin = QPointF()
        self._picture: tuple[object, QPixmap] | None = None
        self._version = 0

    def show(self, values: Floats, scale: float, margins: Margins = NONE) -> None:
        """Other numbers; `scale` is the number of full colour."""
        self.values, self.scale, self.margins = values, scale, margins
        self._version += 1

    @property
    def rows(self) -> int:
        """With padding."""
        return int(self.values.shape[0]) + self.margins[0] + self.margins[1]

    @property
    def columns(self) -> int:
        return int(self.values.shape[1]) + self.margins[2] + self.margins[3]

    # Where it is

    def fit(self, area: QRectF, cell: tuple[float, float] | None = None) -> None:
        """Stands in the middle of an area, as large as its cells may be; or with cells of that size."""
        width, height = cell or self.cell_in(area)
        self.cell = (width, height)
        wide, tall = width * self.columns, height * self.rows
        left = round(area.left() + max(area.width() - wide, 0) / 2)
        top = round(area.top() + max(area.height() - tall, 0) / 2)
        self.frame = QRectF(left, top, wide, tall)
        self._origin = QPointF(left + self.margins[2] * width, top + self.margins[0] * height)

    def cell_in(self, area: QRectF) -> tuple[float, float]:
        """The size of a cell with which it fits there."""
        wide = max(area.width(), 1.0) / max(self.columns, 1)
        tall = max(area.height(), 1.0) / max(self.rows, 1)
        if self.rows == 1:
            width, height = min(wide, FLAT[0]), min(tall, FLAT[1])
            return _whole(width), _whole(min(height, max(width, 14.0)))
        side = _whole(min(wide, tall, LARGEST))
        if self.columns == 1:
            return min(max(side, min(wide, FLAT[0])), FLAT[0]), side
        return side, side

    def place(self, row: int, column: int) -> QRectF:
        """Where a cell lies; also one on padding."""
        width, height = self.cell
        return QRectF(self._origin.x() + column * width, self._origin.y() + row * height, width, height)

    def span(self, first: Cell, last: Cell) -> QRectF:
        """From one cell to another, both included."""
        return self.place(*first).united(self.place(*last))

    def at(self, point: QPointF) -> Cell | None:
        """The cell of the matrix under a point; None outside and on padding."""
        if not self.frame.contains(point) or not self.values.size:
            return None
        row = math.floor((point.y() - self._origin.y()) / self.cell[1])
        column = math.floor((point.x() - self._origin.x()) / self.cell[0])
        height, width = self.values.shape
        return (row, column) if 0 <= row < height and 0 <= column < width else None

    @property
    def has_numbers(self) -> bool:
        return (
            self.cell[0] >= NUMBER[0]
            and self.cell[1] >= NUMBER[1]
            and self.rows * self.columns <= MOST_NUMBERS
        )

    # Painting

    def paint(self, painter: QPainter) -> None:
        """From the picture that is kept until numbers, size or colours are others."""
        if self.frame.isEmpty():
            return
        ratio = painter.device().devicePixelRatioF()
        key = (self._version, theme().name, self.frame.size().toTuple(), numbers.precision(), ratio)
        if self._picture is None or self._picture[0] != key:
            self._picture = (key, self._painted(ratio))
        painter.drawPixmap(self.frame.topLeft(), self._picture[1])

    def _painted(self, ratio: float) -> QPixmap:
        size = self.frame.size()
        made = QPixmap(math.ceil(size.width() * ratio), math.ceil(size.height() * ratio))
        made.setDevicePixelRatio(ratio)
        made.fill(Qt.GlobalColor.transparent)
        with painting(made) as painter:
            painter.translate(-self.frame.topLeft())
            self._paint_padding(painter)
            self._paint_cells(painter)
            self._paint_rules(painter)
            if self.has_numbers:
                self._paint_numbers(painter)
            elif min(self.cell) >= SIGNED:
                self._paint_signs(painter)
        return made

    def _paint_padding(self, painter: QPainter) -> None:
        if any(self.margins):
            painter.fillRect(self.frame, theme().well)
            painter.fillRect(self.frame, QBrush(alpha(theme().faint, 0.55), Qt.BrushStyle.BDiagPattern))

    def _paint_cells(self, painter: QPainter) -> None:
        rgba: Any = np.ascontiguousarray(signed_rgba(self.values, self.scale or 1.0))
        height, width = self.values.shape
        image = QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
        area = self.span((0, 0), (height - 1, width - 1))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, min(self.cell) < 1)
        painter.drawImage(area, image)
        if min(self.cell) >= 3:
            hatch = QBrush(alpha(theme().panel, 0.45), Qt.BrushStyle.BDiagPattern)
            for row, column in np.argwhere(~np.isfinite(self.values))[:2000].tolist():
                painter.fillRect(self.place(row, column), hatch)

    def _paint_rules(self, painter: QPainter) -> None:
        if min(self.cell) < RULED:
            return
        painter.setPen(QPen(theme().panel, 1))
        for column in range(self.columns + 1):
            x = self.frame.left() + column * self.cell[0]
            painter.drawLine(QPointF(x, self.frame.top()), QPointF(x, self.frame.bottom()))
        for row in range(self.rows + 1):
            y = self.frame.top() + row * self.cell[1]
            painter.drawLine(QPointF(self.frame.left(), y), QPointF(self.frame.right(), y))

    def _paint_signs(self, painter: QPainter) -> None:
        """Negative cells that are too small for their numbers have a stroke: not by colour alone."""
        for row, column in np.argwhere(self.values < 0)[:MOST_NUMBERS].tolist():
            self._paint_sign(painter, row, column)

    def _paint_sign(self, painter: QPainter, row: int, column: int) -> None:
        middle, across = self.place(row, column).center(), 0.28 * self.cell[0]
        ink = theme().signed_map.ink(float(self.values[row, column]), self.scale or 1.0)
        painter.setPen(QPen(ink, 1.4))
        painter.drawLine(middle - QPointF(across, 0), middle + QPointF(across, 0))

    def _paint_numbers(self, painter: QPainter) -> None:
        size = 12 if self.cell[0] >= 40 else 10
        painter.setFont(mono_font(size))
        signed, room = theme().signed_map, int((self.cell[0] - 4) / (0.61 * size))
        inks = signed.indices(self.values, self.scale or 1.0)
        for (row, column), value in np.ndenumerate(self.values):
            text = written(float(value), room)
            if len(text) > room and text.lstrip(numbers.MINUS).startswith("0."):
                text = text.replace("0.", ".", 1)
            if len(text) <= room:
                painter.setPen(signed.inks[int(inks[row, column])])
                painter.drawText(self.place(row, column), Qt.AlignmentFlag.AlignCenter, text)
            elif value < 0:
                self._paint_sign(painter, row, column)


def written(value: float, room: int, *, sign: bool = False) -> str:
    """A number in that many characters, without zeros at its end; whole ones without decimals."""
    if math.isfinite(value) and value == round(value) and abs(value) < 10**5:
        return numbers.fitting(int(value), room, sign=sign)
    text = numbers.fitting(value, room, 4, sign=sign)
    is_short = numbers.precision().kind == "auto" and "." in text and "e" not in text
    return text.rstrip("0").rstrip(".") if is_short else text


def _whole(side: float) -> float:
    """Cells of several pixels are of whole ones, so that all look alike."""
    return float(math.floor(side)) if side >= 3 else side
