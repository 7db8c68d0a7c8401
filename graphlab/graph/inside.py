"""A group seen from inside: a Graph whose document is the group's content and whose edits are edits of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import GraphError, UnknownNodeError
from .document import Document
from .graph import Changed, Graph
from .groups import end_of, put, sheet
from .room import Room


class Inside(Graph):
    """The graph inside a group, entered by the ids of the group nodes on the way (`path`).

    Undo, redo, history and saving are those of the whole graph. `changed` tells of changes of this group's content;
    an edit made here is one entry of the whole's history. When the group goes (an undo, a removal), `is_there` is False
    and edits raise GraphError.
    """

    def __init__(self, root: Graph, path: tuple[str, ...]) -> None:
        self.root, self.path = root, path
        self.changed = Changed()
        self._sheet: tuple[Document, Document] | None = None
        self._history, self._room = root._history, Room()
        self._told = self._document_of(root.document)  # raises for a path that leads nowhere
        root.changed.connect(self._root_changed)

    @property
    def definition(self) -> str:
        """The id of the definition that is shown. GraphError when it is gone."""
        return self._definition(self.root.document)

    @property
    def is_there(self) -> bool:
        try:
            return bool(self.definition)
        except GraphError:
            return False

    @property
    def document(self) -> Document:
        return self._document_of(self.root.document)

    def leave(self) -> None:
        """Stops following the whole graph."""
        self.root.changed.disconnect(self._root_changed)

    @contextmanager
    def edit(self, label: str, key: str = "") -> Iterator[Graph]:
        with self.root.edit(label, key):
            yield self

    def _hold(self, changed: Document) -> None:
        self.root._hold(put(self.root.document, self.definition, changed))

    def _whole(self) -> Graph:
        return self.root

    def _way(self) -> tuple[str, ...]:
        return self.path

    def undo(self) -> bool:
        return self.root.undo()

    def redo(self) -> bool:
        return self.root.redo()

    def go_to(self, position: int) -> bool:
        return self.root.go_to(position)

    @property
    def saved_position(self) -> int | None:
        return self.root.saved_position

    @property
    def is_saved(self) -> bool:
        return self.root.is_saved

    def mark_saved(self) -> None:
        self.root.mark_saved()

    def mark_unsaved(self) -> None:
        self.root.mark_unsaved()

    def _definition(self, whole: Document) -> str:
        found = end_of(whole, self.path)
        if found is None:
            raise GraphError("The group that was open is gone.", hint="Go up to the whole graph.")
        return found

    def _document_of(self, whole: Document) -> Document:
        if self._sheet is None or self._sheet[0] is not whole:
            try:
                self._sheet = whole, self._same_or_new(sheet(whole, self._definition(whole)))
            except UnknownNodeError as error:
                raise GraphError("The group that was open is gone.") from error
        return self._sheet[1]

    def _same_or_new(self, found: Document) -> Document:
        """The sheet as it was while nothing in it changed, so that what was worked out of it stays known."""
        return self._sheet[1] if self._sheet is not None and self._sheet[1] == found else found

    def _root_changed(self, old: Document, new: Document) -> None:
        if not self.is_there:
            return
        before, self._told = self._told, self._document_of(new)
        if self._told is not before and self._told != before:
            self.changed.emit(before, self._told)
