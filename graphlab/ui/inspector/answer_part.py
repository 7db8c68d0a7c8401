"""What the scores of a node say: the probability of each class by its name, of the first row."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...engine.messages import TensorKey, Watched
from ...engine.told_classes import Told, told_by
from ...engine.verdicts import judge
from ...errors import GraphlabError
from ..session import Session
from ..widgets.chance_bars import LINE, ChanceBars
from .parts import column, quiet

MOST = 4096  # scores that are watched
LINES = 10  # classes that have room


class AnswerPart(QWidget):
    """Follows one node of the session's sheet whose result is scores of classes; hidden for any other node."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._id = ""
        self._told: Told | None = None
        self.said, self.bars = quiet(), ChanceBars(marked=False)
        self.bars.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        outer = column(self, spacing=4)
        outer.addWidget(self.said)
        outer.addWidget(self.bars)
        session.values_changed.connect(self._values_changed)
        self.hide()

    def show_node(self, id: str) -> None:
        """Show this node if a loss of classes reads its result, "" for none."""
        session = self._session
        self._told = self._find(id) if id else None
        self._id = id if self._told is not None else ""
        self.setVisible(self._told is not None)
        wishes = [] if self._told is None else [Watched(TensorKey("value", *self._told.end), MOST)]
        session.watch_keys(self, wishes, MOST)
        if self._told is not None:
            self.bars.setFixedHeight(int(LINE * min(max(len(self._told.classes), 2), LINES)) + 4)
            self._show()

    def _find(self, id: str) -> Told | None:
        """What one of the losses that the node is wired to is told of."""
        seen = self._session.seen
        for edge in self._session.document.consumers(id):
            found = told_by(seen.whole, seen.key(edge.target))
            if found is not None and found.end == seen.end(edge.source, edge.output):
                return found
        return None

    def _values_changed(self, nodes: Iterable[str]) -> None:
        if self._told is not None and self._id in nodes:
            self._show()

    def _show(self) -> None:
        assert self._told is not None
        loss, end, classes = self._told
        tensor = self._session.tensor_at(TensorKey("value", *end))
        rows = 0 if tensor is None or not tensor.fresh else tensor.shape[0]
        if tensor is None or not rows or tensor.array.shape[1:] != tensor.shape[1:]:
            self._say("Its classes are told here after a forward pass.", classes, None)
            return
        try:
            scores = np.asarray(tensor.array)[:1]
            chances = judge(loss, scores, np.zeros(1, np.int64), classes, [0], [0]).chances[0]
        except GraphlabError as error:
            self._say(str(error), classes, None)
            return
        best = int(np.nan_to_num(chances, nan=-1).argmax())
        which = "" if rows == 1 else f", the first of {rows:,} rows"
        name = classes[best] if best < len(classes) else str(best)
        self._say(f"{name}, {chances[best]:.0%} sure{which}", classes, chances)

    def _say(self, words: str, classes: tuple[str, ...], chances: np.ndarray | None) -> None:
        self.said.setText(words)
        self.bars.setVisible(chances is not None)
        if chances is not None:
            names = (*classes, *(str(k) for k in range(len(classes), len(chances))))
            self.bars.show_chances(names, chances, None)
