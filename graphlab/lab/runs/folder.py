"""All runs in a folder: listed, labelled, deleted and brought back. Broken ones are left alone and counted."""

from __future__ import annotations

import contextlib
import difflib
import logging
import os
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ...errors import FileError, GraphlabError, SaveError
from ...io import rows
from ...io.lock import Lock
from ...io.saving import write_atomically
from ...writing import save_error
from .figures import Figures
from .kept import (
    END,
    GRAPH,
    HEAD,
    LABELS,
    LOCK,
    STEPS,
    End,
    KeptRun,
    Labels,
    State,
    figures_of,
    read_curve,
    read_head,
    read_record,
)
from .names import TRASH, run_folders
from .writer import move_run

log = logging.getLogger("graphlab.lab")

MOST_BYTES = 500_000_000  # from here on the oldest runs without a tag are offered for deletion
KEPT_TRASH = 30 * 24 * 3600.0  # seconds that deleted runs may be brought back
HALF_WRITTEN = 3600.0  # seconds after which nobody is still writing a temporary file
STATES: tuple[State, ...] = ("finished", "stopped", "failed", "interrupted")
LONGEST = {"name": 80, "tag": 40, "note": 20_000}
MOST_TAGS = 50

Stamp = tuple[object, ...]
_NOTHING: Mapping[str, Figures] = {}


@dataclass
class _Known:
    """What was read of a run, and by what one sees that it has changed since."""

    stamp: Stamp
    run: KeptRun


