"""Over the canvas while it shows one sample in place of the batch: which, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ..announcing import announce
from ..shown_sample import shown_sample_of
from .corner_chip import CornerChip

if TYPE_CHECKING:
    from ..session import Session


class SampleChip(CornerChip):
    """Hidden while the batch is shown."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        tip = "Show the batch again (Esc). Training and stepping do so, too, and go on as if nothing had been looked at"
        super().__init__(parent, "locate", "accent", tip)
        self._sample = shown_sample_of(session)
        self.back.clicked.connect(lambda: self._sample.leave())
        self._sample.changed.connect(self._change)

    def _change(self) -> None:
        title = self._sample.title
        self.say(f"Values of {title}", "Back to the batch", bool(title))
        announce(self, f"Values of {title}" if title else "Values of the batch")
