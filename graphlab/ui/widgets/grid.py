"""Where the cells of a heat map lie: cell size, visible range, zoom and the cell under a point. No painting."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF

CELL_WIDTH, CELL_HEIGHT = 72.0, 24.0  # a cell with room for its number
NUMBER_WIDTH, NUMBER_HEIGHT = 44.0, 15.0  # the least that a number needs
_SMALLEST = 8.0  # below this, cells touch


def cell_under(area: QRectF, shape: tuple[int, ...], at: QPointF) -> tuple[int, int]:
    """(row, column) under a point inside `area`, which equal cells fill, (rows, columns) of them."""
    rows, columns = shape
    row = int((at.y() - area.top()) / area.height() * rows)
    column = int((at.x() - area.left()) / area.width() * columns)
    return min(row, rows - 1), min(column, columns - 1)


@dataclass(frozen=True)
class Grid:
    """`rows × columns` cells of `width × height` pixels whose first one lies at `origin`, shown inside `area`."""

    rows: int
    columns: int
    area: QRectF
    width: float
    height: float
    origin: QPointF
    widest: float = CELL_WIDTH
    gapless: bool = False

    @staticmethod
    def fitted(rows: int, columns: int, area: QRectF, widest: float = CELL_WIDTH) -> Grid:
        """The whole array inside `area`; cells grow to hold a number, which takes `widest` pixels, but no further."""
        columns_, rows_ = max(columns, 1), max(rows, 1)
        width = min(widest, max(area.width(), 1.0) / columns_)
        height = min(CELL_HEIGHT, max(area.height(), 1.0) / rows_)
        if width < NUMBER_WIDTH or height < NUMBER_HEIGHT:
            width, height = _without_numbers(width, height)
        return Grid(rows, columns, area, width, height, area.topLeft(), widest)

    @property
    def gap(self) -> float:
        """Pixels between cells."""
        small = 0.0 if self.gapless else min(self.width, self.height)
        return 2.0 if small >= 14 else 1.0 if small >= _SMALLEST else 0.0

    @property
    def shows_numbers(self) -> bool:
        return self.width >= NUMBER_WIDTH and self.height >= NUMBER_HEIGHT

    def cell(self, row: int, column: int) -> QRectF:
        """The rectangle of a cell, its gap left off."""
        left, top = self.origin.x() + column * self.width, self.origin.y() + row * self.height
        return QRectF(left, top, max(self.width - self.gap, 1.0), max(self.height - self.gap, 1.0))

    def at(self, point: QPointF) -> tuple[int, int] | None:
        """(row, column) under the point, None outside."""
        if not self.area.contains(point):
            return None
        column = int((point.x() - self.origin.x()) // self.width)
        row = int((point.y() - self.origin.y()) // self.height)
        return (row, column) if 0 <= row < self.rows and 0 <= column < self.columns else None

    def visible(self) -> tuple[int, int, int, int]:
        """First and last+1 row, first and last+1 column that touch the area."""
        top = int((self.area.top() - self.origin.y()) // self.height)
        left = int((self.area.left() - self.origin.x()) // self.width)
        bottom = int((self.area.bottom() - self.origin.y()) // self.height) + 1
        right = int((self.area.right() - self.origin.x()) // self.width) + 1
        return max(top, 0), min(bottom, self.rows), max(left, 0), min(right, self.columns)

    def zoomed(self, factor: float, around: QPointF) -> Grid:
        """Cells `factor` times as large, the point `around` kept in place; never smaller than the whole fits."""
        least = Grid.fitted(self.rows, self.columns, self.area, self.widest)
        width = min(max(self.width * factor, least.width), max(self.widest, least.width))
        height = min(max(self.height * factor, least.height), max(CELL_HEIGHT, least.height))
        x = around.x() - (around.x() - self.origin.x()) * width / self.width
        y = around.y() - (around.y() - self.origin.y()) * height / self.height
        return replace(self, width=width, height=height, origin=QPointF(x, y))._kept_inside()

    def showing(self, row: int, column: int) -> Grid:
        """Moved as little as brings a cell wholly into the area."""
        cell, area = self.cell(row, column), self.area
        right, down = max(area.left() - cell.left(), 0.0), max(area.top() - cell.top(), 0.0)
        left, up = max(cell.right() - area.right(), 0.0), max(cell.bottom() - area.bottom(), 0.0)
        return self.moved(QPointF(right - left, down - up))

    def moved(self, by: QPointF) -> Grid:
        """The view shifted by `by` pixels, no further than its edges."""
        return replace(self, origin=self.origin + by)._kept_inside()

    def reframed(self, area: QRectF) -> Grid:
        """The same cells in another area; never smaller than the whole fits."""
        least = Grid.fitted(self.rows, self.columns, area, self.widest)
        width, height = max(self.width, least.width), max(self.height, least.height)
        origin = self.origin + area.topLeft() - self.area.topLeft()
        return replace(self, area=area, width=width, height=height, origin=origin)._kept_inside()

    def _kept_inside(self) -> Grid:
        area = self.area
        left = min(area.left(), max(self.origin.x(), area.right() - self.columns * self.width))
        top = min(area.top(), max(self.origin.y(), area.bottom() - self.rows * self.height))
        if self.columns * self.width <= area.width():
            left = area.left()
        if self.rows * self.height <= area.height():
            top = area.top()
        return replace(self, origin=QPointF(left, top))


def _without_numbers(width: float, height: float) -> tuple[float, float]:
    """Cells too small for numbers are not wider than they must be; a strip of few rows stays tall enough to see."""
    if width < height:
        return width, max(width, min(height, _SMALLEST))
    return max(height, min(width, NUMBER_WIDTH - 1)), height
