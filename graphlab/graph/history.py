"""Undo: a list of documents with labels. Knows nothing of Qt, nor of what a document is made of."""

from __future__ import annotations

from typing import NamedTuple

from .document import Document


class Entry(NamedTuple):
    """A document and the edit that made it; edits with the same non-empty `key` in a row are one entry."""

    document: Document
    label: str
    key: str = ""


class History:
    """The documents of a session, with a position in them. `limit` bounds how many are kept."""

    def __init__(self, document: Document, limit: int = 1000) -> None:
        self._entries = [Entry(document, "Open")]
        self._at = 0
        self._limit = limit

    @property
    def document(self) -> Document:
        return self._entries[self._at].document

    @property
    def labels(self) -> list[str]:
        """The label of every entry, oldest first; the first is the beginning itself."""
        return [entry.label for entry in self._entries]

    def find(self, document: Document) -> int | None:
        """The entry that holds this very document."""
        return next((at for at, entry in enumerate(self._entries) if entry.document is document), None)

    def version(self, position: int) -> Document:
        """The document of an entry, by its number. IndexError when there is none."""
        return self._entries[position].document

    @property
    def position(self) -> int:
        return self._at

    @property
    def undo_label(self) -> str:
        """What undo would take back; "" when there is nothing."""
        return self._entries[self._at].label if self._at else ""

    @property
    def redo_label(self) -> str:
        return self._entries[self._at + 1].label if self._at + 1 < len(self._entries) else ""

    def push(self, document: Document, label: str, key: str = "") -> None:
        """Adds an entry after the present one; what could be redone is gone. Merges by key."""
        del self._entries[self._at + 1 :]
        if key and self._at and self._entries[-1].key == key:
            self._entries[-1] = Entry(document, self._entries[-1].label, key)
            return
        self._entries.append(Entry(document, label, key))
        del self._entries[: -self._limit]
        self._at = len(self._entries) - 1

    def seal(self) -> None:
        """The present entry merges with nothing that follows (a drag has ended)."""
        self._entries[self._at] = self._entries[self._at]._replace(key="")

    def go(self, position: int) -> Document:
        """Moves to an entry by its number, clamped to what there is."""
        self._at = min(max(position, 0), len(self._entries) - 1)
        self.seal()
        return self.document
