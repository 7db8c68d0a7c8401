"""The rows of the outline: what stands below what, and what each says to the eye and to the ear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..engine.copy_faults import without_copies
from ..engine.flatten import topological
from ..engine.inference import Inference
from ..engine.seen import Seen
from ..graph import Bookmark, Document, Edge
from ..graph.bookmarking import leads_somewhere
from .canvas.looks import LookBook
from .describing import frame_sentence, node_sentence, note_sentence
from .numbers import short
from .session import Session

FRAMES, NOTES, VIEWS = "frames", "notes", "views"  # headings; they stand among ids, which all have a number
HEADINGS = {FRAMES: "Frames", NOTES: "Notes", VIEWS: "Bookmarks"}
_DRAWINGS = {FRAMES: "frame", NOTES: "note", VIEWS: "bookmark"}


class Row(NamedTuple):
    """What is shown of a row: `below` is the second line, `marks` are (drawing, colour token, what it says)."""

    name: str
    below: str = ""
    drawing: str = ""
    category: str = ""
    marks: tuple[tuple[str, str, str], ...] = ()
    faint: bool = False
    is_heading: bool = False


class Branch:
    """The rows below one row. `kind`: "sheet", or a heading. `path`: the groups that lead to its sheet."""

    def __init__(
        self, number: int, kind: str, path: tuple[str, ...], parent: Branch | None, item: str
    ) -> None:
        self.number, self.kind, self.path, self.parent, self.item = number, kind, path, parent, item
        self.document, self.inference = Document(), Inference()
        self.items: list[str] = []
        self.places: dict[str, int] = {}
        self.folders: frozenset[str] = frozenset()  # the items that have rows below them
        self.children: dict[str, Branch] = {}
        self.rows: dict[str, Row] = {}
        self.looks: LookBook | None = None
        self._ordered: tuple[list[str], Mapping[tuple[str, str], Edge], list[str]] = ([], {}, [])

    def put(self, items: list[str]) -> None:
        self.items, self.places = items, {item: row for row, item in enumerate(items)}

    def order(self, document: Document, whole: Inference) -> list[str]:
        """The nodes of a sheet; worked out anew only when nodes came or went, or wires did.

        `whole`: the inference of the whole, which is in order already where there are no groups.
        """
        keys, edges = list(document.nodes), document.edges
        if self._ordered[1] is not edges or self._ordered[0] != keys:
            is_plain = not self.path and not whole.aliases and whole.nodes.keys() == document.nodes.keys()
            order = list(whole.nodes) if is_plain else topological(document)
            if len(order) < len(keys):
                order = [*dict.fromkeys((*order, *keys))]
            self._ordered = keys, edges, order
        return self._ordered[2]


class Telling:
    """What rows say. Branches keep it until they change."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def name(self, branch: Branch, item: str) -> str:
        document = branch.document
        if branch.kind == "sheet":
            return HEADINGS[item] if item in HEADINGS else document.nodes[item].name
        if branch.kind == FRAMES:
            return document.frames[item].title
        if branch.kind == NOTES:
            return document.notes[item].text.strip().partition("\n")[0]
        return item

    def row(self, branch: Branch, item: str) -> Row:
        name = self.name(branch, item)
        if branch.kind == "sheet":
            if item in HEADINGS:
                return Row(name, drawing=_DRAWINGS[item], is_heading=True)
            return self._node_row(branch, item)
        if branch.kind == FRAMES:
            return Row(name or "untitled", "", "frame", faint=not name)
        if branch.kind == NOTES:
            return Row(name or "empty", "", "note", faint=not name)
        mark = (("warning", "warning", "its group is gone"),) if self._is_lost(item) else ()
        return Row(name, "", "bookmark", marks=mark)

    def _node_row(self, branch: Branch, item: str) -> Row:
        looks = self.looks(branch)
        look, parameters = looks.of(item), looks.parameters(item)
        parts = (look.op, look.result, f"{short(parameters)} par." if parameters else "")
        marks = (
            ("error", "error", "fault") if look.fault else None,
            ("warning", "warning", look.needs) if look.needs else None,
            ("breakpoint", "error", "breakpoint") if self._stops(branch, item) else None,
            ("mute", "secondary", "muted") if look.muted else None,
            ("freeze", "secondary", "frozen") if look.frozen else None,
        )
        return Row(
            look.name,
            " · ".join(part for part in parts if part),
            look.drawing,
            look.category,
            tuple(mark for mark in marks if mark),
            look.muted or look.waits,
        )

    def sentence(self, branch: Branch, item: str) -> str:
        """What a screen reader says of a row."""
        document = branch.document
        if branch.kind == "sheet" and item in HEADINGS:
            things = {FRAMES: document.frames, NOTES: document.notes, VIEWS: document.bookmarks}[item]
            return f"{HEADINGS[item]}, {len(things):,}"
        if branch.kind == "sheet":
            return node_sentence(self.looks(branch), item, stops=self._stops(branch, item))
        if branch.kind == FRAMES:
            return frame_sentence(document.frames[item].title)
        if branch.kind == NOTES:
            return note_sentence(document.notes[item].text)
        return f"bookmark {item}{', its group is gone' if self._is_lost(item) else ''}"

    def _is_lost(self, name: str) -> bool:
        """Whether the groups that a bookmark leads through are no longer there."""
        bookmark = self.bookmark(name)
        return bookmark is not None and not leads_somewhere(self._session.whole, bookmark.inside)

    def looks(self, branch: Branch) -> LookBook:
        """How the nodes of a branch are; made when its first row is seen after a change."""
        if branch.looks is None:
            there = branch.document
            if branch.path:  # the groups of the document that was inferred: the session's may be a newer one
                there = there.with_(definitions=branch.inference.basis.flat.document.definitions)
            seen = Seen(branch.inference, there, branch.path)
            branch.looks = LookBook()
            branch.looks.show(there, seen.inference, seen.parameters_of)
        return branch.looks

    def _stops(self, branch: Branch, item: str) -> bool:
        key = "/".join((*branch.path, item))
        stops = (without_copies(stop) for stop, _ in self._session.all_breakpoints)
        return any(stop == key or stop.startswith(f"{key}/") for stop in stops)

    def bookmark(self, name: str) -> Bookmark | None:
        return next((b for b in self._session.whole.bookmarks if b.name == name), None)
