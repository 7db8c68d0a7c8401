"""Every edit as a function from document to document. It raises before anything changed, or returns the new value."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import NameTakenError, ParamError, SettingsError, UnknownNodeError
from ..ops import Param, freeze, get, is_whole_text
from .connect import check_connect, input_names, output_names
from .document import (
    FRAME_COLOURS,
    OPTIMIZERS,
    ORDERS,
    SCHEDULES,
    STOP_ON,
    Bookmark,
    Document,
    Edge,
    Frame,
    Node,
    Note,
    Point,
    Training,
)
from .groups import checked
from .naming import LONGEST, check_name, default_name
from .promoting import kept_of

FARTHEST = 1e7  # canvas units; beyond it float painting breaks down


def add_node(
    document: Document,
    op: str,
    params: Mapping[str, Any],
    name: str | None = None,
    position: Point = (0.0, 0.0),
) -> tuple[Document, Node]:
    """A new node without wires. UnknownOpError, ParamError, NameTakenError."""
    cls = get(op)
    name = default_name(document, cls.__name__) if name is None else check_name(document, name)
    node = Node(f"n{document.next_id}", cls.__name__, name, _clean(cls.__name__, params), _point(position))
    node.make()
    return document.with_nodes([node], next_id=document.next_id + 1), node


def remove(document: Document, ids: Iterable[str]) -> Document:
    """Without those nodes, notes and frames, and without the wires at them. UnknownNodeError."""
    gone = dict.fromkeys(ids)
    for item in gone:
        if not document.has(item):
            raise UnknownNodeError(f"There is no node '{item}'.")
    nodes = [i for i in gone if i in document.nodes]
    edges = {edge for i in nodes for edge in (*document.inputs_of(i).values(), *document.consumers(i))}
    notes = {i: n for i, n in document.notes.items() if i not in gone}
    frames = {i: f for i, f in document.frames.items() if i not in gone}
    settings = kept_of(document, lambda end: end.node not in gone)
    training = (
        dataclasses.replace(document.training, goal="")
        if document.training.goal in gone
        else document.training
    )
    searches = tuple(each for each in document.sweep.searches if each.node not in gone)
    if len(searches) < len(document.sweep.searches):
        settings["sweep"] = dataclasses.replace(document.sweep, searches=searches)
    return document.with_edges(drop=edges).with_nodes(
        drop=nodes, notes=notes, frames=frames, **settings, training=training
    )


def connect(document: Document, edge: Edge) -> Document:
    """With that wire; what was plugged into its socket before is unplugged. ConnectError and its kinds."""
    present = document.edges.get((edge.target, edge.input))
    if present == edge:
        return document
    check_connect(document, edge)
    return document.with_edges([edge], drop=[present] if present else ())


def disconnect(document: Document, target: str, input: str) -> Document:
    """Without the wire into that socket. UnknownNodeError when there is none."""
    present = document.edges.get((target, input))
    if present is None:
        raise UnknownNodeError(f"Nothing is plugged into {document.node(target).name}.{input}.")
    return document.with_edges(drop=[present])


def set_params(document: Document, node_id: str, params: Mapping[str, Any]) -> Document:
    """With those params changed; wires into sockets that no longer exist go. ParamError.

    GraphError when a cell is to be repeated so often that the whole comes to too many nodes.
    """
    old = document.nodes[node_id]
    new = dataclasses.replace(old, params=_clean(old.op, {**old.params, **params}))
    changed = document.with_nodes([new])
    if new.make().role == "unroll":
        checked(changed)
    ins, outs = input_names(new), output_names(new)
    if (ins, outs) == (input_names(old), output_names(old)):
        return changed
    gone = {edge for socket, edge in document.inputs_of(node_id).items() if socket not in ins}
    gone |= {edge for edge in document.consumers(node_id) if edge.output not in outs}
    return changed.with_edges(drop=gone)


def move(document: Document, places: Mapping[str, Point]) -> Document:
    """With those nodes, notes and frames at those places. UnknownNodeError, ParamError for a place that is none."""
    nodes: list[Node] = []
    notes: dict[str, Note] = {}
    frames: dict[str, Frame] = {}
    for item, place in places.items():
        if item in document.nodes:
            nodes.append(dataclasses.replace(document.nodes[item], position=_point(place)))
        elif item in document.notes:
            notes[item] = dataclasses.replace(document.notes[item], position=_point(place))
        elif item in document.frames:
            frames[item] = dataclasses.replace(document.frames[item], position=_point(place))
        else:
            raise UnknownNodeError(f"There is no node '{item}'.")
    return document.with_nodes(
        nodes,
        notes={**document.notes, **notes} if notes else document.notes,
        frames={**document.frames, **frames} if frames else document.frames,
    )


def rename(document: Document, node_id: str, name: str) -> Document:
    """With that node's name changed. ParamError, NameTakenError."""
    node = dataclasses.replace(document.nodes[node_id], name=check_name(document, name, but=node_id))
    return document.with_nodes([node])


