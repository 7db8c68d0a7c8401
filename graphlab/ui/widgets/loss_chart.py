"""A chart of a training: axes linear or logarithmic, zoom and pan, marks of changes, curves of other runs, a cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from ..marks_of_training import Mark
from ..theme import mono_font, theme
from .chart import Chart, Floats, draw
from .strokes import colour_of, style_of

NEAR = 8  # pixels from the cursor to a mark that it reads
MOST_MARKS = 60  # the newest; more would be a hedge
DOUBLE = 250  # milliseconds in which a second click makes a double one
ZOOM = 0.7  # of the width is left by one press of +
_KEYS = {
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_Plus,
    Qt.Key.Key_Equal,
    Qt.Key.Key_Minus,
    Qt.Key.Key_0,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
}


@dataclass(frozen=True)
class Other:
    """The curves of another run, and its points of validation."""

    stroke: int
    x: Floats
    y: Floats
    points_x: Floats
    points_y: Floats


def as_shapes(curve: Any) -> None:
    """Its few points are drawn as shapes, since pictures of points do not survive in an SVG."""
    curve.opts["useCache"] = curve.scatter.opts["useCache"] = False


class LossChart(Chart):
    """The keys, while the plot has the keyboard: ← → move the cursor, + − zoom, 0 shows all, Home and End the ends.

    ranged: another part is in view, or all again. pointed: the place under the cursor (None: none). chosen: the place
    that was clicked, or at which the cursor stood when Enter was pressed.
    """

    ranged = Signal()
    pointed = Signal(object)
    chosen = Signal(float)

    def __init__(self, title: str, parent: QWidget) -> None:
        self._log_x = self._log_y = False
        self.name_place: Callable[[float], str] = lambda place: f"step {place:,.0f}"
        self._marks: list[tuple[Mark, float]] = []
        self._mark_lines: list[Any] = []
        self._others: list[tuple[Any, Any]] = []
        self._unit: Any = None
        self.place: float | None = None
        self._here: Any = None
        super().__init__(title, parent)
        self._here = pg.InfiniteLine(angle=90, movable=False)
        self._here.hide()
        self.plot.addItem(self._here, ignoreBounds=True)
        self._clicked = QTimer(self)  # a second click would be one that shows all
        self._clicked.setSingleShot(True)
        self._clicked.setInterval(DOUBLE)
        self._clicked.timeout.connect(self._choose)
        self._click = 0.0
        self.view.scene().sigMouseClicked.connect(self._take_click)
        self._unit = pg.LabelItem("", parent=self.plot.getViewBox())
        self._unit.anchor(itemPos=(1, 1), parentPos=(1, 1), offset=(-2, 2))
        self.validation.setDownsampling(auto=True, method="peak")
        as_shapes(self.validation)
        box = self.plot.getViewBox()
        box.setAutoVisible(y=True)  # the height is that of what is in view
        box.sigXRangeChanged.connect(self._ranged)
        self.view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.view.setAccessibleName(f"Curves of {title}; the arrow keys read them, + and − zoom, 0 shows all")
        self.view.installEventFilter(self)
        self.view.viewport().installEventFilter(self)
        self.dress()

    # The axes

    @property
    def is_whole(self) -> bool:
        """Whether all of the axis is in view."""
        return bool(self.plot.getViewBox().autoRangeEnabled()[0])

    def span(self) -> tuple[float, float]:
        """The places at the left and right end of what is in view."""
        left, right = self.plot.getViewBox().viewRange()[0]
        return self._real(left), self._real(right)

    def set_logarithmic(self, x: bool, y: bool) -> None:
        if (x, y) != (self._log_x, self._log_y):
            self.show_all()
            self._leave()
            self._log_x, self._log_y = x, y
            self.plot.setLogMode(x, y)
            self._place_marks()

    def set_unit(self, unit: str) -> None:
        """What the axis counts, told in its corner."""
        if self._unit.text != unit:
            self._unit.setText(unit, color=theme().secondary.name(), size="10px")

    def show_all(self) -> None:
        """Takes zoom and pan back."""
        if not self.is_whole:
            self.plot.getViewBox().enableAutoRange(x=True)
            self.ranged.emit()

    def _real(self, x: float) -> float:
        return float(10.0 ** min(x, 300.0)) if self._log_x else x

    def _in_view(self, place: float) -> float:
        return float(np.log10(max(place, 1e-300))) if self._log_x else place

    def _ranged(self, *_: object) -> None:
        if not self.is_whole:  # of itself the range follows the curves
            self.ranged.emit()

    def _zoom(self, factor: float) -> None:
        box = self.plot.getViewBox()
        left, right = box.viewRange()[0]
        middle = self._in_view(self.place) if self.place is not None else (left + right) / 2
        box.setXRange(middle + (left - middle) * factor, middle + (right - middle) * factor, padding=0)

    # What is drawn besides

    def show_marks(self, marks: Sequence[tuple[Mark, float]]) -> None:
        """Vertical dashed lines with a number at these places."""
        marks = list(marks)[-MOST_MARKS:]
        if [mark for mark, _ in marks] != [mark for mark, _ in self._marks]:
            for line in self._mark_lines:
                self.plot.removeItem(line)
            self._mark_lines = [self._mark_line(k, mark) for k, (mark, _) in enumerate(marks, 1)]
        self._marks = marks
        self._place_marks()

    def _mark_line(self, number: int, mark: Mark) -> Any:
        options = {"position": 0.9, "movable": False, "anchors": [(0.5, 0.5), (0.5, 0.5)]}
        line = pg.InfiniteLine(angle=90, movable=False, label=str(number), labelOpts=options)
        line.setToolTip(f"{number}: {mark.text}")
        line.setZValue(-5)
        self.plot.addItem(line, ignoreBounds=True)
        self._dress_mark(line)
        return line

    def _dress_mark(self, line: Any) -> None:
        now = theme()
        line.setPen(pg.mkPen(now.update, width=1, style=Qt.PenStyle.DashLine))
        line.label.setColor(now.text)
        line.label.fill = pg.mkBrush(now.tint(now.update, 0.3, now.panel))
        line.label.setFont(mono_font(10))

    def _place_marks(self) -> None:
        for line, (_, place) in zip(self._mark_lines, self._marks, strict=True):
            line.setPos(self._in_view(place))

    def show_here(self, place: float | None) -> None:
        """A line at the step that is shown, where that is not the newest."""
        self._here.setVisible(place is not None)
        if place is not None:
            self._here.setPos(self._in_view(place))

    def mark_near(self, place: float) -> str:
        """ "2: lr 0.01 → 0.003" for the mark there, "" where there is none."""
        pixel = self.plot.getViewBox().viewPixelSize()[0]
        at = self._in_view(place)
        found = [(abs(self._in_view(p) - at), k, mark.text) for k, (mark, p) in enumerate(self._marks, 1)]
        distance, number, text = min(found, default=(np.inf, 0, ""))
        return f"{number}: {text}" if distance <= NEAR * pixel else ""

    def show_others(self, others: Sequence[Other]) -> None:
        """The curves of other runs: lines, and points where they were validated."""
        while len(self._others) < len(others):
            line = self.plot.plot([], [], antialias=True)
            points = self.plot.plot([], [], pen=None, symbol="t1", symbolSize=5, symbolPen=None)
            as_shapes(points)
            line.setZValue(-2)
            points.setZValue(-1)
            self._others.append((line, points))
        for line, points in self._others[len(others) :]:
            self.plot.removeItem(line)
            self.plot.removeItem(points)
        del self._others[len(others) :]
        for (line, points), other in zip(self._others, others, strict=True):
            colour = colour_of(other.stroke)
            line.setPen(pg.mkPen(colour, width=1.4, style=style_of(other.stroke)))
            points.setSymbolBrush(colour)
            draw(line, other.x, other.y)
            few = len(other.points_x) <= 40
            draw(
                points,
                other.points_x if few else other.points_x[:0],
                other.points_y if few else other.points_y[:0],
            )

    def dress(self) -> None:
        super().dress()
        for line in self._mark_lines:
            self._dress_mark(line)
        if self._here is not None:
            self._here.setPen(pg.mkPen(theme().accent, width=2))
        if self._unit is not None:
            self._unit.setText(self._unit.text, color=theme().secondary.name(), size="10px")

    # The cursor

    def where(self, place: float) -> str:
        return self.name_place(place)

    def _point(self, position: QPointF) -> None:
        box = self.plot.getViewBox()
        if box.sceneBoundingRect().contains(position):
            self.point_at(self._real(box.mapSceneToView(position).x()))

    def point_at(self, place: float) -> None:
        """Puts the cursor there and tells what the curves are worth."""
        self.place = place
        self.line.setPos(self._in_view(place))
        self.line.show()
        self._write(self._near("train", place), self._near("validation", place), place)
        self.view.setToolTip(self.mark_near(place))
        self.view.setAccessibleDescription(f"{self.where(place)} {self.mark_near(place)}".strip())
        self.pointed.emit(place)

    def _near(self, name: str, step: float) -> float:
        """The value of the place that is nearest and has one."""
        places, values = self._steps.get(name, (np.empty(0), np.empty(0)))
        good = np.isfinite(values)
        places, values = places[good], values[good]
        if not len(places):
            return float("nan")
        after = min(int(np.searchsorted(places, step)), len(places) - 1)
        before = max(after - 1, 0)
        return float(values[before if step - places[before] < places[after] - step else after])

    def _take_click(self, event: Any) -> None:
        box = self.plot.getViewBox()
        is_one = event.button() == Qt.MouseButton.LeftButton and not event.double()
        if is_one and box.sceneBoundingRect().contains(event.scenePos()):
            self._click = self._real(box.mapSceneToView(event.scenePos()).x())
            self._clicked.start()

    def _choose(self) -> None:
        self.chosen.emit(self._click)

    def leave(self) -> None:
        """Takes the cursor away."""
        self._leave()

    def _leave(self) -> None:
        self.place = None
        super()._leave()
        self.pointed.emit(None)

    def say(self, train: float, validation: float, *, as_percent: bool = False) -> None:
        super().say(train, validation, as_percent=as_percent)
        if self.place is not None:
            self.point_at(self.place)

    # Hands

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonDblClick and watched is self.view.viewport():
            self._clicked.stop()
            self.show_all()
            return True
        if not isinstance(event, QKeyEvent) or event.key() not in _KEYS:
            if event.type() == QEvent.Type.FocusOut and self.place is not None:
                self._leave()
            return super().eventFilter(watched, event)
        if event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress:
            self._take_key(Qt.Key(event.key()), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
            return True
        return super().eventFilter(watched, event)

    def _take_key(self, key: Qt.Key, fine: bool) -> None:
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._zoom(1 / ZOOM if key == Qt.Key.Key_Minus else ZOOM)
        elif key == Qt.Key.Key_0:
            self.show_all()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.place is not None:
                self.chosen.emit(self.place)
        else:
            left, right = self.plot.getViewBox().viewRange()[0]
            here = right if self.place is None else self._in_view(self.place)
            stride = (right - left) / (400 if fine else 50)
            ends = {Qt.Key.Key_Home: left, Qt.Key.Key_End: right}
            here = ends.get(key, here + (stride if key == Qt.Key.Key_Right else -stride))
            self.point_at(self._real(min(max(here, left), right)))
