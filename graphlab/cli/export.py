"""`graphlab export`: the graph as a drawing, without the window around it."""

from __future__ import annotations

from pathlib import Path

import click

from ..engine import Run
from ..errors import FileError
from ..io.diagram import FORMATS
from ..io.graph_svg import graph_svg
from ..io.numpy_code import script_of
from ..io.onnx_out import to_onnx
from ..io.saving import write_atomically
from ..io.torch_code import code_of
from .console import note, say
from .sources import open_source
from .window import unseen_qt_app, window_source

CODE, ONNX, SVG = ".py", ".onnx", ".svg"
PICTURES = (SVG, ".pdf", ".png")


@click.command()
@click.argument("what", metavar="FILE|EXAMPLE")
@click.argument("out", type=click.Path(path_type=Path), metavar="[OUT]", required=False)
@click.option("--to", type=click.Path(path_type=Path), metavar="OUT", help="The same as OUT.")
@click.option(
    "--theme", type=click.Choice(["dark", "light"]), default="light", help="Light (for paper) or dark."
)
@click.option(
    "--train", type=click.IntRange(0, 1_000_000), default=0, metavar="STEPS", help="Train before that."
)
@click.option("--plain", is_flag=True, help="With .svg: settings in place of values; needs no window system.")
@click.option("--pytorch", is_flag=True, help="With .py: a module of PyTorch instead of NumPy code.")
@click.option("--loop", is_flag=True, help="With --pytorch: the training loop as well, and the rows for it.")
@click.option("--loss", is_flag=True, help="With .onnx: the loss as well, which predictions do not need.")
def export(
    what: str,
    out: Path | None,
    to: Path | None,
    theme: str,
    train: int,
    loss: bool,
    plain: bool,
    pytorch: bool,
    loop: bool,
) -> None:
    """Draw the graph as SVG, PDF or PNG, or as the text of a drawing: Mermaid, DOT, TikZ. Or write it for others.

    The suffix of OUT says which: .svg, .pdf, .png, .mmd, .dot, .tex, .py or .onnx. Pictures show the values after one
    pass forward and backward, or after so many steps of training; a --plain .svg shows what nodes are set to. The code
    is one more such step as a script that needs NumPy alone and prints the loss and the gradients; large arrays go into
    a .npz beside it. ONNX holds what the graph predicts, with its weights; a module of PyTorch has them in .safetensors
    beside it.
    """
    out = out or to
    if out is None:
        raise FileError(
            "Where to?", hint=f"Write graphlab export {what} OUT, such as {Path(what).stem}.onnx."
        )
    suffix = out.suffix.lower()
    for given, option, wanted in (
        (pytorch, "--pytorch", CODE),
        (loop, "--loop", CODE),
        (loss, "--loss", ONNX),
        (plain, "--plain", SVG),
    ):
        if given and suffix != wanted:
            raise FileError(
                f"{option} says nothing to {out.name}.",
                hint=f"Let OUT end in {wanted}, or leave {option} out.",
            )
    if suffix in FORMATS:
        write_atomically(out, FORMATS[suffix](open_source(what).graph.document).encode())
    elif suffix == CODE and (pytorch or loop):
        _tell_written(code_of(_trained(what, train), loop=loop).save(out))
        return
    elif suffix == CODE:
        _write_code(what, out, train)
        return
    elif suffix == ONNX:
        to_onnx(_trained(what, train), out, loss=loss)
    elif suffix == SVG and plain:
        write_atomically(out, graph_svg(open_source(what).graph.document, theme).encode())
    elif suffix in PICTURES:
        source = window_source(what)
        unseen_qt_app().draw(source, out, theme_name=theme, train_steps=train)
    else:
        names = ", ".join((*PICTURES, *FORMATS, CODE, ONNX))
        raise FileError(f"{out} says not what kind of drawing it is.", hint=f"Let it end in {names}.")
    say(f"Wrote {out}.")


def _trained(what: str, train: int, fed: bool = False) -> Run:
    """A run of the graph with its weights, after so many steps."""
    source = open_source(what)
    run = source.run({}) if fed or train else source.dress(Run(source.graph))
    if train:
        run.train(train)
    return run


def _tell_written(paths: list[Path], more: str = "") -> None:
    say(f"Wrote {' and '.join(map(str, paths))}.{more}")


def _write_code(what: str, out: Path, train: int) -> None:
    """The script of a step, after so many others."""
    run = _trained(what, train, fed=True)
    paths = script_of(run).save(out)
    _tell_written(paths, f" Run it by: python {out}")
    for problem in run.plan.problems:
        note(f"left out: {problem}", "yellow")
