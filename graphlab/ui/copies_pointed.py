"""What somebody points at in a list and is of copies of a cell: a weight, which is in all, or the term of one copy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ..engine.unrolling import step_of

if TYPE_CHECKING:
    from .session import Session


def copies_pointed_of(session: Session) -> CopiesPointed:
    """That of a session."""
    found = session.findChild(CopiesPointed)
    return found if isinstance(found, CopiesPointed) else CopiesPointed(session)


class CopiesPointed(QObject):
    """`key` is the engine's of the Unroll node, "" for none; `nodes` those of the cell; `time` the copy, −1 for all."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.key, self.nodes, self.time = "", frozenset[str](), -1

    def at_weight(self, key: str, nodes: Iterable[str]) -> None:
        """Nodes of the cell that the Unroll node `key` repeats are pointed at, whichever copy they are in."""
        self._say(key, frozenset(nodes), -1)

    def at_term(self, key: str) -> None:
        """A node of one copy is, by its own key; nothing for one outside of any copy."""
        found = step_of(key)
        if found is None:
            self.leave()
        else:
            node, time, inner = found
            self._say(node, frozenset({inner.partition("/")[0]}), time)

    def leave(self) -> None:
        """Nothing is any more."""
        self._say("", frozenset(), -1)

    def _say(self, key: str, nodes: frozenset[str], time: int) -> None:
        if (key, nodes, time) != (self.key, self.nodes, self.time):
            self.key, self.nodes, self.time = key, nodes, time
            self.changed.emit()
