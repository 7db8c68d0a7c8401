"""Small tools in the corner of the canvas: the card that they lie on, and where they stand under one another."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ..painting import painting
from ..theme import theme

_PLACE = 10  # pixels from the corner of the canvas
_ROOM = 40  # and to its right edge
_GAP = 6  # under what else stands there


def paint_card(widget: QWidget, edge: QColor | None = None, width: float = 1.0) -> None:
    """Fills a widget, in its paintEvent, with a rounded card on the ground of the canvas."""
    now = theme()
    with painting(widget) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(widget.rect(), now.canvas)
        painter.setPen(QPen(edge or now.line, width))
        painter.setBrush(now.panel)
        inset = width / 2
        painter.drawRoundedRect(QRectF(widget.rect()).adjusted(inset, inset, -inset, -inset), 7, 7)


class Corner(QWidget):
    """Something that stands in the corner, under what else stands there."""

    _top = _PLACE

    @property
    def room(self) -> int:
        """The height at the top of the canvas down to its lower edge; 0 while it is hidden."""
        return 0 if self.isHidden() else self.geometry().bottom()

    def place(self, top: int) -> None:
        """In the corner, under what ends at the pixel `top`; no wider than there is room."""
        self._top = top
        room = self.parentWidget().width() - _PLACE - _ROOM
        size = self.sizeHint()
        at = top + _GAP if top > _PLACE else _PLACE
        self.setGeometry(_PLACE, at, max(min(size.width(), room), 60), size.height())
        if self.isVisible():
            self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_card(self)
