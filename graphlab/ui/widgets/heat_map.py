"""A matrix as coloured cells with its numbers: blue positive, orange negative, hatched where it is not a number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from .. import numbers
from ..colour import magnitude
from ..painting import painting
from ..theme import mono_font, theme
from .extent import POOLED, Extent
from .grid import CELL_HEIGHT, CELL_WIDTH, NUMBER_WIDTH, Grid
from .heat_cells import HeatCells

_FOOTER = 20.0
_FAST, _FASTER = 1.2, 1.6  # zoom of a notch, and where cells are too small to be told apart
_SMALL = 4.0
_STRIP = 96.0
_WIDEST = 190.0  # of a cell for a number with many digits
_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
_CONTROL = Qt.KeyboardModifier.ControlModifier


class HeatMap(QWidget):
    """Shows a matrix. Wheel, plus and minus zoom where it does not fit, dragging pans, arrows walk, double-click or
    Enter activates.

    Positions in signals are (row, column) of the whole matrix, of which the array may be a part (see `Extent`).
    """

    elementActivated = Signal(object)
    elementSelected = Signal(object)
    elementHovered = Signal(object)  # None when the pointer leaves
    looked = Signal()  # another part of the matrix is in view, or at another size

    def __init__(
        self, parent: QWidget | None = None, *, max_height: int = 384, read_out: bool = True
    ) -> None:
        super().__init__(parent)
        self._array: NDArray[np.float64] = np.zeros((0, 0))
        self._extent = Extent.whole(0, 0)
        self._scale = 0.0
        self._row_names: Sequence[str] | None = None
        self._column_names: Sequence[str] | None = None
        self._max_height = max_height
        self._read_out = read_out
        self._grid: Grid | None = None
        self._zoomed = False
        self._hover: tuple[int, int] | None = None
        self._selected: tuple[int, int] | None = None
        self._grip: QPointF | None = None
        self._cells = HeatCells(self._array, 0.0)
        self._is_vector = False
        self.idle: str | None = (
            None  # what stands below while nothing is pointed at; None: what full colour is
        )
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    # -- what is shown -------------------------------------------------------------------------------------------

    def set_array(
        self,
        array: ArrayLike,
        *,
        scale: float | None = None,
        row_names: Sequence[str] | None = None,
        column_names: Sequence[str] | None = None,
        extent: Extent | None = None,
    ) -> None:
        """Show `array` (two axes; one axis is a row, none a single cell). `scale` is the value of full colour.

        With `extent` it is a part of a larger matrix, or told of in blocks.
        """
        values = np.asarray(array)
        self._is_vector = values.ndim < 2
        values = np.atleast_2d(values)
        extent = extent or Extent.whole(*values.shape)
        resized = (extent.rows, extent.columns) != (self._extent.rows, self._extent.columns)
        self._array, self._extent = values, extent
        self._scale = magnitude(values) if scale is None else scale
        self._row_names, self._column_names = row_names, column_names
        self._cells = HeatCells(values, self._scale, extent)
        if resized:
            self._zoomed, self._hover = False, None
            self._selected = self._selected if self._holds(self._selected) else None
            self.updateGeometry()
        self._layout()
        self.update()

    def array(self) -> NDArray[np.float64]:
        """The matrix shown."""
        return self._array

    def select(self, position: tuple[int, int] | None) -> None:
        """Outline the element at (row, column), or none; says so by `elementSelected`."""
        if position == self._selected or not (position is None or self._holds(position)):
            return
        self._selected = position
        if position is not None and self._grid is not None and self._zoomed:
            self._go(self._grid.showing(*position))
        self.elementSelected.emit(position)
        self.update()

    def extent(self) -> Extent:
        """Which part of which matrix the array is."""
        return self._extent

    def visible(self) -> tuple[int, int, int, int]:
        """First and last+1 row, first and last+1 column in view; the whole before it is laid out."""
        if self._grid is None:
            return 0, self._extent.rows, 0, self._extent.columns
        return self._grid.visible()

    def show_closely(self, position: tuple[int, int]) -> None:
        """Zooms in until numbers can be read, around an element, and outlines it."""
        if self._grid is None or not self._holds(position):
            return
        grid, numbered = self._grid, max(CELL_HEIGHT, NUMBER_WIDTH)
        if not grid.shows_numbers:
            grid = grid.zoomed(numbered / min(grid.width, grid.height), grid.cell(*position).center())
        self._zoomed = grid != self._fitted()
        self._go(grid.showing(*position))
        self.select(position)

    def zoom(self, factor: float, around: QPointF | None = None) -> bool:
        """Shows less of the matrix, larger; whether that changed anything."""
        if self._grid is None:
            return False
        larger = self._grid.zoomed(factor, around or self._centre())
        if larger == self._grid:
            return False
        self._zoomed = larger != self._fitted()
        self._go(larger)
        return True

    def _centre(self) -> QPointF:
        chosen = self._selected
        return (
            self._area().center()
            if chosen is None or self._grid is None
            else self._grid.cell(*chosen).center()
        )

    def _go(self, grid: Grid) -> None:
        if grid != self._grid:
            self._grid = grid
            self.update()
            self.looked.emit()

    def _fitted(self) -> Grid:
        return Grid.fitted(self._extent.rows, self._extent.columns, self._area(), self._cell_width())

    def _cell_width(self) -> float:
        """Pixels that a number with all its digits takes."""
        wanted = numbers.precision()
        if wanted.kind == "auto":
            return CELL_WIDTH
        characters = wanted.digits + 3 if wanted.kind == "digits" else wanted.digits + 7
        return min(max(CELL_WIDTH, 7.0 * characters), _WIDEST)

    def at(self, position: QPointF) -> tuple[int, int] | None:
        """The element under a point."""
        return self._grid.at(position) if self._grid else None

    def point_at(self, position: tuple[int, int] | None) -> None:
        """Marks an element as if the pointer were over it, and tells nobody."""
        if position != self._hover and (position is None or self._holds(position)):
            self._hover = position
            self.update()

    def selected(self) -> tuple[int, int] | None:
        """(row, column) of the outlined element."""
        return self._selected

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where an element is drawn, in the widget's pixels."""
        return self._grid.cell(row, column) if self._grid else QRectF()

    def _holds(self, position: tuple[int, int] | None) -> bool:
        if position is None:
            return False
        return 0 <= position[0] < self._extent.rows and 0 <= position[1] < self._extent.columns

    # -- geometry ------------------------------------------------------------------------------------------------

    def _header_width(self) -> float:
        if self._is_vector and not self._row_names:
            return 0.0
        longest = len(str(max(self._extent.rows - 1, 0)))
        if self._row_names:
            longest = min(max(map(len, self._row_names)), 12)
        return 7.0 * longest + 10.0

    def _row_name(self, row: int) -> str:
        if self._row_names:
            return self._row_names[row]
        return "" if self._is_vector else str(row)

    def _column_name(self, column: int) -> str:
        return self._column_names[column] if self._column_names else str(column)

    def _area(self) -> QRectF:
        left, top = self._header_width(), 16.0
        below = _FOOTER if self._read_out else 0.0
        return QRectF(left, top, max(self.width() - left, 1), max(self.height() - top - below, 1))

    def _layout(self) -> None:
        before = self._grid
        if not self._extent.rows or not self._extent.columns:
            self._grid = None
        elif self._zoomed and before is not None:
            self._grid = before.reframed(self._area())
        else:
            self._zoomed = False
            self._grid = self._fitted()
        if before != self._grid:
            self.looked.emit()

    def heightForWidth(self, width: int) -> int:
        rows, columns = self._extent.rows, self._extent.columns
        extra = 16 + (_FOOTER if self._read_out else 0)
        if not rows or not columns:
            return int(extra + CELL_HEIGHT)
        cell = max(width - self._header_width(), 1.0) / columns
        least = max(2.0, min(8.0, _STRIP / rows))  # a few rows of many columns are seen all the same
        height = CELL_HEIGHT if cell >= NUMBER_WIDTH else min(max(cell, least), CELL_HEIGHT)
        return int(min(max(rows * height, 12.0), self._max_height) + extra)

    def hasHeightForWidth(self) -> bool:
        return True

    def sizeHint(self) -> QSize:
        return QSize(260, self.heightForWidth(max(self.width(), 260)))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 60)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._zoomed = False
        self._layout()

    # -- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            if self._grid is None:
                painter.setPen(theme().secondary)
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "no elements")
                return
            painter.save()
            painter.setClipRect(self._grid.area)
            self._cells.paint(painter, self._grid)
            self._paint_marks(painter, self._grid)
            painter.restore()
            self._paint_headers(painter, self._grid)
            if self._read_out:
                self._paint_read_out(painter)

    def _paint_marks(self, painter: QPainter, grid: Grid) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._hover:
            painter.setPen(QPen(theme().secondary, 1.5))
            painter.drawRoundedRect(grid.cell(*self._hover).adjusted(0.75, 0.75, -0.75, -0.75), 3, 3)
        if self._selected:
            painter.setPen(QPen(theme().text, 2))
            painter.drawRoundedRect(grid.cell(*self._selected).adjusted(1, 1, -1, -1), 3, 3)

    def _paint_headers(self, painter: QPainter, grid: Grid) -> None:
        painter.setFont(mono_font(10))
        painter.setPen(theme().secondary)
        metrics = QFontMetricsF(painter.font())
        top, bottom, left, right = grid.visible()
        widest = max(metrics.horizontalAdvance(self._column_name(c)) for c in (left, right - 1)) + 8
        stride = _round_up(widest / grid.width)
        for column in range(-(-left // stride) * stride, right, stride):
            cell = grid.cell(0, column)
            frame = QRectF(cell.center().x() - 40, 0, 80, 14)
            painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, self._column_name(column))
        stride = _round_up(12 / grid.height)
        for row in range(-(-top // stride) * stride, bottom, stride):
            middle = grid.cell(row, 0).center().y()
            if not grid.area.top() - 2 <= middle <= grid.area.bottom() + 2:
                continue
            frame = QRectF(0, middle - 7, grid.area.left() - 6, 14)
            painter.drawText(
                frame, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._row_name(row)
            )

    def _paint_read_out(self, painter: QPainter) -> None:
        painter.setFont(mono_font(11))
        frame = QRectF(self._area().left(), self.height() - _FOOTER + 3, self._area().width(), _FOOTER - 3)
        position = self._hover or self._selected
        painter.setPen(theme().text if position else theme().secondary)
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(frame, align, self.read_out(position))

    def read_out(self, position: tuple[int, int] | None) -> str:
        """The line below the cells: the element at `position`, or the scale of the colours."""
        if position is None or not self._holds(position):
            return self._scale_told() if self.idle is None else self.idle
        row, column = position
        if not self._extent.covers(position):
            return f"[{row}, {column}]  …"
        extent = self._extent
        value = self._array[extent.cell(position)]
        names = [self._row_name(row), self._column_name(column)]
        if not extent.is_exact:
            top, bottom, left, right = extent.block(position)
            names = ["" if self._is_vector else _range(top, bottom), _range(left, right)]
        place = f"[{', '.join(name for name in names if name)}]"
        word = "" if extent.is_exact else f"{POOLED[extent.pool]} "
        return f"{place}  {word}{self._element(value.item(), 6, sign=True)}"

    def _scale_told(self) -> str:
        if not self._scale:
            return "all zero"
        return f"full colour at ±{self._element(self._scale, 3)}"

    def _element(self, value: float, digits: int, *, sign: bool = False) -> str:
        """A value of this array in words: class indices and counts are whole numbers and stay so."""
        whole = self._array.dtype.kind in "iub"
        return numbers.number(int(value) if whole else value, digits, sign=sign and not whole)

    # -- hands ---------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None and self._zoomed and self._grid:
            self._go(self._grid.moved(event.position() - self._grip))
            self._grip = event.position()
            return
        self._set_hover(self._grid.at(event.position()) if self._grid else None)

    def _set_hover(self, position: tuple[int, int] | None) -> None:
        if position != self._hover:
            self._hover = position
            self.elementHovered.emit(position)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hover(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._grid:
            self._grip = event.position()
            self.select(self._grid.at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        position = self._grid.at(event.position()) if self._grid else None
        if position is not None:
            self.select(position)
            self.elementActivated.emit(position)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._grid is None or (self._grid.shows_numbers and not self._zoomed):
            event.ignore()  # everything is readable as it is: the wheel scrolls the panel
            return
        base = _FASTER if min(self._grid.width, self._grid.height) < _SMALL else _FAST
        if not self.zoom(base ** (event.angleDelta().y() / 120), event.position()):
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _MOVES and self._grid:
            row, column = self._selected or (0, 0)
            down, right = _MOVES[key] if self._selected else (0, 0)
            self.select((row + down, column + right))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._selected:
            self.elementActivated.emit(self._selected)
        elif (
            key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus) and not event.modifiers() & _CONTROL
        ):
            self.zoom(1 / _FASTER if key == Qt.Key.Key_Minus else _FASTER)
        elif key == Qt.Key.Key_0 and self._grid and not event.modifiers():
            self._zoomed = False
            self._go(self._fitted())
        else:
            super().keyPressEvent(event)


def _round_up(stride: float) -> int:
    """The next of 1, 2, 5, 10, 20, 50 …"""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power >= stride:
                return factor * power
        power *= 10


def _range(first: int, end: int) -> str:
    """Indices from `first` up to `end`, as one reads them."""
    return str(first) if end - first == 1 else f"{first}…{end - 1}"
