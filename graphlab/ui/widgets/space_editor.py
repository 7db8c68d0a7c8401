"""Edits the values that one hyperparameter is tried with: a list, a range, or what to choose from.

    editor = SpaceEditor()
    editor.entered.connect(keep)      # with the Space, on Enter or the button
    editor.cleared.connect(forget)    # it is to be searched no longer
    editor.left.connect(close)        # Escape
    editor.ask(question)              # `ui/searching.question(session, ends)` makes one

It knows neither graph nor session: what a space must be is told by `Question.fit`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QTabBar, QVBoxLayout, QWidget

from ...errors import GraphlabError
from ...graph.spaces import space_text
from ...graph.suggesting import as_kind
from ...graph.sweep import Space
from .. import numbers
from ..theme import mono_font
from .space_fields import Choices, Ends, Values

_WORDS = {
    "list": "List",
    "range": "Range",
    "log": "Log",
    "integer": "Whole",
    "choice": "Choice",
}
_MOST_LINES = 3
_ROOM = 290  # pixels that there are at least
_TIPS = {
    "list": "These values, in this order",
    "range": "Any number in between",
    "log": "Any number in between, each factor as likely as another",
    "integer": "Whole numbers in between",
    "choice": "These, without an order",
}


@dataclass(frozen=True)
class Question:
    """What is to be edited.

    text: what is searched, "hidden.units"; texts: each of what is searched alike, where that is several. now: its
    present value, as a person reads it. kinds: of space, those that it takes. space: to begin with; is_searched:
    whether the document has that already. choices: all that can be ticked, where there is something to choose from;
    more: what else may be added to them by typing. fit: the space as the document takes it; GraphlabError where it does
    not. grid: how many points the grid of all that is searched would have with that space, None where it has no end.
    """

    text: str
    now: str
    kinds: tuple[str, ...]
    space: Space
    is_searched: bool
    fit: Callable[[Space], Space]
    grid: Callable[[Space], int | None] = lambda space: None
    texts: Sequence[str] = ()
    choices: Sequence[object] = ()
    more: Sequence[str] = field(default=())


class SpaceEditor(QWidget):
    """Shows the question that `ask` puts; see the head of this file."""

    entered = Signal(object)  # Space
    cleared = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._question: Question | None = None
        self._kind = ""
        self.title, self.now = QLabel(), QLabel()
        self.kinds = QTabBar()
        self.values, self.ends, self.choices = Values(), Ends(), Choices()
        self.says, self.line = QLabel(), QLabel()
        self.enter, self.clear = QPushButton("Search"), QPushButton("Do not search")
        self._build()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._head())
        self.kinds.setProperty("role", "segments")
        self.kinds.setAccessibleName("Kind of space")
        self.kinds.setExpanding(False)
        self.kinds.setDrawBase(False)
        column.addWidget(self.kinds, 0, Qt.AlignmentFlag.AlignLeft)
        for part in (self.values, self.ends, self.choices):
            column.addWidget(part)
            part.edited.connect(self._say)
            part.submitted.connect(self._enter)
        self.says.setWordWrap(True)
        self.line.setFont(mono_font(11))
        self.line.setProperty("role", "secondary")
        self.line.setWordWrap(True)
        self.line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.says)
        column.addWidget(self.line)
        column.addLayout(self._foot())
        self.kinds.currentChanged.connect(self._turn)
        for widget in (self, *self.findChildren(QWidget)):
            widget.installEventFilter(self)

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        self.title.setProperty("role", "heading")
        self.now.setProperty("role", "secondary")
        self.now.setFont(mono_font(11))
        row.addWidget(self.title, 1)
        row.addWidget(self.now)
        return row

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.enter.setProperty("role", "primary")
        self.clear.setProperty("role", "small")
        row.addWidget(self.clear)
        row.addStretch(1)
        row.addWidget(self.enter)
        self.enter.clicked.connect(self._enter)
        self.clear.clicked.connect(self.cleared)
        return row

    # Showing

    def ask(self, question: Question) -> None:
        """Show this; what was typed for another is gone."""
        self._question = question
        self.title.setText(question.text)
        self.now.setText(f"now {question.now}" if question.now else "")
        self.clear.setVisible(question.is_searched)
        self.enter.setText("Change" if question.is_searched else "Search")
        self.choices.offer(question.choices, question.more)
        self._show_kinds(question)
        self._put(question.space)

    def _show_kinds(self, question: Question) -> None:
        self.kinds.blockSignals(True)
        while self.kinds.count():
            self.kinds.removeTab(0)
        for k, kind in enumerate(self._kinds()):
            self.kinds.addTab(_WORDS[kind])
            self.kinds.setTabToolTip(k, _TIPS[kind])
        self.kinds.blockSignals(False)
        self.kinds.setVisible(len(self._kinds()) > 1)

    def _kinds(self) -> tuple[str, ...]:
        """Those that the question allows, and the one that there is."""
        if self._question is None:
            return ()
        return tuple(dict.fromkeys((*self._question.kinds, self._question.space.kind)))

    def _put(self, space: Space) -> None:
        self._kind = space.kind
        self.kinds.blockSignals(True)
        self.kinds.setCurrentIndex(self._kinds().index(space.kind))
        self.kinds.blockSignals(False)
        part = self._part(space.kind)
        part.show_space(space)
        for other in (self.values, self.ends, self.choices):
            other.setVisible(other is part)
        self._say()

    def _part(self, kind: str) -> Values | Ends | Choices:
        if kind == "choice" and self._question is not None and self._question.choices:
            return self.choices
        return self.values if kind in ("list", "choice") else self.ends

    def focus(self) -> None:
        """Gives the keyboard to what is typed into."""
        self._part(self._kind).focus()

    def stops(self) -> list[QWidget]:
        """What Tab goes through, in order."""
        ends = (self.ends.low, self.ends.high, self.ends.step, self.ends.log)
        choices = (self.choices.list, self.choices.more)
        every = (self.kinds, self.values.line, *ends, *choices, self.enter, self.clear)
        return [widget for widget in every if widget.isVisibleTo(self) and widget.isEnabled()]

    # What is being edited

    def space(self) -> Space:
        """What is typed and ticked. GraphlabError: it is no space, or not one for this."""
        found = self._part(self._kind).space(self._kind)
        return self._question.fit(found) if self._question is not None else found

    def _turn(self, index: int) -> None:
        """Another kind, of about the same numbers."""
        if self._question is None or not 0 <= index < len(self._kinds()):
            return
        kind = self._kinds()[index]
        try:
            before = self._part(self._kind).space(self._kind)
        except GraphlabError:
            before = self._question.space
        try:
            self._put(as_kind(before, kind))
        except GraphlabError:
            self._put(as_kind(self._question.space, kind))

    def _say(self) -> None:
        """How many values that are, or what is wrong with them."""
        if self._question is None:
            return
        try:
            space = self.space()
        except GraphlabError as error:
            self._tell(str(error), "error")
            self.line.hide()
            self.enter.setEnabled(False)
            return
        self._tell(_told(space, self._question.grid(space)), "secondary")
        lines = _lines(self._question.texts or (self._question.text,), space_text(space)).splitlines()
        room, measure = max(self.width(), _ROOM), self.line.fontMetrics()
        cut = [measure.elidedText(line, Qt.TextElideMode.ElideRight, room) for line in lines]
        self.line.setText("\n".join(cut))
        self.line.setToolTip("\n".join(["For --search of the command line, and Graph.search:", *lines]))
        self.line.show()
        self.enter.setEnabled(True)

    def _tell(self, words: str, role: str) -> None:
        self.says.setText(words)
        if self.says.property("role") != role:
            self.says.setProperty("role", role)
            self.says.style().unpolish(self.says)
            self.says.style().polish(self.says)

    def _enter(self) -> None:
        try:
            space = self.space()
        except GraphlabError:
            self._say()
            return
        self.entered.emit(space)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or not event.matches(QKeySequence.StandardKey.Cancel):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # else the window's own command on Escape takes it
            return True
        if event.type() == QEvent.Type.KeyPress:
            self.left.emit()
            return True
        return False


def _lines(texts: Sequence[str], space: str) -> str:
    """What the command line is told."""
    more = "\n…" if len(texts) > _MOST_LINES else ""
    return "\n".join(f"{text}={space}" for text in texts[:_MOST_LINES]) + more


def _told(space: Space, points: int | None) -> str:
    """ "5 values", and what a grid of everything would come to."""
    if not space.is_finite:
        words = "each factor as likely as another" if space.is_log else "all alike"
        return f"Any number in between, {words}. A grid needs a list."
    count = int(space.size)
    if points is None or points <= count:  # nothing else is searched
        return numbers.count(count, "value")
    whole = numbers.count(points, "point")
    return f"{numbers.count(count, 'value')} · a grid of all that is searched has {whole}"
