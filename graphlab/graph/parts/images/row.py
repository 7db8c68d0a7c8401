"""A row of nodes, each wired to the one before it: most networks for pictures are one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ...graph import Graph, Handle, Source
from .. import shelf
from ..drawing import at, port, put, use

BLOCKS = "Image blocks", "Layer"
NETWORKS = "Image networks", "Layer"
FOR_RELU = "kaiming_normal"  # how weights begin before a ReLU where no norm follows, so that deep rows learn
Draw = Callable[[Graph], None]
part = partial(shelf.part, takes=("x",), gives=("y",), axes=4)


class Row:
    """Goes to the right from a column. `last`: what the next one is wired to."""

    def __init__(self, g: Graph, x: Source, column: float = 1.0, row: float = 0.0) -> None:
        self.g, self.last, self.column, self.row = g, x, column, row
        self._first_line = row

    def op(self, op: str, name: str, **params: object) -> Handle:
        return self._on(put(self.g, op, name, self.column, self.row, self.last, **params))

    def part(self, key: str, name: str, **settings: object) -> Handle:
        return self._on(use(self.g, key, name, self.column, self.row, self.last, **settings))

    def group(self, title: str, draw: Draw, name: str, **settings: object) -> Handle:
        """A group that is no part by itself, drawn here: a stage of a network."""
        place = at(self.column, self.row)
        return self._on(group(self.g, title, draw, name, place, self.last, **settings))

    def end(self, name: str = "y") -> Handle:
        aside = 0.5 if self.row > self._first_line else 0.0  # of the wire that comes down from the row above
        return port(self.g, name, self.column + aside, self.row, self.last)

    def down(self) -> None:
        """Goes on in another row, further down, as lines of a text do."""
        self.row, self.column = self.row + 1.4, 1.0

    def _on(self, node: Handle) -> Handle:
        self.last, self.column = node, self.column + 1
        return node


def group(
    g: Graph,
    title: str,
    draw: Draw,
    name: str,
    place: tuple[float, float],
    *sources: Source,
    **settings: object,
) -> Handle:
    """A group of that title, drawn by a function as parts are, wired to its sources in the order of its ports."""
    sheet = Graph(title)
    draw(sheet)
    with g.edit(f"Add {title}"):
        document, node = shelf.add_sheet(g.document, sheet.document, place, name, **settings)
        g.replace(document, f"Add {title}")
        for source, socket in zip(sources, node.make().sockets(), strict=True):
            g.connect(source, node.id, socket.name)
    return g[name]
