"""Health: what is not well with the network, with the evidence and what would mend it. A click goes to the node."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from ...engine.finding import Problem
from ...engine.health import Complaint
from ..inspector.parts import ProblemCard
from ..session import Session
from .live import LivePanel, header_button
from .registry import panel

MOST = 40  # cards


@panel("health", "Health", "bottom", 70, shown=False)
class HealthPanel(LivePanel):
    """One card for each complaint, the worst first. What a batch shows is looked at anew whenever the run pauses."""

    picture = "health"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.cards: list[Card] = []
        self._shown: list[Complaint] | None = None
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(10, 4, 10, 8)
        self._column.setSpacing(6)
        self._column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._inside)
        self.set_content(area)
        session.health.changed.connect(self.changed)
        session.examined.connect(lambda *_: self.changed())

    def header_tools(self) -> list[QWidget]:
        tip = "Go forward and backward with this batch, and say what does not look well"
        return [header_button("examine", "health", tip, self.session.examine)]

    def missing(self) -> bool:
        found = self.session.health.complaints()
        if found != self._shown:
            self._shown = found
            self._lay_out(found)
        if found:
            return False
        if self.session.vitals:
            self.empty.say(
                "Everything looks well: no dead, saturated or constant units, and gradients of like size."
            )
        else:
            self.say_nothing_runs(
                "What does not look well in the network stands here, with what would help.", "backward"
            )
        return True

    def _lay_out(self, found: list[Complaint]) -> None:
        for card in self.cards:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = [Card(self.session, complaint) for complaint in found[:MOST]]
        for at, card in enumerate(self.cards):
            self._column.insertWidget(at, card)


class Card(ProblemCard):
    """A complaint; a click, or Enter where it has the focus, goes to its node."""

    def __init__(self, session: Session, complaint: Complaint) -> None:
        node = session.seen.whole.nodes[complaint.node]
        super().__init__(
            Problem(complaint.node, node.path, "", complaint.text, complaint.hint), token="warning"
        )
        self.complaint, self._session = complaint, session
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{complaint.kind}: {complaint.text}")
        self.offer(complaint.fixes, session.remedies.apply)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._go()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._go()
        else:
            super().keyPressEvent(event)

    def _go(self) -> None:
        self._session.select_key(self.complaint.node)
