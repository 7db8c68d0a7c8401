"""Undo: a list of documents with labels. Knows nothing of Qt, nor of what a document is made of."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from .document import Document


class Mark(Protocol):
    """Something that was done beside the document, such as a weight set by hand, and that undo takes back as well."""

    @property
    def is_past(self) -> bool:
        """Whether it can be taken back no more, because the world has moved on; undo then passes over it."""

    def replay(self, forward: bool) -> None:
        """Does it again, or takes it back."""


class Entry(NamedTuple):
    """A document and the edit that made it; edits with the same non-empty `key` in a row are one entry.

    One with a `mark` leaves the document as it was.
    """

    document: Document
    label: str
    key: str = ""
    mark: Mark | None = None


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
        at = self.before()
        return "" if at is None else self._entries[at + 1].label

    @property
    def redo_label(self) -> str:
        at = self.after()
        return "" if at is None else self._entries[at].label

    def before(self) -> int | None:
        """The entry that undo goes to, over what is past; None when there is nothing to take back."""
        at = self._at
        while at and self._is_past(at):
            at -= 1
        return at - 1 if at else None

    def after(self) -> int | None:
        """The entry that redo goes to; None when there is nothing to do again."""
        at = self._at + 1
        while at < len(self._entries) and self._is_past(at):
            at += 1
        return at if at < len(self._entries) else None

    def _is_past(self, position: int) -> bool:
        mark = self._entries[position].mark
        return mark is not None and mark.is_past

    def note(self, mark: Mark, label: str) -> None:
        """Adds an entry for what was done beside the document; what could be redone is gone."""
        self.seal()
        del self._entries[self._at + 1 :]
        self._entries.append(Entry(self.document, label, "", mark))
        del self._entries[: -self._limit]
        self._at = len(self._entries) - 1

    def passed(self, start: int, end: int) -> list[tuple[Mark, bool]]:
        """The marks on the way from one entry to another that can be replayed, and whether they are done again."""
        forward = end > start
        way = range(start + 1, end + 1) if forward else range(start, end, -1)
        marks = [self._entries[at].mark for at in way]
        return [(mark, forward) for mark in marks if mark is not None and not mark.is_past]

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
