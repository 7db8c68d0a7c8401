"""Over the canvas while gradients are those of something else than the loss: of what, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ..announcing import announce
from .corner_chip import CornerChip

if TYPE_CHECKING:
    from ..session import Session


class GoalChip(CornerChip):
    """Hidden while gradients are those of the loss."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        tip = "End the question: gradients are those of the loss again (Esc)"
        super().__init__(parent, "differentiate", "backward", tip)
        self._session = session
        self.back.clicked.connect(lambda: session.asking.leave())
        session.asking.changed.connect(self._change)
        session.inference_changed.connect(self.refresh)

    def _change(self) -> None:
        self.refresh()
        asking = self._session.asking
        announce(self, f"Gradients of {asking.title}" if asking.key else "No gradients")

    def refresh(self, *_: object) -> None:
        """Shows what is asked about now."""
        asking = self._session.asking
        self.say(f"Gradients of {asking.title}", asking.way_back, asking.asked is not None)
