"""What is on a sheet as JSON text, to be copied, pasted and duplicated, within a window and between windows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

import msgspec

from ...errors import BrokenFileError, GraphError, GraphlabError
from ...graph import Document, Edge, Graph, Inside, Point, codec, edits, searched, sweep_record
from ...graph.connect import input_names, output_names
from ...graph.document import FRAME_COLOURS
from ...graph.groups import checked, is_use, sockets_of
from ...graph.guests import brought, take_in
from ...graph.naming import free_name
from ...graph.searching import fitted
from ...graph.sweep import Search
from ...graph.targets import target_of
from ...ops import get, known
from ..group_edits import PORTS

FORMAT = "graphlab-nodes"
LARGEST = 20_000_000  # bytes

Wire = tuple[str, str, str, str]  # source, output, target, input


class CopiedNode(msgspec.Struct):
    """A node; `id` is only what the edges call it."""

    id: str
    op: str
    name: str
    params: dict[str, Any] = {}
    position: tuple[float, float] = (0.0, 0.0)
    muted: bool = False
    frozen: bool = False


class CopiedNote(msgspec.Struct):
    """A note."""

    text: str
    position: tuple[float, float] = (0.0, 0.0)
    size: tuple[float, float] = (260.0, 120.0)


class CopiedFrame(msgspec.Struct):
    """A frame."""

    title: str
    position: tuple[float, float] = (0.0, 0.0)
    size: tuple[float, float] = (400.0, 300.0)
    colour: str = FRAME_COLOURS[0]


class CopiedSearch(msgspec.Struct):
    """What is searched of a copied node; `space` as `sweep_record.space_record` writes it."""

    node: str
    name: str
    space: dict[str, Any]


class Copied(msgspec.Struct, kw_only=True):
    """`edges` are within the copied; `incoming` come from outside, their sources by name.

    `groups` is a document's record that holds the groups which the copied nodes use; `source` tells which document it
    is, while that is open.
    """

    format: str
    nodes: list[CopiedNode] = []
    edges: list[Wire] = []
    incoming: list[Wire] = []
    notes: list[CopiedNote] = []
    frames: list[CopiedFrame] = []
    groups: dict[str, Any] = {}
    searches: list[CopiedSearch] = []
    source: str = ""


def to_text(
    document: Document, items: Iterable[str], source: str = "", searches: Iterable[Search] = ()
) -> str:
    """The nodes, notes and frames among `items` as JSON, with the groups that they use. `source`: see `mark_of`.

    searches: of nodes of the sheet, which go with those that are copied.
    """
    items = set(items)
    chosen = [i for i in document.nodes if i in items]
    inside = set(chosen)
    copied = Copied(
        format=FORMAT,
        nodes=[
            CopiedNode(n.id, n.op, n.name, dict(n.params), n.position, n.muted, n.frozen)
            for n in (document.nodes[i] for i in chosen)
        ],
        edges=[e[:] for e in document.edges.values() if e.source in inside and e.target in inside],
        incoming=[
            (document.nodes[e.source].name, e.output, e.target, e.input)
            for e in document.edges.values()
            if e.target in inside and e.source not in inside
        ],
        notes=[CopiedNote(n.text, n.position, n.size) for i, n in document.notes.items() if i in items],
        frames=[
            CopiedFrame(f.title, f.position, f.size, f.colour)
            for i, f in document.frames.items()
            if i in items
        ],
        groups=_record(brought(document, chosen)),
        searches=[
            CopiedSearch(each.node, each.name, sweep_record.space_record(each.space))
            for each in searches
            if each.node in inside
        ],
        source=source,
    )
    return msgspec.json.format(msgspec.json.encode(copied), indent=1).decode()


def _record(groups: dict[str, Document]) -> dict[str, Any]:
    return codec.to_record(Document(definitions=groups)) if groups else {}


def mark_of(graph: Graph) -> str:
    """What tells the whole graph that is open from all others, in this and every other program."""
    return _marks.setdefault(getattr(graph, "root", graph), uuid4().hex)


_marks: WeakKeyDictionary[Graph, str] = WeakKeyDictionary()


def from_text(text: str) -> Copied | None:
    """What was copied; None when the text is something else.

    Raises:
        BrokenFileError: it says that it is ours, but is damaged.
    """
    if FORMAT not in text[:200] or len(text) > LARGEST:
        return None
    try:
        return msgspec.json.decode(text, type=Copied)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BrokenFileError(
            f"What is on the clipboard is damaged: {error}", hint="Copy it again."
        ) from error


def centre(copied: Copied) -> Point:
    """The middle of what was copied."""
    places = [node.position for node in copied.nodes] + [note.position for note in copied.notes]
    places += [frame.position for frame in copied.frames]
    if not places:
        return 0.0, 0.0
    xs, ys = zip(*places, strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def paste(
    graph: Graph, copied: Copied, shift: Point, *, incoming: bool = False, label: str = "Paste"
) -> list[str]:
    """Adds what was copied, moved by `shift`, with fresh names. Returns the ids of the new nodes, notes and frames.

    `incoming`: wires from outside are drawn again where a node of the source's name exists. Groups come along, unless
    they are here already; ports do only where one is in a group.

    Raises:
        GraphlabError: an op or param is unknown here, or a group would contain itself; nothing was added.
    """
    document, moved = _with_groups(graph, copied)
    new = dict[str, str]()
    for node in copied.nodes:
        if known(node.op) and get(node.op).role in PORTS and not isinstance(graph, Inside):
            continue
        name = free_name(document.ids_by_name, node.name)
        params = dict(node.params)
        if (definition := str(params.get("definition", ""))) in moved:
            params |= {"definition": moved[definition], **sockets_of(document.definitions[moved[definition]])}
        document, added = edits.add_node(document, node.op, params, name, _moved(node.position, shift))
        document = edits.set_flags(document, [added.id], node.muted, node.frozen)
        new[node.id] = added.id
    names = document.ids_by_name
    inside = [(new.get(wire[0], ""), wire) for wire in copied.edges]
    outside = [(names.get(wire[0], ""), wire) for wire in copied.incoming if incoming]
    for source, (_, output, target, socket) in inside + outside:
        edge = Edge(source, output, new.get(target, ""), socket)
        if source and edge.target and not _lost(document, edge):
            document = edits.connect(document, edge)
    ids = list(new.values())
    if copied.nodes and not ids:
        raise GraphError("The ports of a group stand inside one.", hint="Enter a group and paste them there.")
    for note in copied.notes:
        document, pasted = edits.add_note(document, note.text, _moved(note.position, shift), note.size)
        ids.append(pasted.id)
    for frame in copied.frames:
        colour = frame.colour if frame.colour in FRAME_COLOURS else FRAME_COLOURS[0]
        place = _moved(frame.position, shift)
        document, around = edits.add_frame(document, frame.title, place, frame.size, colour)
        ids.append(around.id)
    if ids:
        with graph.edit(label):
            graph.replace(checked(document), label)
            _search(graph, copied, new)
    return ids


def _search(graph: Graph, copied: Copied, new: Mapping[str, str]) -> None:
    """What was searched of nodes is searched of the pasted ones, unless they are copies of what is there still."""
    whole, definition = getattr(graph, "root", graph), getattr(graph, "definition", "")
    is_here = copied.source == mark_of(graph)
    for each in copied.searches:
        if each.node not in new or (is_here and each.node in graph.document.nodes):
            continue
        end = searched.written((definition, new[each.node]))
        try:
            target = target_of(whole.document, end, each.name)
            space = fitted(whole.document, target, sweep_record.read_space(each.space))
        except GraphlabError:
            continue  # it names a group that is not here
        whole.replace(searched.with_search(whole.document, Search(end, each.name, space)), "Search")


def _lost(document: Document, edge: Edge) -> bool:
    """Whether an end of the wire was a port that a group at either end no longer has."""
    source, target = document.nodes[edge.source], document.nodes[edge.target]
    return (is_use(source) and edge.output not in output_names(source)) or (
        is_use(target) and edge.input not in input_names(target)
    )


def _with_groups(graph: Graph, copied: Copied) -> tuple[Document, dict[str, str]]:
    """The document with the groups that were copied along, and which of ours each is.

    In the document that they were copied from they are the ones that are there, as they are by now.
    """
    document = graph.document
    if not copied.groups:
        return document, {}
    guests = dict(codec.from_record(copied.groups).definitions)
    same = {i: i for i in guests if i in document.definitions and copied.source == mark_of(graph)}
    document, moved = take_in(document, {i: guest for i, guest in guests.items() if i not in same})
    return document, {**moved, **same}


def _moved(place: Point, shift: Point) -> Point:
    return place[0] + shift[0], place[1] + shift[1]
