"""What goes to the terminal: text and tables for people, JSON for machines, one line for an error."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table

F = TypeVar("F", bound=Callable[..., Any])

PIPED_WIDTH = 120  # columns of a table that goes into a file or another program

as_json: Callable[[F], F] = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")


def screen(*, stderr: bool = False) -> Console:
    """The terminal as it is now. Without one, lines are as wide as a table needs. NO_COLOR is respected."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH
    return Console(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)


def say(text: str = "", style: str = "") -> None:
    """A line on the standard output; a long one is not broken."""
    screen().print(text, style=style, soft_wrap=True)


def note(text: str, style: str = "dim") -> None:
    """A line on the standard error output, beside the result."""
    screen(stderr=True).print(text, style=style, soft_wrap=True)


def complain(message: str, hint: str = "") -> None:
    """One line on the standard error output that says what was wrong and what to try."""
    from rich.text import Text

    line = " ".join(f"{message} {hint}".split())
    screen(stderr=True).print(Text.assemble(("graphlab: ", "bold red"), line), soft_wrap=True)


def print_json(value: Any) -> None:
    """One line of JSON; numbers that JSON does not know (NaN, infinity) become null."""
    print(json.dumps(_plain(value), ensure_ascii=False, allow_nan=False), flush=True)  # noqa: T201


def table(*headings: str, right: Iterable[str] = (), wrapped: Iterable[str] = ("problem",)) -> Table:
    """An empty table in the house style; the columns named in `right` hold numbers.

    Those in `wrapped` take several lines where there is no room: first they give way, and nothing of them is lost.
    """
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings:
        made.add_column(
            heading,
            justify="right" if heading in right else "left",
            no_wrap=heading not in wrapped,
            overflow="fold" if heading in wrapped else "ellipsis",
        )
    return made


def show(made: Table, *, whole: bool = False) -> None:
    """Prints a table, as wide as the terminal; `whole`: as wide as it needs, and nothing is cut."""
    console = screen()
    if whole:
        console.width = max(
            console.width, console.measure(made, options=console.options.update(width=10_000)).maximum
        )
    console.print(made)


def close_quietly() -> None:
    """After a broken pipe: what is still to be written goes nowhere, so that Python does not complain at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
