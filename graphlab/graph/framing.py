"""What lies in a frame, and edits that follow from it. Membership is geometry: a thing is where its middle is.

How large a node is drawn is the screen's business, so whoever asks brings a `SizeOf`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from . import edits
from .document import Document, Frame, Node, Note, Point

ROOM = 24.0  # between a frame's edge and what it was put around
TITLE = 28.0  # height of the title bar
EMPTY = 400.0, 260.0  # size of a frame around nothing

SizeOf = Callable[[Node], Point]


def usual_size(node: Node) -> Point:
    """The size of a plain node, for whoever draws none."""
    return 160.0, 116.0


class Box(NamedTuple):
    """A rectangle on the canvas."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def area(self) -> float:
        return self.width * self.height

    def holds(self, place: Point) -> bool:
        """Left and top edge belong to it, right and bottom edge do not."""
        return self.x <= place[0] < self.x + self.width and self.y <= place[1] < self.y + self.height


def box_of(item: Note | Frame) -> Box:
    return Box(*item.position, *item.size)


def by_size(document: Document) -> list[str]:
    """The frames from the largest to the smallest, as they lie upon each other; of equals the older lies below."""
    return sorted(document.frames, key=lambda i: -box_of(document.frames[i]).area)


def content(document: Document, frames: Iterable[str], size_of: SizeOf = usual_size) -> list[str]:
    """Ids of the nodes, notes and smaller frames that lie in these frames, and in those in turn; in their order.

    The frames that were asked about are not among them. Unknown ids are left out.
    """
    asked = [i for i in frames if i in document.frames]
    order = by_size(document)
    rank = {frame: k for k, frame in enumerate(order)}
    within = set(asked)
    for frame in sorted(asked, key=rank.__getitem__):
        within |= _nested(document, frame, order[rank[frame] + 1 :])
    boxes = [box_of(document.frames[i]) for i in order if i in within]
    if not boxes:
        return []
    nodes = [node.id for node in document.nodes.values() if _lies_in(boxes, node, size_of)]
    notes = [i for i, note in document.notes.items() if _any_holds(boxes, box_of(note).middle)]
    return [*nodes, *notes, *(i for i in document.frames if i in within and i not in asked)]


def _nested(document: Document, frame: str, smaller: Iterable[str]) -> set[str]:
    """The frames in a frame, and in those in turn; `smaller` are those that may be, the largest first."""
    boxes, found = [box_of(document.frames[frame])], set[str]()
    for other in smaller:
        box = box_of(document.frames[other])
        if _any_holds(boxes, box.middle):
            boxes.append(box)
            found.add(other)
    return found


def _lies_in(boxes: list[Box], node: Node, size_of: SizeOf) -> bool:
    x, y = node.position
    for box in boxes:
        if x < box.x + box.width and y < box.y + box.height:  # asked first: the size costs more
            return _any_holds(boxes, Box(x, y, *size_of(node)).middle)
    return False


def _any_holds(boxes: list[Box], place: Point) -> bool:
    return any(box.holds(place) for box in boxes)


def homes(document: Document, size_of: SizeOf = usual_size) -> dict[str, str]:
    """The frame that each node, note and frame stands in: the smallest around its middle; without those in none."""
    order = by_size(document)
    if not order:
        return {}
    items = list(_boxes(document, size_of))
    rank = {frame: k for k, frame in enumerate(order)}
    ranks = np.array([rank.get(item, len(order)) for item, _ in items])
    x, y = np.array([box.middle for _, box in items]).T
    home = np.full(len(items), -1)
    for k, frame in enumerate(order):
        box = box_of(document.frames[frame])
        inside = (x >= box.x) & (x < box.x + box.width) & (y >= box.y) & (y < box.y + box.height)
        home[inside & (ranks > k)] = k
    return {item: order[k] for (item, _), k in zip(items, home.tolist(), strict=True) if k >= 0}


def _boxes(document: Document, size_of: SizeOf) -> Iterator[tuple[str, Box]]:
    for i, node in document.nodes.items():
        yield i, Box(*node.position, *size_of(node))
    for items in (document.notes, document.frames):
        for i, item in items.items():
            yield i, box_of(item)


def around(document: Document, ids: Iterable[str], size_of: SizeOf = usual_size) -> Box | None:
    """The rectangle of a frame around these nodes, notes and frames, with room for its title; None around nothing."""
    wanted = set(ids)
    boxes = [box for i, box in _boxes(document, size_of) if i in wanted] if wanted else []
    if not boxes:
        return None
    left, top = min(b.x for b in boxes), min(b.y for b in boxes)
    right, bottom = max(b.x + b.width for b in boxes), max(b.y + b.height for b in boxes)
    return Box(left - ROOM, top - ROOM - TITLE, right - left + 2 * ROOM, bottom - top + 2 * ROOM + TITLE)


def fitted(document: Document, frame: str, size_of: SizeOf = usual_size) -> Document:
    """With that frame just around what lies in it; an empty one stays as it is. UnknownNodeError."""
    inside = content(document, [frame], size_of)
    box = around(document, inside, size_of)
    if box is None:
        return edits.edit_frame(document, frame)
    return edits.edit_frame(document, frame, position=box[:2], size=box[2:])


def refitted(before: Document, after: Document, size_of: SizeOf = usual_size) -> Document:
    """`after`, in which nodes were laid out anew, with frames around what they were around in `before`.

    Notes, and frames without nodes, go along with the nodes of the frame they stand in. A frame of whose nodes none
    moved stays as it is.
    """
    order = [i for i in by_size(before) if i in after.frames]
    inside = {i: [x for x in content(before, [i], size_of) if _is_there(after, x)] for i in order}
    nodes = {i: [x for x in inside[i] if x in before.nodes] for i in order}
    places: dict[str, Point] = {}
    for frame in order:  # the outer ones first: the inner ones know better
        loose = [x for x in inside[frame] if x not in before.nodes and not nodes.get(x)]
        places |= _along(before, after, nodes[frame], loose)
    after = edits.move(after, places) if places else after
    for frame in reversed(order):
        moved = any(after.nodes[i].position != before.nodes[i].position for i in nodes[frame])
        box = around(after, inside[frame], size_of) if moved else None
        if box is not None:
            after = edits.edit_frame(after, frame, position=box[:2], size=box[2:])
    return after


def _is_there(document: Document, item: str) -> bool:
    return item in document.nodes or item in document.notes or item in document.frames


def _along(before: Document, after: Document, nodes: list[str], loose: list[str]) -> dict[str, Point]:
    """Where notes and frames go when the top left corner of the nodes around them has moved."""
    if not nodes:
        return {}
    (x0, y0), (x1, y1) = _corner(before, nodes), _corner(after, nodes)
    boards: dict[str, Note | Frame] = {**before.notes, **before.frames}
    places = ((i, boards[i].position) for i in loose)
    return {i: (x + x1 - x0, y + y1 - y0) for i, (x, y) in places}


def _corner(document: Document, nodes: list[str]) -> Point:
    places = [document.nodes[i].position for i in nodes]
    return min(x for x, _ in places), min(y for _, y in places)