def set_flags(
    document: Document, ids: Iterable[str], muted: bool | None = None, frozen: bool | None = None
) -> Document:
    """With `muted` or `frozen` of those nodes changed; None leaves it as it is. UnknownNodeError."""
    flags = {name: on for name, on in (("muted", muted), ("frozen", frozen)) if on is not None}
    return document.with_nodes([dataclasses.replace(document.node(item), **flags) for item in ids])  # type: ignore[arg-type]


def add_note(document: Document, text: str, position: Point, size: Point) -> tuple[Document, Note]:
    """A new note. ParamError for a text or place that is none."""
    note = Note(f"t{document.next_id}", _text(text), _point(position), _point(size))
    return document.with_(notes={**document.notes, note.id: note}, next_id=document.next_id + 1), note


def edit_note(document: Document, note_id: str, **changes: Any) -> Document:
    """With that note's text, position or size changed. UnknownNodeError, ParamError."""
    if note_id not in document.notes:
        raise UnknownNodeError(f"There is no note '{note_id}'.")
    for name in ("position", "size"):
        if name in changes:
            changes[name] = _point(changes[name])
    if "text" in changes:
        changes["text"] = _text(changes["text"])
    note = dataclasses.replace(document.notes[note_id], **changes)
    return document.with_(notes={**document.notes, note_id: note})


def configure(document: Document, **settings: Any) -> Document:
    """With those training settings. SettingsError, UnknownNodeError for a goal that is no node."""
    known = {f.name for f in dataclasses.fields(Training)} - {"extra"}
    for name in settings:
        if name not in known:
            raise SettingsError(
                f"There is no training setting '{name}'.", hint=f"There are: {', '.join(sorted(known))}."
            )
    for name, kinds in (
        ("optimizer", OPTIMIZERS),
        ("schedule", SCHEDULES),
        ("order", ORDERS),
        ("stop_on", STOP_ON),
    ):
        if settings.get(name, kinds[0]) not in kinds:
            raise SettingsError(
                f"There is no {name} '{settings[name]}'.", hint=f"Choose one of {', '.join(kinds)}."
            )
    if settings.get("goal"):
        settings["goal"] = document.node(settings["goal"]).id
    plain = {name: freeze(value) for name, value in settings.items()}
    return document.with_(training=dataclasses.replace(document.training, **plain))


def add_frame(
    document: Document, title: str, position: Point, size: Point, colour: str = "blue"
) -> tuple[Document, Frame]:
    """A new frame. ParamError for a title, place, size or colour that is none."""
    frame = Frame(f"t{document.next_id}", _text(title), _point(position), _size(size), _colour(colour))
    return document.with_(frames={**document.frames, frame.id: frame}, next_id=document.next_id + 1), frame


def edit_frame(document: Document, frame_id: str, **changes: Any) -> Document:
    """With that frame's title, position, size or colour changed. UnknownNodeError, ParamError."""
    if frame_id not in document.frames:
        raise UnknownNodeError(f"There is no frame '{frame_id}'.")
    checks: dict[str, Callable[[Any], Any]] = {
        "position": _point,
        "size": _size,
        "title": _text,
        "colour": _colour,
    }
    plain = {name: checks[name](value) for name, value in changes.items()}
    frame = dataclasses.replace(document.frames[frame_id], **plain)
    return document.with_(frames={**document.frames, frame_id: frame})


