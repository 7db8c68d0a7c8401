"""Where in a training something was changed by hand, such as the learning rate: what the curves are marked with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from .edits_told import Change, changes

if TYPE_CHECKING:
    from ..engine.messages import Status
    from ..graph import Document
    from .session import Session


PAUSE = 400  # milliseconds without another change until what a hand drags counts as one


@dataclass(frozen=True)
class Mark:
    """From the step after `step` updates on, what `text` says holds: "lr 0.01 → 0.003"."""

    step: int
    text: str


class MarksOfTraining(QObject):
    """The marks of a session, by step. Those of steps trained anew go; a reset and another document clear them.

    Edits that change how it learns are marked by themselves, a moment after the last of a series. Where the run has
    gone back, what is known of the steps to come keeps its marks.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._losses = session.losses
        self.all: tuple[Mark, ...] = ()
        self._session = session
        self._under_way: dict[str, tuple[Change, int]] = {}  # what is changed at present, and at which step
        self._made: dict[str, tuple[Change, int]] = {}  # the last mark of each
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self.settle)
        session.opened.connect(self.clear)
        session.status_changed.connect(self._follow)
        session.whole_changed.connect(self._edited)

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
        self._under_way.clear()
        self._made.clear()
        self._pause.stop()
        self._set(())

    def settle(self) -> None:
        """What was changed until now counts, and is marked."""
        self._pause.stop()
        pending, self._under_way = self._under_way, {}
        for what, (change, step) in pending.items():
            before = self._made.get(what)
            if before is not None and before[1] == step and change.old:
                self._take_off(step, before[0].text)
                change = change.since(before[0].old)
            if not change.old or change.old != change.new:
                self.add(step, change.text)
                self._made[what] = change, step

    def _edited(self, old: Document, new: Document) -> None:
        step = self._session.status.step
        if step <= 0 or self._session.travel.is_adopting:
            return
        for change in changes(old, new):
            begun = self._under_way.get(change.what)
            self._under_way[change.what] = (change.since(begun[0].old) if begun else change, step)
        if self._under_way:
            self._pause.start()

    def _take_off(self, step: int, text: str) -> None:
        """A part of the mark at a step goes, and the mark with its last."""
        kept = []
        for mark in self.all:
            parts = [part for part in mark.text.split("; ") if mark.step != step or part != text]
            if parts:
                kept.append(Mark(mark.step, "; ".join(parts)))
        self._set(tuple(kept))

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
