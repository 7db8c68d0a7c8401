"""The graph as a tree of rows: nodes in topological order, groups with their content, frames, notes and views.

An index names the branch that its row stands in, and its place there; so moves of nodes touch nothing, and what is in
a group is looked at only once somebody opens it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import count

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ..graph import Document, Graph, Inside, edits
from ..graph.copies import bare
from ..graph.groups import end_of, is_use
from . import frame_edits, group_edits
from .branches import FRAMES, HEADINGS, NOTES, VIEWS, Branch, Telling
from .session import Session

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
_MOST_RUNS = 40  # of rows that come or go; beyond that all rows of the branch are put in anew
_TOP = QModelIndex()
_ROW = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_NAMED = _ROW | Qt.ItemFlag.ItemIsEditable
_LEAF, _NAMED_LEAF = _ROW | Qt.ItemFlag.ItemNeverHasChildren, _NAMED | Qt.ItemFlag.ItemNeverHasChildren


class Outline(QAbstractItemModel):
    """Follows a session's whole document."""

    def __init__(self, session: Session, parent: QObject | None = None, *, follows: bool = True) -> None:
        """`follows`: after every edit by itself; else somebody calls `follow`, or `begin_anew`, when it matters."""
        super().__init__(parent)
        self._session = session
        self.telling = Telling(session)
        self._numbers = count(1)
        self._branches: dict[int, Branch] = {}
        self.root = self._branch("sheet", (), None, "")
        self._fill(self.root)
        session.breakpoints_changed.connect(self._repaint)
        if follows:
            session.whole_changed.connect(self.follow)
            session.opened.connect(self.begin_anew)

    def begin_anew(self) -> None:
        """The document is another one, so that equal ids mean nothing."""
        self.beginResetModel()
        self._branches.clear()
        self.root = self._branch("sheet", (), None, "")
        self._fill(self.root)
        self.endResetModel()

    # Branches

    def _branch(self, kind: str, path: tuple[str, ...], parent: Branch | None, item: str) -> Branch:
        made = Branch(next(self._numbers), kind, path, parent, item)
        self._branches[made.number] = made
        if parent is not None:
            parent.children[item] = made
        return made

    def _fill(self, branch: Branch) -> None:
        branch.document, branch.inference = self._document(branch.path), self._session.seen.whole
        branch.put(self._items(branch, branch.document))
        branch.folders = self._folders(branch, branch.document)

    def _document(self, path: tuple[str, ...]) -> Document:
        """The sheet there; an empty one when the way is gone."""
        whole = self._session.whole
        found = end_of(whole, path)
        return Document() if found is None else whole.definitions.get(found, whole)

    def _items(self, branch: Branch, document: Document) -> list[str]:
        if branch.kind == FRAMES:
            return list(document.frames)
        if branch.kind == NOTES:
            return list(document.notes)
        if branch.kind == VIEWS:
            return list(dict.fromkeys(bookmark.name for bookmark in document.bookmarks))
        return [
            *branch.order(document, self._session.seen.whole),
            *(heading for heading in HEADINGS if self._things(document, heading)),
        ]

    def below(self, branch: Branch, item: str) -> Branch | None:
        """The branch under a row; None for a row that has none."""
        found = branch.children.get(item)
        if found is None and item in branch.folders:
            if item in HEADINGS:
                found = self._branch(item, branch.path, branch, item)
            else:
                found = self._branch("sheet", (*branch.path, item), branch, item)
            self._fill(found)
        return found

    def _folders(self, branch: Branch, document: Document) -> frozenset[str]:
        """The items of a branch that have rows below them: groups, and headings."""
        if branch.kind != "sheet":
            return frozenset()
        groups = self._session.whole.definitions
        found = [item for item in HEADINGS if self._things(document, item)]
        if groups:
            uses = (node for node in document.nodes.values() if node.params.get("definition") in groups)
            found += [node.id for node in uses if is_use(node)]
        return frozenset(found)

    def _things(self, document: Document, heading: str) -> Collection[object]:
        return {FRAMES: document.frames, NOTES: document.notes, VIEWS: document.bookmarks}[heading]

    def at(self, index: Index) -> tuple[Branch, str]:
        """The branch that a row stands in, and the id (of a view: the name, of a heading: its kind) it stands for."""
        branch = self._branches[index.internalId()]
        return branch, branch.items[index.row()]

    def sheet_at(self, path: tuple[str, ...]) -> Branch | None:
        """The branch with the nodes of a sheet."""
        branch: Branch | None = self.root
        for step in path:
            branch = self.below(branch, step) if branch is not None else None
        return branch

    def index_of(self, path: tuple[str, ...], item: str) -> QModelIndex:
        """The row of a node, note, frame or heading of a sheet; an invalid index when there is none."""
        branch = self.sheet_at(path)
        if branch is not None and item in branch.places:
            return self.createIndex(branch.places[item], 0, branch.number)
        for heading in HEADINGS:
            under = self.below(branch, heading) if branch is not None and heading in branch.places else None
            if under is not None and item in under.places:
                return self.createIndex(under.places[item], 0, under.number)
        return QModelIndex()

    # What Qt asks

    def index(self, row: int, column: int, parent: Index = _TOP) -> QModelIndex:
        branch = self.below(*self.at(parent)) if parent.isValid() else self.root
        if branch is None or column or not 0 <= row < len(branch.items):
            return QModelIndex()
        return self.createIndex(row, column, branch.number)

    def parent(self, index: Index = _TOP) -> QModelIndex:
        branch = self._branches.get(index.internalId()) if index.isValid() else None
        if branch is None or branch.parent is None:
            return QModelIndex()
        return self.createIndex(branch.parent.places[branch.item], 0, branch.parent.number)

    def rowCount(self, parent: Index = _TOP) -> int:
        branch = self.below(*self.at(parent)) if parent.isValid() else self.root
        return len(branch.items) if branch is not None else 0

    def columnCount(self, parent: Index = _TOP) -> int:
        return 1

    def hasChildren(self, parent: Index = _TOP) -> bool:
        if not parent.isValid():
            return bool(self.root.items)
        branch, item = self.at(parent)
        return item in branch.folders or (item in branch.children and bool(branch.children[item].items))

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Asked twice for each of ten thousand rows whenever the view is laid out, so it has to be short."""
        branch = self._branches.get(index.internalId())
        if branch is None:
            return Qt.ItemFlag.NoItemFlags
        if branch.kind != "sheet":
            return _LEAF if branch.kind == NOTES else _NAMED_LEAF
        item = branch.items[index.row()]
        if item in branch.folders or item in branch.children:
            return _ROW if item in HEADINGS else _NAMED
        return _NAMED_LEAF

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        branch, item = self.at(index)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self.telling.name(branch, item)
        if role == ROW:
            if item not in branch.rows:
                branch.rows[item] = self.telling.row(branch, item)
            return branch.rows[item]
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self.telling.sentence(branch, item)
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        branch, item = self.at(index)
        if role != Qt.ItemDataRole.EditRole or str(value) == self.telling.name(branch, item):
            return False
        return self._session.attempt(self._rename, branch, item, str(value))

    # Edits

    def _rename(self, branch: Branch, item: str, name: str) -> None:
        session = self._session
        if branch.kind == VIEWS:
            session.root.rename_bookmark(item, name)
            return
        with self.graph_of(branch.path) as graph:
            if branch.kind == FRAMES:
                frame_edits.rename(graph, item, name)
            elif item in graph.document.nodes:  # it may have gone while its name was being written
                group_edits.rename(session, graph, item, name)

    def remove(self, indexes: Iterable[Index]) -> None:
        """Deletes what rows stand for, on whatever sheets, as one undo entry. GraphlabError."""
        by_path: dict[tuple[str, ...], list[str]] = {}
        views = []
        for index in indexes:
            branch, item = self.at(index)
            if branch.kind == VIEWS:
                views.append(item)
            elif branch.kind != "sheet" or item not in HEADINGS:
                by_path.setdefault(branch.path, []).append(item)
        with self._session.root.edit("Delete" if by_path else "Remove bookmark"):
            for path in sorted(by_path, key=len, reverse=True):  # what is in a group before the group
                with self.graph_of(path) as graph:
                    # By another of its uses a group may have lost them already.
                    left = filter(graph.document.has, by_path[path])
                    graph.replace(edits.remove(graph.document, left), "Delete")
            for view in views:
                self._session.root.remove_bookmark(view)

    def graph_of(self, path: tuple[str, ...]) -> _Borrowed:
        return _Borrowed(self._session, path)

    # Following

    def follow(self, *_: object) -> None:
        """Puts in and takes out the rows that an edit asks for; all others stay, and are only painted anew."""
        inference = self._session.seen.whole
        for branch in list(self._branches.values()):  # a branch comes after the one that it stands in
            if branch.number not in self._branches:
                continue
            document, other = self._document(branch.path), branch.inference is not inference
            if branch.kind != VIEWS and branch.document is document and not other:
                continue
            self._arrange(branch, document)
            if other or branch.kind != "sheet":  # else nodes have other places, and nothing more
                branch.rows.clear()
                branch.looks = None
                self._changed(branch)

    def _repaint(self, *_: object) -> None:
        for branch in self._branches.values():
            branch.rows.clear()
            self._changed(branch)

    def _changed(self, branch: Branch) -> None:
        if not branch.items:
            return
        first = self.createIndex(0, 0, branch.number)
        self.dataChanged.emit(first, self.createIndex(len(branch.items) - 1, 0, branch.number))

    def _arrange(self, branch: Branch, document: Document) -> None:
        """Makes the rows of a branch those of a document, in its order. What goes, goes as it was before."""
        wanted = self._items(branch, document)
        wish, has = set(wanted), set(branch.items)
        gone = list(_runs([row for row, item in enumerate(branch.items) if item not in wish]))
        come = list(_runs([row for row, item in enumerate(wanted) if item not in has]))
        if len(gone) + len(come) > _MOST_RUNS:
            gone, come = _whole(branch.items), _whole(wanted)
        for first, last in reversed(gone):
            self._take_out(branch, first, last)
        if branch.inference is not self._session.seen.whole:
            branch.looks = None
        branch.document, branch.inference = document, self._session.seen.whole
        branch.folders = self._folders(branch, document)
        left = set(branch.items)
        self._reorder(branch, [item for item in wanted if item in left])
        for first, last in come:
            self.beginInsertRows(self._index(branch), first, last)
            branch.put(branch.items[:first] + wanted[first : last + 1] + branch.items[first:])
            self.endInsertRows()

    def _take_out(self, branch: Branch, first: int, last: int) -> None:
        self.beginRemoveRows(self._index(branch), first, last)
        gone = branch.items[first : last + 1]
        branch.put(branch.items[:first] + branch.items[last + 1 :])
        for item in gone:
            self._forget(branch.children.pop(item, None))
        self.endRemoveRows()

    def _forget(self, branch: Branch | None) -> None:
        if branch is not None:
            del self._branches[branch.number]
            for child in branch.children.values():
                self._forget(child)

    def _reorder(self, branch: Branch, items: list[str]) -> None:
        if items == branch.items:
            return
        self.layoutAboutToBeChanged.emit()
        kept = [i for i in self.persistentIndexList() if i.internalId() == branch.number]
        names = [branch.items[i.row()] for i in kept]
        branch.put(items)
        moved = [self.createIndex(branch.places[name], 0, branch.number) for name in names]
        self.changePersistentIndexList(kept, moved)
        self.layoutChanged.emit()

    def _index(self, branch: Branch) -> QModelIndex:
        """The row that a branch hangs at."""
        if branch.parent is None:
            return QModelIndex()
        return self.createIndex(branch.parent.places[branch.item], 0, branch.parent.number)


class _Borrowed:
    """The graph of a sheet for as long as an edit takes. GraphlabError when the sheet is gone."""

    def __init__(self, session: Session, path: tuple[str, ...]) -> None:
        self._session, self._path = session, path
        self._own: Inside | None = None

    def __enter__(self) -> Graph:
        if self._path == bare(self._session.inside):
            return self._session.graph
        if not self._path:
            return self._session.root
        self._own = Inside(self._session.root, self._path)
        return self._own

    def __exit__(self, *_: object) -> None:
        if self._own is not None:
            self._own.leave()


def _whole(items: list[str]) -> list[tuple[int, int]]:
    return [(0, len(items) - 1)] if items else []


def _runs(rows: list[int]) -> Iterator[tuple[int, int]]:
    """[1, 2, 3, 7] → (1, 3), (7, 7)."""
    start = 0
    for k in range(1, len(rows) + 1):
        if k == len(rows) or rows[k] != rows[k - 1] + 1:
            yield rows[start], rows[k - 1]
            start = k
