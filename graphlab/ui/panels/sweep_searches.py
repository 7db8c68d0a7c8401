"""The list of what is searched, and the line in which more is written: `hidden.units=8,16,32`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from ...errors import GraphlabError
from ...graph.searching import fault, read_search, target_text, targets
from ...graph.spaces import space_text
from ...graph.suggesting import suggestion
from ...graph.sweep import Search
from ...graph.targets import end_of, target_of
from .. import searching
from ..icons import icon
from ..inspector.parts import Elided
from ..session import Session
from ..theme import mono_font
from ..widgets.fields import TextBox
from ..widgets.own_keys import OwnKeys

HINT = "hidden.units=8,16,32"
MOST = 12  # rows that the completer shows


class SearchRow(QWidget):
    """One that is searched: what, its space, and what is wrong with it. Enter edits it, Delete takes it out."""

    edited = Signal()
    removed = Signal()

    def __init__(self, target: str, space: str, wrong: str) -> None:
        super().__init__()
        self.target, self.space, self.wrong = target, space, wrong
        name, told = Elided(target), Elided(space)
        name.setFont(mono_font(11))
        told.setFont(mono_font(11))
        told.setProperty("role", "error" if wrong else "secondary")
        for label in (name, told):
            label.more = wrong
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(name, 5)
        row.addWidget(told, 6)
        row.addWidget(self._button("edit", f"Change what {target} is searched for (Enter)", self.edited.emit))
        row.addWidget(self._button("close", f"Search {target} no longer (Delete)", self.removed.emit))
        self.setFixedHeight(26)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(f"{target} is searched: {space}. {wrong}".strip())
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("role", "row")
        OwnKeys(self, "Delete", "Backspace", "Return", "Enter")

    def _button(self, picture: str, tip: str, run: object) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(picture))
        button.setIconSize(QSize(12, 12))
        button.setFixedSize(22, 22)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(" (")[0])
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the row takes the keys
        button.clicked.connect(lambda *_: run())  # type: ignore[operator]
        return button

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.edited.emit()
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: object) -> None:
        self.edited.emit()


class Searches(QWidget):
    """Rows for the document's searches, and below them the line that adds or changes one."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.rows: list[SearchRow] = []
        self._shown: tuple[tuple[str, str, str], ...] = ()
        self.line, self.wrong = TextBox(), QLabel()
        self._list = QVBoxLayout()
        self._list.setSpacing(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._list)
        column.addWidget(self.line)
        column.addWidget(self.wrong)
        self._dress_line()

    def _dress_line(self) -> None:
        line = self.line
        line.setFont(mono_font(12))
        line.setPlaceholderText(HINT)
        line.setAccessibleName("What to search, and which values: name=values")
        line.setToolTip(
            "What is searched, and what is tried. Lists 8,16,32 or ReLU,Tanh; ranges 0:0.1, log:1e-4:1e-1, int:8:64, "
            "intlog:4:256.\nA param: hidden.units. What stands there: act.op. How often: block.copies. A setting: lr, "
            "optimizer, seed. The share of rows: rows"
        )
        self.wrong.setProperty("role", "error")
        self.wrong.setWordWrap(True)
        self.wrong.hide()
        self._names = QStringListModel(self)
        self.completer = QCompleter(self._names, self)
        self.completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.setMaxVisibleItems(MOST)
        self.completer.popup().setFont(mono_font(12))
        line.setCompleter(self.completer)
        line.textEdited.connect(self._edited)
        line.returnPressed.connect(self.enter)
        # queued: the completer writes its own text first
        self.completer.activated.connect(self._suggest, Qt.ConnectionType.QueuedConnection)
        line.cancelled.connect(self._clear)

    # What there is

    def show_searches(self) -> None:
        """The document's, as they are now."""
        document = self._session.whole
        found = tuple(self._told(search) for search in document.sweep.searches)
        if found == self._shown:
            return
        self._shown = found
        for row in self.rows:
            self._list.removeWidget(row)
            row.deleteLater()
        self.rows = [
            self._make(search, *each) for search, each in zip(document.sweep.searches, found, strict=True)
        ]

    def _told(self, search: Search) -> tuple[str, str, str]:
        document = self._session.whole
        return target_text(document, search), space_text(search.space), fault(document, search)

    def _make(self, search: Search, target: str, space: str, wrong: str) -> SearchRow:
        row = SearchRow(target, space, wrong)
        row.edited.connect(partial(self.edit, row, search))
        row.removed.connect(partial(self.remove, target))
        self._list.addWidget(row)
        return row

    # Hands

    def edit(self, row: SearchRow, search: Search) -> None:
        """Opens the editor of its space beside the row; what has no place any more is written anew."""
        if row.wrong:
            self._write(row.target, row.space)
        else:
            searching.ask(self._session, row, [(search.node, search.name)])

    def _write(self, target: str, space: str) -> None:
        """Puts one into the line, its values selected."""
        self.line.setText(f"{target}={space}")
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.line.setSelection(len(target) + 1, len(space))
        self._say("")

    def _suggest(self, text: str) -> bool:
        """Writes the space to begin with behind what is to be searched; False where there is nothing such."""
        try:
            target = target_of(self._session.whole, *end_of(self._session.whole, text.removesuffix("=")))
            self._write(target.text, space_text(suggestion(self._session.whole, target)))
        except GraphlabError:
            return False
        return True

    def remove(self, target: str) -> None:
        """Searches that no longer; Undo brings it back."""
        self._session.attempt(self._session.root.unsearch, target)

    def enter(self) -> None:
        """What is written is searched from now on; what is wrong with it stands below."""
        text = self.line.text().strip()
        if not text or ("=" not in text.rstrip("=") and self._suggest(text)):
            return
        try:
            found = read_search(self._session.whole, text)
            self._session.root.search(target_text(self._session.whole, found), found.space)
        except GraphlabError as error:
            self._say(str(error))
        else:
            self._clear()

    def ask(self) -> None:
        """Puts the keyboard on the line."""
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _clear(self) -> None:
        self.line.clear()
        self.line.setModified(False)
        self._say("")

    def _edited(self, text: str) -> None:
        self._say("")
        if "=" in text:
            self.completer.popup().hide()
        elif not self._names.stringList() or len(text) <= 1:
            self._names.setStringList(self._target_names())

    def _target_names(self) -> Sequence[str]:
        return [f"{target.text}=" for target in targets(self._session.whole)]

    def _say(self, words: str) -> None:
        self.wrong.setText(words)
        self.wrong.setVisible(bool(words))
        if bool(self.line.property("invalid")) != bool(words):
            self.line.setProperty("invalid", bool(words))
            self.line.style().polish(self.line)
