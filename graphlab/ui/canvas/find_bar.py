"""The find bar at the top of the canvas: type, see what fits lit and listed, go from hit to hit, select them all."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QToolButton,
    QVBoxLayout,
)

from ...errors import GraphlabError
from ..announcing import announce
from ..finding import Catalogue, Entry, Hunt
from ..group_edits import here
from ..icons import icon
from ..numbers import count, figures
from ..queries import FLAGS, TOKENS
from .card import Card
from .draw_found import Found
from .find_rows import ROW, HitRows, Hits, sentence

if TYPE_CHECKING:
    from .view import CanvasView

_WIDTH, _ROWS, _PLACE = 560, 5, 10
_AFTER = 120  # milliseconds after an edit that what is found is looked up anew


class Former(NamedTuple):
    """Where one was when the search began."""

    inside: tuple[str, ...]
    selection: frozenset[str]
    camera: tuple[float, float, float]
    shows_all: bool


class FindBar(Card):
    """Enter and F3 go to the next hit, with Shift to the one before; Up and Down look at hits without going there for
    good: Esc then leads back to where one was. Alt+Enter selects all hits."""

    placed = Signal()  # its size is another, or it has gone

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view, self._session = view, view.session
        self.hunt = Hunt()
        self._catalogue: Catalogue | None = None
        self._former: Former | None = None
        self._arrived = False  # whether one is at the present hit for good
        self.line, self.told, self.said = QLineEdit(self), QLabel(self), QLabel(self)
        self.rows, self.list = Hits(), QListView(self)
        self.chips: dict[str, QPushButton] = {}
        self.setAccessibleName("Find")
        self._lay_out()
        self._later = QTimer(self, singleShot=True, interval=_AFTER)
        self._later.timeout.connect(self.refresh)
        session = view.session
        for signal in (session.whole_changed, session.inference_changed, session.breakpoints_changed):
            signal.connect(self._changed)
        session.entered.connect(self._changed)
        session.opened.connect(self._begin_anew)
        self.hide()

    # Put together

    def _lay_out(self) -> None:
        self.line.setPlaceholderText("Name, operation, shape (N×64), fault, note …")
        self.line.setAccessibleName("Find")
        self.line.setClearButtonEnabled(True)
        self.line.addAction(QAction(icon("search"), "", self.line), QLineEdit.ActionPosition.LeadingPosition)
        self.line.textChanged.connect(self._search)
        self.line.installEventFilter(self)
        self.told.setProperty("role", "secondary")
        self.said.setProperty("role", "error")
        self.said.setWordWrap(True)
        self.previous = self._button("chevron-up", "Previous hit", "Shift+F3", partial(self.go, -1))
        self.next = self._button("chevron-down", "Next hit", "F3", partial(self.go, 1))
        self.all = self._button("select-all", "Select all hits on this sheet", "Alt+Enter", self.select_all)
        self.close_button = self._button("close", "Close", "Esc", self.close_up)
        top, below = QHBoxLayout(), QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self.line, 1)
        top.addSpacing(6)
        for widget in (self.told, self.previous, self.next, self.all, self.close_button):
            top.addWidget(widget)
        below.setSpacing(4)
        for token in TOKENS:
            below.addWidget(self._chip(token))
        below.addStretch(1)
        self._make_list()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addLayout(top)
        column.addLayout(below)
        column.addWidget(self.said)
        column.addWidget(self.list)

    def _make_list(self) -> None:
        self.list.setModel(self.rows)
        self.list.setItemDelegate(HitRows(self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setAccessibleName("Hits")
        self.list.clicked.connect(self._take)

    def _button(self, drawing: str, tip: str, keys: str, run: object) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(drawing))
        button.setIconSize(QSize(14, 14))
        button.setToolTip(f"{tip}  ({keys})")
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: run())  # type: ignore[operator]
        return button

    def _chip(self, token: str) -> QPushButton:
        chip = self.chips[token] = QPushButton(token, self)
        chip.setProperty("role", "small")
        chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        chip.setCheckable(token in FLAGS)
        chip.setToolTip(_TIPS[token])
        chip.setAccessibleName(_TIPS[token])
        chip.clicked.connect(partial(self._add_token, token))
        return chip

    # Open and close

    def open(self) -> None:
        """Shows the bar with what was looked for last, ready to be typed over."""
        if not self.isVisible():
            view, session = self._view, self._session
            state = view.motion.destination
            self._former = Former(session.inside, session.selection, state, view.shows_all)
            self._arrived = False
            self.show()
            self.raise_()
            self._search(self.line.text())
        self.place()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def close_up(self) -> None:
        """Closes. One stays at a hit that one went to; from hits only looked at one goes back to where one was."""
        if self.isHidden():
            return
        had_focus = self.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
        self.hide()
        self.placed.emit()
        self._view.found = None
        self._view.update()
        former, self._former = self._former, None
        if former is not None and not self._arrived and self.hunt.current is not None:
            self._return(former)
        if had_focus or self._view.focusWidget() is None:
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _begin_anew(self) -> None:
        """Another document was put in place: there is nowhere to return to, and what was found is not there."""
        self._former = None
        self.close_up()
        self.hunt = Hunt()
        self.rows.show(())

    def _return(self, former: Former) -> None:
        view, session = self._view, self._session
        try:
            session.go_inside(former.inside)
        except GraphlabError:  # the group is gone by now: there is nowhere to return to
            return
        session.select(former.selection)
        view.motion.fly_to(former.camera, view.middle)
        view.shows_all = former.shows_all

    def place(self) -> None:
        """At the top in the middle, below the breadcrumb where there is one; no higher than the canvas."""
        view = self._view
        top = _PLACE + view.crumb.room
        width = min(_WIDTH, view.width() - 2 * _PLACE)
        rows = min(len(self.hunt.hits), _ROWS)
        self.list.setFixedHeight(rows * ROW + 2)
        self.list.setVisible(rows > 0)
        for chip in self.chips.values():
            chip.setVisible(width > 380)
        height = max(self.layout().heightForWidth(width), self.layout().minimumSize().height())
        self.setGeometry((view.width() - width) // 2, top, width, min(height, view.height() - top - _PLACE))
        self.placed.emit()

    @property
    def room(self) -> int:
        """The height at the top of the canvas that it takes."""
        return 0 if self.isHidden() else self.geometry().bottom()

    # Searching

    def catalogue(self) -> Catalogue:
        """What there is to find now; made anew only after an edit."""
        session, known = self._session, self._catalogue
        stops = frozenset(key for key, _ in session.all_breakpoints)
        if (
            known is None
            or known.document is not session.whole
            or known.inference is not session.seen.whole
            or known.stops != stops
        ):
            known = self._catalogue = Catalogue(session.whole, session.seen.whole, stops)
        return known

    def _search(self, text: str) -> None:
        if self.isHidden():
            return
        another = text != self.hunt.text
        self.hunt.look(self.catalogue(), text)
        if another:
            self._arrived = False
        self.rows.show(self.hunt.hits)
        self._point(self.hunt.at if self.hunt.at >= 0 else self.hunt.after)
        words = text.lower().split()
        for token, chip in self.chips.items():
            chip.setChecked(token in words)
        self._tell()
        self._light()
        self.place()

    def refresh(self) -> None:
        """The graph is another: what is found may be, too."""
        self._search(self.line.text())

    def _catch_up(self) -> None:
        """Before one goes anywhere: what was found before the last edit may be gone."""
        if self._later.isActive():
            self._later.stop()
            self.refresh()

    def _changed(self, *_: object) -> None:
        if not self.isHidden():
            self._light()  # another sheet has other hits
            self.place()
            self._later.start()

    def _light(self) -> None:
        session = self._session
        if self.isHidden() or not self.hunt.query.terms:
            self._view.found = None
        else:
            definition = here(session)
            deeper = self.hunt.deeper(session.whole, definition)
            self._view.found = Found(self.hunt.here(definition), deeper)
        self._view.update()

    def _tell(self) -> None:
        hunt, some = self.hunt, bool(self.hunt.hits)
        if not hunt.query.terms:
            text = ""
        elif not some:
            text = "nothing found"
        elif hunt.at >= 0:
            text = f"{figures(hunt.at + 1)} of {figures(len(hunt.hits))}"
        else:
            text = count(len(hunt.hits), "hit")
        if text != self.told.text():
            self.told.setText(text)
            self.line.setAccessibleDescription(text)
            announce(self.line, f"{text}: {sentence(hunt.current)}" if hunt.current is not None else text)
        self.said.setText(hunt.query.mistake)
        self.said.setVisible(bool(hunt.query.mistake))
        for button in (self.previous, self.next, self.all):
            button.setEnabled(some)

    def _point(self, row: int) -> None:
        index = self.rows.index(row, 0) if row < len(self.hunt.hits) else QModelIndex()
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)

    def _add_token(self, token: str) -> None:
        """Puts a token to what is looked for, or takes one that is a word by itself out again."""
        words = self.line.text().split()
        if token in FLAGS and token in words:
            words.remove(token)
        else:
            words.append(token)
        self.line.setText(" ".join(words) + (" " if token in FLAGS and words else ""))
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)

    # From hit to hit

    def go(self, by: int) -> None:
        """To the next hit (1) or the one before (-1), for good. Works while the bar is closed, too."""
        if self.isHidden():
            if not self.hunt.text:
                self.open()
                return
            self.hunt.look(self.catalogue(), self.hunt.text)
        self._catch_up()
        entry = self.hunt.step(by)
        if entry is None:
            if self.hunt.text:
                self._session.notify("info", f"Nothing fits “{self.hunt.text}”.")
            return
        self._show(entry)
        self._arrived = True

    def _enter(self, by: int) -> None:
        """Enter: stays at the hit that is looked at; from there it goes on."""
        self._catch_up()
        if by > 0 and self.hunt.at >= 0 and not self._arrived:
            self._arrived = True
            self._show(self.hunt.hits[self.hunt.at])
        elif self.hunt.hits:
            self.go(by)

    def _look(self, by: int) -> None:
        """Up and Down: shows the hit, to come back from."""
        self._catch_up()
        entry = self.hunt.step(by)
        if entry is not None:
            self._arrived = False
            self._show(entry)

    def _take(self, index: QModelIndex) -> None:
        self.hunt.at = index.row()
        self._arrived = True
        self._show(self.hunt.hits[self.hunt.at])
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self, entry: Entry) -> None:
        self._session.attempt(self._visit, entry)

    def _visit(self, entry: Entry) -> None:
        session = self._session
        if here(session) != entry.definition:
            session.go_inside(entry.path)
        session.select({entry.id})
        self._point(self.hunt.at)
        self._tell()
        minimap = self._view.minimap
        self._view.look_at(entry.id, self.room, minimap.geometry() if minimap.isVisible() else None)

    def select_all(self) -> None:
        """Selects every hit on the sheet that is shown, or else on that of the first hit, and closes."""
        self._catch_up()
        hunt, session = self.hunt, self._session
        if not hunt.hits:
            return
        chosen = hunt.here(here(session))
        if not chosen:
            first = hunt.current or hunt.hits[0]
            session.go_inside(first.path)
            chosen = hunt.here(first.definition)
        self._arrived = True
        self.close_up()
        session.select(chosen)
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)
        rest = len(hunt.hits) - len(chosen)
        if rest:
            are = "is" if rest == 1 else "are"
            session.notify(
                "info", f"{count(len(chosen), 'hit')} selected; {figures(rest)} more {are} on other sheets."
            )

    # Events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(Qt.Key(event.key()), event.modifiers())
        return False

    def _key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        back = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if modifiers & Qt.KeyboardModifier.AltModifier:
                self.select_all()
            else:
                self._enter(-1 if back else 1)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._look(1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_Escape:
            self.close_up()
        else:
            return False
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What buttons and chips leave: Esc closes from them, too, and no key reaches the canvas below."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_up()
        event.accept()


_TIPS = {
    "op:": "By operation: op:Conv2d",
    "shape:": "By the shape it gives: shape:N×64, shape:64, shape:?×10",
    "fault": "What has a fault",
    "frozen": "What is frozen",
    "muted": "What is muted",
    "params>": "By its number of parameters: params>1000",
    "note:": "By the text of a note: note:todo",
}
