"""`graphlab shot`: a picture of the window, drawn offscreen."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import click

from ..errors import FileError
from .console import say
from .window import unseen_qt_app, window_source

SMALLEST, LARGEST = 200, 8000


class Size(click.ParamType[tuple[int, int]]):
    """WIDTHxHEIGHT in pixels."""

    name = "WxH"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", str(value))
        size = (int(found[1]), int(found[2])) if found else (0, 0)
        if not all(SMALLEST <= length <= LARGEST for length in size):
            self.fail(
                f"{value!r} is no size. It takes {SMALLEST}x{SMALLEST} to {LARGEST}x{LARGEST}.", param, ctx
            )
        return size


@click.command()
@click.argument("what", metavar="FILE|EXAMPLE")
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT.png")
@click.option(
    "--theme", type=click.Choice(["dark", "light"]), default="dark", help="Dark (as shipped) or light."
)
@click.option(
    "--train", type=click.IntRange(0, 1_000_000), default=0, metavar="STEPS", help="Train before that."
)
@click.option("--size", type=Size(), default="1600x1000", help="Width and height in pixels.")
def shot(what: str, out: Path, theme: str, train: int, size: tuple[int, int]) -> None:
    """Picture the window with a graph in it.

    It shows the state after one pass forward and backward, or after so many steps of training.
    """
    if out.suffix.lower() != ".png":
        raise FileError(f"{out} is no name for a picture.", hint="Let it end in .png.")
    if not out.parent.is_dir():
        raise FileError(f"There is no folder '{out.parent}' to write in.")
    source = window_source(what)
    before = out.stat().st_mtime_ns if out.exists() else 0
    unseen_qt_app().shot(source, out, size=size, theme_name=theme, train_steps=train)
    if not out.exists() or out.stat().st_mtime_ns == before:
        raise FileError(f"{out} cannot be written.", hint="Choose another folder.")
    say(f"Wrote {out}, {'×'.join(map(str, png_size(out)))} pixels.")


def png_size(path: Path) -> tuple[int, int]:
    """Width and height from the head of a PNG; the window is never narrower than its panels allow."""
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    return width, height
