"""Rows that are images, side by side with the class of each; a click tells more of one."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...data.batches import shuffled
from ...data.looking import Look
from ..class_marks import paint_mark
from ..painting import painting
from ..theme import theme, theme_changed, ui_font
from ..widgets.picture import grey_image

SIDE, FOOT, GAP = 46, 15, 6  # pixels of an image, of the word below it, and between
MOST = 400
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class Gallery(QWidget):
    """Shows as many images as there is room for, picked from all over the set."""

    pointed = Signal(object)  # the row under the pointer or the keyboard, None for none

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look: Look | None = None
        self._order = np.zeros(0, np.int64)
        self._images: dict[int, QImage] = {}
        self._range = (0.0, 1.0)
        self._chosen: int | None = None  # a place in the gallery
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Images")
        theme_changed.connect(self._repaint)

    def _repaint(self, *_: object) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(284, 4 * (SIDE + FOOT + GAP))

    def minimumSizeHint(self) -> QSize:
        return QSize(3 * (SIDE + GAP), 2 * (SIDE + FOOT + GAP))

    def show_look(self, found: Look) -> None:
        """Shows images of this set."""
        self._look = found
        self._images.clear()
        self._chosen = None
        count = len(found)
        order = shuffled(count, 0, "gallery")[:MOST] if count else np.zeros(0, np.int64)
        self._order = order
        seen = found.x[order[:100]]
        finite = seen[np.isfinite(seen)]
        self._range = (float(finite.min(initial=0)), float(finite.max(initial=0)) or 1.0)
        self.update()

    def row_at(self, place: QPointF) -> int | None:
        """The place in the gallery under the pointer."""
        column, line = int(place.x() // (SIDE + GAP)), int(place.y() // (SIDE + FOOT + GAP))
        if not 0 <= column < self._columns or line < 0:
            return None
        index = line * self._columns + column
        return index if index < self._fits else None

    def cell(self, index: int) -> QRectF:
        """Where an image lies in the widget."""
        line, column = divmod(index, self._columns)
        return QRectF(column * (SIDE + GAP), line * (SIDE + FOOT + GAP), SIDE, SIDE)

    @property
    def _columns(self) -> int:
        return max(1, (self.width() + GAP) // (SIDE + GAP))

    @property
    def _fits(self) -> int:
        """How many there is room for."""
        return min(self._columns * max(1, (self.height() + GAP) // (SIDE + FOOT + GAP)), len(self._order))

    def _image(self, row: int) -> QImage:
        if row not in self._images:
            assert self._look is not None
            values = self._look.x[row].reshape(self._look.image_shape or self._look.shape)
            values = values if values.shape[0] == 3 else values[0]
            self._images[row] = grey_image(values, *self._range)
        return self._images[row]

    def paintEvent(self, event: QPaintEvent) -> None:
        found, now = self._look, theme()
        if found is None or found.image_shape is None:
            return
        with painting(self) as painter:
            painter.setFont(ui_font(10))
            for index, row in enumerate(self._order[: self._fits].tolist()):
                cell = self.cell(index)
                painter.drawImage(self._inside(cell, found.image_shape), self._image(row))
                painter.setPen(QPen(now.accent, 2) if index == self._chosen else now.line)
                painter.drawRect(cell)
                if found.labels is not None and found.labels[row] >= 0:
                    label = int(found.labels[row])
                    under = QRectF(cell.left() + 12, cell.bottom() + 1, SIDE - 12, FOOT)
                    paint_mark(painter, label, QPointF(cell.left() + 5, under.center().y()), 3.2)
                    painter.setPen(now.secondary)
                    words = painter.fontMetrics().elidedText(
                        found.classes[label], Qt.TextElideMode.ElideRight, SIDE - 12
                    )
                    painter.drawText(under, Qt.AlignmentFlag.AlignVCenter, words)

    @staticmethod
    def _inside(cell: QRectF, shape: tuple[int, ...]) -> QRectF:
        """The cell, narrowed to the shape of the images."""
        height, width = shape[-2:]
        factor = min(cell.width() / max(width, 1), cell.height() / max(height, 1))
        made = QRectF(0, 0, width * factor, height * factor)
        made.moveCenter(cell.center())
        return made

    def choose(self, index: int | None) -> None:
        """Marks an image, and tells which row it is."""
        if index != self._chosen:
            self._chosen = index
            self.pointed.emit(None if index is None else int(self._order[index]))
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.choose(self.row_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self.choose(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._chosen = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {**_STEPS, Qt.Key.Key_Up: -self._columns, Qt.Key.Key_Down: self._columns}
        key = Qt.Key(event.key())
        if key in steps and self._fits:
            wanted = 0 if self._chosen is None else self._chosen + steps[key]
            if 0 <= wanted < self._fits:
                self.choose(wanted)
        else:
            super().keyPressEvent(event)
