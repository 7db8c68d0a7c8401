"""How many rows each class has, as bars: full for training, hatched for validation, hollow for test."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...data.looking import Look
from .. import numbers
from ..class_marks import class_colour, paint_mark
from ..painting import painting
from ..theme import mono_font, theme, theme_changed, ui_font

ROW, NAME, COUNT = 19, 78, 46
MOST = 24  # classes shown


class ClassBars(QWidget):
    """One bar for each class, as tall as it takes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.classes: tuple[str, ...] = ()
        self.counts: list[tuple[int, int, int]] = []  # train, validation, test, by class
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_changed.connect(self._repaint)

    def show_look(self, found: Look) -> None:
        """Shows the classes of this set."""
        parts = found.counts()
        self.classes = found.classes
        zero = [0] * len(found.classes)
        columns = [
            parts[name].tolist() if name in parts else zero for name in ("train", "validation", "test")
        ]
        self.counts = list(zip(*columns, strict=True)) if parts else []
        told = ", ".join(f"{name} {sum(c):,}" for name, c in zip(self.classes, self.counts, strict=False))
        self.setAccessibleName(f"Rows of each class: {told}" if told else "No classes")
        self.setToolTip(told)
        self.updateGeometry()
        self.update()

    def _repaint(self, *_: object) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        shown = min(len(self.counts), MOST)
        return QSize(220, ROW * (shown + (len(self.counts) > MOST)) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(150, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        now, most = theme(), max((sum(c) for c in self.counts), default=0)
        room = max(self.width() - NAME - COUNT - 8, 10)
        with painting(self) as painter:
            for k, counts in enumerate(self.counts[:MOST]):
                y = k * ROW
                paint_mark(painter, k, QPointF(7, y + ROW / 2), 4.0)
                painter.setFont(ui_font(12))
                painter.setPen(now.text)
                words = painter.fontMetrics().elidedText(
                    self.classes[k], Qt.TextElideMode.ElideRight, NAME - 20
                )
                painter.drawText(QRectF(16, y, NAME - 18, ROW), Qt.AlignmentFlag.AlignVCenter, words)
                x = float(NAME)
                for part, count in enumerate(counts):
                    width = room * count / most if most else 0.0
                    self._paint_part(painter, QRectF(x, y + 4, width, ROW - 8), k, part)
                    x += width
                painter.setFont(mono_font(11))
                painter.setPen(now.secondary)
                place = QRectF(self.width() - COUNT, y, COUNT, ROW)
                painter.drawText(
                    place,
                    Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
                    numbers.figures(sum(counts)),
                )
            if len(self.counts) > MOST:
                painter.setFont(ui_font(11))
                painter.setPen(now.secondary)
                more = QRectF(16, MOST * ROW, self.width() - 16, ROW)
                painter.drawText(more, Qt.AlignmentFlag.AlignVCenter, f"and {len(self.counts) - MOST} more")

    @staticmethod
    def _paint_part(painter: QPainter, bar: QRectF, index: int, part: int) -> None:
        if bar.width() <= 0:
            return
        colour = class_colour(index)
        if part == 0:
            painter.fillRect(bar, colour)
            return
        painter.setPen(QPen(colour, 1))
        hatched = QBrush(colour, Qt.BrushStyle.Dense5Pattern if part == 1 else Qt.BrushStyle.NoBrush)
        painter.setBrush(hatched)
        painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
