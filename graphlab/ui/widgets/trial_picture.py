"""What pictures of trials share: one trial is pointed at, some are chosen, one is opened, by mouse and keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..theme import theme_changed

STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}


class TrialPicture(QWidget):
    """A click chooses, Ctrl+click one more; Enter opens; the arrows go from trial to trial, Space chooses.

    `pointed` brings the number of a trial, or None; `chosen` a list of numbers.
    """

    pointed = Signal(object)
    chosen = Signal(object)
    opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.at: int | None = None  # the number of the trial pointed at
        self.selection: list[int] = []
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme_changed.connect(self.redraw)

    # For subclasses

    def redraw(self, *_: object) -> None:
        """Everything is painted anew."""
        self.update()

    def order(self) -> list[int]:
        """The numbers of the trials in the order in which the arrows go through them."""
        return []

    # The common part

    def choose(self, numbers: Sequence[int]) -> None:
        """These are chosen, as somebody else says."""
        if list(numbers) != self.selection:
            self.selection = list(numbers)
            self.update()

    def point_at(self, number: int | None) -> None:
        """Points at a trial; says so by `pointed`."""
        if number != self.at:
            self.at = number
            self.pointed.emit(number)
            self.update()

    def pick(self, number: int | None, *, more: bool = False) -> None:
        """Chooses a trial; with `more` besides the others, or no longer."""
        if number is None:
            found = list(self.selection) if more else []
        elif not more:
            found = [number]
        else:
            others = [each for each in self.selection if each != number]
            found = others if number in self.selection else [*others, number]
        if found != self.selection:
            self.selection = found
            self.chosen.emit(found)
            self.update()

    def walk(self, step: int) -> None:
        """To the next trial in the order, or the one before."""
        order = self.order()
        if order:
            first = 0 if step > 0 else len(order) - 1
            here = order.index(self.at) + step if self.at in order else first
            self.point_at(order[min(max(here, 0), len(order) - 1)])

    def leaveEvent(self, event: QEvent) -> None:
        if not self.hasFocus():
            self.point_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in STEPS:
            self.walk(STEPS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.at is not None:
            self.opened.emit(self.at)
        elif key == Qt.Key.Key_Space and self.at is not None:
            self.pick(self.at, more=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        elif key == Qt.Key.Key_Escape and (self.selection or self.at is not None):
            self.pick(None)
            self.point_at(None)
        else:
            super().keyPressEvent(event)
