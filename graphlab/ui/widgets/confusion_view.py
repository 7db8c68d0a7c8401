"""A confusion matrix: true classes downwards, said classes across, and at its edges recall, F1 and precision."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ...engine.confusion import Confusion
from ..class_marks import paint_mark
from ..painting import painting
from ..theme import mono_font, theme, ui_font
from .pick_view import PickView

Cell = tuple[int, int]  # true class, said class

HEAD, EDGE, GAP = 34.0, 50.0, 6.0  # above the cells; the width of a column of figures; between both
LEAST_TEXT = (17.0, 12.0)  # a cell smaller than that shows its colour only
WIDEST, TALLEST = 64.0, 40.0
_STEPS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}


class ConfusionView(PickView):
    """Draws a `Confusion`. A click, or the arrows, choose a cell; Escape lets go of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Confusion matrix", parent)
        self.confusion: Confusion | None = None
        self.as_percent = False
        self._widest = 0  # pixels of the longest name

    def sizeHint(self) -> QSize:
        return QSize(420, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 130)

    def show_confusion(self, found: Confusion, as_percent: bool) -> None:
        if self.confusion is None or self.confusion.classes != found.classes:
            self.picked = self.hovered = None
            self._widest = max(
                (self.fontMetrics().horizontalAdvance(n) for n in found.classes[:60]), default=0
            )
        self.confusion, self.as_percent = found, as_percent
        self.describe()
        self.update()

    def words(self, cell: Cell) -> str:
        """A cell in a sentence."""
        found = self.confusion
        if found is None:
            return ""
        true, said = (found.classes[k] for k in cell)
        count, whole = int(found.counts[cell]), int(found.counts[cell[0]].sum())
        share = f" ({count / whole:.1%})" if whole else ""
        return f"{count:,} of {whole:,} rows of {true} are said to be {said}{share}."

    # Where things are

    @property
    def _left(self) -> float:
        return min(max(self._widest + 26.0, 62.0), self.width() * 0.3)

    @property
    def _size(self) -> tuple[float, float]:
        """Width and height of a cell."""
        count = max(len(self.confusion.classes), 1) if self.confusion else 1
        wide = (self.width() - self._left - 2 * EDGE - GAP - 4) / count
        tall = (self.height() - HEAD - 4) / (count + 1) - GAP / (count + 1)
        return min(max(wide, 2.0), WIDEST), min(max(tall, 2.0), TALLEST)

    def rect_of(self, cell: Cell) -> QRectF:
        """Where a cell lies in the widget."""
        wide, tall = self._size
        return QRectF(self._left + cell[1] * wide, HEAD + cell[0] * tall, wide, tall)

    def at(self, place: QPointF) -> Cell | None:
        if self.confusion is None:
            return None
        wide, tall = self._size
        row, column = math.floor((place.y() - HEAD) / tall), math.floor((place.x() - self._left) / wide)
        count = len(self.confusion.classes)
        return (row, column) if 0 <= row < count and 0 <= column < count else None

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        found = self.confusion
        if found is None:
            return
        with painting(self) as painter:
            self._paint_cells(painter, found)
            self._paint_names(painter, found)
            self._paint_figures(painter, found)
            for cell, colour in ((self.hovered, theme().secondary), (self.picked, theme().accent)):
                if cell is not None:
                    painter.setPen(QPen(colour, 2))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawRect(self.rect_of(cell).adjusted(1, 1, -1, -1))

    def _paint_cells(self, painter: QPainter, found: Confusion) -> None:
        now, shares = theme(), found.shares
        wide, tall = self._size
        with_text = wide >= LEAST_TEXT[0] and tall >= LEAST_TEXT[1]
        painter.setFont(mono_font(11 if wide >= 30 and tall >= 15 else 9))
        room = painter.fontMetrics()
        for true, row in enumerate(found.counts.tolist()):
            for said, count in enumerate(row):
                rect = self.rect_of((true, said)).adjusted(0.5, 0.5, -0.5, -0.5)
                hue = now.positive if true == said else now.negative
                share = float(shares[true, said]) if count else 0.0
                painter.fillRect(
                    rect, now.tint(hue, 0.14 + 0.5 * share**0.6, now.panel) if count else now.well
                )
                if not with_text:
                    continue
                painter.setPen(now.text if count else now.secondary)
                text = "·" if not count else f"{share:.0%}" if self.as_percent else f"{count:,}"
                if len(text) > 2 and room.horizontalAdvance(text) > wide - 2:
                    text = text.removesuffix("%")
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
                if true == said:
                    painter.setPen(QPen(now.positive, 1))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawRect(rect)

    def _paint_names(self, painter: QPainter, found: Confusion) -> None:
        now, left = theme(), self._left
        wide, tall = self._size
        align, metrics = Qt.AlignmentFlag, painter.fontMetrics()
        painter.setFont(ui_font(11))
        metrics = painter.fontMetrics()
        painter.setPen(now.secondary)
        painter.drawText(QRectF(left, 1, max(len(found.classes) * wide, 60), 15), align.AlignLeft, "said →")
        painter.drawText(QRectF(6, 17, left - 10, 15), align.AlignLeft, "true ↓")
        for k, name in enumerate(found.classes):
            painter.setPen(now.text)
            if tall >= 10:
                spot = HEAD + (k + 0.5) * tall
                paint_mark(painter, k, QPointF(12, spot), 3.4)
                cut = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(left - 26))
                painter.drawText(
                    QRectF(20, spot - 8, left - 25, 16), align.AlignRight | align.AlignVCenter, cut
                )
            if wide >= 10:
                cut = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(wide) - 1)
                painter.drawText(QRectF(left + k * wide, 17, wide, 15), align.AlignCenter, cut)

    def _paint_figures(self, painter: QPainter, found: Confusion) -> None:
        """Recall and F1 beside the rows, precision below the columns."""
        now, align = theme(), Qt.AlignmentFlag
        wide, tall = self._size
        count = len(found.classes)
        start, below = self._left + count * wide + GAP, HEAD + count * tall + GAP
        for column, (name, figures) in enumerate((("recall", found.recall), ("F1", found.f1))):
            at = start + column * EDGE
            painter.setFont(ui_font(11))
            painter.setPen(now.secondary)
            painter.drawText(QRectF(at, 17, EDGE, 15), align.AlignCenter, name)
            if tall >= LEAST_TEXT[1]:
                for k, figure in enumerate(figures.tolist()):
                    self._figure(painter, QRectF(at, HEAD + k * tall, EDGE, tall), figure)
        painter.setFont(ui_font(11))
        painter.setPen(now.secondary)
        line = QRectF(0, below, self._left - 5, max(tall, 12))
        painter.drawText(line, align.AlignRight | align.AlignVCenter, "precision")
        if wide >= 26:
            for k, figure in enumerate(found.precision.tolist()):
                self._figure(painter, QRectF(self._left + k * wide, below, wide, max(tall, 12)), figure)

    @staticmethod
    def _figure(painter: QPainter, rect: QRectF, figure: float) -> None:
        now = theme()
        painter.setFont(mono_font(11 if rect.height() >= 15 else 9))
        colour: QColor = now.text if math.isfinite(figure) else now.secondary
        painter.setPen(colour)
        text = f"{figure:.0%}" if math.isfinite(figure) else "–"
        if rect.width() < 40:
            text = text.removesuffix("%")
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    # Hands

    def beside(self, key: Qt.Key) -> Cell | None:
        count = len(self.confusion.classes) if self.confusion else 0
        if key not in _STEPS or not count:
            return None
        down, right = _STEPS[key] if self.picked else (0, 0)
        row, column = self.picked or (0, 0)
        return min(max(row + down, 0), count - 1), min(max(column + right, 0), count - 1)
