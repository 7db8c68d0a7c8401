"""Rows as points in the plane of two of their features, by class; rows kept apart are hollow. A picture, no hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...data.looking import Look
from .. import numbers
from ..class_marks import mark_pixmap
from ..painting import painting
from ..theme import mono_font, theme, theme_changed, ui_font

MOST = 5000  # points drawn; of more every so-manieth
LEFT, BOTTOM, EDGE = 40.0, 34.0, 8.0
NEAR = 10.0  # pixels
ROOM = 0.08  # of the range, around the points

Points = NDArray[np.float64]


class Scatter(QWidget):
    """Draws points and says which is under the pointer. `view` is the part of the plane shown: low x, y, high x, y."""

    pointed = Signal(object)  # the row under the pointer, None for none

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.points: Points = np.zeros((0, 2))
        self.labels = np.zeros(0, np.int64)
        self.rows = np.zeros(0, np.int64)
        self.apart = np.zeros(0, bool)
        self.axes = ("x₁", "x₂")
        self.view = (-1.0, -1.0, 1.0, 1.0)
        self.total = 0
        self.hover: int | None = None
        self._picture: QPixmap | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Points")
        theme_changed.connect(self.anew)

    def sizeHint(self) -> QSize:
        return QSize(284, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(150, 130)

    def show_look(self, found: Look, across: int = 0, up: int = 1, keep_view: bool = False) -> None:
        """Shows the rows of a look by two of its features."""
        if len(found.axes) <= max(across, up):
            across, up = 0, 0
        self.total = len(found)
        step = max(1, -(-self.total // MOST))
        rows = np.arange(0, self.total, step)
        points = np.stack([found.along(across)[rows], found.along(up)[rows]], axis=1).astype(np.float64)
        there = np.isfinite(points).all(axis=1)
        self.rows, self.points = rows[there], points[there]
        self.labels = np.zeros(len(self.rows), np.int64) if found.labels is None else found.labels[self.rows]
        held = np.zeros(self.total, bool)
        for name in ("validation", "test"):
            held[found.splits.get(name, [])] = True
        self.apart = held[self.rows]
        self.axes = (found.axes[across], found.axes[up])
        self.hover = None
        if not keep_view:
            self.fit()
        self.anew()

    def fit(self) -> None:
        """Shows all points, with room around them."""
        if not len(self.points):
            self.view = (-1.0, -1.0, 1.0, 1.0)
            return
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        span = np.where(high > low, high - low, 1.0)
        low, high = low - ROOM * span, high + ROOM * span
        self.view = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))

    def anew(self, *_: object) -> None:
        """The points are others: they are drawn again."""
        self._picture = None
        self.update()

    # Where things are

    @property
    def frame(self) -> QRectF:
        """Where the plane lies in the widget."""
        return QRectF(
            LEFT, EDGE, max(self.width() - LEFT - EDGE, 1.0), max(self.height() - EDGE - BOTTOM, 1.0)
        )

    def pixels(self, points: Points) -> Points:
        """Points of the plane as places in the widget."""
        frame, (x0, y0, x1, y1) = self.frame, self.view
        across = frame.left() + (points[:, 0] - x0) / (x1 - x0) * frame.width()
        down = frame.bottom() - (points[:, 1] - y0) / (y1 - y0) * frame.height()
        return np.stack([across, down], axis=1)

    def point(self, place: QPointF) -> tuple[float, float]:
        """The point of the plane at a place in the widget."""
        frame, (x0, y0, x1, y1) = self.frame, self.view
        return (
            x0 + (place.x() - frame.left()) / frame.width() * (x1 - x0),
            y0 + (frame.bottom() - place.y()) / frame.height() * (y1 - y0),
        )

    def nearest(self, place: QPointF, within: float = NEAR) -> int | None:
        """The index, among those drawn, of the point nearest to a place; None when all are farther away."""
        if not len(self.points):
            return None
        away = np.hypot(*(self.pixels(self.points) - [place.x(), place.y()]).T)
        found = int(away.argmin())
        return found if away[found] <= within else None

    # Painting

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.anew()

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        if self._picture is None:
            self._picture = QPixmap(self.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
            with painting(self._picture) as painter:
                self._paint_plane(painter)
                self._paint_points(painter, ratio)
        with painting(self) as painter:
            painter.drawPixmap(0, 0, self._picture)
            self.paint_over(painter)

    def paint_over(self, painter: QPainter) -> None:
        """What lies over the points: a ring around the one under the pointer."""
        if self.hover is not None and self.hover < len(self.points):
            place = self.pixels(self.points[self.hover : self.hover + 1])[0]
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().text, 1.4))
            painter.drawEllipse(QPointF(*place), 7, 7)

    def _paint_plane(self, painter: QPainter) -> None:
        now, frame = theme(), self.frame
        painter.fillRect(frame, now.well)
        x0, y0, x1, y1 = self.view
        painter.setPen(QPen(now.line, 1))
        zero = self.pixels(np.zeros((1, 2)))[0]
        if x0 < 0 < x1:
            painter.drawLine(QPointF(zero[0], frame.top()), QPointF(zero[0], frame.bottom()))
        if y0 < 0 < y1:
            painter.drawLine(QPointF(frame.left(), zero[1]), QPointF(frame.right(), zero[1]))
        painter.drawRect(frame)
        painter.setFont(mono_font(10))
        painter.setPen(now.secondary)
        side, low = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter
        for value, y in ((y1, frame.top()), (y0, frame.bottom() - 14)):
            painter.drawText(QRectF(0, y, LEFT - 5, 14), side | low, numbers.number(value, 2))
        under = QRectF(frame.left(), frame.bottom() + 2, frame.width(), 14)
        painter.drawText(under, Qt.AlignmentFlag.AlignLeft, numbers.number(x0, 2))
        painter.drawText(under, side, numbers.number(x1, 2))
        painter.setFont(ui_font(11))
        metrics = painter.fontMetrics()
        across = metrics.elidedText(self.axes[0], Qt.TextElideMode.ElideRight, round(frame.width() * 0.6))
        painter.drawText(under, Qt.AlignmentFlag.AlignHCenter, across)
        painter.save()
        painter.translate(14, frame.center().y())
        painter.rotate(-90)
        up = metrics.elidedText(self.axes[1], Qt.TextElideMode.ElideRight, round(frame.height() * 0.6))
        painter.drawText(
            QRectF(-frame.height() / 2, -8, frame.height(), 16), Qt.AlignmentFlag.AlignCenter, up
        )
        painter.restore()

    def _paint_points(self, painter: QPainter, ratio: float) -> None:
        if not len(self.points):
            return
        radius = 4.0 if len(self.points) <= 1200 else 3.0
        places = self.pixels(self.points)
        painter.setClipRect(self.frame.adjusted(-6, -6, 6, 6))
        for label in np.unique(self.labels).tolist():
            for hollow in (False, True):
                mark = mark_pixmap(max(int(label), 0), radius, hollow, ratio)
                half = mark.width() / ratio / 2
                for x, y in places[(self.labels == label) & (self.apart == hollow)].tolist():
                    painter.drawPixmap(QPointF(x - half, y - half), mark)

    # Pointing

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.point_at(self.nearest(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self.point_at(None)

    def point_at(self, index: int | None) -> None:
        """Rings a point, or none, and tells which row it is."""
        if index != self.hover:
            self.hover = index
            self.pointed.emit(None if index is None else int(self.rows[index]))
            self.update()
