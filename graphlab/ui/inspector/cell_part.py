"""Which cell a node repeats, in the inspector: another one is chosen here, and what fits stays wired and set."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ...graph import Node
from ...graph.groups import definition_of
from ...ops import Op
from .. import offers, swapping
from ..session import Session
from ..widgets.fields import QuietCombo, labelled
from .parts import column, quiet

_TIP = "The cell that is repeated. Choose another one: sockets of like name stay wired, settings of like name stay set."


class CellPart(QWidget):
    """Follows one node of the session's sheet; `show_cell` says which. Hidden for one that uses no cell."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._id = ""
        self._choices: list[type[Op]] = []
        self._asked: object = None
        self._known: list[type[Op]] = []
        self.cell = QuietCombo()
        self.cell.setAccessibleName("Cell")
        self.cell.setToolTip(_TIP)
        self.cell.activated.connect(self._choose)
        label = quiet("cell")
        label.setMinimumHeight(28)
        column(self, spacing=8).addLayout(labelled(label, self.cell))
        self.hide()

    def show_cell(self, id: str) -> None:
        """Show this node's cell if it repeats one, or could; "" for none."""
        node = self._session.document.nodes.get(id)
        inner = definition_of(self._session.document, node) if node is not None else None
        self._id = id if node is not None and inner is not None and offers.uses_cell(node) else ""
        self.setVisible(bool(self._id))
        if node is None or inner is None or not self._id:
            return
        self._choices = self._possible(node)
        names = [inner.name, *(op.__name__ for op in self._choices)]
        if names != [self.cell.itemText(k) for k in range(self.cell.count())]:  # else a list may be open
            self.cell.clear()
            self.cell.addItems(names)
            self.cell.setCurrentIndex(0)

    def _possible(self, node: Node) -> list[type[Op]]:
        """The cells of the document, then the ready ones, that may take its place."""
        document = self._session.document
        wired = (
            frozenset(document.inputs_of(node.id)),
            frozenset(e.output for e in document.consumers(node.id)),
        )
        asked = document.definitions, node.params["definition"], wired, self._session.inside
        if asked != self._asked:  # it is asked at every edit, and there may be many groups
            self._asked = asked
            every = offers.everything(self._session)
            self._known = [op for op in every if op.role == "group" and offers.can_swap(document, node, op)]
        return self._known

    def _choose(self, index: int) -> None:
        if 0 < index <= len(self._choices) and self._id in self._session.document.nodes:
            chosen = self._choices[index - 1]
            self.cell.setCurrentIndex(0)  # what it becomes is shown when it has become so
            self._session.attempt(swapping.swap, self._session, [self._id], chosen)
