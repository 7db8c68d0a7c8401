"""Weights from a file or from another tab: which of them go where, chosen one by one, and taken as one edit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from ...ops import shape_text
from .. import numbers
from ..icons import icon
from ..inspector.parts import Elided
from ..session import Session
from ..widgets.transfer_list import TransferList, told
from .live import LivePanel
from .registry import panel

MOST_NAMED = 4  # arrays without a fit, or left over, that are named
FILES = "Weights (*.safetensors *.npz *.graphlab *.onnx)"


@panel("transfer", "Transfer weights", "right", 60, icon="insert", shown=False, tabbed=True)
class TransferPanel(LivePanel):
    """A row for each parameter of this graph. Nothing changes before the button below is pressed."""

    picture = "weights"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.transfer = session.transferring
        self.choose_file = self._choose_file
        self.head, self.words = QLabel(), QLabel()
        self.without, self.left_over = Elided(), Elided()
        self.list = TransferList()
        self.list.rows.ticked.connect(self._tick)
        self.list.rows.assigned.connect(self.transfer.assign)
        self.list.moved.connect(self._tell)
        self.take = QPushButton("Take")
        self.take.setProperty("role", "primary")
        self.take.clicked.connect(lambda: session.attempt(self.transfer.carry))
        self.others = QMenu(self)
        self.others.aboutToShow.connect(self._fill_others)
        self.set_content(self._build())
        self.transfer.changed.connect(self.pace.ask)

    def _build(self) -> QWidget:
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(12, 4, 8, 8)
        column.setSpacing(6)
        for label in (self.head, self.words, self.without, self.left_over):
            label.setProperty("role", "secondary")
        for label in (self.head, self.words):
            label.setWordWrap(True)
        top, choice, bottom = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        top.addWidget(self._small("Choose file …", "open", "Take weights from another file", self.open), 1)
        top.addWidget(self._from_tab(), 1)
        choice.addWidget(self._small("All that fit", "", "Tick every row that fits", self._all), 1)
        choice.addWidget(self._small("By name", "", "Tick those of the same name only", self._by_name), 1)
        choice.addWidget(self._small("None", "", "Tick nothing", partial(self.transfer.choose, ())), 1)
        bottom.addWidget(self._small("Close", "", "Put these weights away", self.transfer.end))
        bottom.addWidget(self.take, 1)
        column.addLayout(top)
        column.addWidget(self.head)
        column.addLayout(choice)
        column.addWidget(self.list, 1)
        column.addWidget(self.words)
        column.addWidget(self.without)
        column.addWidget(self.left_over)
        column.addLayout(bottom)
        return content

    def _small(self, text: str, picture: str, tip: str, run: Any) -> QPushButton:
        made = QPushButton(text)
        if picture:
            made.setIcon(icon(picture))
        made.setProperty("role", "small")
        made.setToolTip(tip)
        made.clicked.connect(lambda: run())
        return made

    def _from_tab(self) -> QPushButton:
        made = QPushButton("From tab")
        made.setProperty("role", "small")
        made.setToolTip("Take the weights of a graph that is open in another tab")
        made.setMenu(self.others)
        return made

    # What is at hand

    def open(self) -> None:
        """Asks for a file of weights and lists what of it fits."""
        name = self.choose_file()
        if name:
            self.transfer.open(Path(name))

    def _choose_file(self) -> str:
        path = self.session.path
        return QFileDialog.getOpenFileName(self, "Weights", str(path.parent if path else Path.home()), FILES)[
            0
        ]

    def _fill_others(self) -> None:
        self.others.clear()
        for other in self.transfer.others():
            name = other.path.stem if other.path else other.whole.name
            self.others.addAction(name.replace("&", "&&"), partial(self.transfer.open_session, other))
        if self.others.isEmpty():
            self.others.addAction("No other tab has weights").setEnabled(False)

    # The choice

    def _tick(self, target: str, on: bool) -> None:
        chosen = {row.target for row in self.transfer.found.chosen}
        self.transfer.choose(chosen | {target} if on else chosen - {target})

    def _all(self) -> None:
        self.transfer.choose(row.target for row in self.transfer.found.rows)

    def _by_name(self) -> None:
        self.transfer.choose(row.target for row in self.transfer.found.rows if row.how == "name")

    # Showing

    def changed(self, *_: object) -> None:
        """The values of a run are nothing to it."""

    def missing(self) -> bool:
        if self.transfer.is_on and self.transfer.found.rows:
            return False
        if self.transfer.is_on:
            self.empty.say("No parameter here can take weights yet. Add a layer that learns, and wire it.")
        else:
            self.empty.say(
                "Open a file of weights (.safetensors, .npz or .graphlab): what fits this graph by name and shape is "
                "listed here, and why the rest does not.",
                "Choose file …",
                self.open,
                "open",
            )
        return True

    def redraw(self) -> None:
        found, given = self.transfer.found, self.transfer.given
        self.list.show_transfer(found, given)
        fit = sum(row.fits for row in found.rows)
        here = numbers.count(len(found.rows), "array")
        self.head.setText(
            f"{self.transfer.title} has {numbers.count(len(given), 'array')}; {fit:,} of the {here} here can be had."
        )
        without = [row.target for row in found.rows if not (row.fits or row.is_counter)]
        self.without.setText(f"No fit for: {_named(without)}.")
        self.without.setVisible(bool(without))
        self.left_over.setText(f"Left over there: {_named(found.strays)}.")
        self.left_over.setVisible(bool(found.strays))
        self._tell()
        chosen = len(found.chosen)
        self.take.setText(f"Take {chosen:,} of {len(found.rows):,}")
        self.take.setEnabled(bool(chosen))

    def _tell(self) -> None:
        """Says all of why the current row does not fit: that may be cut in the list."""
        row = self.list.current
        self.words.setText(
            f"{row.target}: {told(row)}." if row is not None and row.how in ("misfit", "broken") else ""
        )
        self.words.setVisible(bool(self.words.text()))

    def dress(self, *_: object) -> None:
        self.list.viewport().update()

    def table(self) -> tuple[list[str], Iterable[Sequence[Any]]]:
        rows = self.transfer.found.rows
        cells = (
            (r.target, shape_text(r.shape), r.source, "yes" if r.is_chosen else "no", r.words) for r in rows
        )
        return ["here", "shape", "from", "taken", "why"], cells


def _named(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
