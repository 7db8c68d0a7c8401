"""Where sweeps lie, and which one a person means: "0007-20261128-004512" in "xor.sweeps" beside "xor.graphlab"."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ...errors import FileError, GraphlabError
from ...io.templates import settings_folder
from ..runs.names import number_of, run_folders
from .kept import HEAD, SUFFIX, KeptSweep

UNSAVED = "sweeps"
UNFINISHED = ("stopped", "interrupted", "out of time")
NOT_IN_NAMES = re.compile(r"[^\w\-]+")


def sweeps_folder(path: str | os.PathLike[str] | None, name: str = "") -> Path:
    """Where the sweeps of a document lie: beside its file; where no file holds it (an example), with the settings,
    in a folder of its `name`, so that each document's test rows are counted apart.
    """
    if path is not None:
        return Path(path).expanduser().absolute().with_suffix(SUFFIX)
    return settings_folder() / UNSAVED / f"{NOT_IN_NAMES.sub('-', name).strip('-') or 'untitled'}{SUFFIX}"


def is_sweep(path: str | os.PathLike[str]) -> bool:
    """Whether it is the folder of a sweep."""
    return (Path(path) / HEAD).is_file()


def sweep_folders(folder: Path) -> list[Path]:
    """The folders of sweeps in a folder, the newest first."""
    return [path for path in reversed(run_folders(folder)) if is_sweep(path)]


def find_sweep(folder: Path, word: str) -> Path:
    """The sweep that a person means: a folder itself, its number, or how its name begins. FileError."""
    if is_sweep(word):
        return Path(word)
    found = sweep_folders(folder)
    number = word.strip().removeprefix("#")
    meant = [p for p in found if number.isdigit() and number_of(p.name) == int(number)]
    meant = meant or [p for p in found if word and p.name.startswith(word)]
    if len(meant) == 1:
        return meant[0]
    names = ", ".join(path.name for path in (meant or found)[:8])
    if meant:
        raise FileError(f"'{word}' means several sweeps.", hint=f"Say which: {names}.")
    raise FileError(f"There is no sweep '{word}' in {folder}.", hint=f"There are: {names or 'none yet'}.")


def kept_sweeps(folder: Path) -> tuple[list[KeptSweep], list[str]]:
    """The sweeps in a folder, the newest first, and the names of those that cannot be read."""
    found: list[KeptSweep] = []
    broken: list[str] = []
    for path in sweep_folders(folder):
        try:
            found.append(KeptSweep(path))
        except GraphlabError:
            broken.append(path.name)
    return found, broken


def newest_unfinished(folder: Path) -> Path:
    """The newest sweep that may go on. FileError where there is none."""
    found, _ = kept_sweeps(folder)
    for sweep in found:
        if sweep.state in (*UNFINISHED, "running"):
            return sweep.path
    what = "All sweeps there are finished." if found else "None was begun."
    more = f", or give more --trials to the folder of one: {found[0].path}" if found else ""
    raise FileError(f"There is no sweep to go on with in {folder}. {what}", hint=f"Leave --resume out{more}.")
