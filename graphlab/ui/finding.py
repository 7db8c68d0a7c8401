"""Finding in a document: what there is to find, what a query asks for, and the walk from hit to hit.

Groups are looked into, each once: what is in a group that is used several times is found by the way through its first
use. Nothing here is shown, and nothing needs Qt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

from ..engine.flatten import topological
from ..engine.inference import Inference
from ..engine.seen import Seen
from ..graph import Document, Node, copies
from ..graph.groups import end_of, is_use, sheet
from ..ops import get
from .fuzzy import match
from .queries import Query, Sizes, parse

Kind = Literal["node", "note", "frame"]


class Entry(NamedTuple):
    """Something that can be found.

    path: the ids of the group nodes to enter on the way. places: their names. definition: the group it stands in, ""
    for the whole. name: of a note its first line. text: everything in which a plain word is looked for, lower case.
    inner: the group that it is a use of.
    """

    path: tuple[str, ...]
    places: tuple[str, ...]
    definition: str
    id: str
    kind: Kind
    name: str
    op: str
    category: str
    text: str
    inner: str = ""
    muted: bool = False
    frozen: bool = False

    @property
    def key(self) -> str:
        """What the engine calls it."""
        return "".join(f"{step}/" for step in self.path) + self.id

    @property
    def way(self) -> str:
        """Where it stands: "encoder / attention", "" on the whole graph."""
        return " / ".join(self.places)


class Catalogue:
    """Everything in a document that can be found, in topological order, and what is known of it.

    inference: that of the whole. stops: the engine's keys of the nodes at which the run pauses.
    """

    def __init__(self, document: Document, inference: Inference, stops: Collection[str] = ()) -> None:
        self.document, self.inference = document, inference
        self.stops: frozenset[str] = frozenset(stops)

    @cached_property
    def entries(self) -> list[Entry]:
        return list(_entries(self.document))

    @cached_property
    def shapes(self) -> dict[str, list[Sizes]]:
        """By key, the shapes of the outputs that are known."""
        found: dict[str, list[Sizes]] = defaultdict(list)
        for (key, _), spec in self.inference.specs.items():
            found[key].append(tuple(str(size) for size in spec.shape))
        return found

    @cached_property
    def faults(self) -> dict[tuple[str, str], list[tuple[str, ...]]]:
        """By (definition, id) of what has a fault, the ways through the uses in which it has."""
        found: dict[tuple[str, str], list[tuple[str, ...]]] = defaultdict(list)
        for problem in self.inference.problems:
            way, node = copies.place_of(problem.node_id)
            path = copies.bare(way)
            found[end_of(self.document, path) or "", node].append(path)
        return found

    def parameters(self, entry: Entry) -> int:
        """How many learnable numbers a node has; of a group, all that are inside."""
        if entry.kind != "node":
            return 0
        if entry.path not in self._views:
            there = sheet(self.document, entry.definition)
            self._views[entry.path] = Seen(self.inference, there, entry.path)
        return self._views[entry.path].parameters_of(entry.id)

    @cached_property
    def _views(self) -> dict[tuple[str, ...], Seen]:
        return {}

    def faulty(self, entry: Entry) -> Entry | None:
        """The entry by a way through which it has a fault; None when it has none."""
        paths = self.faults.get((entry.definition, entry.id)) if entry.kind == "node" else None
        if not paths or entry.path in paths:
            return entry if paths else None
        names, here = [], self.document
        for step in paths[0]:
            names.append(here.nodes[step].name)
            here = self.document.definitions[str(here.nodes[step].params["definition"])]
        return entry._replace(path=paths[0], places=tuple(names))

    def search(self, query: Query) -> list[Entry]:
        """What the query fits, best first; when no word is found as it is typed, names with its letters in order."""
        if not query.terms:
            return []
        ranked = []
        for entry in self.entries:
            rank = query.rank(self, entry)
            if rank is not None:
                ranked.append((rank, entry))
        ranked.sort(key=lambda pair: pair[0])
        found = [entry for _, entry in ranked]
        if query.asks_for_faults:
            found = [self.faulty(entry) or entry for entry in found]
        return found or self._scattered(query)

    def _scattered(self, query: Query) -> list[Entry]:
        if len(query.terms) != 1 or not query.terms[0].word or len(query.terms[0].word) < 2:
            return []
        fits = [(match(query.terms[0].word, e.name), e) for e in self.entries if e.kind == "node"]
        good = [(-fit.score, e) for fit, e in fits if fit is not None and fit.score > 0]
        return [entry for _, entry in sorted(good, key=lambda pair: pair[0])]


def _entries(document: Document) -> Iterator[Entry]:
    """Breadth first, so that a group is met by the shortest way to it."""
    todo: list[tuple[tuple[str, ...], tuple[str, ...], str]] = [((), (), "")]
    met = {""}
    for path, places, definition in todo:
        here = sheet(document, definition)
        for node_id in _in_order(here):
            node = here.nodes[node_id]
            inner = str(node.params.get("definition", ""))
            inner = inner if inner in document.definitions and is_use(node) else ""
            title = document.definitions[inner].name if inner else ""
            yield _node(node, path, places, definition, inner, title)
            if inner not in met:
                met.add(inner)
                todo.append(((*path, node_id), (*places, node.name), inner))
        for note in here.notes.values():
            text = note.text.strip()
            first = text.partition("\n")[0]
            yield Entry(path, places, definition, note.id, "note", first, "", "", f"note {text}".lower())
        for frame in here.frames.values():
            text = f"frame {frame.title}".lower()
            yield Entry(path, places, definition, frame.id, "frame", frame.title, "", "", text)


def _in_order(document: Document) -> list[str]:
    order = topological(document)
    return order if len(order) == len(document.nodes) else [*dict.fromkeys((*order, *document.nodes))]


def _node(
    node: Node, path: tuple[str, ...], places: tuple[str, ...], definition: str, inner: str, title: str
) -> Entry:
    """`inner`, `title`: the group that it is a use of, and what that is called."""
    category, words = _of_op(node.op) if node.is_known else ("", node.op.lower())
    text = f"{node.name} {title} {words}".lower()
    state = text, inner, node.muted, node.frozen
    return Entry(path, places, definition, node.id, "node", node.name, node.op, category, *state)


@lru_cache(maxsize=1024)
def _of_op(op: str) -> tuple[str, str]:
    """Category, and the words by which people look for an operation."""
    cls = get(op)
    return cls.category, " ".join((op, cls.category, *cls.other_names())).lower()


# From hit to hit


class Hunt:
    """A search under way: its hits, and which of them one is at (-1: at none).

    `after`: where one goes on from when one is at none: the row of the hit that is gone, else the first.
    """

    def __init__(self) -> None:
        self.text = ""
        self.query = Query()
        self.hits: list[Entry] = []
        self.at, self.after = -1, 0

    def look(self, catalogue: Catalogue, text: str) -> None:
        """Searches; where one is stays, if it is still a hit; else one goes on from there."""
        kept = self.current if text == self.text else None
        self.after = 0 if text != self.text else self.after if kept is None else self.at
        self.text, self.query = text, parse(text)
        self.hits = catalogue.search(self.query)
        self.at = next((k for k, e in enumerate(self.hits) if _same(e, kept)), -1) if kept else -1

    @property
    def current(self) -> Entry | None:
        return self.hits[self.at] if 0 <= self.at < len(self.hits) else None

    def step(self, by: int) -> Entry | None:
        """The next hit (1) or the one before (-1), round and round; None when there is none."""
        if not self.hits:
            return None
        start = self.at if self.at >= 0 else self.after - (by > 0)
        self.at = (start + by) % len(self.hits)
        return self.current

    def here(self, definition: str) -> frozenset[str]:
        """The ids of the hits on the sheet of that group, "" for the whole."""
        return frozenset(e.id for e in self.hits if e.definition == definition)

    def deeper(self, document: Document, definition: str) -> dict[str, int]:
        """The groups on that sheet in which there are hits, and how many each has."""
        elsewhere: dict[str, int] = defaultdict(int)
        for entry in self.hits:
            if entry.definition and entry.definition != definition:
                elsewhere[entry.definition] += 1
        if not elsewhere:
            return {}
        reach, found = _reach(document), {}
        for node in sheet(document, definition).nodes.values():
            inner = str(node.params.get("definition", ""))
            count = sum(elsewhere.get(d, 0) for d in reach.get(inner, ()))
            if count:
                found[node.id] = count
        return found


def _same(a: Entry, b: Entry | None) -> bool:
    return b is not None and (a.definition, a.id) == (b.definition, b.id)


def _reach(document: Document) -> dict[str, set[str]]:
    """Each group with those that are in it, at any depth, itself included."""
    found: dict[str, set[str]] = {}

    def of(definition: str) -> set[str]:
        if definition not in found:
            found[definition] = {definition}
            for node in document.definitions[definition].nodes.values():
                inner = str(node.params.get("definition", ""))
                if inner in document.definitions:
                    found[definition] |= of(inner)
        return found[definition]

    for definition in document.definitions:
        of(definition)
    return found
