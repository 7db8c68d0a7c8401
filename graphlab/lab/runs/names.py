"""Where runs lie, and what their folders are called: "0007-20261128-004512", by number and time."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from ...io.templates import settings_folder

SUFFIX = ".runs"
TRASH = ".trash"
FOLDER = re.compile(r"(\d{4,9})-\d{8}-\d{6}(-[0-9a-f]{4})*")


def unsaved_folder() -> Path:
    """Where the runs of documents lie that no file holds, and of examples."""
    return settings_folder() / "runs"


def folder_beside(path: str | os.PathLike[str]) -> Path:
    """Where the runs of a document's file lie: beside it, "xor.runs" for "xor.graphlab"."""
    return Path(path).expanduser().with_suffix(SUFFIX)


def number_of(name: str) -> int:
    """The number in the name of a run's folder; 0 for another name."""
    found = FOLDER.fullmatch(name)
    return int(found.group(1)) if found else 0


def run_folders(folder: Path) -> list[Path]:
    """The folders of runs in a folder, oldest first; none where there is no such folder."""
    try:
        with os.scandir(folder) as entries:
            found = [Path(e.path) for e in entries if FOLDER.fullmatch(e.name) and e.is_dir()]
    except OSError:
        return []
    return sorted(found)


def numbers_in(folder: Path) -> Iterator[int]:
    """The numbers that are taken, also by runs that were deleted and may come back."""
    for place in (folder, folder / TRASH):
        yield from (number_of(path.name) for path in run_folders(place))
