"""What one row becomes on its way through the network: a small picture for each layer, side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from .. import numbers
from ..painting import painting
from ..theme import mono_font, signed_rgba, theme, theme_changed, ui_font
from .grid import cell_under

HEAD, FOOT, GAP, LEAST = 18.0, 15.0, 14.0, 24.0
LARGEST_CELL = 28.0  # pixels of one number
MOST_MAPS = 64  # of one layer


class Layer(NamedTuple):
    """One layer's value for one row: the engine's key of its node, its name, and the array."""

    key: str
    name: str
    value: NDArray[np.float64]


def board(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """A value as one matrix: maps side by side, set apart by NaN; a long vector folded so that it is nearly square."""
    if value.ndim >= 3:
        maps = value.reshape(-1, *value.shape[-2:])[:MOST_MAPS]
        count, height, width = maps.shape
        across = max(1, math.ceil(math.sqrt(count)))
        down = math.ceil(count / across)
        made = np.full((down * (height + 1) - 1, across * (width + 1) - 1), np.nan)
        for k in range(count):
            top, left = k // across * (height + 1), k % across * (width + 1)
            made[top : top + height, left : left + width] = maps[k]
        return made
    if value.ndim == 2:
        return value
    flat = value.reshape(-1)
    if len(flat) <= 16:
        return flat.reshape(-1, 1)
    across = math.ceil(math.sqrt(len(flat)))
    made = np.full(math.ceil(len(flat) / across) * across, np.nan)
    made[: len(flat)] = flat
    return made.reshape(-1, across)


class LayerStrip(QScrollArea):
    """Scrolls sideways through the layers. `chosen` brings the engine's key of a node."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles = LayerTiles()
        self.setWidget(self.tiles)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumSize(100, 90)
        self.tiles.chosen.connect(self.chosen)

    def show_layers(self, layers: Sequence[Layer]) -> None:
        self.tiles.show_layers(layers)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # the height with a scroll bar, always: otherwise its coming and going makes it come and go
        tall = max(self.height() - self.horizontalScrollBar().sizeHint().height(), 70)
        self.tiles.resize(max(self.tiles.width_for(tall), self.viewport().width()), tall)


class LayerTiles(QWidget):
    """The pictures. Each is in the colours of its own largest magnitude, which stands below it."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.layers: list[Layer] = []
        self._boards: list[NDArray[np.float64]] = []
        self._hover: tuple[int, int, int] | None = None
        self._at = -1  # the one that the keyboard is at
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Layer by layer")
        theme_changed.connect(self._repaint)

    def _repaint(self, *_: object) -> None:
        self.update()

    def show_layers(self, layers: Sequence[Layer]) -> None:
        if [layer.key for layer in layers] != [layer.key for layer in self.layers]:
            self._hover, self._at = None, -1
        self.layers = list(layers)
        self._boards = [board(layer.value) for layer in layers]
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.width_for(120), 120)

    def _side(self, k: int, height: float) -> tuple[float, float]:
        """Width and height of a picture."""
        rows, columns = self._boards[k].shape
        tall = min(max(height - HEAD - FOOT - 4, LEAST), LARGEST_CELL * rows)
        wide = min(max(tall * columns / max(rows, 1), 16.0), 2.2 * tall)
        return wide, min(tall, max(wide * rows / max(columns, 1), 10.0))

    def _step(self, k: int, height: float) -> float:
        """How much of the strip a layer takes."""
        return max(self._side(k, height)[0], 62.0) + GAP

    def width_for(self, height: float) -> int:
        return round(sum(self._step(k, height) for k in range(len(self._boards))))

    def rect_of(self, k: int) -> QRectF:
        """Where the picture of a layer lies."""
        left = sum(self._step(j, self.height()) for j in range(k))
        return QRectF(left, HEAD, *self._side(k, self.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme()
        with painting(self) as painter:
            for k, layer in enumerate(self.layers):
                place = self.rect_of(k)
                room = self._step(k, self.height()) - GAP + 4
                painter.setFont(ui_font(11))
                painter.setPen(now.accent if k == self._at and self.hasFocus() else now.secondary)
                metrics = painter.fontMetrics()
                name = metrics.elidedText(layer.name, Qt.TextElideMode.ElideMiddle, int(room))
                painter.drawText(QPointF(place.left(), 12), name)
                painter.drawImage(place, _image(self._boards[k]))
                focused = k == self._at and self.hasFocus()
                painter.setPen(QPen(now.accent if focused else now.line, 2 if focused else 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(place)
                self._paint_foot(painter, k, place, room)

    def _paint_foot(self, painter: QPainter, k: int, place: QRectF, room: float) -> None:
        painter.setFont(mono_font(10))
        painter.setPen(theme().secondary)
        values = self._boards[k]
        text = numbers.shape(self.layers[k].value.shape)
        if self._hover and self._hover[0] == k:
            value = float(values[self._hover[1], self._hover[2]])
            text = numbers.number(value, 3, sign=True) if math.isfinite(value) else text
        painter.drawText(
            QRectF(place.left(), place.bottom() + 2, room, FOOT),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room)),
        )

    def layer_at(self, place: QPointF) -> int | None:
        return next((k for k in range(len(self.layers)) if self.rect_of(k).contains(place)), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        k = self.layer_at(event.position())
        self._hover = None
        if k is not None:
            self._hover = (k, *cell_under(self.rect_of(k), self._boards[k].shape, event.position()))
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        k = self.layer_at(event.position())
        if k is not None:
            self._at = k
            self.chosen.emit(self.layers[k].key)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step and self.layers:
            self._at = min(max(self._at + step, 0), len(self.layers) - 1)
            self.setAccessibleDescription(self.layers[self._at].name)
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._at >= 0:
            self.chosen.emit(self.layers[self._at].key)
        else:
            super().keyPressEvent(event)


def _image(values: NDArray[np.float64]) -> QImage:
    """In the colours of signed values; what is NaN here is a gap, and stays clear."""
    is_gap = np.isnan(values)
    largest = float(np.abs(np.where(np.isfinite(values), values, 0)).max(initial=0))
    rgba = np.ascontiguousarray(signed_rgba(np.where(is_gap, 0.0, values), largest or 1.0))
    rgba[is_gap] = 0
    height, width = values.shape
    return QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
