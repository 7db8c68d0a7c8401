"""Where in a training something was changed by hand, such as the learning rate: what the curves are marked with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from ..engine.messages import Status
    from .session import Session


@dataclass(frozen=True)
class Mark:
    """From the step after `step` updates on, what `text` says holds: "lr 0.01 → 0.003"."""

    step: int
    text: str


class MarksOfTraining(QObject):
    """The marks of a session, by step. Those of steps trained anew go; a reset and another document clear them.

    Where the run has gone back, what is known of the steps to come keeps its marks.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._losses = session.losses
        self.all: tuple[Mark, ...] = ()
        session.opened.connect(self.clear)
        session.status_changed.connect(self._follow)

    def add(self, step: int, text: str) -> None:
        """Marks a step. Before the first there is no curve to mark; what is changed at one step stands in one mark."""
        if step <= 0:
            return
        same = next((mark for mark in self.all if mark.step == step), None)
        if same is not None:
            text = f"{same.text}; {text}" if text not in same.text.split("; ") else same.text
        others = [mark for mark in self.all if mark.step != step]
        self._set(tuple(sorted([*others, Mark(step, text)], key=lambda mark: mark.step)))

    def clear(self) -> None:
        self._set(())

    def keep_to(self, step: int) -> None:
        """Those after that step go."""
        self._set(tuple(mark for mark in self.all if mark.step <= step))

    def _follow(self, status: Status) -> None:
        # a mark may stand at the end of the step that is under way
        known = self._losses.first + len(self._losses) - 1 if len(self._losses) else 0
        self.keep_to(max(status.step + 1 if status.step else 0, known))

    def _set(self, marks: tuple[Mark, ...]) -> None:
        if marks != self.all:
            self.all = marks
            self.changed.emit()
