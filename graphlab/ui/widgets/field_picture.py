"""A picture with what a unit sees of it: a frame around all that it can see, and light where it looks most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from ..colour import alpha
from ..painting import painting
from ..theme import theme
from .filter_picture import outline
from .picture import Picture

Box = tuple[int, int, int, int]

DIM = 0.62  # how much of what a unit cannot see is covered


class FieldPicture(Picture):
    """`box` is what a unit can see; `inner`: smaller ones of layers before it; `slopes`: how much it looks where."""

    def __init__(self, *, side: int) -> None:
        super().__init__(side=side)
        self.box: Box | None = None
        self.inner: tuple[Box, ...] = ()
        self.slopes: NDArray[np.float64] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("The sample, and what the chosen unit sees of it")

    def mark(
        self, box: Box | None, inner: tuple[Box, ...] = (), slopes: NDArray[np.float64] | None = None
    ) -> None:
        self.box, self.inner, self.slopes = box, inner, slopes
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(110, 110)

    def rect_of(self, box: Box) -> QRectF:
        """Where these rows and columns are drawn."""
        frame = self._frame()
        height, width = self._array.shape[-2:]
        across, down = frame.width() / width, frame.height() / height
        top, bottom, left, right = box
        return QRectF(
            frame.left() + left * across,
            frame.top() + top * down,
            (right - left) * across,
            (bottom - top) * down,
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._array.size or self.box is None:
            return
        with painting(self) as painter:
            self._shade(painter, self.rect_of(self.box))
            if self.slopes is not None and self.slopes.shape == self._array.shape[-2:]:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
                painter.drawImage(self._frame(), _light(self.slopes))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for box in self.inner:
                painter.setPen(QPen(theme().canvas, 2))
                painter.drawRect(self.rect_of(box))
                painter.setPen(QPen(theme().found, 1))
                painter.drawRect(self.rect_of(box))
            outline(painter, self.rect_of(self.box))

    def _shade(self, painter: QPainter, kept: QRectF) -> None:
        """Covers what lies outside."""
        frame, cover = self._frame(), alpha(theme().panel, DIM)
        for part in (
            QRectF(frame.left(), frame.top(), frame.width(), kept.top() - frame.top()),
            QRectF(frame.left(), kept.bottom(), frame.width(), frame.bottom() - kept.bottom()),
            QRectF(frame.left(), kept.top(), kept.left() - frame.left(), kept.height()),
            QRectF(kept.right(), kept.top(), frame.right() - kept.right(), kept.height()),
        ):
            if part.width() > 0 and part.height() > 0:
                painter.fillRect(part, cover)


def _light(slopes: NDArray[np.float64]) -> QImage:
    """In the colour of the accent, the more of it the larger the slope."""
    largest = float(slopes.max(initial=0.0)) or 1.0
    colour: QColor = theme().accent
    rgba = np.empty((*slopes.shape, 4), np.uint8)
    rgba[..., 0], rgba[..., 1], rgba[..., 2] = colour.red(), colour.green(), colour.blue()
    rgba[..., 3] = np.clip(215 * slopes / largest, 0, 215).astype(np.uint8)
    height, width = slopes.shape
    return QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
