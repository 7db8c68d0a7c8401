"""What panels share that show a node step by step: which node and which row, and the maps with their titles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ..engine import messages as m
from .panels.live import LivePanel, header_choice, header_switch
from .sequences import SequenceAsker
from .session import Session
from .widgets.heat_map import HeatMap
from .widgets.part_choice import PartChoice
from .widgets.picture_button import step_buttons

BATCH = "batch"  # what the run is fed, where there is no data with parts
Floats = NDArray[np.float64]


class UnfoldPanel(LivePanel):
    """Base: a subclass says which nodes there are, what to say where there are none, and draws the answer.

    Page Up and Page Down go from row to row.
    """

    of_whole = True
    axes = ""  # what rows and columns of the maps are
    tallest = 300  # pixels of a map

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.told: m.Unfolded | None = None
        self.is_mean = False
        self._fault, self._keys = "", []
        self._known: tuple[object, list[tuple[str, str]]] = (None, [])
        self.asked = SequenceAsker(session, self._question, m.Unfolded, self)
        self.asked.arrived.connect(self._take)
        session.opened.connect(self._forget)
        self.node = header_choice((), "Node", "Which node is looked at", self._choose_node, 8)
        self.part = header_choice((), "Part", "Which of its layers and directions", self._choose, 7)
        self.split = PartChoice(session)
        self.split.chosen.connect(self._choose_split)
        self.mean = header_switch("mean", "The mean of the rows instead of one", False, self.set_mean)
        self.set_content(self._build())

    _keys: list[str]

    # For subclasses

    def choices(self) -> list[tuple[str, str]]:
        """(key, name) of the nodes that can be looked at."""
        raise NotImplementedError

    def nothing(self) -> str:
        """What would give it something to show."""
        raise NotImplementedError

    def maps(self, told: m.Unfolded) -> list[tuple[str, Floats, Sequence[str] | None, Sequence[str] | None]]:
        """(title, rows×columns, names of rows, names of columns) of each map."""
        raise NotImplementedError

    def scale_of(self, title: str, told: m.Unfolded) -> float | None:
        """The value of full colour."""
        return None

    def columns(self, count: int) -> int:
        """How many maps stand side by side."""
        return 1

    # What it is made of

    def _build(self) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(10, 2, 6, 4)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(2)
        self.row = QSpinBox()
        self.row.setAccessibleName("Row")
        self.row.setToolTip("Which row, counted from 0 (Page Up and Page Down step)")
        self.row.valueChanged.connect(self._choose)
        before, after = step_buttons(self.row)
        self._steps = (before, self.row, after)
        for each in self._steps:
            head.addWidget(each)
        self.words = QLabel()
        self.words.setProperty("role", "secondary")
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setMinimumWidth(1)
        self.words.setContentsMargins(8, 0, 0, 0)
        head.addWidget(self.words, 1)
        column.addLayout(head)
        self.room = QScrollArea()
        self.room.setFrameShape(QFrame.Shape.NoFrame)
        self.room.setWidgetResizable(True)
        self.room.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(0, 0, 4, 0)
        self._grid.setSpacing(4)
        self.room.setWidget(inside)
        column.addWidget(self.room, 1)
        self.shown: dict[str, HeatMap] = {}
        self._laid: tuple[Any, ...] = ()
        return content

    def header_tools(self) -> list[QWidget]:
        return [self.node, self.part, self.split, self.mean]

    def pictured(self) -> QWidget:
        return self.room

    # What is chosen

    def set_mean(self, on: bool) -> None:
        """The mean of the rows, or one."""
        self.is_mean = on
        for each in self._steps:
            each.setEnabled(not on)
        self._choose()

    def _choose_node(self, *_: object) -> None:
        self.part.clear()
        self._choose()

    def _choose_split(self, *_: object) -> None:
        self.row.setMaximum(max((self.told.counts if self.told else {}).get(self.split.part, 1) - 1, 0))
        self.asked.forget()  # what is on its way is of other rows
        self._choose()

    def _choose(self, *_: object) -> None:
        if self.isVisible():
            self.asked.want(now=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}.get(Qt.Key(event.key()))
        if by is not None and not self.is_mean:
            self.row.setValue(self.row.value() + by)
        else:
            super().keyPressEvent(event)

    # Asking

    def _question(self, request: int) -> m.Unfold | None:
        at = self.node.currentIndex()
        if not self.isVisible() or not 0 <= at < len(self._keys):
            return None
        split = self.split.part if self.split.part != BATCH else ""
        row = None if self.is_mean else self.row.value()
        return m.Unfold(request, self._keys[at], max(self.part.currentIndex(), 0), split, row)

    def _take(self, told: m.Unfolded) -> None:
        if told.message:
            self._fault, self.told = f"{told.message} {told.hint}".strip(), None
            self.pace.ask()
            return
        was_empty, self._fault, self.told = self.told is None, "", told
        self.pace.ask() if was_empty else self._draw()

    def _forget(self) -> None:
        self.told = None
        self.split.show_parts({}, "")
        self.asked.forget()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.asked.forget()

    def missing(self) -> bool:
        whole = self.session.seen.whole
        if self._known[0] is not whole:  # a large graph is gone through once an edit
            self._known = (whole, self.choices())
        choices = self._known[1]
        if not choices:
            self.told = None
            self.empty.say(self.nothing())
            return True
        self._fill_nodes(choices)
        self.asked.want()
        if self.told is None:
            self.empty.say(self._fault or "Asking the network …")
        return self.told is None

    def _fill_nodes(self, choices: list[tuple[str, str]]) -> None:
        keys, names = [key for key, _ in choices], [name for _, name in choices]
        if keys != self._keys or names != [self.node.itemText(k) for k in range(self.node.count())]:
            at = self.node.currentIndex()
            chosen = self._keys[at] if 0 <= at < len(self._keys) else ""
            self._keys = keys
            self.node.refill(names)
            self.node.setCurrentIndex(keys.index(chosen) if chosen in keys else 0)
        self.node.setVisible(len(names) > 1)

    # Drawing

    def redraw(self) -> None:
        self._draw()

    def _draw(self) -> None:
        told = self.told
        if told is None:
            return
        self.part.refill(list(told.parts))
        self.part.setVisible(len(told.parts) > 1)
        counts = told.counts or {BATCH: 0}
        self.split.show_parts(counts, self.split.part if self.split.part in counts else told.split or BATCH)
        self.split.setVisible(len(told.counts) > 1)
        count = told.counts.get(told.split, 0)
        if count and self.row.maximum() != count - 1:
            self.row.setMaximum(count - 1)
        self._tell(told, count)
        self._lay(self.maps(told), told)

    def _tell(self, told: m.Unfolded, count: int) -> None:
        rows = f"of {count:,} {told.split} rows" if told.split else "of the batch"
        mean = f"mean of {told.rows:,} {rows}" if told.rows else f"mean {rows}"
        which = mean if told.row is None else f"row {told.row:,} {rows}"
        name = self.node.currentText()
        self.words.setText(f"{name}: {which}  ·  step {told.step:,}  ·  {self.axes}")

    def _lay(self, maps: list[Any], told: m.Unfolded) -> None:
        titles, across = [title for title, *_ in maps], self.columns(len(maps))
        if (titles, across) != self._laid:
            self._laid = (titles, across)
            self._make(titles, across)
        for title, array, rows, columns in maps:
            self.shown[title].set_array(
                array, scale=self.scale_of(title, told), row_names=rows, column_names=columns
            )

    def _make(self, titles: list[str], across: int) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.shown = {}
        for k, title in enumerate(titles):
            place = QWidget()
            column = QVBoxLayout(place)
            column.setContentsMargins(0, 0, 4, 2)
            column.setSpacing(2)
            label = QLabel(title)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setProperty("role", "secondary")
            label.setMinimumWidth(1)
            self.shown[title] = shown = HeatMap(max_height=self.tallest)
            shown.setAccessibleName(title)
            column.addWidget(label)
            column.addWidget(shown)
            column.addStretch(1)
            self._grid.addWidget(place, k // across, k % across)
        for k in range(max(self._grid.columnCount(), across)):
            self._grid.setColumnStretch(k, 1 if k < across else 0)
        self._grid.setRowStretch(self._grid.rowCount(), 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.told is not None:
            self.changed()


def tokens_of(told: m.Unfolded, name: str, length: int) -> list[str] | None:
    """What was read at each step, in signs where they are known; None where nothing is known."""
    found = told.tokens.get(name)
    if found is None or len(found) != length:
        return None
    symbols = told.symbols.get(name, ())
    return [symbols[k] if 0 <= k < len(symbols) else str(k) for k in np.asarray(found).tolist()]
