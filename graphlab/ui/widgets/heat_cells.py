"""Paints the cells of a heat map: few ones with round corners and numbers, many as one picture."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPen

from .. import numbers
from ..colour import alpha
from ..theme import mono_font, signed_rgba, theme
from .grid import Grid

_ROUNDED_LIMIT = 600  # cells drawn one by one; above, one picture


class HeatCells:
    """The cells of one matrix, full colour at `scale`. The picture is kept for as long as it shows the same part."""

    def __init__(self, array: NDArray[Any], scale: float) -> None:
        self._array, self._scale = array, scale
        self._picture: tuple[object, QImage] | None = None

    def paint(self, painter: QPainter, grid: Grid) -> None:
        """Draw what of the matrix `grid` shows."""
        top, bottom, left, right = span = grid.visible()
        if (bottom - top) * (right - left) <= _ROUNDED_LIMIT and grid.gap:
            self._paint_rounded(painter, grid, span)
        else:
            self._paint_picture(painter, grid, span)

    def _paint_picture(self, painter: QPainter, grid: Grid, span: tuple[int, int, int, int]) -> None:
        top, bottom, left, right = span
        block = QRectF(grid.cell(top, left).topLeft(), grid.cell(bottom, right).topLeft())
        # Many cells in one pixel are averaged; a cell of several pixels keeps its hard edges.
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, min(grid.width, grid.height) < 1)
        painter.drawImage(block, self._image(span))
        if not grid.gap:
            return
        painter.setPen(QPen(theme().panel, grid.gap))
        for column in range(left, right + 1):
            x = grid.origin.x() + column * grid.width - grid.gap / 2
            painter.drawLine(QPointF(x, block.top()), QPointF(x, block.bottom()))
        for row in range(top, bottom + 1):
            y = grid.origin.y() + row * grid.height - grid.gap / 2
            painter.drawLine(QPointF(block.left(), y), QPointF(block.right(), y))

    def _image(self, span: tuple[int, int, int, int]) -> QImage:
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
        block, signed = self._array[top:bottom, left:right], theme().signed_map
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
        if value == 0 or 0.005 <= abs(value) < 99.995:
            return numbers.fixed(value, 3 if wide else 2, sign=True)
        return numbers.number(value, 3 if wide else 2, sign=True)
