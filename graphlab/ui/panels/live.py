"""What live panels share: they work only while seen, redraw no faster than the window keeps up, and say when empty."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QHideEvent, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QStackedLayout, QToolButton, QWidget

from ...errors import SaveError
from .. import icons, panel_files
from ..icons import icon
from ..painting import painting
from ..saving import save_one_of
from ..session import Session
from ..tensors import Wish
from ..theme import theme, theme_changed
from ..widgets.fields import QuietCombo

FASTEST = 33  # milliseconds between two redraws: 30 a second, as many as the engine sends
ROUND = 0.001  # seconds: whoever comes sooner after another is in the same round of the event loop
TOGETHER = 0.2  # of the time that the window's thread may be at work, all told, for panels to be redrawn
WAIT = 8  # milliseconds at least until one that must wait for its share looks again
BURST, OWED = 0.2, 0.05  # seconds of work at once before that share counts, and the most that is owed after
LATEST = 1.0  # seconds after which one that waits for its share goes all the same
SHARE = 6  # a redraw may take this fraction of the time, so that several panels leave room for hands


class Pace(QObject):
    """Calls `work` soon after `ask`, once for many asks, and the later the longer `work` takes.

    Of several whose time has come, one works at a time: the event loop goes round before the next, so that what it
    changed is painted, and many panels do not add up to a stall. All together they wait while the window's thread has
    worked more than its share, whatever at: painting takes longer than redrawing, and a hand on the canvas goes first.
    A burst is free: a step by hand shows everywhere at once, and training goes on beside many panels; and none waits
    for long, however busy the thread is.
    """

    _last = 0.0  # when any of them was at work
    _credit = BURST  # seconds that the thread may still work before they wait
    _counted, _worked = 0.0, 0.0  # when that was so, and what it had worked by then

    def __init__(self, work: Callable[[], None], parent: QObject, fastest: int = FASTEST) -> None:
        super().__init__(parent)
        self._work, self._fastest = work, fastest
        self._rest = fastest
        self._free_at = self._asked_at = 0.0
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
            now = time.monotonic()
            self._asked_at = max(now, self._free_at)
            self._timer.start(max(0, round((self._free_at - now) * 1000)))

    def stop(self) -> None:
        self._timer.stop()

    def _go(self) -> None:
        begin = time.perf_counter()
        credit = Pace._account(begin)
        is_late = time.monotonic() - self._asked_at > LATEST
        if begin - Pace._last < ROUND or (credit <= 0 and not is_late):
            self._timer.start(1 if credit > 0 or is_late else max(WAIT, round(-1000 * credit / TOGETHER)))
            return
        self._work()
        Pace._last = time.perf_counter()
        cost = Pace._last - begin
        self._rest = max(self._fastest, round(0.5 * self._rest + 0.5 * SHARE * 1000 * cost))
        self._free_at = time.monotonic() + self._rest / 1000

    @staticmethod
    def _account(now: float) -> float:
        """Seconds that the window's thread may still work; what it did since the last time is taken off."""
        worked = time.thread_time()
        earned = (now - Pace._counted) * TOGETHER - (worked - Pace._worked)
        Pace._credit = min(max(Pace._credit + earned, -OWED), BURST)
        Pace._counted, Pace._worked = now, worked
        return Pace._credit


