"""Probabilities of classes as bars, one line a class, the likeliest told by weight and by a pointer as well."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..class_marks import paint_mark
from ..painting import painting
from ..theme import mono_font, theme, theme_changed, ui_font

LINE, LEAST_LINE = 19.0, 10.0
MOST = 40  # classes that are shown: the likeliest


class ChanceBars(QWidget):
    """Shows `chances` of `classes`; `true`, where it is known, gets a tick. `marked`: each class has its mark."""

    def __init__(self, parent: QWidget | None = None, *, marked: bool = True) -> None:
        super().__init__(parent)
        self._marked = marked
        self.classes: tuple[str, ...] = ()
        self.chances: NDArray[np.float64] = np.zeros(0)
        self.true: int | None = None
        self.setMinimumSize(120, 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Probabilities")
        theme_changed.connect(self._repaint)

    def _repaint(self, *_: object) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(190, int(LINE * min(max(len(self.classes), 4), 10)) + 4)

    def show_chances(self, classes: Sequence[str], chances: NDArray[np.float64], true: int | None) -> None:
        self.classes, self.chances, self.true = tuple(classes), np.asarray(chances, np.float64), true
        best = self.best
        if best is not None:
            self.setAccessibleDescription(f"{self.classes[best]} with {self.chances[best]:.0%}")
        self.update()

    @property
    def best(self) -> int | None:
        """The likeliest class; None where there is none, or where the numbers are none."""
        is_told = len(self.chances) > 0 and bool(np.isfinite(self.chances).all())
        return int(self.chances.argmax()) if is_told else None

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if not len(self.chances):
                return
            room = max(1, int(self.height() // LEAST_LINE))
            shown = list(range(len(self.chances)))
            if len(shown) > min(room, MOST):
                shown = sorted(np.argsort(-self.chances, kind="stable")[: min(room, MOST)].tolist())
            tall = min(LINE, self.height() / len(shown))
            top = max(0.0, (self.height() - tall * len(shown)) / 2) if tall == LINE else 0.0
            for line, label in enumerate(shown):
                self._paint_line(painter, QRectF(0, top + line * tall, self.width(), tall), label)

    def _paint_line(self, painter: QPainter, line: QRectF, label: int) -> None:
        now, align = theme(), Qt.AlignmentFlag
        share, is_best = float(self.chances[label]), label == self.best
        px = 12 if line.height() >= 15 else 9
        painter.setFont(ui_font(px, QFont.Weight.DemiBold))  # the names take as much room in every line
        widest = max(painter.fontMetrics().horizontalAdvance(name) for name in self.classes)
        names = min(widest + 6, line.width() * 0.36)
        painter.setFont(ui_font(px, QFont.Weight.DemiBold if is_best else QFont.Weight.Normal))
        painter.setPen(now.text if is_best else now.secondary)
        sign = "▸" if is_best else ""
        painter.drawText(QRectF(0, line.top(), 10, line.height()), align.AlignVCenter, sign)
        if self._marked:
            paint_mark(painter, label, QPointF(16, line.center().y()), 3.2)
        name = painter.fontMetrics().elidedText(self.classes[label], Qt.TextElideMode.ElideRight, int(names))
        begin = 23 if self._marked else 13
        painter.drawText(QRectF(begin, line.top(), names, line.height()), align.AlignVCenter, name)
        start, end = begin + 2 + names, line.width() - (54 if self.true is not None else 40)
        bar = QRectF(start, line.top() + 3, max(end - start, 4), line.height() - 6)
        painter.fillRect(bar, now.well)
        if math.isfinite(share):
            bar.setWidth(bar.width() * min(max(share, 0.0), 1.0))
            painter.fillRect(bar, now.accent if is_best else now.tint(now.accent, 0.5, now.panel))
        painter.setFont(mono_font(11 if px == 12 else 9))
        text = f"{share:.0%}" if math.isfinite(share) else "NaN"
        painter.drawText(
            QRectF(end + 2, line.top(), 38, line.height()), align.AlignRight | align.AlignVCenter, text
        )
        if label == self.true:
            painter.setPen(now.good)
            painter.drawText(QRectF(end + 42, line.top(), 12, line.height()), align.AlignVCenter, "✓")
