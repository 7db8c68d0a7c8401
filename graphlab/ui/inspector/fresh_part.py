"""Weights of a node, or of several, begun again by their initialisers from a seed that one chooses."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSpinBox, QWidget

from .. import numbers
from ..icons import icon
from ..session import Session
from ..theme import mono_font
from .parts import quiet

MOST = 2**31 - 1


class FreshPart(QWidget):
    """Follows nodes of the session; `show_nodes` says which. Not shown where they own nothing that is learnt."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._ids: list[str] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        label = quiet("weights")
        label.setFixedWidth(104)
        self.seed = QSpinBox()
        self.seed.setRange(0, MOST)
        self.seed.setPrefix("seed ")
        self.seed.setMinimumWidth(60)
        self.seed.lineEdit().setTextMargins(6, 0, 0, 0)
        self.seed.setValue(1)
        self.seed.setFont(mono_font(12))
        self.seed.setAccessibleName("Seed for weights drawn anew")
        self.button = QPushButton(icon("reset"), "anew")
        self.button.setProperty("role", "small")
        self.button.setAccessibleName("Re-initialise the weights")
        self.button.clicked.connect(self._draw)
        for widget, share in ((label, 0), (self.seed, 1), (self.button, 1)):
            row.addWidget(widget, share)

    def show_nodes(self, ids: Iterable[str]) -> None:
        """Show these nodes."""
        self._ids = list(ids)
        found, ends = self._session.seen.whole, self._session.new_weights.of_nodes(self._ids)
        count = sum(found.parameter_count(key) for key in {key for key, _ in ends})
        self.button.setToolTip(
            f"Let {numbers.count(count, 'parameter')} begin again, by their initialisers, from this seed"
        )
        self.setVisible(bool(ends))

    def _draw(self) -> None:
        new = self._session.new_weights
        self._session.attempt(new.draw_anew, new.of_nodes(self._ids), self.seed.value())