class EmptyState(QWidget):
    """A drawing, a sentence that says what would fill the panel, and a button that does the step.

    It lays itself out: the sentence takes the lines that it needs, and the drawing goes first where room is short.
    """

    DRAWING, GAP, WIDEST = 24, 10, 420

    def __init__(self, picture: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture = picture
        self._picture_top = 0
        self._run: Callable[[], object] = lambda: None
        self.label = QLabel(self)
        self.label.setProperty("role", "secondary")
        self.label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.label.setWordWrap(True)
        self.button = QPushButton(self)
        self.button.clicked.connect(lambda: self._run())

    def say(
        self, text: str, step: str = "", run: Callable[[], object] | None = None, picture: str = ""
    ) -> None:
        """What is missing, and the title of the step that would help ("" for none)."""
        self._run = run or (lambda: None)
        if (text, step) == (self.label.text(), self.button.text()):
            return
        self.label.setText(text)
        self.button.setText(step)
        self.button.setVisible(bool(step))
        if picture:
            self.button.setIcon(icon(picture))
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        wide = min(self.width() - 24, self.WIDEST)
        tall = self.label.heightForWidth(wide)
        button = self.button.sizeHint()
        below = self.GAP + button.height() if self.button.text() else 0
        with_picture = self.DRAWING + self.GAP + tall + below <= self.height() - 8
        used = tall + below + (self.DRAWING + self.GAP if with_picture else 0)
        top = max((self.height() - used) // 2, 4)
        self._picture_top = top if with_picture else -1
        if with_picture:
            top += self.DRAWING + self.GAP
        self.label.setGeometry((self.width() - wide) // 2, top, wide, tall)
        self.button.setGeometry(
            (self.width() - button.width()) // 2, top + tall + self.GAP, button.width(), button.height()
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture_top < 0:
            return
        left = (self.width() - self.DRAWING) / 2
        with painting(self) as painter:
            place = QRectF(left, self._picture_top, self.DRAWING, self.DRAWING)
            icons.paint(painter, self._picture, place, theme().faint)


class LivePanel(QWidget):
    """Base of panels that show what the engine computes.

    A subclass puts its content with `set_content`, says in `keys` what it looks at, draws in `redraw`, and says in
    `missing` what to show instead while there is nothing.
    """

    id = "panel"  # that of the registry, for files
    picture = "value"
    limit = 256
    of_whole = False  # whether its keys are the engine's own, because it shows the whole and not what the canvas does

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
        session.scales.changed.connect(self.changed)

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

    def table(self) -> tuple[list[str], Iterable[Sequence[Any]]]:
        """The numbers that it shows, with a heading for each column; a panel that has some overrides this."""
        raise SaveError("This panel shows no numbers.")

    def pictured(self) -> QWidget:
        """What a picture of the panel shows."""
        return self.content

    # In a file

    @property
    def has_numbers(self) -> bool:
        return type(self).table is not LivePanel.table

    def fill_header_menu(self, menu: QMenu) -> None:
        """What can be done with the panel as a whole, in the menu of its title and of its ground."""
        filled = not self.missing()
        menu.addAction(icon("image"), "Save picture …", self.save_picture).setEnabled(filled)
        if self.has_numbers:
            menu.addAction(icon("save"), "Save numbers as CSV …", self.save_numbers).setEnabled(filled)

    def save_picture(self) -> None:
        """Asks where, and saves what it shows as PNG, SVG or PDF."""
        save_one_of(self, self.session, self._file_name("png"), panel_files.PICTURES, self._picture)

    def save_numbers(self) -> None:
        """Asks where, and saves the numbers that it shows as a table."""
        save_one_of(self, self.session, self._file_name("csv"), panel_files.TABLES, self._numbers)

    def _file_name(self, suffix: str) -> str:
        return f"{self.session.whole.name} {self.id}.{suffix}".replace("/", "-")

    def _picture(self, suffix: str) -> bytes:
        self._require_something()
        self.redraw()  # it may be behind, or hidden
        return panel_files.picture(self.pictured(), suffix, f"{self.session.whole.name}: {self.id}")

    def _numbers(self, suffix: str) -> bytes:
        self._require_something()
        return panel_files.table(*self.table())

    def _require_something(self) -> None:
        """SaveError that says what the panel waits for."""
        if self.missing():
            raise SaveError("There is nothing to save yet.", hint=self.empty.label.text())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_header_menu(menu)
        menu.popup(event.globalPos())

    # The common part

    def changed(self, *_: object) -> None:
        """Something it shows is new."""
        if self.isVisible():
            self.pace.ask()

    def graph_changed(self, *_: object) -> None:
        """What it looks at may be something else now."""
        if self.isVisible():
            watch = self.session.watch_keys if self.of_whole else self.session.watch
            watch(self, self.keys(), self.limit)
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
        document, faults = self.session.whole, self.session.seen.whole.problems
        if not document.nodes:
            self.empty.say("Nothing to show yet. Add nodes, or open an example.")
        elif phase == "backward" and not self.session.asking.key:
            self.empty.say(self.no_loss("There is no loss to go back from."))
        elif faults and not self.session.seen.whole.healthy:
            self.empty.say(f"{faults[0].node}: {faults[0].message}")
        else:
            self.empty.say(text, phase.capitalize(), lambda: self.session.phase(phase), phase)

    def in_the_way(self, fills: str) -> str:
        """What has to be there before anything is tried on a copy of the network; "" when all is. `fills`: what for."""
        whole = self.session.seen.whole
        if not self.session.whole.nodes:
            return f"{fills} Add nodes, or open an example."
        if not whole.goal:
            return self.no_loss("There is no loss yet.")
        return f"{whole.problems[0].node}: {whole.problems[0].message}" if whole.problems else ""

    def no_loss(self, otherwise: str) -> str:
        """Why there is no loss: the fault of the one there is, or else that one has to be added."""
        whole = self.session.seen.whole
        faults = whole.problems
        losses = {k for k, node in whole.nodes.items() if node.op is not None and node.op.category == "Loss"}
        for fault in faults:
            if fault.node_id in losses:
                return f"{fault.node}: {fault.message} {fault.hint}".strip()
        if losses and faults:
            return f"The loss waits for {faults[0].node}: {faults[0].message}"
        return f"{otherwise} Add one at the end, such as MSELoss."


def header_switch(text: str, tip: str, on: bool, run: Callable[[bool], object]) -> QToolButton:
    """A switch with a word on it, for the title bar of a panel's dock."""
    button = _header_tool(text, tip)
    button.setCheckable(True)
    button.setChecked(on)
    button.toggled.connect(run)
    return button


def header_choice(
    words: Sequence[str], name: str, tip: str, run: Callable[[str], object], letters: int = 6
) -> QuietCombo:
    """A choice among words, for the title bar of a panel's dock."""
    made = QuietCombo()
    made.addItems(list(words))
    made.setAccessibleName(name)
    made.setToolTip(tip)
    made.setFixedHeight(22)
    made.setStyleSheet("min-height: 16px; padding: 0 20px 0 6px; font-size: 11px;")
    made.setMinimumContentsLength(letters)
    made.textActivated.connect(run)
    return made


def header_button(text: str, picture: str, tip: str, run: Callable[[], object]) -> QToolButton:
    """A button with a picture and a word, for the title bar of a panel's dock."""
    button = _header_tool(text, tip)
    button.setIcon(icon(picture))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.clicked.connect(lambda: run())
    return button


def _header_tool(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setFixedHeight(20)
    button.setStyleSheet("font-size: 11px; padding: 0 6px; font-weight: normal;")
    return button
