"""Autosaves: a scratch file for each open document, and finding those that a crash left behind.

A lock beside each scratch file is held by the process that writes it, so a scratch file whose lock can be taken is an
orphan.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ..errors import BrokenFileError, FileError, SaveError
from ..graph import Document, codec
from ..ops import is_whole_text
from . import rows, strict_json
from .files import MOST_JSON
from .lock import Lock
from .migrations import MIGRATIONS
from .saving import write_atomically

log = logging.getLogger("graphlab.io")

SUFFIX, LOCK = ".autosave", ".lock"


class Autosave:
    """The scratch file of one open document, in `folder` (made if missing) under the name `token`.

    Raises:
        SaveError: the folder cannot be used.
    """

    def __init__(self, folder: str | os.PathLike[str], token: str = "") -> None:
        self.token = token or f"{os.getpid()}-{secrets.token_hex(4)}"
        self.path = Path(folder) / f"{self.token}{SUFFIX}"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SaveError(f"Autosaves cannot be kept in {folder}: {error.strerror}.") from error
        lock = Lock.take(self.path.with_suffix(LOCK))
        if lock is None:
            raise SaveError(f"The autosave {self.token} is in use.", hint="Choose another token.")
        self._lock = lock

    def write(self, document: Document, origin: str | os.PathLike[str] | None = None) -> None:
        """Keeps the document; `origin` is the file it came from. SaveError as `save`.

        Takes milliseconds, but for rows that were not written before.
        """
        record = {
            "origin": _writable(origin),
            "saved_at": time.time(),
            "record": codec.to_record(document),
        }
        rows.write_beside(self.path.parent, document)
        write_atomically(self.path, msgspec.json.encode(record), durable=False)

    def clear(self) -> None:
        """Takes the scratch file away: the document is saved, or given up. It can be written again."""
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Takes everything away, at the end of the window."""
        self.clear()
        self._lock.release()
        sweep(self.path.parent)


@dataclass(frozen=True)
class Orphan:
    """A document that a process left behind when it died; nobody else is offered it while this object lives.

    `origin` is the file it came from (None: never saved), `saved_at` seconds since 1970.
    """

    path: Path
    document: Document
    origin: Path | None
    saved_at: float
    _lock: Lock

    def release(self) -> None:
        """Leaves it to be offered at the next start."""
        self._lock.release()

    def discard(self) -> None:
        """Takes it away for good, once it was recovered or declined."""
        self.path.unlink(missing_ok=True)
        self._lock.release()


def orphans(folder: str | os.PathLike[str]) -> list[Orphan]:
    """What dead processes left in the folder, newest first; each is offered to one caller only.

    One that cannot be read is left where it is and logged.
    """
    return sorted(_orphans(Path(folder)), key=lambda orphan: -orphan.saved_at)


def _orphans(folder: Path) -> Iterator[Orphan]:
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        lock = Lock.take(path.with_suffix(LOCK))
        if lock is None:
            continue
        try:
            yield _read(path, lock)
        except FileError as error:
            log.warning("The autosave %s cannot be read: %s", path, error)
            lock.release()


def _read(path: Path, lock: Lock) -> Orphan:
    try:
        with open(path, "rb") as file:
            data = file.read(MOST_JSON + 1)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error
    kept = strict_json.parse(data, "The autosave")
    if not isinstance(kept, dict):
        raise BrokenFileError("The autosave is none.")
    origin, saved_at = kept.get("origin"), kept.get("saved_at")
    if not isinstance(origin, str) or not isinstance(saved_at, (int, float)):
        raise BrokenFileError("The autosave is damaged.")
    document = codec.from_record(MIGRATIONS.apply(kept.get("record")))
    rows.read_beside(path.parent, document)
    return Orphan(path, document, Path(origin) if origin else None, float(saved_at), lock)


def sweep(folder: Path) -> None:
    """Takes rows away that no scratch file of the folder needs any more."""
    named = []
    for path in folder.glob(f"*{SUFFIX}"):
        with contextlib.suppress(OSError):
            named.append(path.read_bytes())
    rows.sweep(folder, named)


def _writable(origin: str | os.PathLike[str] | None) -> str:
    """The path as text; "" for none, and for a name whose bytes are no text, which JSON cannot hold."""
    path = os.fspath(origin) if origin else ""
    return path if is_whole_text(path) else ""
