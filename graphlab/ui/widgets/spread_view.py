"""How numbers were spread over the steps, array by array: as ridges, one behind the other, or as a map of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from .. import numbers
from ..painting import painting
from ..theme import mono_font, theme, theme_changed

Floats = NDArray[np.float64]
HEAD, FOOT, SIDE, GAP = 16.0, 16.0, 44.0, 14.0
LEAST = (170.0, 92.0)  # of a cell, before one has to scroll
ASPECT = 2.0  # of a cell, width to height, that is aimed at
TALLEST = 0.42  # of a cell, the highest ridge
STEEP = 0.6  # the power of a share that its colour goes by, so that rare values are seen
_KERNEL = np.exp(-0.5 * (np.arange(-6, 7) / 2.0) ** 2)
_KERNEL /= _KERNEL.sum()


def smoothed(shares: Floats) -> Floats:
    """Histograms (rows, bins) as gentle lines; what they add up to stays, but for what runs over the ends."""
    if shares.shape[1] < len(_KERNEL):
        return shares
    return np.stack([np.convolve(row, _KERNEL, mode="same") for row in shares]) if len(shares) else shares


@dataclass(frozen=True, eq=False)
class Spread:
    """One array. shares: (steps, bins) from `low` to `high`, each row of one step. note: what else is to be said."""

    title: str
    steps: Sequence[float]
    shares: Floats
    low: float
    high: float
    note: str = ""
    heights: Floats = field(init=False)  # shares, 1 the most that is drawn

    def __post_init__(self) -> None:
        peaks = self.shares.max(axis=1, initial=0.0)
        usual = float(np.median(peaks[peaks > 0])) if (peaks > 0).any() else 1.0
        top = max(min(float(peaks.max(initial=0.0)), 3 * usual), 1e-12)
        object.__setattr__(self, "heights", np.minimum(self.shares / top, 1.0))

    def words(self, row: int, place: float | None = None) -> str:
        """A step, and how much of the array lies at a place from 0 to 1 along the range, if one is asked for."""
        text = f"step {self.steps[row]:,.0f}"
        if place is None:
            return text
        bins = self.shares.shape[1]
        at = min(max(int(place * bins), 0), bins - 1)
        edges = np.linspace(self.low, self.high, bins + 1)[at : at + 2]
        low, high = (numbers.number(float(edge), 2) for edge in edges)
        return f"{text}  {low} … {high}: {numbers.percent(float(self.shares[row, at]))}"


class SpreadView(QWidget):
    """Cells side by side. A click on one, or Enter, chooses it; the arrows go from step to step, Tab to the next cell.

    `chosen` brings the place of a cell.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spreads: list[Spread] = []
        self.as_map = False
        self._images: dict[int, QImage] = {}
        self._at: tuple[int, int, float | None] | None = None  # cell, row, place along the range
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(80, 50)
        self.setAccessibleName("How the values were spread over the steps; the arrow keys read them")
        theme_changed.connect(self._dress)

    def _dress(self, *_: object) -> None:
        self._images.clear()
        self.update()

    def show_spreads(self, spreads: Sequence[Spread], as_map: bool = False) -> None:
        self.spreads, self.as_map = list(spreads), as_map
        self._images.clear()
        if self._at is not None and not (
            self._at[0] < len(self.spreads) and self._at[1] < len(self.spreads[self._at[0]].steps)
        ):
            self._at = None
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, 180)

    # Where things are

    def columns(self, width: int, height: int) -> int:
        """In how many columns the cells are largest in a room of that size."""
        count = max(len(self.spreads), 1)
        most = max(1, min(count, int(width // LEAST[0])))

        def size(across: int) -> float:
            down = -(-count // across)
            return min(width / across, ASPECT * max(height / down, LEAST[1]))

        return max(range(1, most + 1), key=size)

    def height_in(self, width: int, height: int) -> int:
        """How high it has to be in a room of that size."""
        down = -(-len(self.spreads) // self.columns(width, height))
        return height if down <= 1 else max(height, round(down * LEAST[1]))

    def cell(self, k: int) -> QRectF:
        """Where a cell lies, with its words."""
        across = self.columns(self.width(), self.height())
        down = max(-(-len(self.spreads) // across), 1)
        wide, tall = (self.width() + GAP) / across, self.height() / down
        return QRectF(k % across * wide, k // across * tall, wide - GAP, tall)

    def frame(self, k: int) -> QRectF:
        """Where its picture lies."""
        cell = self.cell(k)
        return cell.adjusted(SIDE if self.as_map else 0, HEAD, 0, -FOOT)

    def _under(self, point: QPointF) -> tuple[int, int, float | None] | None:
        for k, spread in enumerate(self.spreads):
            frame = self.frame(k)
            if frame.contains(point) and len(spread.steps):
                x = (point.x() - frame.left()) / max(frame.width(), 1)
                y = (point.y() - frame.top()) / max(frame.height(), 1)
                rows = len(spread.steps)
                if self.as_map:
                    return k, min(int(x * rows), rows - 1), 1 - y
                shares = [self._base(k, row) for row in range(rows)]
                row = next((r for r in range(rows) if shares[r] >= point.y()), rows - 1)
                return k, row, x
        return None

    def _base(self, k: int, row: int) -> float:
        """How far down the ridge of a row stands."""
        frame, rows = self.frame(k), len(self.spreads[k].steps)
        if rows < 2:
            return frame.bottom()
        return frame.top() + frame.height() * (TALLEST + (1 - TALLEST) * (row + 1) / rows)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(mono_font(10))
            for k, spread in enumerate(self.spreads):
                if QRectF(event.rect()).intersects(self.cell(k)):
                    if len(spread.steps):
                        self._paint_map(painter, k) if self.as_map else self._paint_ridges(painter, k)
                    self._paint_words(painter, k)

    def _paint_ridges(self, painter: QPainter, k: int) -> None:
        now, spread, frame = theme(), self.spreads[k], self.frame(k)
        rows = len(spread.steps)
        tall = frame.height() * TALLEST
        xs = np.linspace(frame.left(), frame.right(), spread.heights.shape[1]).tolist()
        for row in range(rows):
            base, share = self._base(k, row), (row + 1) / rows
            ys = (base - spread.heights[row] * tall).tolist()
            line = [QPointF(x, y) for x, y in zip(xs, ys, strict=True)]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.panel)
            painter.drawPolygon(QPolygonF([QPointF(frame.left(), base), *line, QPointF(frame.right(), base)]))
            is_read = self._at is not None and self._at[:2] == (k, row)
            colour = now.text if is_read else now.tint(now.positive, 0.25 + 0.75 * share, now.panel)
            painter.setPen(QPen(colour, 1.6 if is_read else 1))
            painter.drawPolyline(QPolygonF(line))
        if spread.low < 0 < spread.high:
            x = frame.left() + frame.width() * -spread.low / (spread.high - spread.low)
            painter.setPen(QPen(now.line, 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, frame.top()), QPointF(x, frame.bottom()))

    def _paint_map(self, painter: QPainter, k: int) -> None:
        now, spread, frame = theme(), self.spreads[k], self.frame(k)
        if k not in self._images:
            self._images[k] = _map(spread)
        painter.drawImage(frame, self._images[k])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(now.line, 1))
        painter.drawRect(frame)
        if spread.low < 0 < spread.high:
            y = frame.bottom() - frame.height() * -spread.low / (spread.high - spread.low)
            painter.setPen(QPen(now.secondary, 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(frame.left(), y), QPointF(frame.right(), y))
        if self._at is not None and self._at[0] == k:
            x = frame.left() + frame.width() * (self._at[1] + 0.5) / len(spread.steps)
            painter.setPen(QPen(now.text, 1))
            painter.drawLine(QPointF(x, frame.top()), QPointF(x, frame.bottom()))

    def _paint_words(self, painter: QPainter, k: int) -> None:
        now, spread, cell, frame = theme(), self.spreads[k], self.cell(k), self.frame(k)
        align = Qt.AlignmentFlag
        metrics = painter.fontMetrics()
        head = QRectF(frame.left(), cell.top(), frame.width(), HEAD - 2)
        is_read = self._at is not None and self._at[0] == k
        right = spread.words(*self._at[1:]) if is_read and self._at else spread.note
        taken = metrics.horizontalAdvance(right) + 10 if right else 0
        if taken > head.width() * 0.7 and not is_read:
            right, taken = "", 0
        painter.setPen(now.text)
        room = int(max(head.width() - taken, 0))
        title = metrics.elidedText(spread.title, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(head, align.AlignLeft | align.AlignVCenter, title if room > 24 else "")
        painter.setPen(now.text if is_read else now.secondary)
        painter.drawText(head, align.AlignRight | align.AlignVCenter, right)
        painter.setPen(now.secondary)
        steps = spread.steps
        low, high = numbers.number(spread.low, 2), numbers.number(spread.high, 2)
        foot = QRectF(frame.left(), frame.bottom() + 2, frame.width(), FOOT - 2)
        if self.as_map:
            side = QRectF(cell.left(), frame.top(), SIDE - 5, frame.height())
            painter.drawText(side, align.AlignRight | align.AlignTop, high)
            painter.drawText(side, align.AlignRight | align.AlignBottom, low)
            self._paint_zero(painter, spread, side)
            ends = ("step " + f"{steps[0]:,.0f}", f"{steps[-1]:,.0f}") if len(steps) else ("", "")
        else:
            ends = (low, high)
            if spread.low < 0 < spread.high:
                x = frame.left() + frame.width() * -spread.low / (spread.high - spread.low)
                if frame.left() + 50 < x < frame.right() - 50:
                    painter.drawText(QRectF(x - 10, foot.top(), 20, foot.height()), align.AlignCenter, "0")
        painter.drawText(foot, align.AlignLeft | align.AlignVCenter, ends[0])
        painter.drawText(foot, align.AlignRight | align.AlignVCenter, ends[1])

    @staticmethod
    def _paint_zero(painter: QPainter, spread: Spread, side: QRectF) -> None:
        if spread.low < 0 < spread.high:
            y = side.bottom() - side.height() * -spread.low / (spread.high - spread.low)
            if side.top() + 18 < y < side.bottom() - 18:
                align = Qt.AlignmentFlag
                painter.drawText(
                    QRectF(side.left(), y - 7, side.width(), 14), align.AlignRight | align.AlignVCenter, "0"
                )

    # Hands

    def read_at(self, at: tuple[int, int, float | None] | None) -> None:
        """Reads out a row of a cell; None for none."""
        if at != self._at:
            self._at = at
            told = self.spreads[at[0]] if at is not None else None
            self.setAccessibleDescription(f"{told.title}: {told.words(*at[1:])}" if told and at else "")
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.read_at(self._under(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self.read_at(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            for k in range(len(self.spreads)):
                if self.cell(k).contains(event.position()):
                    self.chosen.emit(k)
                    return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        cells = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        key = Qt.Key(event.key())
        if not self.spreads or key not in (*steps, *cells, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
            return
        k, row, place = self._at or (0, len(self.spreads[0].steps) - 1, None)
        if key in steps and self._at is not None:
            row += steps[key]
        elif key in cells and self._at is not None:
            k = min(max(k + cells[key], 0), len(self.spreads) - 1)
        elif key not in steps and key not in cells:
            self.chosen.emit(k)
            return
        if rows := len(self.spreads[k].steps):
            self.read_at((k, min(max(row, 0), rows - 1), place))


def _map(spread: Spread) -> QImage:
    """Time across, values upwards: blue above zero, orange below, the stronger the more lie there."""
    now = theme()
    bins = spread.heights.shape[1]
    middles = np.linspace(spread.low, spread.high, 2 * bins + 1)[1::2]
    hues = np.where((middles >= 0)[:, None], _rgb(now.positive), _rgb(now.negative))[:, None, :]
    strength = (spread.heights.T**STEEP)[:, :, None]
    rgb = _rgb(now.canvas) * (1 - strength) + hues * strength
    pixels = np.ascontiguousarray(rgb[::-1].round().astype(np.uint8))
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def _rgb(colour: QColor) -> Floats:
    return np.array([colour.red(), colour.green(), colour.blue()], np.float64)
