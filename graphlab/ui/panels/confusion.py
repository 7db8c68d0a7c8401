"""Confusion: which classes the network takes for which, and the rows behind every number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from ...engine.confusion import Confusion
from ..session import Session
from ..verdict_panel import SamplesPanel
from ..widgets.confusion_view import Cell, ConfusionView
from ..widgets.split_choice import said_of
from ..widgets.verdict_cards import VerdictCards
from .live import header_switch
from .registry import panel


@panel("confusion", "Confusion", "bottom", 44, shown=False, tabbed=True)
class ConfusionPanel(SamplesPanel):
    """The matrix on the left; on the right the rows of the cell chosen, or all that are wrong."""

    picture = "confusion"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.matrix, self.cards = ConfusionView(), VerdictCards()
        self.confusion: Confusion | None = None
        self._as_percent = False
        self.matrix.chosen.connect(self.changed)
        self.cards.chosen.connect(self.look_at)
        self.set_content(self.side_by_side(self.matrix, self.cards))

    def header_tools(self) -> list[QWidget]:
        return [
            self.split,
            header_switch("%", "Shares of each true class instead of counts", False, self.set_percent),
        ]

    def set_percent(self, on: bool) -> None:
        self._as_percent = on
        self.changed()

    def seen_as(self) -> tuple[object, ...]:
        return self._as_percent, self.matrix.picked

    @property
    def is_part_chosen(self) -> bool:
        return self.matrix.picked is not None

    def draw(self) -> None:
        self.confusion = Confusion.of(self.found)
        self.matrix.show_confusion(self.confusion, self._as_percent)
        self.said.setText(f"{said_of(self.samples)}  ·  mean F1 {self.confusion.macro_f1:.1%}")
        self._show_cards(self.matrix.picked)

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

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """The counts, a line for each true class, with recall, precision and F1 of that class."""
        found = self.confusion
        if found is None:
            return [], iter(())
        header = ["true", *(f"said {name}" for name in found.classes), "recall", "precision", "F1"]
        figures = zip(found.recall.tolist(), found.precision.tolist(), found.f1.tolist(), strict=True)
        lines = zip(found.classes, found.counts.tolist(), figures, strict=True)
        return header, ([name, *counts, *three] for name, counts, three in lines)
