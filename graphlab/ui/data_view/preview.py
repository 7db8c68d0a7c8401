"""The rows themselves: as points that can be painted, as images, or as a table."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from ...data.looking import Look
from .. import numbers
from ..theme import mono_font
from ..widgets.fields import QuietCombo
from ..widgets.row_table import MOST_COLUMNS, MOST_ROWS, RowTable
from .gallery import Gallery
from .hand import PaintedScatter
from .scatter import MOST
from .tools import ToolStrip

AROUND, LEAST, TALLEST = 118, 140, 264  # pixels: what stands around the picture, and bounds of its height
VIEWS = {"points": "Points", "images": "Images", "rows": "Rows"}


class Preview(QWidget):
    """Shows a look. What a hand paints comes by `scatter.painted`; `class_wanted` asks for one more class."""

    class_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look: Look | None = None
        self._source: object = None
        self.view, self.across, self.up = QuietCombo(), QuietCombo(), QuietCombo()
        self.tools = ToolStrip()
        self.scatter, self.gallery, self.rows = PaintedScatter(), Gallery(), RowTable()
        self.read_out = QLabel()
        self._stack = QStackedWidget()
        self._build()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._bar = QWidget()
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for combo, name in ((self.view, "Shown as"), (self.across, "To the right"), (self.up, "Upwards")):
            combo.setAccessibleName(name)
            combo.setToolTip(name)
            row.addWidget(combo, 1)
        column.addWidget(self._bar)
        column.addWidget(self.tools)
        for widget in (self.scatter, self.gallery, self.rows):
            self._stack.addWidget(widget)
        self._stack.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        column.addWidget(self._stack, 1)
        self.read_out.setFont(mono_font(11))
        self.read_out.setProperty("role", "secondary")
        self.read_out.setMinimumWidth(1)
        column.addWidget(self.read_out)
        self.view.activated.connect(lambda _: self._turn())
        self.across.activated.connect(lambda _: self._turn())
        self.up.activated.connect(lambda _: self._turn())
        self.scatter.pointed.connect(self._tell)
        self.gallery.pointed.connect(self._tell)
        self.tools.tool_chosen.connect(self._take_tool)
        self.tools.class_chosen.connect(self._take_class)
        self.tools.class_wanted.connect(self.class_wanted)
        self.scatter.tool_chosen.connect(self.tools.show_tool)
        self.scatter.class_chosen.connect(self.tools.show_class)
        self.tools.show_tool("look")

    # What is shown

    @property
    def shown_as(self) -> str:
        """ "points", "images" or "rows"."""
        return str(self.view.currentData() or "rows")

    def fit_into(self, height: int) -> None:
        """As tall as a panel of that height shows without being scrolled; 0 for as tall as there is room."""
        picture = min(max(height - AROUND, LEAST), TALLEST)
        self._stack.setMinimumHeight(picture if height else 0)
        self._stack.setMaximumHeight(picture if height else 16_777_215)

    def show_look(self, found: Look, source: object, can_paint: bool, may_add: bool) -> None:
        """Shows the rows of a source. `can_paint`: its points may be edited; `may_add`: it may have one more class."""
        is_other, before = source != self._source, self._look
        self._look, self._source = found, source
        views = self._views(found, can_paint)
        if is_other or views != [self.view.itemData(k) for k in range(self.view.count())]:
            self.view.clear()
            for name in views:
                self.view.addItem(VIEWS[name], name)
            self._fill_axes(found)
        elif before is not None and before.names != found.names:
            self._fill_axes(found)
        self.scatter.can_paint = can_paint
        self.scatter.classes = max(len(found.classes), 1)
        if not can_paint or self.scatter.colour >= self.scatter.classes:
            self.scatter.colour = 0
        if not can_paint:
            self.scatter.choose_tool("look")
        self.tools.show_classes(found.classes, self.scatter.colour, may_add)
        self._turn(keep_view=can_paint and not is_other and len(self.scatter.points) > 0)

    @staticmethod
    def _views(found: Look, can_paint: bool) -> list[str]:
        if found.image_shape is not None and found.image_shape[0] in (1, 3):
            return ["images"]
        width = len(found.axes)
        if can_paint or (width == 2 and len(found) and not found.fault):
            return ["points", "rows"]
        return ["rows", "points"] if 2 <= width <= MOST_COLUMNS and not found.alphabet else ["rows"]

    def _fill_axes(self, found: Look) -> None:
        names = found.axes[:MOST_COLUMNS]
        for combo, start in ((self.across, 0), (self.up, 1)):
            combo.clear()
            combo.addItems(list(names))
            combo.setCurrentIndex(min(start, len(names) - 1))

    def _turn(self, keep_view: bool = False) -> None:
        found, kind = self._look, self.shown_as
        if found is None:
            return
        many = len(found.axes) > 2
        self.view.setVisible(self.view.count() > 1)
        for combo in (self.across, self.up):
            combo.setVisible(kind == "points" and many)
        self._bar.setVisible(self.view.count() > 1)
        self.tools.setVisible(kind == "points" and self.scatter.can_paint)
        if kind == "points":
            across, up = max(self.across.currentIndex(), 0), max(self.up.currentIndex(), 0)
            if self.scatter.is_stroking:
                return
            self.scatter.show_look(found, across, up, keep_view and self._holds(found))
            self._stack.setCurrentWidget(self.scatter)
        elif kind == "images":
            self.gallery.show_look(found)
            self._stack.setCurrentWidget(self.gallery)
        else:
            self._show_rows(found)
            self._stack.setCurrentWidget(self.rows)
        self._tell(None)

    def _holds(self, found: Look) -> bool:
        """Whether all points lie in the part of the plane that is shown."""
        x0, y0, x1, y1 = self.scatter.view
        if not len(found):
            return True
        inside = (found.x >= (x0, y0)) & (found.x <= (x1, y1))
        return bool(inside.all())

    def _show_rows(self, found: Look) -> None:
        names = tuple(found.name(k) for k in range(min(found.x.shape[1], MOST_COLUMNS - 1)))
        cells = found.x[:MOST_ROWS, : len(names)]
        words = dict.fromkeys(names, found.alphabet) if found.alphabet else {}
        target = found.target
        if target and (found.labels is not None or found.numbers is not None):
            if found.labels is not None:
                goal = np.where(found.labels < 0, np.nan, found.labels)[:MOST_ROWS]
                words[target] = found.classes
            else:
                goal = found.numbers[:MOST_ROWS] if found.numbers is not None else cells[:, 0]
            names = (*names, target)
            cells = np.concatenate([cells, np.asarray(goal, np.float32)[:, None]], axis=1)
        self.rows.show_rows(cells, names, words, target)

    def _tell(self, row: int | None) -> None:
        """The line below: a row, or how many there are."""
        found = self._look
        if found is None:
            return
        if row is None or row >= len(found):
            shown = f", {MOST:,} of them shown" if self.shown_as == "points" and len(found) > MOST else ""
            self.read_out.setText(
                f"{numbers.count(len(found), 'row')} of {numbers.shape(found.shape)}{shown}"
            )
            return
        parts = [f"row {row + 1:,}"]
        if found.labels is not None and found.labels[row] >= 0:
            parts.append(found.classes[int(found.labels[row])])
        elif found.numbers is not None:
            parts.append(f"{found.target} {numbers.number(float(found.numbers[row]))}")
        if self.shown_as == "points":
            values = (found.along(max(combo.currentIndex(), 0))[row] for combo in (self.across, self.up))
            parts.append(f"({', '.join(numbers.number(float(v)) for v in values)})")
        part = found.part_of(row)
        self.read_out.setText(" · ".join([*parts, part] if part else parts))

    def _take_tool(self, name: str) -> None:
        self.scatter.choose_tool(name)
        self.scatter.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take_class(self, index: int) -> None:
        self.scatter.choose_class(index)
        if self.scatter.tool in ("look", "erase", "move"):
            self.scatter.choose_tool("brush")
        self.scatter.setFocus(Qt.FocusReason.OtherFocusReason)
