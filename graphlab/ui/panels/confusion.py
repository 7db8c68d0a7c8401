"""Confusion: which classes the network takes for which, and the rows behind every number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from ...engine.confusion import Confusion
from ..samples import samples_of
from ..session import Session
from ..widgets.confusion_view import Cell, ConfusionView
from ..widgets.split_choice import SplitChoice, said_of
from ..widgets.verdict_cards import VerdictCards
from .live import LivePanel, header_switch
from .registry import panel


@panel("confusion", "Confusion", "bottom", 44, shown=False, tabbed=True)
class ConfusionPanel(LivePanel):
    """The matrix on the left; on the right the rows of the cell chosen, or all that are wrong."""

    picture = "confusion"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.samples = samples_of(session)
        self.samples.arrived.connect(self.changed)
        self.said, self.matrix, self.cards = QLabel(), ConfusionView(), VerdictCards()
        self.title = QLabel()
        self.split = SplitChoice(self.samples)
        self._as_percent = False
        self.matrix.chosen.connect(self.changed)
        self.cards.chosen.connect(self._look_at)
        self.set_content(self._build())

    def _build(self) -> QWidget:
        left, right = QWidget(), QWidget()
        for place, parts in ((left, (self.said, self.matrix)), (right, (self.title, self.cards))):
            column = QVBoxLayout(place)
            column.setContentsMargins(10, 2, 6, 6)
            column.setSpacing(4)
            parts[0].setProperty("role", "secondary")
            parts[0].setTextFormat(Qt.TextFormat.PlainText)
            parts[0].setMinimumWidth(1)
            column.addWidget(parts[0])
            column.addWidget(parts[1], 1)
        self._both = QSplitter(Qt.Orientation.Horizontal)
        self._both.addWidget(left)
        self._both.addWidget(right)
        self._both.setStretchFactor(0, 3)
        self._both.setStretchFactor(1, 2)
        self._both.setChildrenCollapsible(False)
        return self._both

    def header_tools(self) -> list[QWidget]:
        return [
            self.split,
            header_switch("%", "Shares of each true class instead of counts", False, self.set_percent),
        ]

    def set_percent(self, on: bool) -> None:
        self._as_percent = on
        self.changed()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.samples.join(self)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.samples.leave(self)

    def missing(self) -> bool:
        if self.samples.verdicts is not None:
            return False
        text = f"{self.samples.why} {self.samples.hint}".strip()
        self.empty.say(text or "Asking the network …")
        return True

    def redraw(self) -> None:
        found, look = self.samples.verdicts, self.samples.look
        if found is None or look is None:
            return
        wide = self.width() >= 620
        self._both.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)
        self.split.refresh()
        self.confusion = Confusion.of(found)
        self.matrix.show_confusion(self.confusion, self._as_percent)
        self.said.setText(f"{said_of(self.samples)}  ·  mean F1 {self.confusion.macro_f1:.1%}")
        self._show_cards(self.matrix.cell)

    confusion: Confusion | None = None

    def _show_cards(self, cell: Cell | None) -> None:
        found, look = self.samples.verdicts, self.samples.look
        if found is None or look is None:
            return
        if cell is None:
            order = found.arranged("wrong first")
            order = order[~found.right[order]]
            self.title.setText(f"{len(order):,} wrong" if len(order) else "Nothing wrong")
            nothing = "Every row is told right."
        else:
            order = found.arranged("largest loss first", *cell)
            self.title.setText(self.matrix.words(cell))
            nothing = "No such row."
        self.title.setToolTip(self.title.text())
        self.cards.show_verdicts(look, found, order, nothing)

    def _look_at(self, position: int | None) -> None:
        found = self.samples.verdicts
        if position is not None and found is not None:
            self.samples.point_at(int(found.rows[position]))

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """The counts, a line for each true class, with recall, precision and F1 of that class."""
        found = self.confusion
        if found is None:
            return [], iter(())
        header = ["true", *(f"said {name}" for name in found.classes), "recall", "precision", "F1"]
        figures = zip(found.recall.tolist(), found.precision.tolist(), found.f1.tolist(), strict=True)
        lines = zip(found.classes, found.counts.tolist(), figures, strict=True)
        return header, ([name, *counts, *three] for name, counts, three in lines)
