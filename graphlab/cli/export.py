"""`graphlab export`: the graph as a drawing, without the window around it."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import FileError
from ..io.diagram import FORMATS
from ..io.numpy_code import script_of
from ..io.saving import write_atomically
from .console import note, say
from .sources import open_source
from .window import unseen_qt_app, window_source

CODE = ".py"
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
    """Draw the graph as SVG, PDF or PNG, or as the text of a drawing: Mermaid, DOT, TikZ. Or write it as NumPy code.

    The suffix of OUT says which: .svg, .pdf, .png, .mmd, .dot, .tex or .py. Pictures show the values after one pass
    forward and backward, or after so many steps of training. The code is one more such step as a script that needs
    NumPy alone and prints the loss and the gradients; large arrays go into a .npz beside it.
    """
    suffix = out.suffix.lower()
    if suffix in FORMATS:
        write_atomically(out, FORMATS[suffix](open_source(what).graph.document).encode())
    elif suffix == CODE:
        _write_code(what, out, train)
        return
    elif suffix in PICTURES:
        source = window_source(what)
        unseen_qt_app().draw(source, out, theme_name=theme, train_steps=train)
    else:
        names = ", ".join((*PICTURES, *FORMATS, CODE))
        raise FileError(f"{out} says not what kind of drawing it is.", hint=f"Let it end in {names}.")
    say(f"Wrote {out}.")


def _write_code(what: str, out: Path, train: int) -> None:
    """The script of a step, after so many others."""
    run = open_source(what).run({})
    if train:
        run.train(train)
    paths = script_of(run).save(out)
    say(f"Wrote {' and '.join(map(str, paths))}. Run it by: python {out}")
    for problem in run.plan.problems:
        note(f"left out: {problem}", "yellow")
