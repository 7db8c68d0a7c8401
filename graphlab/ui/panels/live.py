"""What live panels share: they work only while seen, redraw no faster than the window keeps up, and say when empty."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from .. import icons
from ..icons import icon
from ..session import Session
from ..tensors import Wish
from ..theme import theme, theme_changed

FASTEST = 50  # milliseconds between two redraws: curves and bars look alive at 20 Hz; the canvas goes faster
SHARE = 6  # a redraw may take this fraction of the time, so that several panels leave room for hands


class Pace(QObject):
    """Calls `work` soon after `ask`, once for many asks, and the later the longer `work` takes."""

    def __init__(self, work: Callable[[], None], parent: QObject, fastest: int = FASTEST) -> None:
        super().__init__(parent)
        self._work, self._fastest = work, fastest
        self._rest = fastest
        self._free_at = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._go)

    @property
    def rest(self) -> int:
        """Milliseconds between two redraws at present."""
        return self._rest

    def ask(self) -> None:
        if not self._timer.isActive():
            self._timer.start(max(0, round((self._free_at - time.monotonic()) * 1000)))

    def stop(self) -> None:
        self._timer.stop()

    def _go(self) -> None:
        begin = time.perf_counter()
        self._work()
        cost = (time.perf_counter() - begin) * 1000
        self._rest = max(self._fastest, round(0.5 * self._rest + 0.5 * SHARE * cost))
        self._free_at = time.monotonic() + self._rest / 1000


class EmptyState(QWidget):
    """A drawing, a sentence that says what would fill the panel, and a button that does the step."""

    def __init__(self, picture: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture = picture
        self._run: Callable[[], object] = lambda: None
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(8)
        column.addStretch(1)
        column.addSpacing(28)
        self.label = QLabel(self)
        self.label.setProperty("role", "secondary")
        self.label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.label.setWordWrap(True)
        self.label.setMinimumHeight(36)  # two lines: the stack does not ask how high a label is for its width
        column.addWidget(self.label)
        row = QHBoxLayout()
        row.addStretch(1)
        self.button = QPushButton(self)
        self.button.clicked.connect(lambda: self._run())
        row.addWidget(self.button)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)

    def say(
        self, text: str, step: str = "", run: Callable[[], object] | None = None, picture: str = ""
    ) -> None:
        """What is missing, and the title of the step that would help ("" for none)."""
        if self.label.text() != text:
            self.label.setText(text)
        self.button.setVisible(bool(step))
        self.button.setText(step)
        if picture:
            self.button.setIcon(icon(picture))
        self._run = run or (lambda: None)

    def paintEvent(self, event: QPaintEvent) -> None:
        top = self.label.geometry().top() - 30
        if top < 4:
            return
        painter = QPainter(self)
        icons.paint(painter, self._picture, QRectF(self.width() / 2 - 12, top, 24, 24), theme().faint)


class LivePanel(QWidget):
    """Base of panels that show what the engine computes.

    A subclass puts its content with `set_content`, says in `keys` what it looks at, draws in `redraw`, and says in
    `missing` what to show instead while there is nothing.
    """

    picture = "value"
    limit = 256

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.pace = Pace(self._redraw, self)
        self.empty = EmptyState(self.picture, self)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        session.values_changed.connect(self.changed)
        session.inference_changed.connect(self.graph_changed)
        session.selection_changed.connect(self.graph_changed)
        session.status_changed.connect(self.changed)
        session.compiled.connect(self.graph_changed)
        theme_changed.connect(self.dress)

    def set_content(self, content: QWidget) -> None:
        self._stack.addWidget(content)
        self.content = content

    # For subclasses

    def keys(self) -> Iterable[Wish]:
        """What the panel looks at."""
        return ()

    def redraw(self) -> None:
        """Shows what there is. Called only while the panel is seen."""

    def missing(self) -> bool:
        """Whether there is nothing to show; then it has told `self.empty` what to say."""
        return False

    def dress(self, *_: object) -> None:
        """The theme is another."""
        self.changed()

    # The common part

    @property
    def is_seen(self) -> bool:
        return self.isVisible() and not self.visibleRegion().isEmpty()

    def changed(self, *_: object) -> None:
        """Something it shows is new."""
        if self.isVisible():
            self.pace.ask()

    def graph_changed(self, *_: object) -> None:
        """What it looks at may be something else now."""
        if self.isVisible():
            self.session.watch(self, self.keys(), self.limit)
            self.pace.ask()

    def _redraw(self) -> None:
        if not self.isVisible():
            return
        if self.missing():
            self._stack.setCurrentWidget(self.empty)
            return
        self._stack.setCurrentWidget(self.content)
        self.redraw()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.graph_changed()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.pace.stop()
        self.session.unwatch(self)

    def say_nothing_runs(self, text: str, phase: str) -> None:
        """Says in the empty state what is missing for a panel that a run fills."""
        document, faults = self.session.document, self.session.inference.problems
        if not document.nodes:
            self.empty.say("Nothing to show yet. Add nodes, or open an example.")
        elif phase == "backward" and not self.session.inference.goal:
            self.empty.say("There is no loss to go back from. Add one at the end, such as MSELoss.")
        elif faults and not self.session.inference.healthy:
            self.empty.say(f"{faults[0].node}: {faults[0].message}")
        else:
            self.empty.say(text, phase.capitalize(), lambda: self.session.phase(phase), phase)


def header_switch(text: str, tip: str, on: bool, run: Callable[[bool], object]) -> QToolButton:
    """A switch with a word on it, for the title bar of a panel's dock."""
    button = QToolButton()
    button.setText(text)
    button.setCheckable(True)
    button.setChecked(on)
    button.setToolTip(tip)
    button.setFixedHeight(20)
    button.setStyleSheet("font-size: 11px; padding: 0 6px; font-weight: normal;")
    button.toggled.connect(run)
    return button