class RunFolder:
    """The runs in `path`, whether it is there yet or not. Remembers what it has read, as long as the files stay."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.broken: tuple[str, ...] = ()  # what could not be read at the last look
        self._known: dict[str, _Known] = {}

    def runs(self, live: Mapping[str, Figures] = _NOTHING) -> list[KeptRun]:
        """Every run, the newest first. `live`: what is known of runs under way, which need not be read then."""
        found, broken = [], []
        for path in reversed(run_folders(self.path)):
            if not (path / HEAD).is_file():
                continue  # just being made, or never came to be
            try:
                found.append(self._read(path, live.get(path.name)))
            except GraphlabError as error:
                log.warning("The run %s cannot be read: %s", path, error)
                broken.append(path.name)
        self.broken = tuple(broken)
        self._known = {run.id: self._known[run.id] for run in found}
        return found

    def _read(self, path: Path, live: Figures | None) -> KeptRun:
        known, stamp = self._known.get(path.name), _stamp(path)
        if known is not None and known.stamp == stamp:
            state = known.run.state
            now = state if known.run.end is not None else _living(path)
            if now == state:
                return known.run
        run = read_run(path, live)
        self._known[path.name] = _Known(stamp, run)
        return run

    def run(self, word: str) -> KeptRun:
        """The run that a person means: by its name, its number, or how its id begins. FileError."""
        runs = self.runs()
        number = word.removeprefix("run").strip().removeprefix("#")
        by_number = [r for r in runs if number.isdigit() and r.head.number == int(number)]
        exact = [run for run in runs if word in (run.name, run.id)]
        found = exact or by_number or [run for run in runs if word and run.id.startswith(word)]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(run.id for run in found[:5])
            raise FileError(f"'{word}' means several runs.", hint=f"Say which: {ids}.")
        names = [run.name for run in runs]
        near = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names[:8]) or 'none yet'}."
        raise FileError(f"There is no run '{word}' in {self.path}.", hint=hint)

    @property
    def size(self) -> int:
        """Bytes of all runs, as they were at the last look."""
        return sum(known.run.size for known in self._known.values())

    # Labels

    def label(self, id: str, **changes: object) -> Labels:
        """Changes name, tags or note of a run; returns what they were. SaveError, FileError."""
        path = self._existing(id)
        before = read_labels(path)
        self.set_labels(id, checked_labels(replace_labels(before, changes)))
        return before

    def set_labels(self, id: str, labels: Labels) -> None:
        write_atomically(self._existing(id) / LABELS, msgspec.json.encode(labels), durable=False)

    def _existing(self, id: str) -> Path:
        path = self.path / id
        if not (path / HEAD).is_file():
            raise FileError(f"The run {id} is not there any more.", hint="Somebody has moved or deleted it.")
        return path

    # Deleting

    def delete(self, ids: Iterable[str]) -> list[str]:
        """Moves runs to the trash, from where `restore` brings them back; those that run now stay. SaveError."""
        gone = []
        for id in ids:
            path = self._existing(id)
            if _living(path) == "running":
                continue
            self._move(path, self.path / TRASH)
            gone.append(id)
        return gone

    def restore(self, ids: Iterable[str]) -> list[str]:
        """Brings back what was deleted, as far as it is still there. SaveError."""
        back = []
        for id in ids:
            path = self.path / TRASH / id
            if path.is_dir() and not (self.path / id).exists():
                self._move(path, self.path)
                back.append(id)
        return back

    def _move(self, path: Path, folder: Path) -> None:
        target = folder / path.name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)
            os.utime(target)
        except OSError as error:
            raise save_error(target, error) from error

    def empty_trash(self, older: float = KEPT_TRASH) -> None:
        """Takes away for good what was deleted so many seconds ago, what a crash left half written, and idle rows."""
        for path in run_folders(self.path / TRASH):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime >= older:
                    shutil.rmtree(path)
        places = [*run_folders(self.path), *run_folders(self.path / TRASH)]
        for left in (file for path in places for file in path.glob(".*.tmp")):
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > HALF_WRITTEN:
                    left.unlink()
        graphs = []
        for path in places:
            with contextlib.suppress(OSError):
                graphs.append((path / GRAPH).read_bytes())
        rows.sweep(self.path, graphs)

    def too_many(self, most: int = MOST_BYTES) -> list[KeptRun]:
        """The oldest runs without a tag that would have to go so that the rest has `most` bytes; none within them."""
        runs = self.runs()
        over = sum(run.size for run in runs) - most
        found = []
        for run in reversed(runs):
            if over <= 0:
                break
            if not run.labels.tags and not run.is_running:
                found.append(run)
                over -= run.size
        return found

    # Elsewhere

    def take(self, ids: Sequence[str], other: Path) -> None:
        """Moves runs from another folder here. SaveError."""
        for id in ids:
            if (other / id / HEAD).is_file() and _living(other / id) != "running":
                move_run(other / id, self.path)


def read_run(path: Path, live: Figures | None = None) -> KeptRun:
    """What the files in the folder of a run tell. BrokenFileError, FileError, VersionError."""
    head, labels = read_head(path), read_labels(path)
    end = read_record(path / END, End) if (path / END).is_file() else None
    state: State = _ended(end) if end is not None else _living(path)
    figures = figures_of(end.figures) if end is not None else live or read_curve(path).figures()
    return KeptRun(path, head, labels, state, figures, _size(path), end)


def read_labels(path: Path) -> Labels:
    """Those of a run; none where nobody has given it any, or where they cannot be read."""
    if (path / LABELS).is_file():
        try:
            return read_record(path / LABELS, Labels)
        except FileError as error:
            log.warning("The labels of %s cannot be read: %s", path, error)
    return Labels()


def replace_labels(labels: Labels, changes: dict[str, object]) -> Labels:
    found: Labels = msgspec.structs.replace(labels, **changes)
    return found


def checked_labels(labels: Labels) -> Labels:
    """Without spaces around, each tag once. SaveError when one is longer than anybody could read."""
    name, note = " ".join(labels.name.split()), labels.note.strip()
    tags = tuple(dict.fromkeys(tag for raw in labels.tags if (tag := "-".join(raw.split()).strip("#,"))))
    longest = max(map(len, tags), default=0)
    for what, length in (("name", len(name)), ("tag", longest), ("note", len(note))):
        if length > LONGEST[what]:
            raise SaveError(f"A {what} of {length:,} letters is too long.", hint=f"{LONGEST[what]:,} fit.")
    if len(tags) > MOST_TAGS:
        raise SaveError(f"{len(tags)} tags are too many.", hint=f"{MOST_TAGS} fit.")
    return Labels(name, tags, note)


def _ended(end: End) -> State:
    return next((state for state in STATES if state == end.state), "interrupted")


def _living(path: Path) -> State:
    """Whether somebody writes the run now; who died left the lock behind for anybody to take."""
    if not (path / LOCK).exists():
        return "interrupted"
    lock = Lock.take(path / LOCK)
    if lock is None:
        return "running"
    lock.release()
    return "interrupted"


def _stamp(path: Path) -> Stamp:
    """Changes with every change of what `read_run` reads."""
    marks: list[object] = []
    for name in (HEAD, LABELS, END, STEPS):
        try:
            found = (path / name).stat()
            marks.append((found.st_mtime_ns, found.st_size))
        except OSError:
            marks.append(None)
    return tuple(marks)


def _size(path: Path) -> int:
    total = 0
    with contextlib.suppress(OSError), os.scandir(path) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                total += entry.stat().st_size
    return total
