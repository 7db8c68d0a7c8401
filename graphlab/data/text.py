"""A text of one's own as numbers: its alphabet, its rows, and a prompt in the same numbers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from . import store
from .characters import LENGTH, TARGET, content_of, plain, sign, worded
from .dataset import Data
from .givers import gives, rows_of
from .reading import MOST_CLASSES, Reading

Codes = npt.NDArray[np.int64]
SHOWN = 5  # unknown characters that are named


@dataclass(frozen=True, eq=False, repr=False)
class Prose(Reading):
    """A text as it was read. As a mapping it is the params of a Text: `graph.add("Text", **gl.data.text("a.txt"))`.

    cells: (characters, 1), the number of each. alphabet: the characters that they stand for.
    """

    alphabet: str = ""
    length: int = LENGTH
    op: ClassVar[str] = "Text"

    def __repr__(self) -> str:
        return f"Prose({self.file}: {len(self.cells):,} characters, {len(self.alphabet)} different)"

    @property
    def params(self) -> dict[str, Any]:
        """The params of a Text that shows it; its characters are kept in the store from now on."""
        return {
            "file": self.file,
            "content": store.keep(self.cells),
            "size": len(self.cells),
            "alphabet": self.alphabet,
            "length": self.length,
        }

    def in_place_of(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """The params of a Text that showed another: its rows stay as long as there are characters enough."""
        return {**self.params, "length": min(before["length"], max(1, len(self.cells) - 1))}


def text(path: str | os.PathLike[str], length: int = 32) -> Prose:
    """A text file of one's own: `graph.add("Text", **gl.data.text("names.txt"))`.

    Raises:
        FileError: it cannot be read. DataError: it is no text, is empty, or has more than 1,000 different characters.
    """
    place = Path(path).expanduser()
    return prose(content_of(place), place.name, length)


def prose(words: str, name: str, length: int = 32) -> Prose:
    """The same of a text that is at hand."""
    if not words:
        raise DataError(f"{name} is empty.", hint="Take a text with some characters in it.")
    places, alphabet, notes = worded(words, name, store.MOST)
    if len(places) < 2:
        raise DataError(f"{name} has a single character.", hint="Take a longer text.")
    fitting = max(1, min(length, len(places) - 1))
    if fitting < length:
        notes.append(f"Rows are {fitting} long: there are only {len(places)} characters.")
    notes.append(f"{len(alphabet)} different characters; at each the next one is to be predicted.")
    cells = places.astype(np.float32)[:, None]
    return Prose(name, cells, unnamed=1, dtype="int", notes=tuple(notes), alphabet=alphabet, length=fitting)


@gives("text")
def _of_text(op: Any) -> Data:
    """The rows of a Text node. DataError when its characters are not here, or make no row."""
    cells = store.find(op.content)
    lack, advice = op.lack()
    if lack or cells is None:
        raise DataError(lack or f"The characters of {op.title} are not here.", hint=advice)
    if cells.shape != (op.size, 1) or cells.max() >= len(op.alphabet) or len(op.alphabet) > MOST_CLASSES:
        raise DataError(f"The characters of {op.title} are not what they were.", hint="Read the file again.")
    length, step = int(op.length), int(op.step)
    store.require_room(op.rows * length, op.title, "with overlapping rows ")
    rows = np.lib.stride_tricks.sliding_window_view(cells[:, 0], length + 1)[::step]
    target = rows[:, 1:] if op.predict == "each" else rows[:, length]
    names = tuple(signs(op.alphabet))
    return Data(
        rows[:, :length],
        target.astype(np.int64),
        op.title,
        names,
        alphabet=names,
        by_step=op.predict == "each",
        gap=-(-length // step) - 1,
    )


def signs(alphabet: Iterable[str]) -> list[str]:
    """How each character is shown: "␣" for a space, "⏎" for the end of a line."""
    return [sign(character) for character in alphabet]


def characters_of(op: Any) -> tuple[str, ...]:
    """What the whole numbers stand for that a source gives; () where they are no characters. DataError."""
    if op.brings == "text":
        return tuple(op.alphabet)
    if op.brings == "content":
        return tuple(map(plain, op.classes(TARGET))) if op.unnamed and op.target == TARGET else ()
    return tuple(map(plain, rows_of(op).alphabet)) if op.brings else ()


def encode(words: str, alphabet: Sequence[str]) -> tuple[Codes, tuple[str, ...]]:
    """The numbers of the characters of `words` that are in the alphabet, and the others, each once."""
    places = {character: k for k, character in enumerate(alphabet)}
    known = [places[c] for c in words if c in places]
    return np.array(known, np.int64), tuple(dict.fromkeys(c for c in words if c not in places))


def decode(codes: Iterable[int], alphabet: Sequence[str]) -> str:
    return "".join(alphabet[int(code)] for code in codes)


def unknown_words(unknown: Sequence[str]) -> str:
    """What to say of characters that a text has never had; "" for none."""
    if not unknown:
        return ""
    named = " ".join(sign(c) for c in unknown[:SHOWN]) + (" …" if len(unknown) > SHOWN else "")
    them, it = ("characters", "They are") if len(unknown) > 1 else ("character", "It is")
    return f"The text that was learnt has no {them} {named}. {it} left out."
