"""A text as rows: so many characters each, and the one that comes next as what is to be predicted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..errors import DataError, FileError
from . import store
from .reading import MOST_CLASSES, Reading

LENGTH = 16  # characters of a row unless somebody says otherwise
LONGEST = 4096
TARGET = "next"
_SIGNS = {" ": "␣", "\n": "⏎", "\t": "⇥", "\r": "␍"}


def read_characters(path: Path, length: int = LENGTH) -> Reading:
    """Each row is `length` characters of a text file as whole numbers, its target the character that follows.

    Characters are numbered by their code, the lowest first: 0, 1, …; the classes of the target say which is which.

    Raises:
        FileError: it cannot be read. DataError: it is no text, too short, or has more than 1,000 different characters.
    """
    return of_text(content_of(path), path.name, length)


def content_of(path: Path) -> str:
    """What a text file says. FileError, DataError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from error
    return _decoded(content, path.name)


def of_text(text: str, name: str, length: int = LENGTH) -> Reading:
    """The same for a text that is at hand."""
    if not 1 <= length <= LONGEST:
        raise DataError(f"A row of {length} characters cannot be.", hint=f"Take from 1 to {LONGEST:,}.")
    text = text.replace("\r\n", "\n")
    if len(text) <= length:
        raise DataError(
            f"{name} has {len(text):,} characters; rows of {length} with the one that follows need more.",
            hint="Take a longer text, or shorter rows.",
        )
    places, alphabet, notes = worded(text, name, store.MOST // (length + 1) + length)
    rows = np.lib.stride_tricks.sliding_window_view(places.astype(np.float32), length + 1)
    notes.append(f"Each row is {length} characters, its target the one that follows.")
    return Reading(
        name,
        np.ascontiguousarray(rows),
        (TARGET,),
        unnamed=length,
        categories={TARGET: tuple(map(sign, alphabet))},
        target=TARGET,
        dtype="int",
        notes=tuple(notes),
    )


def worded(text: str, name: str, most: int) -> tuple[npt.NDArray[np.intp], str, list[str]]:
    """The number of each character, what the numbers stand for, and what a person should know. DataError.

    Of a text of more than `most` characters the first are taken.
    """
    text = text.replace("\r\n", "\n")
    notes = []
    if len(text) > most:
        notes.append(f"The first {most:,} of {len(text):,} characters were taken: more do not fit.")
        text = text[:most]
    codes, places = np.unique(
        np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32), return_inverse=True
    )
    if len(codes) > MOST_CLASSES:
        raise DataError(
            f"{name} has {len(codes):,} different characters; {MOST_CLASSES:,} are the most.",
            hint="Take a text in an alphabet.",
        )
    return places, "".join(map(chr, codes)), notes


def _decoded(content: bytes, name: str) -> str:
    if b"\0" in content[:4096]:
        raise DataError(f"{name} is no text.", hint="Save it as plain text, in UTF-8.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def sign(character: str) -> str:
    """What a character is called where it could not be seen."""
    return _SIGNS.get(character, character if character.isprintable() else f"U+{ord(character):04X}")


def plain(shown: str) -> str:
    """The character that is shown so."""
    return next((character for character, one in _SIGNS.items() if one == shown), shown)
