"""An image tensor as a picture: grey for one channel, colour for three."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from .. import numbers
from ..colour import alpha
from ..painting import painting
from ..theme import mono_font, theme
from .extent import Extent
from .grid import cell_under

_FOOTER = 20
_HATCHED = 2000  # pixels that are marked one by one


def grey_image(array: ArrayLike, low: float | None = None, high: float | None = None) -> QImage:
    """A matrix (height, width) in grey, or (3, height, width) in colour, stretched from `low` to `high`."""
    values = np.asarray(array, dtype=np.float32)
    least, greatest = finite_range(values)
    low = least if low is None else low
    high = greatest if high is None else high
    values = np.nan_to_num(values, nan=low, posinf=high, neginf=low)
    span = (high - low) or 1.0
    grey = np.clip((values - low) * (255 / span), 0, 255).astype(np.uint8)
    rgb = np.repeat(grey[..., None], 3, axis=2) if grey.ndim == 2 else np.moveaxis(grey, 0, 2)
    rgb = np.ascontiguousarray(rgb)
    height, width = rgb.shape[:2]
    return QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def finite_range(values: NDArray[Any]) -> tuple[float, float]:
    """Least and greatest finite element; twice 0 where there is none."""
    low, high = float(values.min()), float(values.max())
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


class Picture(QWidget):
    """Shows one image as large as fits, pixels sharp; pointing at one tells its value.

    bounds: the values that are black and white; None for the least and the greatest there are.
    """

    bounds: tuple[float, float] | None = None

    pixelActivated = Signal(object)  # (row, column)

    def __init__(self, parent: QWidget | None = None, *, side: int = 220) -> None:
        super().__init__(parent)
        self._array: NDArray[np.float32] = np.zeros((0, 0), np.float32)
        self._image = QImage()
        self._extent = Extent.whole(0, 0)
        self._hover: tuple[int, int] | None = None
        self._side = side
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_array(self, array: ArrayLike, extent: Extent | None = None) -> None:
        """Show (height, width) in grey or (3, height, width) in colour; with `extent` it is told of in blocks."""
        self._array = np.asarray(array)
        self._extent = extent or Extent.whole(*self._array.shape[-2:])
        self._image = grey_image(self._array, *(self.bounds or ())) if self._array.size else QImage()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side + _FOOTER)

    def minimumSizeHint(self) -> QSize:
        return QSize(100, 100)

    def _frame(self) -> QRectF:
        height, width = self._image.height(), self._image.width()
        room = self.height() - _FOOTER
        factor = min(self.width() / max(width, 1), room / max(height, 1))
        return QRectF(0, 0, width * factor, height * factor)

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            if self._image.isNull():
                return
            frame = self._frame()
            painter.drawImage(frame, self._image)
            self._hatch(painter, frame)
            painter.setPen(theme().line)
            painter.drawRect(frame.adjusted(0, 0, -1, -1))
            painter.setFont(mono_font(11))
            painter.setPen(theme().text if self._hover else theme().secondary)
            line = QRectF(0, frame.bottom() + 3, self.width(), _FOOTER - 3)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, self.read_out())

    def _hatch(self, painter: QPainter, frame: QRectF) -> None:
        """What is no number, in any channel, is marked as in a heat map."""
        good = np.isfinite(self._array)
        bad = np.argwhere(~(good if good.ndim == 2 else good.all(axis=0)))[:_HATCHED]
        wide, tall = frame.width() / self._array.shape[-1], frame.height() / self._array.shape[-2]
        for row, column in bad.tolist():
            area = QRectF(frame.left() + column * wide, frame.top() + row * tall, wide, tall)
            painter.fillRect(area, theme().invalid)
            painter.fillRect(area, QBrush(alpha(theme().panel, 0.45), Qt.BrushStyle.BDiagPattern))

    def read_out(self) -> str:
        """The line below the picture: the pixel under the pointer, or which values are black and white."""
        if self._hover is None:
            low, high = (numbers.number(value) for value in self.bounds or finite_range(self._array))
            return f"black {low}  white {high}"
        row, column = self._hover
        values = np.atleast_1d(self._array[(..., *self._extent.cell(self._hover))]).tolist()
        return f"[{row}, {column}]  {'  '.join(numbers.number(v, 4) for v in values)}"

    def at(self, x: float, y: float) -> tuple[int, int] | None:
        """(row, column) of the pixel there."""
        frame = self._frame()
        if self._image.isNull() or not frame.contains(x, y):
            return None
        return cell_under(frame, (self._extent.rows, self._extent.columns), QPointF(x, y))

    def point_at(self, pixel: tuple[int, int] | None) -> None:
        """Marks a pixel as if the pointer were over it."""
        self._hover = pixel if pixel is None or self._extent.covers(pixel) else None
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = self.at(event.position().x(), event.position().y())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        pixel = self.at(event.position().x(), event.position().y())
        if pixel is not None:
            self.pixelActivated.emit(pixel)
