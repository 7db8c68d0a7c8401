"""Calibration: whether rows that the network is 80 % sure of are right in 80 of 100 cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from ...engine.calibration import Calibration
from ..session import Session
from ..verdict_panel import SamplesPanel
from ..widgets.reliability_view import ReliabilityView, rows_in, score
from ..widgets.split_choice import part_of
from ..widgets.verdict_cards import VerdictCards
from .registry import panel


@panel("calibration", "Calibration", "bottom", 45, shown=False, tabbed=True)
class CalibrationPanel(SamplesPanel):
    """The diagram on the left; on the right the rows of the bin chosen, or the surest that are wrong."""

    picture = "calibration"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.view, self.cards = ReliabilityView(), VerdictCards()
        self.calibration: Calibration | None = None
        self.view.chosen.connect(self.changed)
        self.cards.chosen.connect(self.look_at)
        self.set_content(self.side_by_side(self.view, self.cards))

    def header_tools(self) -> list[QWidget]:
        return [self.split]

    def seen_as(self) -> tuple[object, ...]:
        return (self.view.picked,)

    @property
    def is_part_chosen(self) -> bool:
        return self.view.picked is not None

    def draw(self) -> None:
        found = self.calibration = Calibration.of(self.found)
        self.view.show_calibration(found)
        errors = f"ECE {score(found.ece)}  ·  Brier {score(found.brier)}  ·  largest gap {score(found.worst)}"
        self.said.setText(f"{errors}  ·  {part_of(self.samples)}")
        self.said.setToolTip(
            "ECE: by how much, on average, rows are surer than right, or less sure (Guo et al. 2017). "
            "Brier: the squared error of the probabilities, summed over the classes."
        )
        self._show_cards(found, self.view.picked)

    def _show_cards(self, found: Calibration, place: int | None) -> None:
        verdicts, look = self.samples.verdicts, self.samples.look
        if verdicts is None or look is None:
            return
        order = verdicts.arranged("surest first")
        if place is None:
            order = order[~verdicts.right[order]]
            self.title.setText(f"{len(order):,} wrong, the surest first" if len(order) else "Nothing wrong")
            nothing = "Every row is told right."
        else:
            inside = set(rows_in(found, place).tolist())
            order = order[[k in inside for k in order.tolist()]]
            self.title.setText(self.view.words(place))
            nothing = "No row is so sure."
        self.title.setToolTip(self.title.text())
        self.cards.show_verdicts(look, verdicts, order, nothing)

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """A line for each bin."""
        header = ["from", "to", "rows", "mean probability", "share right", "gap"]
        found = self.calibration
        if found is None:
            return header, iter(())
        columns = (
            found.edges[:-1],
            found.edges[1:],
            found.counts,
            found.sureness,
            found.accuracy,
            found.gaps,
        )
        return header, (list(line) for line in zip(*(column.tolist() for column in columns), strict=True))
