"""`graphlab new` and `graphlab templates`: begin with a template."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import FileError
from ..io import save
from ..io.templates import SUFFIX, network_templates, template
from ..io.templates import templates as all_templates
from ..io.trained import trained_example
from .console import as_json, print_json, say, show, table


@click.command()
@click.argument("out", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--template", "name", default="blank", metavar="NAME", help="What to begin with; else a blank graph."
)
@click.option(
    "--trained", metavar="NAME", help="Begin with an example and its pre-trained parameters instead."
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def new(out: Path, name: str, trained: str | None, force: bool) -> None:
    """Write a new graph into a file, made of a template, or of an example with what it has learnt.

    Without a suffix FILE becomes FILE.graphlab. `graphlab templates` lists what there is to begin with.
    """
    place = out if out.suffix else out.with_suffix(SUFFIX)
    if place.exists() and not force:
        raise FileError(f"{place} is there already.", hint="Choose another name, or add --force.")
    if trained is not None:
        found = trained_example(trained)
        graph, weights = found.read()
        save(graph, place, weights=weights)
        say(f"Wrote {place}: {found.description}")
        return
    graph = template(name).graph()
    save(graph.document.with_(name=place.stem), place)
    say(f"Wrote {place}.")


@click.command()
@as_json
def templates(as_json: bool) -> None:
    """List the templates, your own among them, and the networks that one can begin with."""
    found = [*network_templates(), *all_templates()]
    if as_json:
        print_json(
            [{"name": t.name, "title": t.title, "description": t.description, "own": t.is_own} for t in found]
        )
        return
    made = table("name", "title", "what it is")
    made.columns[2].no_wrap = False
    for each in found:
        made.add_row(each.name, each.title, each.description)
    show(made)
    say()
    say("Begin with one by graphlab new --template NAME FILE.", "dim")
