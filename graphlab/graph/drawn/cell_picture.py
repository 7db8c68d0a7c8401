"""A cell in small: its nodes as rectangles and its wires as lines, where they stand inside, shrunk into a room."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...ops import get
from ..document import Document, Point
from ..groups import role
from ..rect import Rect
from .curves import Floats
from .shapes import shape_of

_LARGEST = 0.34  # nothing is shrunk less than that


class CellPicture(NamedTuple):
    """nodes: ids, in the order of the rows of `rects` (x, y, width, height) and of `families`. wires: x, y, x, y."""

    nodes: tuple[str, ...]
    rects: Floats
    families: tuple[str, ...]
    wires: Floats

    def node_at(self, place: Point) -> str:
        """The node there; "" for none."""
        x, y, width, height = self.rects.T
        px, py = place
        hits = np.flatnonzero((px >= x) & (px < x + width) & (py >= y) & (py < y + height))
        return self.nodes[int(hits[-1])] if len(hits) else ""


def picture_of(cell: Document, room: Rect) -> CellPicture:
    """The cell shrunk into `room`: without its ports, but with the wires that come from them and go to them."""
    shapes = {i: shape_of(node, cell) for i, node in cell.nodes.items()}
    inner = [i for i, node in cell.nodes.items() if role(node) not in ("port in", "port out")]
    corners = {i: np.array(node.position, dtype=np.float64) for i, node in cell.nodes.items()}
    if not inner:
        return CellPicture((), np.empty((0, 4)), (), np.empty((0, 4)))
    rects = np.array([(*corners[i], shapes[i].width, shapes[i].height) for i in inner], dtype=np.float64)
    wires = [
        (
            *(corners[e.source] + shapes[e.source].output_at(e.output)),
            *(corners[e.target] + shapes[e.target].input_at(e.input)),
        )
        for e in cell.edges.values()
    ]
    lines = np.array(wires, dtype=np.float64).reshape(-1, 4)
    low, high = rects[:, :2].min(axis=0), (rects[:, :2] + rects[:, 2:]).max(axis=0)
    scale = min(room.width / (high - low)[0], room.height / (high - low)[1], _LARGEST)
    move = np.array(room.centre) - (low + high) / 2 * scale
    shrunk = np.concatenate([rects[:, :2] * scale + move, rects[:, 2:] * scale], axis=1)
    lines = lines * scale + np.tile(move, 2)
    lines[:, 0::2] = lines[:, 0::2].clip(room.x, room.end(0))
    lines[:, 1::2] = lines[:, 1::2].clip(room.y, room.end(1))
    families = tuple(get(cell.nodes[i].op).category if cell.nodes[i].is_known else "" for i in inner)
    return CellPicture(tuple(inner), shrunk, families, lines)
