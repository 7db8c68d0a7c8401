"""Units over text: what one unit of a layer does at each character, and which unit tracks what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...data.text import decode, encode, signs, unknown_words
from ...engine import messages as m
from ...engine.flatten import End
from ...engine.language import Language, layers_of
from ...lab.tracking import Tracks, tracks
from .. import numbers
from ..evaluating import Evaluation
from ..language_panel import LanguagePanel
from ..plane.outlook_panel import refill, small_combo
from ..session import Session
from ..theme import mono_font
from ..widgets.text_cells import TextCells
from .registry import panel

OWN = "your own"
CLOSEST = "what it tracks best"
RESTING, RUNNING = 1600, 640  # characters that are looked at
MOST_UNITS = 1024


@panel("units", "Units over text", "bottom", 50, shown=False, tabbed=True)
class UnitsPanel(LanguagePanel):
    """On the left the units, by how closely they go with something; on the right the text in the colours of one."""

    picture = "units"
    about = "What each unit does over a text stands here."
    needs = "It takes a Text, and layers that keep its places."
    example_of = "names-lstm"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.layers: tuple[End, ...] = ()
        self.values = np.zeros((0, 0))  # (characters, units)
        self.text = ""
        self.found = Tracks((), np.zeros((0, 0)))
        self.split, self.unit = "", 0
        self.cells, self.said, self.read_out = TextCells(), QLabel(), QLabel()
        self.own = QLineEdit()
        self.table_of_units = QTableWidget(0, 3)
        self.layer = small_combo("Layer", "Whose units are looked at")
        self.sign = small_combo("Sign", "By what the units are sorted: what of the text they go with")
        self.layer.setMaximumWidth(130)
        self.sign.setMaximumWidth(170)
        self.layer.activated.connect(lambda _: self._again())
        self.sign.activated.connect(lambda _: self._sort(choose=True))
        self.set_content(self._build())
        self.listen()

    def _build(self) -> QWidget:
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(10, 2, 10, 6)
        row.setSpacing(12)
        self._dress_table()
        row.addWidget(self.table_of_units)
        right = QVBoxLayout()
        right.setSpacing(4)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAlignment(Qt.AlignmentFlag.AlignTop)
        area.setWidget(self.cells)
        for label in (self.said, self.read_out):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setMinimumWidth(1)
        self.said.setProperty("role", "secondary")
        self.read_out.setFont(mono_font(11))
        self.own.setPlaceholderText("A text of your own in place of the data")
        self.own.setAccessibleName("Text of your own")
        self.own.textEdited.connect(lambda _: self._again())
        right.addWidget(self.said)
        right.addWidget(area, 1)
        right.addWidget(self.own)
        right.addWidget(self.read_out)
        row.addLayout(right, 1)
        self.cells.pointed.connect(lambda _: self._tell())
        return content

    def _dress_table(self) -> None:
        table = self.table_of_units
        table.setHorizontalHeaderLabels(["unit", "goes with", "r"])
        table.setAccessibleName("Units and what they go with")
        table.setToolTip("r: the correlation of its value with what stands beside it, from −1 to 1")
        table.verticalHeader().hide()
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        table.setColumnWidth(0, 52)
        table.setColumnWidth(2, 62)
        table.verticalHeader().setDefaultSectionSize(22)
        table.setFixedWidth(280)
        table.currentCellChanged.connect(lambda row, *_: self._choose(row))

    def header_tools(self) -> list[QWidget]:
        return [self.layer, self.sign]

    # What is asked

    def _renew(self) -> None:
        """The graph may be another."""
        before = self.where, self.layers
        if not self.find():
            return
        whole = self.session.seen.whole
        self.layers = layers_of(whole, self.where) if self.where is not None else ()
        items = [
            (whole.nodes[end[0]].path + ("" if end[1] in "yh" else f".{end[1]}"), end) for end in self.layers
        ]
        refill(self.layer, list(items), self._likely())
        if before != (self.where, self.layers):
            self._forget()

    def _likely(self) -> End | None:
        """The layer that people mean: the last recurrent one, else the last that is no scores of characters."""
        whole = self.session.seen.whole
        ops = {end: whole.nodes[end[0]].op for end in self.layers}
        recurrent = [end for end, op in ops.items() if op is not None and op.category == "Recurrent"]
        inner = [end for end in self.layers if whole.specs[end].shape[2] != len(self.alphabet)]
        return next(iter((*recurrent[::-1], *inner[::-1], *self.layers[::-1])), None)

    def _forget(self, *_: object) -> None:
        self.asker.forget()
        self.values, self.text = np.zeros((0, 0)), ""

    def _again(self) -> None:
        self._forget()
        self.asker.want(now=True)
        self.changed()

    def _ask(self, asked: Evaluation) -> object:
        where, end = self.where, self.layer.currentData()
        if where is None or end is None or not self.isVisible():
            return None
        if self.own.text():
            return self._ask_own(asked, where, end)
        room = RUNNING if self.session.status.state == "training" else RESTING
        training = self.session.whole.training
        split = "validation" if training.validation else "train"
        asked.of_rows(split, [end, where.reads], range(max(1, room // where.length)))
        return split, end, None

    def _ask_own(self, asked: Evaluation, where: Language, end: End) -> object:
        """The text of somebody's own, cut into rows; the last is filled up, and what fills it is not shown."""
        codes, _ = encode(self.own.text(), self.alphabet)
        if not len(codes):
            return None
        rows = np.zeros((-(-len(codes) // where.length), where.length), np.int64)
        rows.ravel()[: len(codes)] = codes
        asked.of_arrays({where.reads: rows}, [end, where.reads])
        return OWN, end, len(codes)

    def _take(self, about: Any, event: m.Evaluated) -> None:
        if event.message:
            self.fault = f"{event.message} {event.hint}".strip()
            self._forget()
        elif about is not None and about[1] == self.layer.currentData():
            states, codes = (np.asarray(array) for array in event.values)
            self.values = states.reshape(-1, states.shape[-1])[:, :MOST_UNITS].astype(np.float64)
            self.text = decode(codes.ravel(), self.alphabet)
            self.text, self.values = self.text[: about[2]], self.values[: about[2]]
            self.split, self.step, self.fault, self.is_stale = about[0], event.step, "", False
            self.found = tracks(self.values, self.text)
            refill(self.sign, [(CLOSEST, ""), *((name, name) for name in self.found.signs)], "")
        self.changed()

    # What is shown

    def missing(self) -> bool:
        self._renew()
        if self.where is None or not self.alphabet or not self.layers:
            self.say_nothing_reads()
            return True
        if not len(self.values) and not self.own.text():
            self.asker.want()
            self.empty.say(self.fault or "Asking the network …")
            return True
        return False

    def redraw(self) -> None:
        if self.session.status.step != self.step or self.is_stale:
            self.asker.want()
        self._sort()

    def _sort(self, choose: bool = False) -> None:
        """The units in their order. The one that was chosen stays so, unless `choose`: then the first is."""
        table, ranked = self.table_of_units, self.found.ranked(self.sign.currentData() or "")
        table.blockSignals(True)
        table.setRowCount(len(ranked))
        for row, (unit, sign, along) in enumerate(ranked):
            for column, words in enumerate((str(unit), sign, numbers.number(along, 2, sign=True))):
                item = table.item(row, column)
                if item is None:
                    item = QTableWidgetItem()
                    if column != 1:
                        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                        item.setFont(mono_font(11))
                    table.setItem(row, column, item)
                item.setText(words)
        units = [unit for unit, *_ in ranked]
        if units and (choose or self.unit not in units or not table.selectedItems()):
            self.unit = units[0]
        if units:
            table.selectRow(units.index(self.unit))
        table.blockSignals(False)
        if choose:
            table.scrollToTop()
        self._show_unit()

    def _choose(self, row: int) -> None:
        ranked = self.found.ranked(self.sign.currentData() or "")
        if 0 <= row < len(ranked):
            self.unit = ranked[row][0]
            self._show_unit()

    def _show_unit(self) -> None:
        own, units = self.own.text(), self.values.shape[1]
        values = self.values[:, self.unit] if self.unit < units else np.zeros(0)
        scale = float(np.nanmax(np.abs(self.values), initial=0)) or 1.0
        self.cells.show_values(signs(self.text[: len(values)]), values, scale)
        about = (
            f"Unit {self.unit} of {self.layer.currentText()} over {len(self.text):,} characters of {self.split} "
            f"text  ·  step {self.step:,}"
        )
        self.said.setText(unknown_words(encode(own, self.alphabet)[1]) or (about if len(values) else "…"))
        self.said.setToolTip(self.said.text())
        self._tell()

    def _tell(self) -> None:
        at = self.cells.at
        scale = numbers.number(self.cells.scale, 3)
        if at is None or at >= len(self.text):
            words = f"full colour at ±{scale}; point at a character for its number"
        else:
            value = numbers.number(float(self.cells.values[at]), 4, sign=True)
            words = f"“{self.cells.characters[at]}” at {at}: unit {self.unit} is {value}"
        self.read_out.setText(words)
        self.cells.setAccessibleDescription(words)

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """A line for each character: the value of every unit."""
        header = ["place", "character", *(f"unit {k}" for k in range(self.values.shape[1]))]
        return header, (
            [k, character, *row]
            for k, (character, row) in enumerate(zip(self.text, self.values.tolist(), strict=True))
        )
