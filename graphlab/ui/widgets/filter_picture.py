"""A picture before or after a filter, as large as fits; a place on the one is shown on the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...lab.filter_bench import is_balanced, shade
from ..painting import painting
from ..theme import mono_font, signed_rgba, theme, ui_font
from .grid import cell_under
from .picture import grey_image

CAPTION, FOOTER = 18.0, 18.0

Floats = NDArray[np.float64]
Box = tuple[int, int, int, int]


def seen(result: Floats, kernel: Floats) -> QImage:
    """What a filter makes, to be looked at: of a grey picture, plus and minus in their colours where both come up."""
    if len(result) == 1 and is_balanced(kernel):
        return signed_image(result[0])
    shaded = shade(result, kernel)
    return grey_image(shaded if len(shaded) == 3 else shaded[0], 0.0, 1.0)


def signed_image(matrix: Floats) -> QImage:
    """In the colours of signed values, full at the largest magnitude."""
    rgba = np.ascontiguousarray(signed_rgba(matrix))
    height, width = matrix.shape
    return QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


class FilterPicture(QWidget):
    """Title above, read-out below. `boxes`: windows that are marked, (top, bottom, left, right); outside is allowed."""

    hovered = Signal(object)  # (row, column), None when the pointer leaves
    pressed = Signal(object)  # (row, column)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.foot = title, ""
        self._image = QImage()
        self.boxes: tuple[Box, ...] = ()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(title)

    def sizeHint(self) -> QSize:
        return QSize(200, 220)

    def minimumSizeHint(self) -> QSize:
        return QSize(90, 100)

    def show_image(self, image: QImage) -> None:
        self._image = image
        self.update()

    def tell(self, foot: str) -> None:
        """What stands below."""
        if foot != self.foot:
            self.foot = foot
            self.update()

    def mark(self, *boxes: Box) -> None:
        if boxes != self.boxes:
            self.boxes = boxes
            self.update()

    def frame(self) -> QRectF:
        """Where the picture lies."""
        room = QRectF(1, CAPTION, self.width() - 2, self.height() - CAPTION - FOOTER)
        wide, tall = max(self._image.width(), 1), max(self._image.height(), 1)
        factor = max(min(room.width() / wide, room.height() / tall), 0.01)
        if factor > 1 and factor - int(factor) < 0.3:
            factor = float(int(factor))  # whole pixels, where that costs little room
        return QRectF(1, CAPTION, wide * factor, tall * factor)

    def at(self, point: QPointF) -> tuple[int, int] | None:
        frame = self.frame()
        if self._image.isNull() or not frame.contains(point):
            return None
        return cell_under(frame, (self._image.height(), self._image.width()), point)

    def place_of(self, pixel: tuple[int, int]) -> QPointF:
        """The middle of a pixel."""
        return self._rect((pixel[0], pixel[0] + 1, pixel[1], pixel[1] + 1)).center()

    def _rect(self, box: Box) -> QRectF:
        frame = self.frame()
        across, down = frame.width() / self._image.width(), frame.height() / self._image.height()
        top, bottom, left, right = box
        return QRectF(
            frame.left() + left * across,
            frame.top() + top * down,
            (right - left) * across,
            (bottom - top) * down,
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setFont(ui_font(11))
            painter.setPen(theme().secondary)
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(1, 0, self.width(), CAPTION - 2), middle, self.title)
            if self._image.isNull():
                return
            frame = self.frame()
            smaller = frame.width() < self._image.width()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smaller)
            painter.drawImage(frame, self._image)
            painter.setPen(theme().line)
            painter.drawRect(frame.adjusted(0, 0, -1, -1))
            for box in self.boxes:
                outline(painter, self._rect(box))
            painter.setFont(mono_font(11))
            painter.setPen(theme().secondary)
            below = QRectF(1, frame.bottom() + 2, self.width() - 2, FOOTER - 2)
            words = painter.fontMetrics().elidedText(
                self.foot, Qt.TextElideMode.ElideRight, int(below.width())
            )
            painter.drawText(below, middle, words)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered.emit(self.at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered.emit(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        pixel = self.at(event.position())
        if pixel is not None and event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(pixel)


def outline(painter: QPainter, rect: QRectF, colour: Any = None) -> None:
    """A frame that is seen on light and on dark."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme().canvas, 4))
    painter.drawRect(rect)
    painter.setPen(QPen(colour or theme().accent, 2))
    painter.drawRect(rect)
