"""What classes are called: by the data set, by a person's typing, or by a text file with a name a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import DataError
from ..ops.catalogue import CARDS
from .characters import content_of
from .reading import MOST_CLASSES, clean_name


def classes_of(op: Any) -> tuple[str, ...]:
    """The classes of a source by their own names, without making its rows; () where it has none to be named."""
    if "called" not in op.params:
        return ()
    if op.brings == "catalogue":
        card = CARDS.get(op.dataset)
        return card.classes if card is not None else ()
    found: tuple[str, ...] = op.classes(op.target) if op.target else ()
    return found


def split_names(text: str) -> tuple[str, ...]:
    """Names as they are typed, with commas, or with semicolons or in lines."""
    for sign in (";", "\n"):
        if sign in text:
            text = text.replace(",", "\0").replace(sign, ",")
            break
    names = (clean_name(part.replace("\0", ",")) for part in text.split(","))
    return tuple(name for name in names if name)


def read_class_names(path: Path) -> tuple[str, ...]:
    """The names in a text file, a name a line, or all in one line with commas.

    Raises:
        FileError: it cannot be read. DataError: it is no text, holds no names, or far too many.
    """
    lines = [line for line in content_of(path).splitlines() if line.strip()]
    names = split_names(lines[0]) if len(lines) == 1 else tuple(clean_name(line) for line in lines)
    if not any(names) or len(names) > MOST_CLASSES:
        what = f"{len(names):,} lines" if names else "no names"
        raise DataError(
            f"{path.name} holds {what}; a file of class names has one a line, {MOST_CLASSES:,} at most.",
            hint="Choose another file.",
        )
    return tuple(name for name in names if name)
