"""An Unroll node drawn another way: folded into one cell with a loop, or unrolled along time. What it computes stays.

Its new size pushes aside what lies right of it and below it, and folding it draws that near again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from .copies import into, node_of, time_of
from .document import Document, Frame, Node, Point
from .groups import role, with_params

FOLDED, UNROLLED = "folded", "unrolled"
Size = tuple[float, float]


def is_unrolled(node: Node) -> bool:
    """Whether it is drawn as copies side by side."""
    return node.params.get("drawn") == UNROLLED


def drawn(document: Document, node_id: str, how: str, before: Size, after: Size) -> Document:
    """The document with a node drawn that way.

    before, after: (width, height) of the node as it was drawn and as it will be. ParamError for no Unroll node.
    """
    node = document.node(node_id)
    changed = with_params(node, {"drawn": how})
    changed.make()
    return spread(document.with_nodes([changed]), node_id, before, after)


def spread(document: Document, node_id: str, before: Size, after: Size) -> Document:
    """Makes room for a node that has another size, or takes it away: what lies right of it goes right, and what lies
    below it goes down, by as much as it has grown; frames around it grow along.
    """
    x, y = document.nodes[node_id].position
    step = _Step(x, y, *before, after[0] - before[0], after[1] - before[1], max(before[0], after[0]))
    nodes = [
        dataclasses.replace(node, position=to)
        for node in document.nodes.values()
        if node.id != node_id and (to := step.of(node.position)) != node.position
    ]
    notes = {
        i: dataclasses.replace(note, position=step.of(note.position)) for i, note in document.notes.items()
    }
    frames = {i: step.frame(frame) for i, frame in document.frames.items()}
    return document.with_nodes(nodes, notes=notes, frames=frames)


def timed(document: Document, path: Iterable[str]) -> tuple[str, ...]:
    """The path with each step into an Unroll node leading into one of its copies: by default the first, of those that
    are gone the last. Where the path leads nowhere, it stays as it is.
    """
    found: list[str] = []
    here: Document | None = document
    for step in path:
        node = here.nodes.get(node_of(step)) if here is not None else None
        if node is not None and role(node) == "unroll":
            steps = int(getattr(node.make(), "steps", 1))
            step = into(node.id, min(max(time_of(step), 0), steps - 1))
        found.append(step)
        here = document.definitions.get(str(node.params.get("definition", ""))) if node is not None else None
    return tuple(found)


@dataclasses.dataclass(frozen=True)
class _Step:
    """How far things move when the node at (x, y), that was so large, grows by dx and dy."""

    x: float
    y: float
    width: float
    height: float
    dx: float
    dy: float
    widest: float

    def of(self, place: Point) -> Point:
        """Where something with its upper left corner there goes."""
        left, top = place
        if left >= self.x + self.width:
            return left + self.dx, top
        if top >= self.y + self.height and left >= self.x - self.widest / 4:
            return left, top + self.dy
        return place

    def frame(self, frame: Frame) -> Frame:
        (left, top), (width, height) = frame.position, frame.size
        inside = left <= self.x and top <= self.y
        inside = inside and left + width >= self.x + self.width and top + height >= self.y + self.height
        if inside:
            return dataclasses.replace(frame, size=(width + self.dx, height + self.dy))
        return dataclasses.replace(frame, position=self.of(frame.position))
