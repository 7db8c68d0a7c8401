"""The document as plain records and JSON bytes: what a file holds and what the engine process receives.

Reading checks everything that a hand-written or damaged file may get wrong. Archives, limits on untrusted files and
atomic saving are the business of `io`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ..errors import BrokenFileError, GraphlabError, VersionError
from ..ops import freeze
from . import sweep_record
from .connect import check_connect, input_names, output_names
from .document import FRAME_COLOURS, STOPPING, Bookmark, Document, Edge, Frame, Node, Note, Training
from .edits import FARTHEST
from .groups import checked, is_use, sockets_of
from .naming import check_form
from .promoting import Sets, sets

FORMAT = "graphlab"
VERSION = 1
MOST_NODES = 200_000
_ID = re.compile(r"[nt][0-9]{1,18}")
_DEFINITION = re.compile(r"g[0-9]{1,18}")

_NODE = ("id", "op", "name", "params", "position")
_FLAGS = ("muted", "frozen")  # written only when they are set
_NOTE = ("id", "text", "position", "size")
_FRAME = ("id", "title", "position", "size", "colour")
_TRAINING = tuple(f for f in Training.__dataclass_fields__ if f != "extra")
_DOCUMENT = ("name", "nodes", "edges", "notes", "training", "next_id")
_RARE = (
    "frames",
    "bookmarks",
    "definitions",
    "promoted",
    "along",
    "sweep",
)  # written only when there are any
REST = (
    "name",
    "notes",
    "frames",
    "bookmarks",
    "promoted",
    "along",
    "training",
    "sweep",
    "next_id",
    "extra",
)  # see `from_plain`
_WHOLE = "document"  # where an error lies that is not inside a group


NodeOf = Callable[[dict[str, Any], str], Node]  # of its record and its place in the document


class NodeRecord(msgspec.Struct):
    """What a node must look like in a file."""

    id: str
    op: str
    name: str
    params: dict[str, Any] = {}
    position: tuple[float, float] = (0.0, 0.0)
    muted: bool = False
    frozen: bool = False


class NoteRecord(msgspec.Struct):
    """What a note must look like in a file."""

    id: str
    text: str
    position: tuple[float, float] = (0.0, 0.0)
    size: tuple[float, float] = (260.0, 120.0)


class FrameRecord(msgspec.Struct):
    """What a frame must look like in a file."""

    id: str
    title: str = ""
    position: tuple[float, float] = (0.0, 0.0)
    size: tuple[float, float] = (400.0, 300.0)
    colour: str = "blue"


class BookmarkRecord(msgspec.Struct):
    """What a bookmark must look like in a file."""

    name: str
    centre: tuple[float, float] = (0.0, 0.0)
    zoom: float = 1.0
    inside: tuple[str, ...] = ()


class DocumentRecord(msgspec.Struct):
    """What a document must look like in a file."""

    name: str = "untitled"
    nodes: list[dict[str, Any]] = []
    edges: list[tuple[str, str, str, str]] = []
    notes: list[dict[str, Any]] = []
    frames: list[dict[str, Any]] = []
    bookmarks: list[BookmarkRecord] = []
    definitions: dict[str, dict[str, Any]] = {}
    promoted: dict[str, tuple[str, str]] = {}
    along: dict[str, list[tuple[str, str, int]]] = {}
    training: dict[str, Any] = {}
    sweep: dict[str, Any] = {}
    next_id: int = 1


def to_record(document: Document) -> dict[str, Any]:
    """The document as nested dicts, lists, tuples, numbers and strings, `format` and `version` included."""
    return {"format": FORMAT, "version": VERSION, "document": to_plain(document)}


def to_plain(document: Document) -> dict[str, Any]:
    """The document, or a definition, without format and version."""
    rare = {
        "frames": [_fields(frame, _FRAME) for frame in document.frames.values()],
        "bookmarks": [bookmark._asdict() for bookmark in document.bookmarks],
        "definitions": {i: to_plain(inner) for i, inner in document.definitions.items()},
        "promoted": {name: list(end) for name, end in document.promoted.items()},
        "along": {name: [list(end) for end in ends] for name, ends in document.along.items()},
        "sweep": sweep_record.fields(document.sweep),
    }
    return {
        **document.extra,
        "name": document.name,
        "nodes": [node_fields(node) for node in document.nodes.values()],
        "edges": list(document.edges.values()),
        "notes": [_fields(note, _NOTE) for note in document.notes.values()],
        "training": _training_fields(document.training),
        "next_id": document.next_id,
        **{name: value for name, value in rare.items() if value},
    }


def from_record(record: Any) -> Document:
    """The document of a record of the present version.

    Raises:
        BrokenFileError: it is none; the message names the place in it.
        VersionError: it was written by a newer graphlab.
    """
    return _document(_body(record), checked_node, {})


def to_bytes(document: Document) -> bytes:
    """The document as JSON: sorted keys, two-space indent, the same bytes for equal documents."""
    return msgspec.json.format(msgspec.json.encode(to_record(document), order="sorted"), indent=1) + b"\n"


def from_bytes(data: bytes) -> Document:
    """The document in JSON bytes of our own making. BrokenFileError, VersionError."""
    return from_record(_decoded(data))


class Reader:
    """Reads one version of a document after another, as the engine process gets them: whole, or what was changed.

    Nodes and wires that are written as in the version before are the same objects, so that what compares two versions,
    inference above all, need not look into what stayed.
    """

    def __init__(self) -> None:
        self._nodes: dict[bytes, Node] = {}
        self._edges: Mapping[tuple[str, str], Edge] = {}
        self._last = Document()

    def follow(self, data: bytes) -> Document:
        """The document that a patch (`patch.to_bytes`) makes of the one read last. BrokenFileError."""
        from . import patch

        self._last = patch.apply(self._last, data)
        self._edges = self._last.edges
        return self._last

    def read(self, data: bytes) -> Document:
        """The document in JSON bytes of our own making. BrokenFileError, VersionError."""
        nodes: dict[bytes, Node] = {}

        def node(raw: dict[str, Any], where: str) -> Node:
            text = msgspec.json.encode(raw)  # which tells 1 from 1.0 and true
            nodes[text] = found = self._nodes.get(text) or checked_node(raw, where)
            return found

        document = _document(_body(_decoded(data)), node, self._edges)
        self._nodes, self._edges, self._last = nodes, document.edges, document
        return document


def _decoded(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BrokenFileError(f"The document is not valid JSON: {error}") from error


def node_fields(node: Node) -> dict[str, Any]:
    """As `_fields`, in a third of the time: ten thousand nodes may have to go to the engine after every edit."""
    return {
        **node.extra,
        "id": node.id,
        "op": node.op,
        "name": node.name,
        "params": node.params,
        "position": node.position,
        **{flag: True for flag in _FLAGS if getattr(node, flag)},
    }


def _training_fields(training: Training) -> dict[str, Any]:
    """Its settings; of those that say when to stop, the ones that were set."""
    usual = Training()
    left_out = {name for name in STOPPING if getattr(training, name) == getattr(usual, name)}
    return {n: value for n, value in _fields(training, _TRAINING).items() if n not in left_out}


def _fields(value: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {**value.extra, **{name: getattr(value, name) for name in names}}


def _convert(record: Any, kind: Any, where: str) -> Any:
    try:
        return msgspec.convert(record, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise BrokenFileError(f"The document is damaged at {where}: {error}") from error


def _body(record: Any) -> Any:
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise BrokenFileError("This is not a graphlab document.", hint='It should say "format": "graphlab".')
    version = record.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise BrokenFileError(f"The document's version is {version!r}, which is none.")
    if version > VERSION:
        raise VersionError(
            f"The document has version {version}; this graphlab reads versions up to {VERSION}.",
            hint="Install a newer graphlab.",
        )
    return record.get("document")


def _document(
    body: Any, node_of: NodeOf, edges: Mapping[tuple[str, str], Edge], where: str = _WHOLE
) -> Document:
    """The document, or one of its groups (`where` says which).

    `node_of` makes a node of its record; an edge that is in `edges` is that very object.
    """
    record: DocumentRecord = _convert(body, DocumentRecord, where)
    if len(record.nodes) > MOST_NODES:
        raise BrokenFileError(f"The document has {len(record.nodes):,} nodes; {MOST_NODES:,} are the most.")
    document = _rest(body, record).with_(
        nodes=_nodes(record.nodes, node_of),
        definitions=_definitions(record.definitions, where, node_of),
    )
    _check_ids(document)
    sweep_record.check(document)
    _check_groups(document, where)
    return _with_edges(document, record.edges, edges)


def from_plain(body: Any) -> Document:
    """What `to_plain` made of a document without nodes, wires and groups. BrokenFileError."""
    return _rest(body, _convert(body, DocumentRecord, _WHOLE))


def _rest(body: Any, record: DocumentRecord) -> Document:
    """The document without nodes, wires and groups."""
    return Document(
        name=record.name,
        notes=_notes(record.notes),
        frames=_frames(record.frames),
        bookmarks=tuple(_bookmark(found, k) for k, found in enumerate(record.bookmarks)),
        promoted=dict(record.promoted),
        along={name: tuple(Sets(*end) for end in ends) for name, ends in record.along.items()},
        training=_training(record.training),
        sweep=_blame("sweep", sweep_record.read, record.sweep),
        next_id=record.next_id,
        extra={k: v for k, v in body.items() if k not in (*_DOCUMENT, *_RARE)},
    )


def _definitions(records: dict[str, dict[str, Any]], where: str, node_of: NodeOf) -> dict[str, Document]:
    if records and where != _WHOLE:
        raise BrokenFileError(f"The document is damaged at {where}: a group holds definitions of its own.")
    found: dict[str, Document] = {}
    for name, body in records.items():
        if not _DEFINITION.fullmatch(name):
            raise BrokenFileError(f"The document is damaged at definitions: {name!r} is no id, such as g7.")
        place = f"definitions.{name}"
        try:
            found[name] = _document(body, node_of, {}, place)
        except BrokenFileError as error:
            message = error.message if place in error.message else f"{error.message} (in {place})"
            raise BrokenFileError(message, hint=error.hint) from error
    return found


def _has_setting(node: Node, param: str) -> bool:
    """Whether a setting may set that of a node: of a group any, which passes over what it does not have."""
    return not node.is_known or "definition" in node.params or param in node.make().params_of


def _check_groups(document: Document, where: str) -> None:
    """Uses of groups have the sockets that the ports say; no group contains itself; the whole is not too large."""
    for name, ends in {**dict.fromkeys(document.promoted), **document.along}.items():
        if name not in document.promoted or (ends and ends[0][:2] != document.promoted[name]):
            raise BrokenFileError(f"The document is damaged at along.{name}: there is no such setting.")
        for owner, param, times in sets(document, name):
            found = document.nodes.get(owner)
            if found is None or times < 1 or not _has_setting(found, param):
                at = f"promoted.{name}: there is no {owner}.{param}"
                raise BrokenFileError(f"The document is damaged at {at}.")
    if where != _WHOLE:
        return
    _blame("definitions", checked, document)
    for place, sheet in (("", document), *document.definitions.items()):
        for node in sheet.nodes.values():
            definition = str(node.params.get("definition", ""))
            if not is_use(node) or definition not in document.definitions:
                continue
            asked = sockets_of(document.definitions[definition])
            if {key: tuple(node.params.get(key, ())) for key in asked} != asked:
                at = f"definitions.{place}" if place else _WHOLE
                raise BrokenFileError(
                    f"The document is damaged at {at}: the sockets of {node.name} are not the ports of its group."
                )


def _frames(records: list[dict[str, Any]]) -> dict[str, Frame]:
    frames: dict[str, Frame] = {}
    for k, raw in enumerate(records):
        where = f"frames[{k}]"
        record: FrameRecord = _convert(raw, FrameRecord, where)
        if record.id in frames:
            raise BrokenFileError(f"The document is damaged at {where}: {record.id} is there twice.")
        place, size = _place(record.position, where), _place(record.size, where)
        if min(size) <= 0:
            raise BrokenFileError(f"The document is damaged at {where}: {record.size} is no size.")
        colour = record.colour if record.colour in FRAME_COLOURS else FRAME_COLOURS[0]
        extra = {key: value for key, value in raw.items() if key not in _FRAME}
        frames[record.id] = Frame(record.id, record.title, place, size, colour, extra)
    return frames


def _bookmark(record: BookmarkRecord, k: int) -> Bookmark:
    where = f"bookmarks[{k}]"
    if not math.isfinite(record.zoom) or record.zoom <= 0:
        raise BrokenFileError(f"The document is damaged at {where}: {record.zoom} is no zoom.")
    return Bookmark(record.name, _place(record.centre, where), record.zoom, record.inside)


def _nodes(records: list[dict[str, Any]], node_of: NodeOf) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    names: set[str] = set()
    for k, raw in enumerate(records):
        where = f"nodes[{k}]"
        node = node_of(raw, where)
        if node.id in nodes or node.name in names:
            raise BrokenFileError(
                f"The document is damaged at {where}: {node.name} ({node.id}) is there twice."
            )
        nodes[node.id] = node
        names.add(node.name)
    return nodes


def checked_node(raw: dict[str, Any], where: str) -> Node:
    record: NodeRecord = _convert(raw, NodeRecord, where)
    params = {name: freeze(value) for name, value in sorted(record.params.items())}
    extra = {key: value for key, value in raw.items() if key not in (*_NODE, *_FLAGS)}
    place, flags = _place(record.position, where), (record.muted, record.frozen)
    node = Node(record.id, record.op, record.name, params, place, *flags, extra)
    _blame(where, _check_node, node)
    return node


def _check_node(node: Node) -> None:
    check_form(node.name)
    if node.is_known:
        node.make()


def _notes(records: list[dict[str, Any]]) -> dict[str, Note]:
    notes: dict[str, Note] = {}
    for k, raw in enumerate(records):
        where = f"notes[{k}]"
        record: NoteRecord = _convert(raw, NoteRecord, where)
        if record.id in notes:
            raise BrokenFileError(f"The document is damaged at {where}: {record.id} is there twice.")
        extra = {key: value for key, value in raw.items() if key not in _NOTE}
        place, size = _place(record.position, where), _place(record.size, where)
        notes[record.id] = Note(record.id, record.text, place, size, extra)
    return notes


def _training(raw: dict[str, Any]) -> Training:
    known = {name: value for name, value in raw.items() if name in _TRAINING}
    extra = {name: value for name, value in raw.items() if name not in _TRAINING}
    for name in ("goal", "optimizer", "schedule", "order", "stop_on"):
        if not isinstance(known.get(name, ""), str):
            raise BrokenFileError(f"The document is damaged at training.{name}: it should be text.")
    training: Training = _blame("training", Training, **known, extra=extra)
    return training


def _check_ids(document: Document) -> None:
    ids = (*document.nodes, *document.notes, *document.frames)
    numbers = [int(i[1:]) for i in ids if _ID.fullmatch(i)]
    if len(numbers) != len(ids):
        raise BrokenFileError("The document is damaged: an id is not a letter and a number, such as n7.")
    if len(set(numbers)) != len(numbers) or document.next_id <= max(numbers, default=0):
        raise BrokenFileError(
            "The document is damaged: two ids have the same number, or next_id is not above them all."
        )
    goal = document.training.goal
    if goal and goal not in document.nodes:
        raise BrokenFileError(f"The document is damaged at training.goal: there is no node {goal}.")


def _with_edges(
    document: Document,
    records: list[tuple[str, str, str, str]],
    known: Mapping[tuple[str, str], Edge],
) -> Document:
    edges: dict[tuple[str, str], Edge] = {}
    for k, record in enumerate(records):
        edge = Edge(*record)
        where = f"edges[{k}]"
        if edge.source not in document.nodes or edge.target not in document.nodes:
            raise BrokenFileError(f"The document is damaged at {where}: one of its nodes is missing.")
        if (edge.target, edge.input) in edges:
            raise BrokenFileError(f"The document is damaged at {where}: a second wire into the same socket.")
        before = known.get((edge.target, edge.input))
        edges[edge.target, edge.input] = before if before == edge else edge
    whole = document.with_(edges=edges)
    _check_acyclic(whole)
    outputs = {i: frozenset(output_names(node)) for i, node in document.nodes.items() if node.is_known}
    inputs = {i: frozenset(input_names(document.nodes[i])) for i in outputs}
    for k, edge in enumerate(edges.values()):
        if edge.source not in outputs or edge.target not in inputs:
            continue  # sockets of unknown operations are kept as they are
        if edge.output not in outputs[edge.source] or edge.input not in inputs[edge.target]:
            _blame(f"edges[{k}]", check_connect, document, edge)  # says which is missing
    return whole


def _check_acyclic(document: Document) -> None:
    """Kahn's algorithm: what cannot be put in order lies on a cycle or behind one."""
    waiting = {i: len({e.source for e in document.inputs_of(i).values()}) for i in document.nodes}
    ready = [i for i, count in waiting.items() if not count]
    for done in ready:
        for target in dict.fromkeys(e.target for e in document.consumers(done)):
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    if len(ready) < len(document.nodes):
        stuck = [document.nodes[i].name for i in document.nodes if i not in set(ready)]
        raise BrokenFileError(
            f"The document is damaged: its wires form a cycle around {', '.join(stuck[:5])}."
        )


def _place(point: tuple[float, float], where: str) -> tuple[float, float]:
    if not all(math.isfinite(v) and abs(v) <= FARTHEST for v in point):
        raise BrokenFileError(f"The document is damaged at {where}: {point} is no place on the canvas.")
    return float(point[0]), float(point[1])


def _blame(where: str, check: Callable[..., Any], *args: Any, **more: Any) -> Any:
    """Runs a check; what it finds is reported with its place in the document."""
    try:
        return check(*args, **more)
    except BrokenFileError:
        raise
    except GraphlabError as error:
        raise BrokenFileError(
            f"The document is damaged at {where}: {error.message}", hint=error.hint
        ) from error
