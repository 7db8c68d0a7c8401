"""The outline: the graph as a tree, from inputs to loss. What screen readers read, and a way to anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QLabel, QMenu, QTreeView, QVBoxLayout, QWidget

from ...graph.bookmarking import leads_somewhere
from ...graph.copies import bare
from ..branches import HEADINGS, NOTES, VIEWS, Branch
from ..icons import icon
from ..outline import Outline
from ..session import Session
from ..widgets.outline_rows import OutlineRows
from .registry import panel

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_DELETE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_OWN = (*_ENTER, *_DELETE, Qt.Key.Key_F2, Qt.Key.Key_Home, Qt.Key.Key_End)
_COMMAND = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)


class OutlineTree(QTreeView):
    """The rows. Says what is wanted of them; does nothing by itself but select and write names."""

    taken = Signal(object)  # QModelIndex: by Enter or a double-click
    removed = Signal()
    written = Signal(object)  # QModelIndex: F2 on what is not written in the tree
    asked = Signal(object, object)  # QModelIndex, QPoint on the screen: a menu is wanted
    painted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHeaderHidden(True)
        self.setIndentation(14)
        self.setUniformRowHeights(True)
        self.setMouseTracking(True)
        self.setExpandsOnDoubleClick(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(OutlineRows(self))
        self.setAccessibleName("Outline of the graph")
        self.doubleClicked.connect(self.taken.emit)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted.emit()

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._wants(event)
        ):
            event.accept()  # letters look for a name here, whatever they do elsewhere
            return True
        return super().event(event)

    def _wants(self, event: QKeyEvent) -> bool:
        if event.modifiers() & _COMMAND:
            return False
        return event.key() in _OWN or (bool(event.text()) and event.text().isprintable())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, index = event.key(), self.currentIndex()
        plain = not event.modifiers() & _COMMAND
        if plain and key in _ENTER and index.isValid():
            self.taken.emit(index)
        elif plain and key in _DELETE:
            self.removed.emit()
        elif plain and key == Qt.Key.Key_F2 and index.isValid():
            self.write(index)
        else:
            super().keyPressEvent(event)

    def write(self, index: QModelIndex) -> None:
        """Opens a name for editing."""
        if index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)
        else:
            self.written.emit(index)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if index.isValid():
            below = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft() + QPoint(20, 0))
            self.asked.emit(index, below if by_key else event.globalPos())


@panel("outline", "Outline", "left", order=10, icon="outline", tabbed=True)
class OutlinePanel(QWidget):
    """Rows selected here are selected on the canvas, and the other way round, as far as they are on its sheet.

    While nobody sees it, behind another tab, it follows nothing; it catches up when it is painted.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.model, self.tree = Outline(session, self, follows=False), OutlineTree(self)
        self.tree.setModel(self.model)
        self.nothing = QLabel("The nodes of the graph stand here, from inputs to loss. Add one by Shift+A.")
        self.nothing.setWordWrap(True)
        self.nothing.setProperty("role", "empty")
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 6, 0, 4)
        column.addWidget(self.nothing, 0, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.tree, 1)
        self.setFocusProxy(self.tree)
        self.setMinimumWidth(150)
        self._is_told = False  # the canvas has chosen; no need to tell it
        self.tree.selectionModel().selectionChanged.connect(self._tell)
        self.tree.taken.connect(self.go)
        self.tree.removed.connect(self.remove)
        self.tree.written.connect(self._write_elsewhere)
        self.tree.asked.connect(self._menu)
        self._is_other = self._is_old = False  # the document is another one, or another version
        self._selected: frozenset[str] | None = None  # on the canvas, when it was last taken over
        self._late = QTimer(self, singleShot=True, interval=0)
        self._late.timeout.connect(self._catch_up)
        self.tree.painted.connect(self._look)
        session.whole_changed.connect(self._edited)
        session.opened.connect(self._opened)
        session.entered.connect(self._forget_selection)
        session.selection_changed.connect(self._late.start)
        self._catch_up(at_once=True)

    def _edited(self, *_: object) -> None:
        self._is_old = True
        self._late.start()

    def _opened(self) -> None:
        self._is_other = True
        self._forget_selection()

    def _forget_selection(self, *_: object) -> None:
        self._selected = None
        self._late.start()

    def _look(self) -> None:
        """It is seen: is all as it should be?"""
        if self._is_old or self._is_other or self._selected is not self._session.selection:
            self._late.start()

    def _catch_up(self, at_once: bool = False) -> None:
        if not at_once and not self._is_seen():
            return
        self._is_told = True  # rows that go take their selection along, which the canvas has by itself
        try:
            if self._is_other:
                self.model.begin_anew()
            elif self._is_old:
                self.model.follow()
            if self._is_other or self._selected is not self._session.selection:
                self._take(self._session.selection)
        finally:
            self._is_told = False
        self._is_old, self._is_other, self._selected = False, False, self._session.selection
        some = bool(self.model.root.items)
        self.tree.setVisible(some)
        self.nothing.setVisible(not some)

    def _is_seen(self) -> bool:
        """A dock behind a tab is not hidden, but lies outside of the window."""
        window = self.window()
        place = QRect(self.mapTo(window, QPoint()), self.size())
        return self.isVisible() and place.intersects(window.rect())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self._look()

    # Selection, both ways

    def _take(self, chosen: frozenset[str]) -> None:
        """The selection of the canvas becomes that of the tree."""
        model, path = self.model, bare(self._session.inside)
        rows = [i for i in (model.index_of(path, item) for item in chosen) if i.isValid()]
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.tree.selectionModel().select(_selection(rows), flags)
        if rows:
            first = min(rows, key=lambda i: (i.internalId(), i.row()))
            self._open(first)
            self.tree.selectionModel().setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.tree.scrollTo(first)
        elif path:
            self._open(model.index(0, 0, model.index_of(path[:-1], path[-1])))

    def _open(self, index: QModelIndex) -> None:
        """Opens the branches that a row stands in."""
        parent = index.parent()
        while parent.isValid():
            self.tree.expand(parent)
            parent = parent.parent()

    def _tell(self, *_: object) -> None:
        """The selection of the tree becomes that of the canvas, as far as it is on the sheet that is shown."""
        if self._is_told:
            return
        chosen = [item for branch, item in self._chosen() if self._is_here(branch)]
        self._session.select(chosen)
        self._selected = self._session.selection  # nothing to take over

    def _chosen(self) -> list[tuple[Branch, str]]:
        """What is selected, without headings."""
        rows = (self.model.at(index) for index in self.tree.selectionModel().selectedIndexes())
        return [(branch, item) for branch, item in rows if branch.kind != "sheet" or item not in HEADINGS]

    def _is_here(self, branch: Branch) -> bool:
        return branch.path == bare(self._session.inside) and branch.kind != VIEWS

    # What one does with rows

    def go(self, index: QModelIndex) -> None:
        """Shows what a row stands for on the canvas: of a group its inside, of all others the place itself."""
        branch, item = self.model.at(index)
        if branch.kind == "sheet" and item in HEADINGS:
            self.tree.setExpanded(index, not self.tree.isExpanded(index))
        elif branch.kind == VIEWS:
            bookmark = self.model.telling.bookmark(item)
            if bookmark is not None:
                self._session.view_requested.emit(bookmark)
        elif self.model.hasChildren(index):
            self._session.attempt(self._session.go_inside, (*branch.path, item))
            self.tree.setExpanded(index, True)
        else:
            self.show_item(branch, item)

    def show_item(self, branch: Branch, item: str) -> bool:
        """Selects it on its sheet and brings it into view; with others, when they are selected with it."""
        session = self._session
        others = [i for b, i in self._chosen() if b.path == branch.path and b.kind != VIEWS]
        if not session.attempt(session.go_inside, branch.path):
            return False
        session.select(others if item in others else [item])
        session.show_requested.emit()
        return True

    def remove(self) -> None:
        """Deletes what is selected, wherever it stands, as one undo entry."""
        self._session.attempt(self.model.remove, self.tree.selectionModel().selectedIndexes())

    def _write_elsewhere(self, index: QModelIndex) -> None:
        """A note is written on its card."""
        branch, item = self.model.at(index)
        if branch.kind == NOTES and self.show_item(branch, item):
            self._session.edit_requested.emit(item)

    def _menu(self, index: QModelIndex, at: QPoint) -> None:
        branch, item = self.model.at(index)
        if branch.kind == "sheet" and item in HEADINGS:
            return
        if not self.tree.selectionModel().isSelected(index):
            self.tree.setCurrentIndex(index)
        if self._is_here(branch):
            self._session.menu_requested.emit(at)
        else:
            self.menu(index).popup(at)

    def menu(self, index: QModelIndex) -> QMenu:
        """For what is on another sheet, and for bookmarks."""
        branch, item = self.model.at(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        bookmark = self.model.telling.bookmark(item) if branch.kind == VIEWS else None
        leads = bookmark is None or leads_somewhere(self._session.whole, bookmark.inside)
        _add(menu, "Go there", "locate", partial(self.go, index), leads)
        if self.model.hasChildren(index):
            _add(menu, "Show in its place", "fit", partial(self.show_item, branch, item))
        _add(
            menu, "Edit text" if branch.kind == NOTES else "Rename", "rename", partial(self.tree.write, index)
        )
        menu.addSeparator()
        _add(menu, "Remove" if bookmark else "Delete", "delete", self.remove)
        return menu


def _add(menu: QMenu, title: str, drawing: str, run: object, enabled: bool = True) -> None:
    action = menu.addAction(icon(drawing), title)
    action.setEnabled(enabled)
    action.triggered.connect(lambda *_: run())  # type: ignore[operator]


def _selection(rows: Iterable[QModelIndex]) -> QItemSelection:
    """Rows as ranges: ten thousand that follow one another are one."""
    chosen = QItemSelection()
    first = last = QModelIndex()
    for index in sorted(rows, key=lambda i: (i.internalId(), i.row())):
        if last.isValid() and index.internalId() == last.internalId() and index.row() == last.row() + 1:
            last = index
            continue
        if first.isValid():
            chosen.select(first, last)
        first = last = index
    if first.isValid():
        chosen.select(first, last)
    return chosen
