"""How parts are drawn: nodes by column and row of a sheet, ports, settings that several nodes share, notes."""

from __future__ import annotations

from ..graph import Graph, Handle, Source
from ..promoting import join, promote

COLUMN, ROW = 230.0, 130.0
LOWER = 30.0  # ports are small: so much lower, their socket is level with that of a node


def at(column: float, row: float) -> tuple[float, float]:
    return column * COLUMN, row * ROW


def port(g: Graph, name: str, column: float, row: float, source: Source | None = None) -> Handle:
    """An input of the part, or an output for that source."""
    kind, sources = ("GroupInput", ()) if source is None else ("GroupOutput", (source,))
    x, y = at(column, row)
    return g.add(kind, *sources, name=name, position=(x, y + LOWER))


def put(
    g: Graph, op: str, name: str, column: float, row: float, *sources: Source, **params: object
) -> Handle:
    return g.add(op, *sources, name=name, position=at(column, row), **params)


def use(
    g: Graph, part: str, name: str, column: float, row: float, *sources: Source, **settings: object
) -> Handle:
    """Another part inside this one, wired to its sources in the order of its ports."""
    return g.add_part(part, *sources, name=name, position=at(column, row), **settings)


def setting(g: Graph, name: str, *ends: tuple[str, str, int]) -> None:
    """A setting of the part that sets params of several nodes: (node, param, how many times its number).

    Of a part inside, `param` is the name of one of its settings.
    """
    (node, param, times), *more = ends
    sheet = promote(g.document, node, param, name, times)
    for node, param, times in more:
        sheet = join(sheet, name, node, param, times)
    g.replace(sheet, "Settings")


def note(g: Graph, text: str, row: float, width: float = 4.0, height: float = 110.0) -> None:
    g.add_note(text, at(0, row), (width * COLUMN, height))
