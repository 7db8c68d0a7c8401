"""What panels of verdicts share: a picture of all on the left, on the right the rows behind a part of it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from .panels.live import LivePanel
from .samples import CLASSES, Samples, samples_of
from .session import Session
from .widgets.split_choice import SplitChoice

WIDE, TALL = 620, 260  # pixels from which on both stand side by side, or one above the other


class SamplesPanel(LivePanel):
    """Base of panels that show what the network says of the rows of a split.

    A subclass says what rows it is `of`, gives what it `found`, and draws that in `draw`; `seen_as` says what else its
    picture depends on, since training tells of itself far oftener than there is something new.
    """

    of = CLASSES

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.samples: Samples = samples_of(session)
        self.samples.arrived.connect(self.changed)
        self.split = SplitChoice(self.samples)
        self.said, self.title = QLabel(), QLabel()
        self._drawn: tuple[object, ...] = ()

    def side_by_side(self, picture: QWidget, rows: QWidget) -> QWidget:
        """The content: the picture below what is said of all, and the rows below their title."""
        self._both = QSplitter(Qt.Orientation.Horizontal)
        for label, below in ((self.said, picture), (self.title, rows)):
            place = QWidget()
            column = QVBoxLayout(place)
            column.setContentsMargins(10, 2, 6, 6)
            column.setSpacing(4)
            label.setProperty("role", "secondary")
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setMinimumWidth(1)
            column.addWidget(label)
            column.addWidget(below, 1)
            self._both.addWidget(place)
        self._both.setStretchFactor(0, 3)
        self._both.setStretchFactor(1, 2)
        self._both.setChildrenCollapsible(False)
        return self._both

    @property
    def found(self) -> Any:
        """The newest that it shows; None where there is nothing."""
        return self.samples.verdicts

    def seen_as(self) -> tuple[object, ...]:
        """What the picture depends on besides."""
        return ()

    @property
    def is_part_chosen(self) -> bool:
        """Whether a part of the picture is chosen, so that its rows have to be seen, even with little room."""
        return False

    def draw(self) -> None:
        """Shows `found`."""

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.samples.join(self, self.of)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.samples.leave(self)

    def missing(self) -> bool:
        if self.found is not None:
            return False
        self.empty.say(self.samples.missing_for(self.of))
        return True

    def redraw(self) -> None:
        found = self.found
        key = (found, self.size(), *self.seen_as())
        if found is None or self.samples.look is None or key == self._drawn:
            return
        self._drawn = key
        wide = self.width() >= WIDE
        self._both.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)
        self._both.widget(1).setVisible(wide or self.height() >= TALL or self.is_part_chosen)
        self.split.refresh()
        self.draw()

    def look_at(self, position: int | None) -> None:
        """A row among those found is to be seen in full, here and in other panels."""
        if self.found is not None:
            self.samples.point_at(None if position is None else int(self.found.rows[position]))
