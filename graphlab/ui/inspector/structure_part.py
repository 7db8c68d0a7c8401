"""What no form has a field for and can be searched all the same: what stands there, how often, how many rows."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ...graph.sweep import COPIES, OP, ROWS
from .. import searching
from ..session import Session
from ..widgets.fields import labelled
from ..widgets.search_mark import SearchRow
from .parts import Elided, column, quiet


class _Row(SearchRow):
    """A name, a value, and the mark."""

    def __init__(self, session: Session, words: str, tip: str) -> None:
        self.value = Elided()
        label = quiet(words)
        label.setMinimumHeight(28)
        self.value.setMinimumHeight(28)
        for widget in (label, self.value):
            widget.setToolTip(tip)
        super().__init__(words, labelled(label, self.value))
        self._session = session
        self._ends: list[searching.End] = []
        self.asked.connect(lambda: searching.ask(session, self.mark, self._ends))
        self.forgotten.connect(lambda: session.attempt(searching.forget, session, self._ends))

    def show_end(self, end: searching.End, value: str) -> None:
        """Show this one, with its present value; hidden where it cannot be searched."""
        self._ends = [end]
        told = searching.told(self._session, end[0], [end[1]])
        self.setVisible(bool(told))
        self.value.setText(value)
        self.set_space(told.get(end[1], ""))


class StructurePart(QWidget):
    """Follows one node of the sheet; `show_node` says which."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.op = _Row(
            session, "stands here", "Which operation, part or group stands here: a sweep can try others"
        )
        self.copies = _Row(
            session, "in a row", "How often it stands here, one behind the other: a sweep can try 0, 1, 2 …"
        )
        rows = column(self, spacing=6)
        rows.addWidget(self.op)
        rows.addWidget(self.copies)

    def show_node(self, id: str) -> None:
        """Show what of this node's structure can be searched; "" for nothing."""
        node = self._session.document.nodes.get(id)
        self.setVisible(node is not None)
        if node is None:
            return
        place = searching.place(self._session, id)
        self.op.show_end((place, OP), searching.stands(self._session, node))
        self.copies.show_end((place, COPIES), "left out" if node.muted else "once")
        self.setVisible(not (self.op.isHidden() and self.copies.isHidden()))


class RowsPart(QWidget):
    """How many of the rows are learnt from: all, unless a sweep tries fewer."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = _Row(
            session,
            "share of rows",
            "How many of the rows to learn from: a sweep can try fewer, for a learning curve",
        )
        column(self).addWidget(self.row)

    def show_rows(self, is_there: bool) -> None:
        """Show the row where there is data."""
        self.row.show_end(("", ROWS), "all")
        self.setVisible(is_there)
