"""A picture that takes long to paint, kept as pixels until it is another; what moves is painted above it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from ..painting import painting

Paint = Callable[[QPainter], object]


class Layer:
    """Of a widget, in its size and density."""

    def __init__(self, widget: QWidget, paint: Paint) -> None:
        self._widget, self._paint = widget, paint
        self._pixels: QPixmap | None = None
        self.is_direct = False

    def forget(self) -> None:
        """It is another picture from now on."""
        self._pixels = None

    @contextmanager
    def drawn_directly(self) -> Iterator[None]:
        """For a file: lines and letters instead of the pixels at hand."""
        self.is_direct = True
        try:
            yield
        finally:
            self.is_direct = False

    def draw(self, painter: QPainter) -> None:
        """Puts it at the corner of what is painted."""
        if self.is_direct:
            self._paint(painter)
            return
        dense, size = self._widget.devicePixelRatioF(), self._widget.size()
        wanted = size * dense
        if self._pixels is None or self._pixels.size() != wanted:
            self._pixels = QPixmap(wanted)
            self._pixels.setDevicePixelRatio(dense)
            self._pixels.fill(Qt.GlobalColor.transparent)
            with painting(self._pixels) as inner:
                inner.setRenderHint(QPainter.RenderHint.Antialiasing)
                self._paint(inner)
        painter.drawPixmap(0, 0, self._pixels)
