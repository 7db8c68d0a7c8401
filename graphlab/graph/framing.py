"""What lies in a frame, and edits that follow from it. Membership is geometry: a thing is where its middle is.

How large a node is drawn is the screen's business, so whoever asks brings a `SizeOf`; else nodes are as large as
`layout` takes them to be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from . import edits, layout
from .document import Document, Frame, Node, Note, Point
from .rect import Rect

ROOM = 24.0  # between a frame's edge and what it was put around
TITLE = 28.0  # height of the title bar
EMPTY = 400.0, 260.0  # size of a frame around nothing

SizeOf = Callable[[Node], Point]


def box_of(item: Note | Frame) -> Rect:
    return Rect(*item.position, *item.size)


def by_size(document: Document) -> list[str]:
    """The frames from the largest to the smallest, as they lie upon each other; of equals the older lies below."""
    return sorted(document.frames, key=lambda i: -box_of(document.frames[i]).area)


class Contents:
    """What lies in the frames of one document, for whoever asks about one after another."""

    def __init__(self, document: Document, size_of: SizeOf = layout.size_of) -> None:
        self._document, self._size_of = document, size_of
        order = by_size(document)
        self._rank = {frame: k for k, frame in enumerate(order)}
        self._boxes = {frame: box_of(document.frames[frame]) for frame in order}  # the largest first
        self._items = [*document.nodes, *document.notes]
        corners = [node.position for node in document.nodes.values()]
        middles = [box_of(note).centre for note in document.notes.values()]
        self._places = np.array([*corners, *middles], dtype=np.float64).reshape(-1, 2)
        self._is_corner = np.arange(len(self._items)) < len(
            corners
        )  # how large a node is, is asked when it matters

    def of(self, frames: Iterable[str]) -> list[str]:
        """Ids of the nodes, notes and smaller frames that lie in these frames, and in those in turn; in their order.

        The frames that were asked about are not among them. Unknown ids are left out.
        """
        asked = [i for i in frames if i in self._boxes]
        within = set(asked)
        for frame in sorted(asked, key=self._rank.__getitem__):
            within |= self._nested(frame)
        items = self._inside(np.array([self._boxes[i] for i in within]).reshape(-1, 4))
        return [*items, *(i for i in self._document.frames if i in within and i not in asked)]

    def _nested(self, frame: str) -> set[str]:
        """The smaller frames in a frame, and in those in turn."""
        boxes, found = [self._boxes[frame]], set[str]()
        for other in list(self._boxes)[self._rank[frame] + 1 :]:
            box = self._boxes[other]
            if any(around.holds(box.centre) for around in boxes):
                boxes.append(box)
                found.add(other)
        return found

    def _inside(self, boxes: NDArray[np.float64]) -> list[str]:
        """The nodes and notes whose middle is in one of the rows of x, y, width, height."""
        if not len(boxes):
            return []
        self._find_middles((boxes[:, :2] + boxes[:, 2:]).max(axis=0))
        hits = np.zeros(len(self._items), dtype=np.bool_)
        for box in boxes:
            away = self._places - box[:2]
            hits |= ((away >= 0) & (away < box[2:])).all(axis=1)
        return [self._items[k] for k in np.flatnonzero(hits).tolist()]

    def _find_middles(self, limit: NDArray[np.float64]) -> None:
        """Of the nodes that begin left of and above `limit`; the middles of others lie beyond it, as they do."""
        rows = np.flatnonzero(self._is_corner & (self._places < limit).all(axis=1))
        nodes = self._document.nodes
        sizes = [self._size_of(nodes[self._items[k]]) for k in rows.tolist()]
        self._places[rows] += np.array(sizes, dtype=np.float64).reshape(-1, 2) / 2
        self._is_corner[rows] = False


def content(document: Document, frames: Iterable[str], size_of: SizeOf = layout.size_of) -> list[str]:
    """What lies in these frames: see `Contents.of`."""
    return Contents(document, size_of).of(frames)


def homes(document: Document, size_of: SizeOf = layout.size_of) -> dict[str, str]:
    """The frame that each node, note and frame stands in: the smallest around its middle; without those in none."""
    order = by_size(document)
    if not order:
        return {}
    items = [*document.nodes, *document.notes, *document.frames]
    rank = {frame: k for k, frame in enumerate(order)}
    ranks = np.array([rank.get(item, len(order)) for item in items])
    x, y = np.array([_box(document, item, size_of).centre for item in items]).T
    home = np.full(len(items), -1)
    for k, frame in enumerate(order):
        box = box_of(document.frames[frame])
        inside = (x >= box.x) & (x < box.x + box.width) & (y >= box.y) & (y < box.y + box.height)
        home[inside & (ranks > k)] = k
    return {item: order[k] for item, k in zip(items, home.tolist(), strict=True) if k >= 0}


def _box(document: Document, item: str, size_of: SizeOf) -> Rect:
    node = document.nodes.get(item)
    if node is not None:
        return Rect(*node.position, *size_of(node))
    return box_of(document.notes[item] if item in document.notes else document.frames[item])


def around(document: Document, ids: Iterable[str], size_of: SizeOf = layout.size_of) -> Rect | None:
    """The rectangle of a frame around these nodes, notes and frames, with room for its title; None around nothing."""
    boxes = [_box(document, i, size_of) for i in ids if document.has(i)]
    if not boxes:
        return None
    left, top = min(b.x for b in boxes), min(b.y for b in boxes)
    right, bottom = max(b.x + b.width for b in boxes), max(b.y + b.height for b in boxes)
    return Rect(left - ROOM, top - ROOM - TITLE, right - left + 2 * ROOM, bottom - top + 2 * ROOM + TITLE)


def fitted(document: Document, frame: str, size_of: SizeOf = layout.size_of) -> Document:
    """With that frame just around what lies in it; an empty one stays as it is. UnknownNodeError."""
    inside = content(document, [frame], size_of)
    box = around(document, inside, size_of)
    if box is None:
        return edits.edit_frame(document, frame)
    return edits.edit_frame(document, frame, position=box[:2], size=box[2:])


def refitted(before: Document, after: Document, size_of: SizeOf = layout.size_of) -> Document:
    """`after`, in which nodes were laid out anew, with frames around what they were around in `before`.

    Notes, and frames without nodes, go along with the nodes of the frame they stand in. A frame of whose nodes none
    moved stays as it is.
    """
    order = [i for i in by_size(before) if i in after.frames]
    contents = Contents(before, size_of)
    inside = {i: [x for x in contents.of([i]) if after.has(x)] for i in order}
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
