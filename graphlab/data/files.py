"""Files of one's own by their kind: what can be read, and by whom."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ..errors import FileError, GraphlabError
from .arrays import read_npy, read_npz
from .characters import LENGTH, read_characters
from .cifar import batches_in, read_cifar
from .delimited import HEAD, Progress, read_delimited, sniff
from .idx import is_idx, read_idx
from .pictures import SUFFIXES, files_of, has_images, read_images
from .reading import Reading

TABLES = (".csv", ".tsv")
ARRAYS = (".npy", ".npz")
TEXT = ".txt"
KINDS = (*TABLES, *ARRAYS, TEXT, ".bin", *SUFFIXES)  # besides those known by the rest of their names


def kind_of(path: Path) -> str:
    """What a file is by its name: "table", "array", "archive", "text", "idx", "cifar" or "picture"; "" for none."""
    ending = path.suffix.lower()
    if is_idx(path):
        return "idx"
    kinds = {
        ".npy": "array",
        ".npz": "archive",
        TEXT: "text",
        ".bin": "cifar",
        **dict.fromkeys(TABLES, "table"),
        **dict.fromkeys(SUFFIXES, "picture"),
    }
    return kinds.get(ending, "")


def can_read(path: Path) -> bool:
    """Whether a file, by its name, is of a kind that holds rows."""
    return bool(kind_of(path))


def is_prose(path: Path) -> bool:
    """Whether a text file is read as characters: it does not look like a table."""
    if kind_of(path) != "text":
        return False
    try:
        with open(path, "rb") as file:
            head = file.read(HEAD)
        form = sniff(path.name, head, whole=path.stat().st_size <= len(head))
    except (OSError, GraphlabError):
        return True
    rows = form.head
    columns = len(form.names)
    if columns < 2 or not rows or any(len(row) != columns for row in rows):
        return True
    return not any(all(_is_number(row[k]) for row in rows) for k in range(columns))


def read(
    path: str | os.PathLike[str],
    *,
    target: str | None = None,
    array: str = "",
    length: int = LENGTH,
    progress: Progress = lambda share: None,
) -> Reading:
    """What a file of one's own holds: `graph.add("Table", **gl.data.read("iris.csv"))`.

    A .csv or .tsv file, NumPy's .npy and .npz, IDX with or without .gz (MNIST; labels beside images are found),
    CIFAR-10's binary files or their folder, a picture (PNG, JPEG, BMP, GIF, WebP) or a folder of pictures, whose
    subfolders are the classes, or a .txt file: as a table if it looks like one, else as characters.

    Args:
        target: the column to be predicted, "" for none; otherwise one is guessed.
        array: which array of an .npz file, where it does not tell.
        length: how many characters of a text make a row.
        progress: is told the share that is done.

    Raises:
        FileError, BrokenFileError, TooLargeError, DataError: the message says what and where.
    """
    place = Path(path).expanduser()
    batches = batches_in(place) if place.is_dir() else []
    is_album = place.is_dir() and not batches and has_images(place)
    if not place.is_file() and not batches and not is_album:
        what = "is a folder without pictures" if place.is_dir() else "does not exist"
        raise FileError(f"{place} {what}.", hint="Check the name.")
    kind = "cifar" if batches else "album" if is_album else kind_of(place)
    readers: dict[str, Callable[[], Reading]] = {
        "table": lambda: read_delimited(place, progress),
        "array": lambda: read_npy(place),
        "archive": lambda: read_npz(place, array),
        "idx": lambda: read_idx(place),
        "cifar": lambda: read_cifar(batches or [place], place.name, progress),
        "picture": lambda: read_images([place], (), place.name, progress),
        "album": lambda: read_images(*files_of(place), place.name, progress),
        "text": lambda: (
            read_characters(place, length) if is_prose(place) else read_delimited(place, progress)
        ),
    }
    if kind not in readers:
        raise FileError(
            f"{place.name} is of a kind that holds no rows.",
            hint=f"Give a {', '.join(KINDS)} or IDX file.",
        )
    found = readers[kind]()
    return found if target is None else found.with_target(target)


def _is_number(cell: str) -> bool:
    try:
        float(cell.strip().replace(",", ".", 1))
    except ValueError:
        return False
    return True
