"""Files of one's own by their kind: what can be read, and by whom."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import FileError
from .arrays import read_npy, read_npz
from .delimited import Progress, read_delimited
from .reading import Reading

TABLES = (".csv", ".tsv")
ARRAYS = (".npy", ".npz")
KINDS = TABLES + ARRAYS


def read(
    path: str | os.PathLike[str],
    *,
    target: str | None = None,
    array: str = "",
    progress: Progress = lambda share: None,
) -> Reading:
    """What a .csv, .tsv, .npy or .npz file holds: `graph.add("Table", **gl.data.read("iris.csv"))`.

    Args:
        target: the column to be predicted, "" for none; otherwise one is guessed.
        array: which array of an .npz file, where it does not tell.
        progress: is told the share that is done.

    Raises:
        FileError, BrokenFileError, TooLargeError, DataError: the message says what and where.
    """
    place = Path(path).expanduser()
    if not place.is_file():
        what = "is a folder" if place.is_dir() else "does not exist"
        raise FileError(f"{place} {what}.", hint="Check the name.")
    kind = place.suffix.lower()
    if kind not in KINDS:
        raise FileError(
            f"{place.name} is of a kind that holds no rows.", hint=f"Give a {', '.join(KINDS)} file."
        )
    if kind in TABLES:
        found = read_delimited(place, progress)
    else:
        found = read_npy(place) if kind == ".npy" else read_npz(place, array)
    return found if target is None else found.with_target(target)
