"""The examples that travel with graphlab, by name. Listing them reads one small file and opens no document."""

from __future__ import annotations

import difflib
import functools
from pathlib import Path

import msgspec

from ..errors import FileError
from ..resources import resource

SUFFIX = ".graphlab"


class Example(msgspec.Struct, frozen=True):
    """An example document: its name for the command line, its title, what it shows in one line, and its file."""

    name: str
    title: str
    description: str
    path: Path


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    title: str
    description: str


@functools.cache
def examples() -> tuple[Example, ...]:
    """Every example, in the order in which they are best looked at. FileError when the installation lost them."""
    folder = resource("examples")
    try:
        lines = msgspec.json.decode((folder / "index.json").read_bytes(), type=list[_Line])
    except (OSError, msgspec.DecodeError) as error:
        raise FileError(
            "The examples of this installation are missing or damaged.", hint="Install graphlab again."
        ) from error
    return tuple(Example(e.name, e.title, e.description, folder / f"{e.name}{SUFFIX}") for e in lines)


def example(name: str) -> Example:
    """The example of that name. FileError, with the nearest name, when there is none."""
    found = {each.name: each for each in examples()}
    if name in found:
        return found[name]
    near = difflib.get_close_matches(name.lower(), found, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(found)}."
    raise FileError(f"There is no example '{name}'.", hint=hint)


def is_example(path: Path) -> bool:
    """Whether that file is one of graphlab's own, which nobody's work should be written over."""
    return path.resolve().parent == resource("examples").resolve()
