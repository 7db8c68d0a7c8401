"""The library: favourites, what was used last, every operation by family; searched by typing, dragged or entered."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from ... import ops
from ...graph.groups import use_counts
from .. import icons, offers
from ..favourites import SHOWN, favourites
from ..fuzzy import Match, match
from ..session import Session
from ..theme import theme_changed
from ..widgets.op_tree import LIKED_TITLE, RECENT, OpTree, is_f1
from .registry import panel

_LIKED = 12.0  # what being a favourite adds to a match: less than a better place in the name does


@panel("library", "Library", "left", order=0, icon="library")
class LibraryPanel(QWidget):
    """Search box and rows. Enter or a double-click adds the op in the middle of the canvas."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.search, self.tree = QLineEdit(), OpTree()
        self._nothing = QLabel("No operation fits. Try another word, such as “relu” or “pool”.")
        self._lay_out()
        self.search.textChanged.connect(self._search)
        self.search.installEventFilter(self)
        self.tree.chosen.connect(self._add)
        self.tree.asked.connect(session.help_requested)
        self.tree.starred.connect(lambda key: favourites.toggle(session.root, key))
        self.tree.forget_wanted.connect(lambda: favourites.forget_used(session.root))
        theme_changed.connect(self._redraw)
        favourites.changed.connect(self._show_own)
        self._offered: tuple[object, ...] = ()
        session.whole_changed.connect(self._look)
        session.entered.connect(self._look)
        session.opened.connect(self._show_own)
        self._look()

    def _lay_out(self) -> None:
        self.search.setPlaceholderText("Search operations")
        self.search.setAccessibleName("Search operations")
        self.search.setClearButtonEnabled(True)
        lens = QAction(icons.icon("search"), "", self.search)
        self.search.addAction(lens, QLineEdit.ActionPosition.LeadingPosition)
        self._nothing.setWordWrap(True)
        self._nothing.setProperty("role", "secondary")
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 6, 4)
        column.setSpacing(8)
        column.addWidget(self.search)
        column.addWidget(self._nothing)
        column.addWidget(self.tree, 1)
        self.setFocusProxy(self.search)
        self.setMinimumWidth(150)

    def _look(self, *_: object) -> None:
        """What can be added may be another now: other groups, or another sheet."""
        session = self._session
        now = session.inside, session.whole.definitions, use_counts(session.whole)
        if now != self._offered:
            self._offered = now
            self.tree.families = offers.families(session)
            self.tree.own, self.tree.liked = self._own()
            self._search(self.search.text())

    def _own(self) -> tuple[dict[str, list[type[ops.Op]]], frozenset[str]]:
        """The person's own lists, of what can be added here, without empty ones; and the keys of the favourites."""
        here = {offers.key(op): op for family in self.tree.families.values() for op in family}
        root = self._session.root
        liked = favourites.liked(root)
        recent = [use.key for use in favourites.used(root) if use.key in here][:SHOWN]
        lists = {
            LIKED_TITLE: [here[key] for key in liked if key in here],
            RECENT: [here[key] for key in recent],
        }
        return {title: members for title, members in lists.items() if members}, frozenset(liked)

    def _show_own(self) -> None:
        self.tree.show_own(*self._own())

    def _search(self, query: str) -> None:
        hits = found(query, self.tree.families, self.tree.liked) if query.strip() else None
        self.tree.fill(hits)
        self._nothing.setVisible(self.tree.topLevelItemCount() == 0)

    def _add(self, op: str) -> None:
        self._session.add_requested.emit(op)

    def _redraw(self, _: object) -> None:
        """Tool tips and letters carry colours in them."""
        self._search(self.search.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if is_f1(event) and self.tree.current_op():
            event.accept()
            return False
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key_in_search(event)
        return False

    def _key_in_search(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.tree.current_op():
            self._add(self.tree.current_op())
        elif key == Qt.Key.Key_F1 and self.tree.current_op():
            self.tree.ask()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._walk_into_rows(down=key == Qt.Key.Key_Down)
        else:
            return False
        return True

    def _walk_into_rows(self, *, down: bool) -> None:
        """From the search box into the rows; a search has put the first row forward already."""
        self.tree.setFocus()
        here = self.tree.currentItem()
        if here is None:
            self.tree.go_to_first()
        elif self.search.text() and down and (below := self.tree.itemBelow(here)) is not None:
            self.tree.setCurrentItem(below)


def found(
    query: str,
    families: Mapping[str, list[type[ops.Op]]] | None = None,
    liked: frozenset[str] = frozenset(),
) -> list[tuple[Match, type[ops.Op]]]:
    """The ops that fit a query, best first: by name, then by another name, family or words of the help."""
    hits: list[tuple[Match, type[ops.Op]]] = []
    for members in (ops.by_category() if families is None else families).values():
        for op in members:
            fits = [
                hit for hit in (match(query, op.__name__), _beside_the_name(query, op)) if hit is not None
            ]
            if fits:
                hits.append((max(fits), op))
    return sorted(hits, key=lambda hit: -hit[0].score - _LIKED * (offers.key(hit[1]) in liked))


def _beside_the_name(query: str, op: type[ops.Op]) -> Match | None:
    word, others = query.strip().lower(), [name.lower() for name in op.other_names()]
    if len(word) < 3:
        return None
    if word in others:
        return Match(150.0)  # more than a piece of a name, less than its beginning
    if any(name.startswith(word) for name in others):
        return Match(90.0)  # more than letters scattered over a name, less than a piece of one
    return Match(-50.0) if word in " ".join((*others, op.category, op.help())).lower() else None
