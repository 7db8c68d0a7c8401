"""The simpler ways to see a tensor: one number, bars of a vector, the table, rows as curves, how values are spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ...engine.survey import BINS, COUNTED
from .. import numbers
from ..theme import mono_font
from ..widgets.bars import Bars
from ..widgets.big_number import BigNumber
from ..widgets.histogram import Histogram
from ..widgets.lines import MOST, Curve, Lines
from .arrangement import NONE, Area
from .axis_slider import QuietSpin
from .sight import Array, Index, Sight, tell
from .supply import Part, Whole, shown
from .table import PAGE_COLUMNS, PAGE_ROWS, MatrixTable

if TYPE_CHECKING:
    from .tensor_view import TensorView

ACROSS = 2000  # elements of a curve that are asked for at once


class Number(Sight):
    """A scalar, large."""

    name, title, icon = "number", "Number", "value"

    def __init__(self, view: TensorView) -> None:
        super().__init__(view)
        self.widget = self.number = BigNumber()
        self.number.activated.connect(lambda: view.elementActivated.emit(()))
        self._value: float | None = None

    def can_show(self, shape: tuple[int, ...]) -> bool:
        return not shape

    def refresh(self) -> None:
        if self.view.supply is not None:
            self.view.supply.part((), "extreme", self._take)

    def _take(self, part: Part) -> None:
        if part.array is not None:
            self._value = part.array.item()
            self.number.set_value(part.array.item())

    def index_at(self, point: QPointF) -> Index | None:
        return ()

    def selected(self) -> Index | None:
        return ()

    def value_at(self, index: Index) -> float | None:
        return self._value


class VectorBars(Sight):
    """A vector that is at hand, as bars up and down."""

    name, title, icon = "bars", "Bars", "bars"

    def __init__(self, view: TensorView) -> None:
        super().__init__(view)
        self.widget = self.bars = Bars()
        self._array: Array = np.zeros(0)
        self.bars.elementActivated.connect(lambda at: view.elementActivated.emit((at,)))
        self.bars.elementSelected.connect(tell(view.elementSelected, lambda at: (at,)))

    def can_show(self, shape: tuple[int, ...]) -> bool:
        return len(shape) == 1 and self.view.supply is not None and self.view.supply.is_at_hand

    def refresh(self) -> None:
        if self.view.supply is not None:
            self.view.supply.part(((0, self.arrangement.shape[0], 1),), "extreme", self._take)

    def _take(self, part: Part) -> None:
        if part.array is not None:
            self._array = part.array
            self.bars.set_array(part.array)

    def index_at(self, point: QPointF) -> Index | None:
        at = self.bars.at(point.x())
        return None if at is None else (at,)

    def select(self, index: Index | None) -> None:
        self.bars.select(None if index is None else index[0])

    def selected(self) -> Index | None:
        chosen = self.bars.selected()
        return None if chosen is None else (chosen,)

    def value_at(self, index: Index) -> float | None:
        return float(self._array[index]) if index[0] < len(self._array) else None


class Table(Sight):
    """All digits, ranges to copy; for more rows or columns than a page holds, a field for where the page begins."""

    name, title, icon = "table", "Table", "table"

    def __init__(self, view: TensorView) -> None:
        super().__init__(view)
        self.table = MatrixTable()
        self.widget = QWidget()
        column = QVBoxLayout(self.widget)
        column.setContentsMargins(0, 0, 0, 0)
        self._pages = QWidget()
        pages = QHBoxLayout(self._pages)
        pages.setContentsMargins(0, 0, 0, 0)
        self.from_row, self.from_column = QuietSpin(), QuietSpin()
        for label, spin, step in (
            ("from row", self.from_row, PAGE_ROWS),
            ("column", self.from_column, PAGE_COLUMNS),
        ):
            words = QLabel(label)
            words.setProperty("role", "secondary")
            words.setFont(mono_font(11))
            spin.setAccessibleName(f"Table {label}")
            spin.setSingleStep(step // 2)
            spin.valueChanged.connect(self._turn_page)
            pages.addWidget(words)
            pages.addWidget(spin)
        pages.addStretch(1)
        column.addWidget(self._pages)
        column.addWidget(self.table, 1)
        self.table.elementActivated.connect(lambda at: view.elementActivated.emit(self.arrangement.index(at)))
        self.table.elementSelected.connect(tell(view.elementSelected, lambda at: self.arrangement.index(at)))
        self.table.copyWanted.connect(lambda: view.copyWanted.emit("tsv"))
        self._shown: tuple[object, Index] | None = None

    @property
    def taker(self) -> QWidget:
        return self.table

    def refresh(self) -> None:
        supply, arrangement = self.view.supply, self.arrangement
        if supply is None:
            return
        matrix = self.table.matrix
        matrix.scale = self.view.scale()
        self.table.fit_columns()
        place = (
            supply,
            (arrangement.rows, arrangement.columns, *(arrangement.at[k] for k in arrangement.hidden)),
        )
        if place == self._shown and (matrix.rows, matrix.columns) == arrangement.size:
            matrix.outdate()
            return
        self._shown = place
        rows, columns = arrangement.size
        matrix.set_matrix(rows, columns, self._fetch)
        for spin, size, page in ((self.from_row, rows, PAGE_ROWS), (self.from_column, columns, PAGE_COLUMNS)):
            spin.blockSignals(True)
            spin.setRange(0, max(size - page, 0))
            spin.blockSignals(False)
        self._pages.setVisible(rows > PAGE_ROWS or columns > PAGE_COLUMNS)

    def _fetch(self, area: Area, then: Any) -> None:
        supply = self.view.supply
        if supply is None:
            return

        def taken(part: Part) -> None:
            if part.array is None or part.shape != self.arrangement.shape:
                self.view.lacks(part)
                return
            kept = min(len(part.shape), 2)
            then(np.atleast_2d(shown(part.array, self.arrangement.order(), kept)))

        supply.part(self.arrangement.spans(area), "extreme", taken, lane="table")

    def _turn_page(self, *_: object) -> None:
        self.table.matrix.set_page(self.from_row.value(), self.from_column.value())

    def is_signed(self) -> bool:
        return True

    def index_at(self, point: QPointF) -> Index | None:
        viewport = self.table.viewport()
        at = self.table.indexAt(viewport.mapFrom(self.widget, point.toPoint()))
        if not at.isValid():
            return None
        matrix = self.table.matrix
        return self.arrangement.index((at.row() + matrix.top, at.column() + matrix.left))

    def select(self, index: Index | None) -> None:
        if index is None:
            self.table.clearSelection()
        else:
            self.table.go(self.arrangement.position(index))

    def selected(self) -> Index | None:
        current = self.table.current()
        return None if current is None else self.arrangement.index(current)

    def value_at(self, index: Index) -> float | None:
        value = self.table.matrix.value(*self.arrangement.position(index))
        return None if value is None else float(value)

    def chosen(self) -> Area | None:
        return self.table.area()


class Curves(Sight):
    """Some rows as curves; which ones is chosen by the first."""

    name, title, icon = "line", "Line", "line-chart"

    def __init__(self, view: TensorView) -> None:
        super().__init__(view)
        self.lines, self.widget = Lines(), QWidget()
        column = QVBoxLayout(self.widget)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self._head = QWidget()
        head = QHBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        self.first, self.count = QuietSpin(), QuietSpin()
        for words, spin in (("rows from", self.first), ("how many", self.count)):
            label = QLabel(words)
            label.setProperty("role", "secondary")
            label.setFont(mono_font(11))
            spin.setAccessibleName(f"Curves: {words}")
            spin.valueChanged.connect(self.refresh)
            head.addWidget(label)
            head.addWidget(spin)
        head.addStretch(1)
        self.count.blockSignals(True)
        self.count.setRange(1, MOST)
        self.count.setValue(4)
        self.count.blockSignals(False)
        column.addWidget(self._head)
        column.addWidget(self.lines, 1)
        self._low: Part | None = None
        self.lines.looked.connect(lambda: self._ask())
        self.lines.elementActivated.connect(lambda at: view.elementActivated.emit(self._index(at)))
        self.lines.elementSelected.connect(tell(view.elementSelected, self._index))

    def _index(self, at: tuple[int, int]) -> Index:
        return self.arrangement.index((self.first.value() + at[0], at[1]))

    @property
    def taker(self) -> QWidget:
        return self.lines

    def refresh(self, *_: object) -> None:
        if self.view.supply is None:
            return
        rows, columns = self.arrangement.size
        self._head.setVisible(rows > 1)
        self.first.blockSignals(True)
        self.first.setRange(0, max(rows - 1, 0))
        self.first.blockSignals(False)
        self.lines.set_columns(columns)
        self._ask()

    def _ask(self) -> None:
        supply, (rows, columns) = self.view.supply, self.arrangement.size
        if supply is None or not self.arrangement.shape or not rows or not columns:
            return  # a scalar has no line; a plot that is laid out looks all the same
        first, last = self.lines.span()
        air = (last - first) // 4
        across = max(1, -(-(last - first + 2 * air) // ACROSS))
        left, right = max(first - air, 0) // across * across, min(last + air, columns)
        top = min(self.first.value(), rows - 1)
        area = top, min(top + self.count.value(), rows), left, right
        spans = self.arrangement.spans(area, 1, across)
        quick = across > 1 and self.view.is_busy()
        supply.part(spans, "every" if quick else "low", self._take_low, lane="low")

    def _take_low(self, part: Part) -> None:
        if part.array is None or part.shape != self.arrangement.shape:
            self.view.lacks(part)
            return
        self._low = part
        across = part.spans[self.arrangement.columns][2]
        if across == 1 or part.pool == "every" or self.view.supply is None:
            self._take_high(part)
        else:
            self.view.supply.part(part.spans, "high", self._take_high, lane="high")

    def _take_high(self, part: Part) -> None:
        low, arrangement = self._low, self.arrangement
        if low is None or part.array is None or low.array is None or part.spans != low.spans:
            return
        kept = min(len(part.shape), 2)
        lows, highs = (
            np.atleast_2d(shown(a, arrangement.order(), kept)).astype(np.float64)
            for a in (low.array, part.array)
        )
        left, _, across = part.spans[arrangement.columns]
        top = part.spans[arrangement.rows][0] if arrangement.rows != NONE else 0
        names = [self.view.row_name(top + k) for k in range(len(lows))]
        curves = [Curve(name, a, b) for name, a, b in zip(names, lows, highs, strict=True)]
        self.lines.set_curves(curves, left, across)

    def index_at(self, point: QPointF) -> Index | None:
        at = self.lines.at(self.lines.mapFrom(self.widget, point))
        return None if at is None else self._index(at)

    def select(self, index: Index | None) -> None:
        if index is None:
            self.lines.select(None)
            return
        row, column = self.arrangement.position(index)
        if not self.first.value() <= row < self.first.value() + self.count.value():
            self.first.setValue(row)
        self.lines.select((row - self.first.value(), column))

    def selected(self) -> Index | None:
        chosen = self.lines.selected()
        return None if chosen is None else self._index(chosen)

    def point_at(self, index: Index | None) -> None:
        if index is None:
            self.lines.point_at(None)
            return
        row, column = self.arrangement.position(index)
        curve = row - self.first.value()
        self.lines.point_at((curve, column) if 0 <= curve < self.count.value() else None)


class Spread(Sight):
    """How the values of the whole tensor are spread."""

    name, title, icon = "histogram", "Histogram", "histogram"

    def __init__(self, view: TensorView) -> None:
        super().__init__(view)
        self.widget, self.histogram = QWidget(), Histogram()
        self.logarithmic, self.words = QCheckBox("Logarithmic counts"), QLabel()
        self.words.setProperty("role", "secondary")
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.histogram.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.histogram.setMinimumHeight(120)
        self.logarithmic.toggled.connect(self.histogram.set_logarithmic)
        column = QVBoxLayout(self.widget)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.histogram, 1)
        column.addWidget(self.logarithmic)
        column.addWidget(self.words)

    @property
    def taker(self) -> QWidget:
        return self.logarithmic

    def refresh(self) -> None:
        supply = self.view.supply
        if supply is None:
            return
        if not supply.is_at_hand:
            supply.whole(BINS, True, self._know, lane="spread")
        if supply.is_at_hand:
            supply.whole(BINS, False, self._know, lane="spread")

    def _know(self, whole: Whole) -> None:
        counts, edges = whole.counts, whole.edges
        self.histogram.set_counts(
            np.zeros(0, np.int64) if counts is None else counts, np.zeros(0) if edges is None else edges
        )
        finite = whole.stats.count - whole.stats.bad
        by_sample, about = whole.stats.count > COUNTED, "about " if whole.stats.about else ""
        told = [f"{about}{numbers.count(finite, 'finite element')}"]
        told += [numbers.count(whole.nans, "NaN", "NaN")] if whole.nans else []
        told += [numbers.count(whole.infinities, "infinity", "infinities")] if whole.infinities else []
        self.words.setText(", ".join(told) + ("; the bars are those of a sample" if by_sample else ""))
