"""What one may ask about an element of a tensor: one list for the menu, the keys and whoever passes keys on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

if TYPE_CHECKING:
    from .tensor_view import Index, TensorView


@dataclass(frozen=True)
class Ask:
    """signal: of TensorView, emitted with the element; of_all: with None, since it is about the whole tensor."""

    signal: str
    title: str
    key: str
    picture: str
    of_all: bool = False

    def fits(self, view: TensorView, index: Index | None) -> bool:
        """Whether it can be asked there."""
        if self.signal == "elementDifferentiated" and not view.has_goals:
            return False
        if self.signal == "elementUpdated" and not view.is_learnt:
            return False
        return self.of_all or index is not None

    def emit(self, view: TensorView, index: Index | None) -> None:
        getattr(view, self.signal).emit(None if self.of_all else index)


ASKS = (
    Ask("elementQuestioned", "Explain this number", "E", "explain"),
    Ask("elementUpdated", "Explain its update", "U", "update"),
    Ask("elementSupposed", "What if it were another?", "I", "what-if"),
    Ask("elementDifferentiated", "Gradients of this element", "D", "differentiate"),
    Ask("elementWatched", "Watch this number", "P", "watch"),
    Ask("elementWatched", "Watch all of it", "Shift+P", "watch", of_all=True),
)


def pressed(event: QKeyEvent) -> Ask | None:
    """What a key asks; None for a key that asks nothing."""
    keys = QKeySequence(QKeyCombination(event.modifiers(), Qt.Key(event.key())))
    return next((ask for ask in ASKS if QKeySequence(ask.key) == keys), None)
