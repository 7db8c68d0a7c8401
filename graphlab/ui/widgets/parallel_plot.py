"""Parallel coordinates: an axis for each hyperparameter and one for the score, a line for each trial.

Inselberg 1985, "The plane with parallel coordinates". Dragging along an axis keeps the lines that pass there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ...lab.sweeps.axes import Axis
from ..painting import painting
from ..theme import mono_font, theme
from .layer import Layer
from .parallel_lines import Drag, Lines, taken
from .parallel_painting import paint_axes, paint_kept_out, paint_lines, paint_marked
from .trial_chart import Bools, Floats, Ints, Scale
from .trial_painting import paint_scale
from .trial_picture import TrialPicture

TOP, BOTTOM, SCALE = 26.0, 12.0, 78.0
NEAR = 8.0  # pixels from a line that is pointed at
GRIP = 12.0  # pixels beside an axis from which one drags along it
EDGE = 6.0  # pixels from an end of a range that is moved by itself


class ParallelPlot(TrialPicture):
    """Dragging along an axis keeps what passes there; a click beside the range, or Escape, lets all pass again.
    Dragging its name takes the axis elsewhere.

    `brushed` tells how many lines are left. See `TrialPicture` for the rest.
    """

    brushed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.axes: list[Axis] = []
        self.lines: Lines | None = None
        self.scale: Scale | None = None
        self.ranges: dict[str, tuple[float, float]] = {}  # shares, by the name of the axis
        self._passing: Bools = np.zeros(0, bool)
        self._drag: Drag | None = None
        self._pressed: QPointF | None = None
        self._carried: str = ""  # the name of the axis that is taken elsewhere
        self._order: list[str] = []  # names of axes from left to right, once a hand has moved one
        self.layer = Layer(self, self._paint_layer)
        self._ground = Layer(self, self._paint_ground)
        self.setAccessibleName("Parallel coordinates of the trials; the arrow keys go from one to the next")

    def redraw(self, *_: object) -> None:
        self._ground.forget()
        self.layer.forget()
        self.update()

    # What is shown

    def show_lines(self, axes: Sequence[Axis], lines: Lines, scale: Scale | None) -> None:
        """Shows trials. Ranges stay on axes of the same names."""
        self.scale = scale
        self._arrange(list(axes), lines)
        names = {axis.name for axis in axes}
        self.ranges = {name: ends for name, ends in self.ranges.items() if name in names}
        if self.at not in set(lines.numbers.tolist()):
            self.at = None
        self._ground.forget()
        self._sift()

    def _arrange(self, axes: list[Axis], lines: Lines) -> None:
        """Puts axes in the order in which a hand has left them; new ones stay behind."""
        known = {name: k for k, name in enumerate(self._order)}
        order = sorted(range(len(axes)), key=lambda k: known.get(axes[k].name, len(known)))
        self.axes = [axes[k] for k in order]
        self.lines = replace(lines, shares=lines.shares[:, order])

    def carry(self, name: str, place: int) -> None:
        """Takes an axis to another place, counted from the left."""
        names = [axis.name for axis in self.axes if axis.name != name]
        if self.lines is not None and len(names) < len(self.axes):
            self._order = [*names[:place], name, *names[place:]]
            self._arrange(self.axes, self.lines)
            self.redraw()

    def _sift(self) -> None:
        """Which lines pass through all ranges."""
        if self.lines is None:
            return
        passing = np.ones(len(self.lines.numbers), bool)
        for k, axis in enumerate(self.axes):
            if axis.name in self.ranges:
                low, high = self.ranges[axis.name]
                with np.errstate(invalid="ignore"):
                    passing &= (self.lines.shares[:, k] >= low - 1e-9) & (
                        self.lines.shares[:, k] <= high + 1e-9
                    )
        self._passing = passing
        self.layer.forget()
        self.update()
        self.brushed.emit(int(passing.sum()))

    @property
    def passing(self) -> Ints:
        """The numbers of the trials that pass through all ranges."""
        if self.lines is None:
            return np.zeros(0, np.int64)
        return self.lines.numbers[self._passing]

    def brush(self, name: str, ends: tuple[float, float] | None) -> None:
        """Lets only lines pass whose share of that axis is within; None lets all."""
        self.ranges.pop(name, None)
        if ends is not None:
            self.ranges[name] = (min(ends), max(ends))
        self._sift()

    def sizeHint(self) -> QSize:
        return QSize(520, 240)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 120)

    # Where things are

    def frame(self) -> QRectF:
        """From the first axis to the last, from their low ends to their high ones."""
        wide = QFontMetricsF(mono_font(10)).horizontalAdvance
        ends = [max((wide(text) for _, text in axis.ticks(6)), default=0.0) for axis in self.axes] or [0.0]
        titles = [wide(axis.name) * 0.6 for axis in self.axes] or [0.0]
        left = max(ends[0] + 14, min(titles[0], 110.0), 30.0)
        right = max(min(titles[-1], 110.0), 30.0) + (SCALE if self.scale is not None else 0)
        return QRectF(left, TOP, max(self.width() - left - right, 20), max(self.height() - TOP - BOTTOM, 20))

    def places(self) -> Floats:
        """Pixels across of the axes."""
        frame, count = self.frame(), len(self.axes)
        return (
            np.linspace(frame.left(), frame.right(), count)
            if count > 1
            else np.full(count, frame.center().x())
        )

    def height_of(self, shares: Floats) -> Floats:
        """Pixels down of shares of an axis, with a little room at its ends."""
        frame = self.frame()
        return frame.bottom() - 6 - np.asarray(shares, np.float64) * (frame.height() - 12)

    def share_at(self, y: float) -> float:
        """The other way round."""
        frame = self.frame()
        return float(np.clip((frame.bottom() - 6 - y) / max(frame.height() - 12, 1), 0, 1))

    def axis_at(self, point: QPointF) -> int | None:
        """The axis that a hand is on."""
        if not len(self.axes) or not self.frame().adjusted(-GRIP, -6, GRIP, 6).contains(point):
            return None
        away = np.abs(self.places() - point.x())
        return int(away.argmin()) if away.min() <= GRIP else None

    def nearest(self, point: QPointF) -> int | None:
        """The number of the trial whose line is under a point; of those that pass only."""
        lines = self.lines
        if lines is None or len(self.axes) < 2 or not self._passing.any():
            return None
        if not self.frame().adjusted(-10, -10, 10, 10).contains(point):
            return None
        xs = self.places()
        k = int(np.clip(np.searchsorted(xs, point.x()) - 1, 0, len(xs) - 2))
        share = np.clip((point.x() - xs[k]) / (xs[k + 1] - xs[k]), 0, 1)
        first, last = self.height_of(lines.shares[:, k]), self.height_of(lines.shares[:, k + 1])
        slant = np.hypot(1.0, (last - first) / (xs[k + 1] - xs[k]))
        away = np.abs(first * (1 - share) + last * share - point.y()) / slant
        away = np.where(self._passing & np.isfinite(away), away, np.inf)
        best = np.flatnonzero(away <= away.min() + 0.5) if np.isfinite(away.min()) else np.zeros(0, np.int64)
        if not len(best) or away[best[0]] > NEAR:
            return None
        merit = np.nan_to_num(lines.merit[best], nan=-1.0)  # of those that lie on one another, the best
        return int(lines.numbers[best[int(merit.argmax())]])

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.lines is None or not self.axes:
            return
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.layer.draw(painter)
            now = theme()
            marked = [(number, now.accent) for number in self.selection if number != self.at]
            if self.at is not None:
                marked.append((self.at, now.text))
            for number, colour in marked:
                paint_marked(painter, self, number, colour)

    def _paint_layer(self, painter: QPainter) -> None:
        assert self.lines is not None
        if not self._passing.all():
            self._ground.draw(painter)
        paint_lines(painter, self.lines, self._passing, self.places(), self.height_of)
        paint_axes(painter, self)
        if self.scale is not None:
            frame = self.frame()
            paint_scale(
                painter,
                self.scale,
                QRectF(self.width() - SCALE + 28, frame.top(), SCALE - 30, frame.height()),
            )

    def _paint_ground(self, painter: QPainter) -> None:
        """Beneath those that pass; it stays while ranges move."""
        assert self.lines is not None
        paint_kept_out(painter, self.lines, self.places(), self.height_of)

    # Hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        point = event.position()
        self._pressed = point
        if point.y() < TOP - 6 and self.axes:
            self._carried = self.axes[self._nearest_axis(point)].name
        elif (k := self.axis_at(point)) is not None:
            known = self.ranges.get(self.axes[k].name)
            edge = EDGE / max(self.frame().height() - 12, 1)
            self._drag = taken(k, self.share_at(point.y()), known, edge)

    def _nearest_axis(self, point: QPointF) -> int:
        return int(np.abs(self.places() - point.x()).argmin())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._drag is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._pull(self._drag, point)
            return
        if self._carried:
            place = self._nearest_axis(point)
            if self.axes[place].name != self._carried:
                self.carry(self._carried, place)
            return
        self.setCursor(self._cursor_at(point))
        self.point_at(self.nearest(point))

    def _cursor_at(self, point: QPointF) -> Qt.CursorShape:
        if point.y() < TOP - 6:
            return Qt.CursorShape.SizeHorCursor
        on_axis = self.axis_at(point) is not None
        return Qt.CursorShape.SizeVerCursor if on_axis else Qt.CursorShape.ArrowCursor

    def _pull(self, drag: Drag, point: QPointF) -> None:
        assert self._pressed is not None
        if not drag.is_moved and abs(point.y() - self._pressed.y()) < 4:
            return
        drag.is_moved = True
        self.brush(self.axes[drag.axis].name, drag.ends(self.share_at(point.y())))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        drag, self._drag, self._pressed = self._drag, None, None
        carried, self._carried = self._carried, ""
        if carried or (drag is not None and drag.is_moved):
            return
        if drag is not None and drag.before[0] >= 0 and drag.kind == "new":
            self.brush(self.axes[drag.axis].name, None)
            return
        more = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        self.pick(self.nearest(event.position()), more=more)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        number = self.nearest(event.position())
        if number is not None:
            self.opened.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.ranges:
            self.ranges.clear()
            self._sift()
        else:
            super().keyPressEvent(event)

    def order(self) -> list[int]:
        """Those that pass, the worst first."""
        if self.lines is None:
            return []
        order = np.argsort(np.nan_to_num(self.lines.merit[self._passing], nan=-1.0), kind="stable")
        return self.passing[order].tolist()

    def walk(self, step: int) -> None:
        """To the next better or worse trial; the best is the first."""
        order = self.order()
        if order and self.at not in order:
            self.point_at(order[-1])
        else:
            super().walk(step)
