"""`graphlab parts`: the ready-made groups, such as cells of recurrent networks."""

from __future__ import annotations

import click

from ..graph import parts as shelf
from .console import as_json, print_json, say, show, table


@click.command()
@as_json
def parts(as_json: bool) -> None:
    """List the ready-made parts: cells, layers and blocks that come into a graph as groups."""
    found = shelf.parts().values()
    if as_json:
        print_json([_told(part) for part in found])
        return
    made = table("part", "title", "settings", "what it computes", wrapped=("settings", "what it computes"))
    for part in found:
        made.add_row(part.key, part.title, ", ".join(part.document.promoted), part.formula)
    show(made)
    say()
    say('In Python: graph.add_part("lstm-cell", x, h, c, hidden=64), graph.add_layer("lstm-cell", x).', "dim")


def _told(part: shelf.Part) -> dict[str, object]:
    return {
        "part": part.key,
        "title": part.title,
        "family": part.family,
        "settings": list(part.document.promoted),
        "is_cell": part.is_cell,
        "formula": part.formula,
        "about": part.about,
    }