def set_bookmark(document: Document, bookmark: Bookmark) -> Document:
    """With that bookmark; one of the same name is replaced, in its place. ParamError for a name, place or zoom."""
    zoom = bookmark.zoom
    if not isinstance(zoom, (int, float)) or not 0 < zoom < math.inf:
        raise ParamError(f"{zoom!r} is no zoom.", hint="Give a number above 0; 1 is the natural size.")
    inside = tuple(str(step) for step in bookmark.inside)
    kept = Bookmark(_title(bookmark.name), _point(bookmark.centre), float(zoom), inside)
    if all(b.name != kept.name for b in document.bookmarks):
        return document.with_(bookmarks=(*document.bookmarks, kept))
    return document.with_(bookmarks=tuple(kept if b.name == kept.name else b for b in document.bookmarks))


def rename_bookmark(document: Document, name: str, new: str) -> Document:
    """With another name for that bookmark. UnknownNodeError, ParamError, NameTakenError."""
    _check_bookmark(document, name)
    new = _title(new)
    if new != name and any(b.name == new for b in document.bookmarks):
        raise NameTakenError(f"There is a bookmark '{new}' already.", hint="Choose another name.")
    renamed = tuple(b._replace(name=new) if b.name == name else b for b in document.bookmarks)
    return document.with_(bookmarks=renamed)


def remove_bookmark(document: Document, name: str) -> Document:
    """Without that bookmark. UnknownNodeError."""
    _check_bookmark(document, name)
    return document.with_(bookmarks=tuple(b for b in document.bookmarks if b.name != name))


def _check_bookmark(document: Document, name: str) -> None:
    names = [b.name for b in document.bookmarks]
    if name not in names:
        hint = f"There are: {', '.join(names[:12])}." if names else "The document has none."
        raise UnknownNodeError(f"There is no bookmark '{name}'.", hint=hint)


def _title(name: str) -> str:
    """What a bookmark may be called: one line that is not empty."""
    title = _text(name).strip()
    if not title or len(title) > LONGEST or not title.isprintable():
        raise ParamError(
            f"A bookmark cannot be named {title[:LONGEST]!r}.", hint=f"A name has 1 to {LONGEST} characters."
        )
    return title


def _size(value: Any) -> Point:
    width, height = _point(value)
    if width <= 0 or height <= 0:
        raise ParamError(f"{width:g} × {height:g} is no size.", hint="Give a width and a height above 0.")
    return width, height


def _colour(name: str) -> str:
    if name not in FRAME_COLOURS:
        raise ParamError(f"A frame cannot be {name!r}.", hint=f"Choose one of {', '.join(FRAME_COLOURS)}.")
    return name


def _clean(op: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Canonical values, sorted by name, without those that are the default."""
    cls = get(op)
    checked = {name: Param.named(cls, name).check(value, op) for name, value in params.items()}
    return {n: v for n, v in sorted(checked.items()) if not _same(v, cls.params_of[n].default)}


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(a == b)


def _text(text: str) -> str:
    if not isinstance(text, str) or not is_whole_text(text):
        raise ParamError("Notes and titles hold text of whole characters.", hint="Type it anew.")
    return text


def _point(place: Point) -> Point:
    try:
        x, y = (float(v) for v in place)
    except (TypeError, ValueError, OverflowError) as error:
        raise ParamError("A place on the canvas is two finite numbers.", hint="Give (x, y).") from error
    if not (math.isfinite(x) and math.isfinite(y) and abs(x) <= FARTHEST and abs(y) <= FARTHEST):
        raise ParamError(f"({x:g}, {y:g}) is no place on the canvas.", hint=f"Stay within ±{FARTHEST:g}.")
    return (round(x, 3) + 0.0, round(y, 3) + 0.0)
