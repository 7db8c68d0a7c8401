"""Over the canvas while one is inside a cell that is repeated along a sequence: which copy is seen, and a slider to
choose another. The cell is the same in all of them; what differs is the values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from ...graph import Document
from ...graph.copies import into, node_of, time_of
from ..announcing import announce
from ..icons import icon
from ..theme import mono_font
from .chip import Corner

if TYPE_CHECKING:
    from ..session import Session

_SLIDER = 180  # pixels


class TimeChip(Corner):
    """Hidden where there is no copy to choose; of copies within copies the innermost is chosen."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.setAccessibleName("Time")
        self.words = QLabel()
        self.words.setFont(mono_font(12, mono_font().Weight.DemiBold))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setFixedWidth(_SLIDER)
        self.slider.setAccessibleName("Time step that is seen")
        self.slider.setToolTip("Which copy of the cell is seen (Alt+Left, Alt+Right)")
        self.before = self._button("chevron-left", "One step earlier", -1)
        self.after = self._button("chevron-right", "One step later", 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 3, 8, 3)
        row.setSpacing(5)
        for widget in (self.words, self.before, self.slider, self.after):
            row.addWidget(widget)
        self.slider.valueChanged.connect(self.go)
        session.entered.connect(self.refresh)
        session.whole_changed.connect(self.refresh)
        self.hide()

    def _button(self, picture: str, tip: str, step: int) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(picture))
        button.setIconSize(QSize(12, 12))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # the canvas keeps the keys
        button.clicked.connect(lambda: self.go(self.time + step))
        return button

    @property
    def _depth(self) -> int:
        """Which step of the path leads into a copy, the innermost; −1 for none."""
        path = self._session.inside
        return max((k for k, step in enumerate(path) if time_of(step) >= 0), default=-1)

    @property
    def time(self) -> int:
        """Which copy is seen; −1 for none."""
        return time_of(self._session.inside[self._depth]) if self._depth >= 0 else -1

    @property
    def steps(self) -> int:
        """How many copies there are."""
        sheet: Document | None = self._session.whole
        node = None
        for step in self._session.inside[: self._depth + 1]:
            node = sheet.nodes.get(node_of(step)) if sheet is not None else None
            name = str(node.params.get("definition", "")) if node is not None else ""
            sheet = self._session.whole.definitions.get(name)
        return int(node.make().params.get("steps", 1)) if node is not None else 1

    def go(self, t: int) -> None:
        """Shows another copy; what is selected in this one is selected in that."""
        depth, session = self._depth, self._session
        if depth < 0 or not 0 <= t < self.steps or t == self.time:
            return
        path, chosen = session.inside, session.selection
        there = into(node_of(path[depth]), t)
        session.attempt(session.go_inside, (*path[:depth], there, *path[depth + 1 :]))
        session.select(chosen)
        announce(self, self.words.text())

    def refresh(self, *_: object) -> None:
        """Shows where one is now."""
        is_there = self._depth >= 0
        if is_there:
            steps = self.steps
            self.words.setText(f"t = {self.time} of {steps:,}")
            self.slider.blockSignals(True)
            self.slider.setRange(0, steps - 1)
            self.slider.setPageStep(max(steps // 10, 1))
            self.slider.setValue(self.time)
            self.slider.blockSignals(False)
            self.before.setEnabled(self.time > 0)
            self.after.setEnabled(self.time < steps - 1)
        self.setVisible(is_there)
