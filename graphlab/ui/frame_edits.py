"""Edits of frames, as hands, menus and the inspector ask for them: one undo entry each.

They change the graph of a session and know nothing of the screen but how large nodes are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ..graph import Document, Graph, Node, Point, edits, framing
from ..graph.document import FRAME_COLOURS
from ..graph.drawn.shapes import shape_of
from ..graph.rect import Rect
from . import numbers

if TYPE_CHECKING:
    from .session import Session

NEW = "Frame"  # the title of a new frame, until somebody writes another


def size_in(document: Document) -> Callable[[Node], Point]:
    """How large the nodes of a document are drawn."""

    def size(node: Node) -> Point:
        shape = shape_of(node, document)
        return shape.width, shape.height

    return size


def selected(session: Session) -> list[str]:
    """The selected frames, in the order of the sheet."""
    return [i for i in session.document.frames if i in session.selection]


def one_selected(session: Session) -> str:
    """The selected frame, "" for none or several."""
    found = selected(session)
    return found[0] if len(found) == 1 else ""


def content_of(session: Session, items: Iterable[str]) -> set[str]:
    """Ids of what lies in the frames among these."""
    frames = session.document.frames
    asked = [i for i in items if i in frames] if frames else []
    return set(framing.content(session.document, asked, size_in(session.document))) if asked else set()


def with_content(session: Session) -> set[str]:
    """The selection, and what lies in the frames of it."""
    return set(session.selection) | content_of(session, session.selection)


def put_around(session: Session, place: Point) -> str:
    """A frame around the selection, else an empty one with its middle at `place`; selected. Its id."""
    document = session.document
    width, height = framing.EMPTY
    empty = Rect(round(place[0] - width / 2), round(place[1] - height / 2), width, height)
    box = framing.around(document, session.selection, size_in(document)) or empty
    after, frame = edits.add_frame(document, NEW, box[:2], box[2:], _next_colour(document))
    session.graph.replace(after, "Add frame")
    session.select({frame.id})
    return frame.id


def _next_colour(document: Document) -> str:
    """The colour that the fewest frames have: neighbours should differ."""
    worn = [frame.colour for frame in document.frames.values()]
    return min(FRAME_COLOURS, key=worn.count)


def parameters(session: Session, nodes: Iterable[str]) -> int:
    """How many parameters nodes of the sheet own together, with those inside groups."""
    seen = session.seen
    count = 0
    for node in nodes:
        is_group = seen.prefix + node not in seen.whole.nodes
        count += seen.parameters_of(node) if is_group else seen.inference.parameter_count(node)
    return count


def summary(session: Session, frame: str) -> str:
    """What lies in a frame: "5 nodes · 1,234 parameters · 1 note"."""
    document, inside = session.document, content_of(session, [frame])
    nodes = [i for i in inside if i in document.nodes]
    kinds = (
        (len(nodes), "node"),
        (parameters(session, nodes), "parameter"),
        (len(inside & document.notes.keys()), "note"),
        (len(inside & document.frames.keys()), "frame"),
    )
    words = [numbers.count(amount, word) for amount, word in kinds if amount]
    return " · ".join(words) or "empty"


def fit(session: Session, frames: Iterable[str]) -> None:
    """Draws these frames just around what lies in them, the inner ones first."""
    document, wanted = session.document, set(frames)
    for frame in reversed(framing.by_size(document)):
        if frame in wanted:
            document = framing.fitted(document, frame, size_in(document))
    session.graph.replace(document, "Fit frame")


def turn_colour(session: Session, frames: Iterable[str]) -> None:
    """Gives frames the colour that follows that of the first."""
    frames = list(frames)
    now = session.document.frames[frames[0]].colour
    at = FRAME_COLOURS.index(now) if now in FRAME_COLOURS else -1
    change(session, frames, colour=FRAME_COLOURS[(at + 1) % len(FRAME_COLOURS)])


def delete_with_content(session: Session, frames: Iterable[str]) -> None:
    """Removes these frames and what lies in them."""
    frames = list(frames)
    gone = [*frames, *content_of(session, frames)]
    session.graph.replace(edits.remove(session.document, gone), "Delete")


def select_content(session: Session, frames: Iterable[str]) -> None:
    """Selects what lies in these frames."""
    session.select(content_of(session, frames))


def frame_around(session: Session) -> str:
    """The smallest frame in which everything selected lies, "" for none."""
    document, chosen = session.document, session.selection
    if not chosen or not document.frames:
        return ""
    homes = framing.homes(document, size_in(document))
    ways = [_way_out(homes, item) for item in chosen]
    return next((frame for frame in ways[0] if all(frame in way for way in ways)), "")


def _way_out(homes: dict[str, str], item: str) -> list[str]:
    """The frame that an item lies in, the one that this lies in, and so on."""
    way: list[str] = []
    while (item := homes.get(item, "")) and item not in way:
        way.append(item)
    return way


def rename(graph: Graph, frame: str, title: str) -> None:
    """Gives a frame of `graph`, a sheet of the session's, another title. ParamError."""
    graph.replace(edits.edit_frame(graph.document, frame, title=title.strip()), "Rename frame")


def change(session: Session, frames: Iterable[str], key: str = "", **changes: object) -> None:
    """Changes title, size, position or colour of frames. ParamError."""
    document = session.document
    for frame in frames:
        document = edits.edit_frame(document, frame, **changes)
    word = {"title": "Rename frame", "colour": "Colour frame"}.get(next(iter(changes)), "Resize frame")
    session.graph.replace(document, word, key)
