"""Nodes and wires as JSON text, to be copied, pasted and duplicated, within a window and between windows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from ...errors import BrokenFileError
from ...graph import Document, Edge, Graph, Point, edits
from ...graph.naming import free_name

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


class CopiedNote(msgspec.Struct):
    """A note."""

    text: str
    position: tuple[float, float] = (0.0, 0.0)
    size: tuple[float, float] = (260.0, 120.0)


class Copied(msgspec.Struct, kw_only=True):
    """`edges` are within the copied; `incoming` come from outside, their sources by name."""

    format: str
    nodes: list[CopiedNode] = []
    edges: list[Wire] = []
    incoming: list[Wire] = []
    notes: list[CopiedNote] = []


def to_text(document: Document, items: Iterable[str]) -> str:
    """The nodes and notes among `items` as JSON."""
    chosen = [i for i in document.nodes if i in set(items)]
    inside = set(chosen)
    copied = Copied(
        format=FORMAT,
        nodes=[
            CopiedNode(n.id, n.op, n.name, dict(n.params), n.position)
            for n in (document.nodes[i] for i in chosen)
        ],
        edges=[e[:] for e in document.edges.values() if e.source in inside and e.target in inside],
        incoming=[
            (document.nodes[e.source].name, e.output, e.target, e.input)
            for e in document.edges.values()
            if e.target in inside and e.source not in inside
        ],
        notes=[CopiedNote(n.text, n.position, n.size) for i, n in document.notes.items() if i in set(items)],
    )
    return msgspec.json.format(msgspec.json.encode(copied), indent=1).decode()


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
    if not places:
        return 0.0, 0.0
    xs, ys = zip(*places, strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def paste(
    graph: Graph, copied: Copied, shift: Point, *, incoming: bool = False, label: str = "Paste"
) -> list[str]:
    """Adds what was copied, moved by `shift`, with fresh names. Returns the ids of the new nodes and notes.

    `incoming`: wires from outside are drawn again where a node of the source's name exists.

    Raises:
        GraphlabError: an op or param is unknown here; nothing was added.
    """
    document, new = graph.document, dict[str, str]()
    for node in copied.nodes:
        name = free_name(document.ids_by_name, node.name)
        document, added = edits.add_node(document, node.op, node.params, name, _moved(node.position, shift))
        new[node.id] = added.id
    known = document.ids_by_name
    inside = [(new.get(wire[0], ""), wire) for wire in copied.edges]
    outside = [(known.get(wire[0], ""), wire) for wire in copied.incoming if incoming]
    for source, (_, output, target, socket) in inside + outside:
        if source and target in new:
            document = edits.connect(document, Edge(source, output, new[target], socket))
    ids = list(new.values())
    for note in copied.notes:
        document, pasted = edits.add_note(document, note.text, _moved(note.position, shift), note.size)
        ids.append(pasted.id)
    if ids:
        graph.replace(document, label)
    return ids


def _moved(place: Point, shift: Point) -> Point:
    return place[0] + shift[0], place[1] + shift[1]
