"""What is not well at the node shown: a card for each complaint, with what would help."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ...engine.finding import Problem
from ...engine.health import Complaint
from ..session import Session
from .parts import ProblemCard, column


class Ailments(QWidget):
    """Takes no room while all is well."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session, self._node = session, ""
        self._rows = column(self, spacing=6)
        self._shown: list[Complaint] = []
        self.cards: list[ProblemCard] = []
        session.health.changed.connect(self._show)
        self.hide()

    def show_node(self, node: str) -> None:
        """Show what is not well at this node of the sheet."""
        self._node = node
        self._show()

    def _show(self) -> None:
        found = self._session.health.at(self._node) if self._node else []
        if found == self._shown:
            return
        self._shown = found
        for card in self.cards:
            self._rows.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = [self._card(complaint) for complaint in found]
        self.setVisible(bool(found))

    def _card(self, complaint: Complaint) -> ProblemCard:
        problem = Problem(complaint.node, "", "", complaint.text, complaint.hint)
        card = ProblemCard(problem, token="warning")
        card.setAccessibleName(f"{complaint.kind}: {complaint.text}")
        card.offer(complaint.fixes, self._session.remedies.apply)
        self._rows.addWidget(card)
        return card
