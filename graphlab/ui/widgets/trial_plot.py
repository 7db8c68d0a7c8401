"""A picture of trials on two axes: dots, curves, a surface. One is pointed at, some are chosen, one is opened."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from ...lab.sweeps.axes import Axis
from ..painting import painting
from ..theme import mono_font, theme
from .layer import Layer
from .trial_chart import Chart, merit_colour
from .trial_ground import Ground
from .trial_painting import dot_size, paint_chart, paint_scale, threads_path
from .trial_picture import TrialPicture

TOP, BOTTOM, RIGHT = 34.0, 44.0, 14.0
SCALE = 66.0  # pixels for what the colours mean
NEAR = 14.0  # pixels from a dot or line that is pointed at
LEAST = 1e-4  # of an axis, the most that one zooms in


class TrialPlot(TrialPicture):
    """The wheel zooms, dragging pans, Home shows all, a double-click opens. See `TrialPicture` for the rest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart: Chart | None = None
        self._view: tuple[float, float, float, float] | None = None  # places, where it is zoomed
        self.layer = Layer(self, self._paint_layer)
        self._grip: tuple[QPointF, tuple[float, float, float, float]] | None = None
        self._is_panned = False
        self.setAccessibleName("Trials of the sweep; the arrow keys go from one to the next")

    def redraw(self, *_: object) -> None:
        self.layer.forget()
        self.update()

    # What is shown

    def show_chart(self, chart: Chart | None) -> None:
        """Shows a picture. Zoom stays while the axes have the same names."""
        before, self.chart = self.chart, chart
        if before is None or chart is None or (before.x.name, before.y.name) != (chart.x.name, chart.y.name):
            self._view = None
        if chart is None or self.at not in set(chart.numbers.tolist()):
            self.at = None
        self.redraw()

    def show_all(self) -> None:
        """Takes zoom and pan back."""
        if self._view is not None:
            self._view = None
            self.redraw()

    def sizeHint(self) -> QSize:
        return QSize(480, 240)

    def minimumSizeHint(self) -> QSize:
        return QSize(170, 120)

    # Where things are

    def frame(self) -> QRectF:
        """Where the picture lies."""
        left = self._left()
        right = RIGHT + (SCALE if self.chart is not None and self.chart.scale is not None else 0)
        return QRectF(left, TOP, max(self.width() - left - right, 20), max(self.height() - TOP - BOTTOM, 20))

    def _left(self) -> float:
        """Room for the words of the upward axis."""
        if self.chart is None:
            return 60.0
        wide = QFontMetricsF(mono_font(10)).horizontalAdvance
        return max((wide(text) for _, text in self.chart.y.ticks(8)), default=30) + 20.0

    def view(self) -> tuple[float, float, float, float]:
        """Places in view: left, right, bottom, top."""
        assert self.chart is not None
        x, y = self.chart.x, self.chart.y
        return self._view or (x.low, x.high, y.low, y.high)

    def ground(self) -> Ground:
        assert self.chart is not None
        left, right, bottom, top = self.view()
        x = replace(self.chart.x, low=left, high=right)
        y = replace(self.chart.y, low=bottom, high=top)
        return Ground(self.frame(), x, y)

    def pixel(self, number: int) -> QPointF | None:
        """Where a trial's dot lies, or the end of its curve."""
        found = self._rows(number)
        if found is None or self.chart is None:
            return None
        ground, row = self.ground(), found
        if self.chart.dots is not None:
            x, y = float(self.chart.dots.x[row]), float(self.chart.dots.y[row])
        else:
            assert self.chart.threads is not None
            good = np.flatnonzero(np.isfinite(self.chart.threads.y[row]))
            if not len(good):
                return None
            x, y = float(self.chart.threads.x[good[-1]]), float(self.chart.threads.y[row, good[-1]])
        return ground.point(x, y) if np.isfinite([x, y]).all() else None

    def _rows(self, number: int) -> int | None:
        if self.chart is None:
            return None
        found = np.flatnonzero(self.chart.numbers == number)
        return int(found[0]) if len(found) else None

    def nearest(self, point: QPointF) -> int | None:
        """The number of the trial whose dot or curve is under a point."""
        if self.chart is None or not self.frame().adjusted(-8, -8, 8, 8).contains(point):
            return None
        if self.chart.dots is not None:
            away = self._away_of_dots(point)
        elif self.chart.threads is not None and self.chart.threads.y.size:
            away = self._away_of_threads(point)
        else:
            return None
        away = np.where(np.isfinite(away), away, np.inf)
        best = int(away.argmin()) if len(away) else -1
        return int(self.chart.numbers[best]) if best >= 0 and away[best] <= NEAR else None

    def _away_of_dots(self, point: QPointF) -> np.ndarray:
        assert self.chart is not None
        assert self.chart.dots is not None
        xs, ys = self.ground().place(self.chart.dots.x, self.chart.dots.y)
        return np.hypot(xs - point.x(), ys - point.y())

    def _away_of_threads(self, point: QPointF) -> np.ndarray:
        """In pixels up or down, each curve between its two nearest columns; a curve that has ended, at its end."""
        assert self.chart is not None
        threads, ground = self.chart.threads, self.ground()
        assert threads is not None
        xs, _ = ground.place(threads.x, threads.x)
        right = int(np.clip(np.searchsorted(xs, point.x()), 1, max(len(xs) - 1, 1))) if len(xs) > 1 else 0
        left = max(right - 1, 0)
        share = np.clip((point.x() - xs[left]) / ((xs[right] - xs[left]) or 1.0), 0, 1)
        before, after = threads.y[:, left], threads.y[:, right]
        values = np.where(np.isfinite(after), before * (1 - share) + after * share, before)
        gone = np.where(np.isfinite(after), 0.0, np.abs(point.x() - xs[left]))
        _, ys = ground.place(np.zeros(len(values)), values)
        return np.hypot(ys - point.y(), gone)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.chart is None:
            return
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.layer.draw(painter)
            self._paint_marks(painter)

    def _paint_layer(self, painter: QPainter) -> None:
        assert self.chart is not None
        ground = self.ground()
        paint_chart(painter, self.chart, ground)
        if self.chart.scale is not None:
            frame = ground.frame
            place = QRectF(frame.right() + 22, frame.top(), SCALE - 20, frame.height())
            paint_scale(painter, self.chart.scale, place)

    def _paint_marks(self, painter: QPainter) -> None:
        """The chosen trials and the one pointed at."""
        assert self.chart is not None
        now, ground = theme(), self.ground()
        painter.save()
        painter.setClipRect(ground.frame.adjusted(-8, -8, 8, 8))
        marked = [(number, now.accent) for number in self.selection if number != self.at]
        if self.at is not None:
            marked.append((self.at, now.text))
        for number, colour in marked:
            self._paint_mark(painter, ground, number, colour)
        painter.restore()

    def _paint_mark(self, painter: QPainter, ground: Ground, number: int, colour: QColor) -> None:
        row, at = self._rows(number), self.pixel(number)
        if row is None or at is None or self.chart is None:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 2.4))
        if self.chart.dots is not None:
            r = dot_size(len(self.chart.dots.x)) / 2 + 3
            painter.drawEllipse(at, r, r)
        elif self.chart.threads is not None:
            path = threads_path(self.chart.threads.x, self.chart.threads.y[row][None], ground.place)
            painter.setPen(QPen(theme().well, 5))
            painter.drawPath(path)
            painter.setPen(QPen(colour, 2.4))
            painter.drawPath(path)
            painter.setBrush(merit_colour(float(self.chart.threads.merit[row])))
            painter.drawEllipse(at, 3.5, 3.5)
        if self.chart.dots is None or self.chart.dots.is_drawn:
            self._paint_number(painter, at, f"#{number}", colour)

    def _paint_number(self, painter: QPainter, at: QPointF, text: str, colour: QColor) -> None:
        painter.setFont(mono_font(10))
        wide, frame = painter.fontMetrics().horizontalAdvance(text) + 6, self.frame()
        left = at.x() + 9 if at.x() + 9 + wide <= frame.right() + 6 else at.x() - 9 - wide
        top = min(max(at.y() - 15, frame.top() - 4), frame.bottom() - 10)
        box = QRectF(left, top, wide, 14)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().raised)
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(colour)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    # Hands

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None and self.chart is not None:
            start, (left, right, bottom, top) = self._grip
            moved, frame = event.position() - start, self.frame()
            if self._is_panned or moved.manhattanLength() > 6:
                self._is_panned = True
                across = -moved.x() / frame.width() * (right - left)
                up = moved.y() / frame.height() * (top - bottom)
                self._go((left + across, right + across, bottom + up, top + up))
                return
        self.point_at(self.nearest(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.chart is not None:
            self._grip, self._is_panned = (event.position(), self.view()), False

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._grip is None:
            return
        self._grip = None
        if not self._is_panned:
            more = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self.pick(self.nearest(event.position()), more=more)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        number = self.nearest(event.position())
        if number is not None:
            self.opened.emit(number)
        else:
            self.show_all()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.chart is None or not self.frame().contains(event.position()):
            event.ignore()
            return
        factor = 1.2 ** (event.angleDelta().y() / 120)
        self.zoom(factor, event.position())
        event.accept()

    def zoom(self, factor: float, around: QPointF | None = None) -> None:
        """Shows a smaller part of both axes, larger."""
        if self.chart is None:
            return
        frame = self.frame()
        point = around or frame.center()
        across = (point.x() - frame.left()) / frame.width()
        up = (frame.bottom() - point.y()) / frame.height()
        left, right, bottom, top = self.view()
        wide, tall = (right - left) / factor, (top - bottom) / factor
        x, y = left + across * (right - left), bottom + up * (top - bottom)
        self._go((x - across * wide, x + (1 - across) * wide, y - up * tall, y + (1 - up) * tall))

    def _go(self, view: tuple[float, float, float, float]) -> None:
        """Looks at these places; never beyond the ends."""
        assert self.chart is not None
        left, right = _within(view[0], view[1], self.chart.x)
        bottom, top = _within(view[2], view[3], self.chart.y)
        whole = self.chart.x, self.chart.y
        found = (left, right, bottom, top)
        self._view = None if found == (whole[0].low, whole[0].high, whole[1].low, whole[1].high) else found
        self.redraw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
            self.zoom(1.2 if key == Qt.Key.Key_Plus else 1 / 1.2)
        elif key == Qt.Key.Key_Home:
            self.show_all()
        else:
            super().keyPressEvent(event)

    def order(self) -> list[int]:
        if self.chart is None:
            return []
        if self.chart.dots is not None:
            x, y = self.chart.dots.x, self.chart.dots.y
            found = np.lexsort((y, x))[: int((np.isfinite(x) & np.isfinite(y)).sum())]
            good = np.isfinite(x[found]) & np.isfinite(y[found])
            return self.chart.dots.numbers[found[good]].tolist()
        ends = [(self.pixel(int(number)), int(number)) for number in self.chart.numbers]
        return [number for at, number in sorted(((a.y(), n) for a, n in ends if a is not None), reverse=True)]


def _within(low: float, high: float, axis: Axis) -> tuple[float, float]:
    """A part of an axis, as wide as it was asked for, moved to where the axis is."""
    whole = axis.high - axis.low
    wide = min(max(high - low, LEAST * whole), whole)
    low = min(max(low, axis.low), axis.high - wide)
    return (axis.low, axis.high) if wide >= whole * (1 - 1e-12) else (low, low + wide)
