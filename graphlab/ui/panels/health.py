"""Health: what is not well with the network, with the evidence and what would mend it. A click goes to the node."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from ...engine.finding import Problem
from ...engine.health import Complaint, of_batch, of_graph
from ...engine.inference import Inference
from ...engine.messages import Examined
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
        self._in_graph: tuple[Inference, list[Complaint]] | None = None
        self._looked_at = (-1, -1)  # step and place in it
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
        session.examined.connect(self._examined)
        session.compiled.connect(self._forget)

    def header_tools(self) -> list[QWidget]:
        tip = "Go forward and backward with this batch, and say what does not look well"
        return [header_button("examine", "health", tip, self.session.examine)]

    def complaints(self) -> list[Complaint]:
        """What is not well: in the graph, and in the batch that was looked at last."""
        document, inference = self.session.whole, self.session.seen.whole
        if self._in_graph is None or self._in_graph[0] is not inference:  # else asked again at every redraw
            self._in_graph = inference, of_graph(document, inference)
        return [*self._in_graph[1], *of_batch(document, inference, self.session.vitals)]

    def missing(self) -> bool:
        self._look_again()
        found = self.complaints()
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

    def _look_again(self) -> None:
        """Where the run has paused with gradients at hand, looking costs no computing."""
        status, schedule = self.session.status, self.session.schedule
        updates = bool(schedule) and schedule[-1].phase == "update"
        place = (status.step, status.cursor)
        is_done = bool(schedule) and status.cursor >= len(schedule) - updates
        if is_done and status.state != "training" and place != self._looked_at:
            self._looked_at = place
            self.session.examine()

    def _forget(self, *_: object) -> None:
        """What was looked at was another graph."""
        self._looked_at = (-1, -1)

    def _examined(self, event: Examined) -> None:
        self._looked_at = (self.session.status.step, self.session.status.cursor)
        self.changed()

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
