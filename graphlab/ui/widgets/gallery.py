"""Slices of a tensor side by side as small pictures: channels, filters, samples. In signed colours, or grey."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from .. import numbers
from ..painting import painting
from ..theme import mono_font, theme
from .extent import POOLED, Extent
from .grid import Grid, cell_under
from .heat_cells import HeatCells
from .picture import finite_range, grey_image

_FOOTER, _CAPTION, _GAP = 20.0, 13.0, 6.0
_LEAST = 18.0  # pixels of a tile's longer side

Place = tuple[int, int, int]  # tile, row, column


class Gallery(QWidget):
    """Arrows walk, double-click or Enter activates. Positions in signals are (tile, row, column) of the tensor."""

    elementActivated = Signal(object)
    elementSelected = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._array: NDArray[np.float64] = np.zeros((0, 0, 0))
        self._extent = Extent.whole(0, 0)
        self._names: Sequence[str] = ()
        self._scale, self._grey = 0.0, False
        self._images: dict[int, QImage] = {}
        self._hover: Place | None = None
        self._selected: Place | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Slices side by side")

    def set_tiles(
        self,
        array: NDArray[np.float64],
        extent: Extent,
        *,
        scale: float,
        grey: bool = False,
        names: Sequence[str] = (),
    ) -> None:
        """Show `array` (tiles, rows, columns), each tile a matrix as `extent` says; `names` are for captions."""
        if array.shape[0] != self._array.shape[0] or extent != self._extent:
            self._hover = None
        self._array, self._extent, self._names = array, extent, names
        self._scale, self._grey = scale, grey
        self._images.clear()
        if self._selected is not None and not self._holds(self._selected):
            self._selected = None
        self.update()

    def _holds(self, place: Place) -> bool:
        tile, row, column = place
        return 0 <= tile < len(self._array) and self._extent.covers((row, column))

    # -- geometry ------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(300, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 100)

    def tiles(self) -> list[QRectF]:
        """Where the pictures lie, captions left off: in as many columns as makes them largest."""
        count, (rows, columns) = len(self._array), (max(self._extent.rows, 1), max(self._extent.columns, 1))
        room = QRectF(0, 0, self.width(), self.height() - _FOOTER)
        aspect = columns / rows
        best, across = 0.0, 1
        for candidate in range(1, count + 1):
            down = -(-count // candidate)
            wide = min(room.width() / candidate - _GAP, (room.height() / down - _GAP - _CAPTION) * aspect)
            if wide > best:
                best, across = wide, candidate
        longer = max(best, best / aspect)
        wide = best if longer >= _LEAST else _LEAST * min(1.0, aspect)
        wide = min(wide, 40.0 * columns)  # a picture of few pixels need not fill everything
        tall = wide / aspect
        if longer < _LEAST:
            across = max(int(room.width() // (wide + _GAP)), 1)
        return [
            QRectF(
                (k % across) * (wide + _GAP), (k // across) * (tall + _GAP + _CAPTION) + _CAPTION, wide, tall
            )
            for k in range(count)
        ]

    def visible(self) -> int:
        """How many of the pictures have room."""
        bottom = self.height() - _FOOTER
        return sum(1 for tile in self.tiles() if tile.bottom() <= bottom + 1)

    def at(self, point: QPointF) -> Place | None:
        """The element under a point."""
        for k, tile in enumerate(self.tiles()):
            if tile.contains(point):
                return k, *cell_under(tile, (self._extent.rows, self._extent.columns), point)
        return None

    def cell_rect(self, place: Place) -> QRectF:
        """Where an element is drawn."""
        tile = self.tiles()[place[0]]
        wide, tall = tile.width() / self._extent.columns, tile.height() / self._extent.rows
        return QRectF(tile.left() + place[2] * wide, tile.top() + place[1] * tall, wide, tall)

    # -- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setFont(mono_font(10))
            bottom = self.height() - _FOOTER
            for k, tile in enumerate(self.tiles()):
                if tile.top() > bottom:
                    break
                self._paint_tile(painter, k, tile)
            self._paint_mark(painter)
            position = self._hover or self._selected
            painter.setFont(mono_font(11))
            painter.fillRect(QRectF(0, bottom, self.width(), _FOOTER), theme().panel)
            painter.setPen(theme().text if position else theme().secondary)
            line = QRectF(0, bottom + 2, self.width(), _FOOTER - 2)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, self.read_out(position))

    def _paint_tile(self, painter: QPainter, k: int, tile: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        if self._grey:
            if k not in self._images:
                low, high = finite_range(self._array)
                self._images[k] = grey_image(self._array[k], low, high)
            painter.drawImage(tile, self._images[k])
        else:
            rows, columns = max(self._extent.rows, 1), max(self._extent.columns, 1)
            grid = Grid(rows, columns, tile, tile.width() / columns, tile.height() / rows, tile.topLeft())
            HeatCells(self._array[k], self._scale, self._extent).paint_plain(painter, grid)
        painter.setPen(theme().secondary)
        if tile.width() >= 14:
            name = self._names[k] if k < len(self._names) else str(k)
            painter.drawText(
                QRectF(tile.left(), tile.top() - _CAPTION, tile.width() + _GAP, _CAPTION), 0, name
            )

    def _paint_mark(self, painter: QPainter) -> None:
        for place, colour, width in (
            (self._hover, theme().secondary, 1.5),
            (self._selected, theme().text, 2.0),
        ):
            if place is not None and self._holds(place):
                painter.setPen(QPen(colour, width))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(self.cell_rect(place).adjusted(-1, -1, 1, 1))

    def read_out(self, place: Place | None) -> str:
        """The line below: an element, or how many pictures there are and what full colour means."""
        if place is None or not self._holds(place):
            count, seen = len(self._array), self.visible()
            told = numbers.count(count, "slice") if seen >= count else f"the first {seen} of {count:,} slices"
            return told
        tile, row, column = place
        value = self._array[(tile, *self._extent.cell((row, column)))].item()
        word = "" if self._extent.is_exact else f"{POOLED[self._extent.pool]} around  "
        return f"[{tile}; {row}, {column}]  {word}{numbers.number(value, 6, sign=True)}"

    # -- hands ---------------------------------------------------------------------------------------------------

    def selected(self) -> Place | None:
        """The marked element."""
        return self._selected

    def select(self, place: Place | None) -> None:
        """Marks an element; says so by `elementSelected`."""
        if place != self._selected and (place is None or self._holds(place)):
            self._selected = place
            self.elementSelected.emit(place)
            self.update()

    def point_at(self, place: Place | None) -> None:
        """Marks an element as if the pointer were over it."""
        self._hover = place
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hover = self.at(event.position())
        if hover != self._hover:
            self._hover = hover
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.point_at(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.select(self.at(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self.at(event.position())
        if place is not None:
            self.elementActivated.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        moves = {
            Qt.Key.Key_Left: (0, 0, -1),
            Qt.Key.Key_Right: (0, 0, 1),
            Qt.Key.Key_Up: (0, -1, 0),
            Qt.Key.Key_Down: (0, 1, 0),
            Qt.Key.Key_PageUp: (-1, 0, 0),
            Qt.Key.Key_PageDown: (1, 0, 0),
        }
        if key in moves and len(self._array):
            place = self._selected or (0, 0, 0)
            step = moves[key] if self._selected else (0, 0, 0)
            self.select((place[0] + step[0], place[1] + step[1], place[2] + step[2]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._selected is not None:
            self.elementActivated.emit(self._selected)
        else:
            super().keyPressEvent(event)
