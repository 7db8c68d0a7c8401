"""Named views as the window offers them: kept, gone to, renamed, moved to what is seen now, and forgotten."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import chain, repeat
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from ..graph import Bookmark, Document
from ..graph.bookmarking import leads_somewhere
from ..graph.groups import groups_along
from ..graph.naming import LONGEST, free_name
from .canvas.ask_name import NamePrompt
from .icons import icon
from .notice import Notice

if TYPE_CHECKING:
    from .window import MainWindow

KEYS = tuple(f"Ctrl+Shift+{n}" for n in range(1, 10))


def places(document: Document, path: tuple[str, ...]) -> list[str]:
    """The names of the groups that a path of ids leads through; those that are gone are left out."""
    return [node.name for node, _ in groups_along(document, path)]


def keyed(document: Document) -> list[tuple[Bookmark, str]]:
    """Every bookmark with the key that goes to it; from the tenth on ""."""
    keys = chain(KEYS, repeat(""))
    return list(zip(document.bookmarks, keys, strict=False))


def keep_view(window: MainWindow) -> None:
    """Asks for a name for what is seen now."""
    session = window.session
    taken = {b.name for b in session.whole.bookmarks}
    wish = " / ".join(places(session.whole, session.inside)) or "view"
    name = free_name(taken, wish[-LONGEST + 4 :].strip())
    ask(window, "Bookmark this view as", name, partial(set_to_view, window))


def ask(window: MainWindow, title: str, name: str, keep: Callable[[str], object]) -> None:
    window.leave_start_page()
    NamePrompt(window.canvas, title, name, keep, window.canvas.crumb.room)


def set_to_view(window: MainWindow, name: str) -> None:
    """Lets the bookmark of that name, an old or a new one, show what is seen now. ParamError for the name."""
    sight = window.canvas.sheets.sight()
    window.session.root.set_bookmark(name, sight.centre, sight.zoom, window.session.inside)


def go_to(window: MainWindow, bookmark: Bookmark) -> None:
    """Takes the camera there, through groups where needed; says so, with a way out, when one of them is gone."""
    if not leads_somewhere(window.session.whole, bookmark.inside):
        remove = partial(window.session.attempt, window.session.root.remove_bookmark, bookmark.name)
        notice = Notice("warning", f"The group that “{bookmark.name}” looks into is gone.")
        window.stage.tell(notice, [("Remove bookmark", remove)])
        return
    window.leave_start_page()
    window.canvas.sheets.go(bookmark.inside, bookmark.centre, bookmark.zoom)
    window.canvas.setFocus()


def rename(window: MainWindow, name: str) -> None:
    """Asks for another name for a bookmark."""
    ask(window, f"Rename “{name}” to", name, partial(window.session.root.rename_bookmark, name))


class BookmarksMenu(QMenu):
    """The bookmarks of a window's document. It is kept up to date while closed, because its entries hold the keys."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__("Bookmarks", window)
        self._window = window
        self._shown: list[tuple[Bookmark, str]] | None = None  # with the way there, in words
        self.setIcon(icon("bookmark"))
        self.setToolTipsVisible(True)
        window.session.whole_changed.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Offers what there is now; most edits leave that alone."""
        whole = self._window.session.whole
        bookmarks = [(b, " / ".join(places(whole, b.inside))) for b in whole.bookmarks]
        if bookmarks == self._shown:
            return
        self._shown = bookmarks
        for action in self.actions():
            action.deleteLater()
        self.clear()
        if not bookmarks:
            self.addAction("No bookmarks yet").setEnabled(False)
            return
        for (bookmark, keys), (_, way) in zip(keyed(whole), bookmarks, strict=True):
            self._add(bookmark, way, keys)
        self.addSeparator()
        self._add_for_each("Rename", "rename", rename)
        self._add_for_each("Update to this view", "bookmark", self._update)
        self._add_for_each("Remove", "delete", self._remove)

    def _add(self, bookmark: Bookmark, way: str, keys: str) -> None:
        action = QAction(plain(bookmark.name), self)
        action.setShortcut(QKeySequence(keys))
        action.setToolTip(f"In {way}" if way else "On the whole graph")
        action.triggered.connect(lambda: go_to(self._window, bookmark))
        self.addAction(action)

    def _add_for_each(self, title: str, drawing: str, run: Callable[[MainWindow, str], object]) -> None:
        menu = QMenu(title, self)
        menu.setIcon(icon(drawing))
        for bookmark, _ in self._shown or ():
            menu.addAction(plain(bookmark.name), partial(run, self._window, bookmark.name))
        self.addMenu(menu)

    def _update(self, window: MainWindow, name: str) -> None:
        window.session.attempt(set_to_view, window, name)

    def _remove(self, window: MainWindow, name: str) -> None:
        window.session.attempt(window.session.root.remove_bookmark, name)


def plain(name: str) -> str:
    """A name as a menu takes it: & would underline the letter after it."""
    return name.replace("&", "&&")
