"""`graphlab export`: the graph as a drawing, without the window around it."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import FileError
from ..io.diagram import FORMATS
from ..io.saving import write_atomically
from .console import say
from .sources import open_source
from .window import unseen_qt_app, window_source

PICTURES = (".svg", ".pdf", ".png")


@click.command()
@click.argument("what", metavar="FILE|EXAMPLE")
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT")
@click.option(
    "--theme", type=click.Choice(["dark", "light"]), default="light", help="Light (for paper) or dark."
)
@click.option(
    "--train", type=click.IntRange(0, 1_000_000), default=0, metavar="STEPS", help="Train before that."
)
def export(what: str, out: Path, theme: str, train: int) -> None:
    """Draw the graph as SVG, PDF or PNG, or as the text of a drawing: Mermaid, DOT, TikZ.

    The suffix of OUT says which: .svg, .pdf, .png, .mmd, .dot or .tex. Pictures show the values after one pass forward
    and backward, or after so many steps of training.
    """
    suffix = out.suffix.lower()
    if suffix in FORMATS:
        write_atomically(out, FORMATS[suffix](open_source(what).graph.document).encode())
    elif suffix in PICTURES:
        source = window_source(what)
        unseen_qt_app().draw(source, out, theme_name=theme, train_steps=train)
    else:
        names = ", ".join((*PICTURES, *FORMATS))
        raise FileError(f"{out} says not what kind of drawing it is.", hint=f"Let it end in {names}.")
    say(f"Wrote {out}.")
