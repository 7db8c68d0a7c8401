"""Which mark stands for which class, in one line; where there is no room for the names, the marks with numbers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..class_marks import paint_mark
from ..painting import painting
from ..theme import theme, theme_changed, ui_font

TALL, MARK, GAP = 18, 14, 12


class ClassLegend(QWidget):
    """Shows the names of classes beside their marks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Classes")
        theme_changed.connect(self._dress)
        self.hide()

    def _dress(self, *_: object) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, TALL)

    def show_names(self, names: Sequence[str]) -> None:
        """From now on these; of none nothing is shown."""
        if tuple(names) != self._names:
            self._names = tuple(names)
            self.setVisible(bool(names))
            self.setAccessibleDescription(", ".join(names))
            self.setToolTip(", ".join(names))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setFont(ui_font(11))
            wide = painter.fontMetrics().horizontalAdvance
            widths = [MARK + wide(name) + GAP for name in self._names]
            fits = sum(widths) <= self.width()
            room = max(self.width() / max(len(self._names), 1), MARK)
            at = 0.0
            for k, name in enumerate(self._names):
                paint_mark(painter, k, QPointF(at + 6, TALL / 2), 4.0)
                painter.setPen(theme().secondary)
                text = QRectF(at + MARK, 0, (widths[k] if fits else room) - MARK - 2, TALL)
                words = name
                if not fits:
                    elide = Qt.TextElideMode.ElideRight
                    words = painter.fontMetrics().elidedText(name, elide, max(round(text.width()), 0))
                painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, words)
                at += widths[k] if fits else room
