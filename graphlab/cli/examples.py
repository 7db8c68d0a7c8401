"""`graphlab examples`."""

from __future__ import annotations

import click

from ..io.examples import examples as all_examples
from .console import as_json, print_json, say, show, table


@click.command()
@as_json
def examples(as_json: bool) -> None:
    """List the examples."""
    found = all_examples()
    if as_json:
        print_json([{"name": e.name, "title": e.title, "description": e.description} for e in found])
        return
    made = table("name", "title", "what it shows")
    made.columns[2].no_wrap = False
    for each in found:
        made.add_row(each.name, each.title, each.description)
    show(made)
    say()
    say("Open one with graphlab NAME, train one with graphlab train NAME.", "dim")
