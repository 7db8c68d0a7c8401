"""Paints the cells of a heat map: few ones with round corners and numbers, many as one picture."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPen

from .. import numbers
from ..colour import alpha
from ..theme import mono_font, signed_rgba, theme
from .extent import Extent
from .grid import Grid

_ROUNDED_LIMIT = 600  # cells drawn one by one; above, one picture
_HATCHED_LIMIT = 2000  # cells of a picture that are hatched one by one
_HATCHED_FROM = 3.0  # pixels of a cell from which hatching is seen
_CHARACTER = 7.0  # pixels of one in a cell


class HeatCells:
    """The cells of one matrix, full colour at `scale`. The picture is kept for as long as it shows the same part.

    `extent` says which part of the matrix the array is; what it does not reach over stays empty.
    """

    def __init__(self, array: NDArray[Any], scale: float, extent: Extent | None = None) -> None:
        self._array, self._scale = array, scale
        self._extent = extent or Extent.whole(*array.shape)
        self._picture: tuple[object, QImage] | None = None

    def paint(self, painter: QPainter, grid: Grid) -> None:
        """Draw what of the matrix `grid` shows."""
        span = self._present(grid.visible())
        top, bottom, left, right = span
        if top >= bottom or left >= right:
            return
        if self._extent.is_exact and (bottom - top) * (right - left) <= _ROUNDED_LIMIT and grid.gap:
            self._paint_rounded(painter, grid, span)
        else:
            self._paint_picture(painter, grid, span)

    def paint_plain(self, painter: QPainter, grid: Grid) -> None:
        """The same as one picture, whatever the size of a cell."""
        span = self._present(grid.visible())
        if span[0] < span[1] and span[2] < span[3]:
            self._paint_picture(painter, replace(grid, gapless=True), span)

    def _present(self, visible: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """What of the visible rows and columns the array tells of."""
        top, bottom, left, right = visible
        extent = self._extent
        return (
            max(top, extent.top),
            min(bottom, extent.top + extent.height),
            max(left, extent.left),
            min(right, extent.left + extent.width),
        )

    def _paint_picture(self, painter: QPainter, grid: Grid, present: tuple[int, int, int, int]) -> None:
        extent = self._extent
        span, cells = self._widened(present)
        top, bottom, left, right = span
        block = QRectF(grid.cell(top, left).topLeft(), grid.cell(bottom, right).topLeft())
        # Many cells in one pixel are averaged; a cell of several pixels keeps its hard edges.
        small = min(grid.width * extent.across, grid.height * extent.down)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, small < 1)
        painter.drawImage(block, self._image(cells))
        if small >= _HATCHED_FROM:
            self._hatch(painter, grid, cells)
        if not grid.gap or not extent.is_exact:
            return
        painter.setPen(QPen(theme().panel, grid.gap))
        for column in range(left, right + 1):
            x = grid.origin.x() + column * grid.width - grid.gap / 2
            painter.drawLine(QPointF(x, block.top()), QPointF(x, block.bottom()))
        for row in range(top, bottom + 1):
            y = grid.origin.y() + row * grid.height - grid.gap / 2
            painter.drawLine(QPointF(block.left(), y), QPointF(block.right(), y))

    def _widened(
        self, span: tuple[int, int, int, int]
    ) -> tuple[tuple[int, int, int, int], tuple[int, int, int, int]]:
        """The span of whole blocks around a span, and which cells of the array they are."""
        top, bottom, left, right = span
        extent = self._extent
        first, last = extent.block((top, left)), extent.block((bottom - 1, right - 1))
        row, column = extent.cell((top, left))
        below, beyond = extent.cell((bottom - 1, right - 1))
        return (first[0], last[1], first[2], last[3]), (row, below + 1, column, beyond + 1)

    def _hatch(self, painter: QPainter, grid: Grid, cells: tuple[int, int, int, int]) -> None:
        """NaN and infinity are told by more than their colour."""
        top, bottom, left, right = cells
        bad = np.argwhere(~np.isfinite(self._array[top:bottom, left:right]))[:_HATCHED_LIMIT]
        brush, extent = QBrush(alpha(theme().panel, 0.45), Qt.BrushStyle.BDiagPattern), self._extent
        for row, column in bad.tolist():
            at = extent.top + (top + row) * extent.down, extent.left + (left + column) * extent.across
            area = QRectF(0, 0, grid.width * extent.across, grid.height * extent.down)
            area.moveTopLeft(grid.cell(*at).topLeft())
            painter.fillRect(area, brush)

    def _image(self, span: tuple[int, int, int, int]) -> QImage:
        """The picture of some cells of the array."""
        key = (theme().name, span)
        if self._picture is None or self._picture[0] != key:
            top, bottom, left, right = span
            rgba = np.ascontiguousarray(signed_rgba(self._array[top:bottom, left:right], self._scale))
            height, width = rgba.shape[:2]
            image = QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
            self._picture = (key, image)
        return self._picture[1]

    def _paint_rounded(self, painter: QPainter, grid: Grid, span: tuple[int, int, int, int]) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(mono_font(11))
        top, bottom, left, right = span
        extent, signed = self._extent, theme().signed_map
        block = self._array[top - extent.top : bottom - extent.top, left - extent.left : right - extent.left]
        values, paints = block.tolist(), signed.indices(block, self._scale).tolist()
        for row, column in np.ndindex(block.shape):
            rect, value, paint = grid.cell(top + row, left + column), values[row][column], paints[row][column]
            self._paint_cell(painter, rect, value, paint)
            if grid.shows_numbers:
                painter.setPen(signed.inks[paint])
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._text(value, rect.width()))

    def _paint_cell(self, painter: QPainter, rect: QRectF, value: float, paint: int) -> None:
        radius = min(3.0, rect.width() / 5, rect.height() / 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().signed_map.colours[paint])
        painter.drawRoundedRect(rect, radius, radius)
        if not math.isfinite(value):
            painter.setBrush(QBrush(alpha(theme().panel, 0.45), Qt.BrushStyle.BDiagPattern))
            painter.drawRoundedRect(rect, radius, radius)

    def _text(self, value: float, width: float) -> str:
        if self._array.dtype.kind in "iub":
            return numbers.number(int(value))
        wide = width >= 60
        if numbers.precision().kind != "auto":
            return numbers.fitting(value, int((width - 4) / _CHARACTER), sign=True)
        if value == 0 or 0.005 <= abs(value) < 99.995:
            return numbers.fixed(value, 3 if wide else 2, sign=True)
        return numbers.number(value, 3 if wide else 2, sign=True)
