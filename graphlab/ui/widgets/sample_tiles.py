"""Samples side by side as small pictures in their own colours, each with a word below it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..painting import painting
from ..theme import mono_font, theme

CAPTION, GAP = 14.0, 4.0
LARGEST = 76.0  # pixels of a picture's side


class SampleTiles(QWidget):
    """Arrows walk, a click, Enter or Space chooses: `chosen` tells which."""

    chosen = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.images: list[QImage] = []
        self.words: tuple[str, ...] = ()
        self.at = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:
        return QSize(240, 160)

    def minimumSizeHint(self) -> QSize:
        return QSize(70, 60)

    def show_samples(self, images: Sequence[QImage], words: Sequence[str]) -> None:
        self.images, self.words = list(images), tuple(words)
        self.at = min(self.at, max(len(self.images) - 1, 0))
        self.setAccessibleDescription(", ".join(self.words))
        self.update()

    def tiles(self) -> list[QRectF]:
        """Where the pictures lie: in as many columns as makes them largest. Those without room are left out."""
        if not self.images:
            return []
        shape = self.images[0].width() / max(self.images[0].height(), 1)
        best, across = 0.0, 1
        for columns in range(1, len(self.images) + 1):
            down = -(-len(self.images) // columns)
            tall = self.height() / down - CAPTION - GAP
            wide = min(self.width() / columns - GAP, tall * shape, LARGEST * max(shape, 1.0))
            if wide > best:
                best, across = wide, columns
        tall = best / shape
        places = (divmod(k, across) for k in range(len(self.images)))
        return [QRectF(x * (best + GAP), y * (tall + CAPTION + GAP), best, tall) for y, x in places]

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setFont(mono_font(10))
            for k, tile in enumerate(self.tiles()):
                self._paint(painter, k, tile)

    def _paint(self, painter: QPainter, k: int, tile: QRectF) -> None:
        image = self.images[k]
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, tile.width() < image.width())
        painter.drawImage(tile, image)
        is_at = k == self.at and self.hasFocus()
        painter.setPen(QPen(theme().accent, 2) if is_at else theme().line)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(tile.adjusted(0, 0, -1, -1))
        painter.setPen(theme().text if is_at else theme().secondary)
        below = QRectF(tile.left(), tile.bottom(), tile.width() + GAP, CAPTION)
        metrics, word = painter.fontMetrics(), self.words[k]
        if metrics.horizontalAdvance(word) > below.width():
            word = word.partition(" (")[0]  # the number alone
        word = metrics.elidedText(word, Qt.TextElideMode.ElideRight, int(below.width()))
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, word)

    def tile_at(self, point: QPointF) -> int | None:
        return next((k for k, tile in enumerate(self.tiles()) if tile.contains(point)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.tile_at(event.position())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.at = found
            self.update()
            self.chosen.emit(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        across = sum(1 for tile in self.tiles() if tile.top() < 1)
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -across, Qt.Key.Key_Down: across}.get(
            key
        )
        if by is not None and self.images:
            self.at = min(max(self.at + by, 0), len(self.images) - 1)
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.images:
            self.chosen.emit(self.at)
        else:
            super().keyPressEvent(event)
