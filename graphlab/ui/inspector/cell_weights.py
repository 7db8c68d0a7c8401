"""What the inspector says of an Unroll node: the weights of its cell. Pointed at, one lights up in all copies."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QPushButton, QWidget

from ...engine.sharing import VALUE
from ...graph.copies import BETWEEN, into
from ...graph.groups import role
from .. import numbers
from ..copies_pointed import copies_pointed_of
from ..session import Session
from .parts import column, heading, quiet

_MOST = 12  # weights listed
_ENTER = (QEvent.Type.Enter, QEvent.Type.FocusIn)
_LEAVE = (QEvent.Type.Leave, QEvent.Type.FocusOut, QEvent.Type.Hide)


class Weight(NamedTuple):
    """A learnable socket of the cell: the cell's node that it is in, what it is called, and its shape in words."""

    node: str
    name: str
    shape: str


def weights_of(session: Session, node: str) -> list[Weight]:
    """What the copies of the cell of an Unroll node of the sheet share, in the order in which it is computed."""
    whole, prefix = session.seen.whole, f"{session.seen.prefix}{into(node, 0)}/"
    found: list[Weight] = []
    for key, flat in whole.nodes.items():
        inner = key[len(prefix) :]
        if not key.startswith(prefix) or BETWEEN in inner:
            continue
        for socket, (source, _) in flat.inputs.items():
            shape = whole.learnables.get((source, VALUE)) if flat.is_shared else None
            if shape is not None and source.startswith(f"{flat.owner}:"):
                name = flat.path.rpartition("/t=0/")[2]
                found.append(Weight(inner.partition("/")[0], f"{name}.{socket}", numbers.shape(shape)))
    return found


class CellWeights(QWidget):
    """Follows one Unroll node of the session's sheet; hidden for any other, and for a cell that learns nothing."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._pointed = session, copies_pointed_of(session)
        self._id = ""
        self._shown: tuple[object, ...] = ()
        self.rows: list[QPushButton] = []
        self._weights: list[Weight] = []
        self._more = quiet()
        self._column = column(self, spacing=2)
        self._column.addWidget(heading("Weights of the cell"))
        self._column.addWidget(self._more)
        self.hide()

    def show_node(self, id: str) -> None:
        """Shows this node of the sheet; "" for none."""
        node = self._session.document.nodes.get(id)
        is_unroll = node is not None and role(node) == "unroll"
        self._id = id if is_unroll else ""
        self._weights = weights_of(self._session, id) if is_unroll else []
        self.setVisible(bool(self._weights))
        shown = tuple(self._weights[:_MOST])
        if node is None or not self._weights:
            return
        if shown != self._shown:
            self._shown = shown
            self._build()
        steps = numbers.count(int(node.make().params.get("steps", 1)), "copy", "copies")
        left = len(self._weights) - len(self.rows)
        more = f"and {left} more. " if left else ""
        self._more.setText(f"{more}Each is in all {steps}: its gradient is the sum of theirs.")

    def _build(self) -> None:
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [self._row(weight) for weight in self._weights[:_MOST]]
        for place, row in enumerate(self.rows):
            self._column.insertWidget(place + 1, row)

    def _row(self, weight: Weight) -> QPushButton:
        row = QPushButton(f"{weight.name} · {weight.shape}".replace("&", "&&"))
        row.setProperty("role", "offer")
        row.setProperty("weight", weight.node)
        row.setAccessibleName(f"{weight.name}, {weight.shape}, in all copies")
        row.setToolTip("Lit in all copies while pointed at. Click to see it in the cell")
        row.setCursor(Qt.CursorShape.PointingHandCursor)
        row.installEventFilter(self)
        row.clicked.connect(lambda: self._go(weight))
        return row

    def _go(self, weight: Weight) -> None:
        """Into the copy that one looks at, to the node that owns it."""
        self._pointed.leave()
        if self._id and self._session.enter(self._id):
            self._session.select({weight.node})

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _ENTER and self._id:
            self._pointed.at_weight(
                f"{self._session.seen.prefix}{self._id}", {str(watched.property("weight"))}
            )
        elif event.type() in _LEAVE:
            self._pointed.leave()
        return False
