"""Writes a sweep as it happens, so that whatever dies, what was written is there, whole (`kept` has the files)."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from ...errors import BrokenFileError, ExperimentError
from ...graph import Document, codec, sweep_record
from ...graph.searching import target_text
from ...graph.spaces import space_text
from ...io import save
from ...io.lock import Lock
from ...io.saving import write_atomically
from ...writing import save_error
from ..runs.kept import MOST_WEIGHTS, read_bytes
from ..runs.names import number_of
from ..runs.writer import machine, own_folder
from .beginning import Beginning, beginning
from .kept import DOCUMENT, END, FITS, HEAD, LOCK, LOGS, ROWS, STOP, TABLE, TRIALS, KeptSweep, read_head
from .records import Done, End, Fit, Head, Proposal
from .table import csv_bytes
from .versions import own_version

PATIENCE = 1.0  # seconds for which somebody who only looks may hold the lock
THREADS = "threads"  # among the facts about the machine
MOST_LOGS = 200  # files
MOST_ROWS = 500_000_000  # bytes of rows/ that one sitting writes


class SweepWriter:
    """A sweep that goes on, in its folder. Used by one thread at a time; a lock tells others that it is alive.

    A last line that a crash left half-written is taken away, so that the next does not become part of it.

    Raises:
        ExperimentError: another process goes on with it.
        BrokenFileError, VersionError, FileError: it is no sweep, or another document than it began with.
        SaveError: from any call; what was written before stays.
    """

    @staticmethod
    def create(
        folder: Path,
        document: Document,
        origin: str = "",
        kind: str = "sweep",
        threads: int = 1,
        begun: Beginning | None = None,
    ) -> Path:
        """A new sweep in `folder`, which is made where it is missing; nobody goes on with it yet.

        threads: of BLAS, for each worker; with another number, numbers differ in their last digits. begun: what
            `beginning` said of the document, where that was asked already.

        Raises:
            SettingsError, ProblemsError, DataError, …: it cannot begin, see `beginning`. SaveError.
        """
        begun = begun or beginning(document)
        path, lock = own_folder(folder, LOCK, "sweep")
        try:
            save(document, path / DOCUMENT)
            digest = hashlib.sha256((path / DOCUMENT).read_bytes()).hexdigest()
            head = _head(path.name, document, digest, begun)
            facts = {**head.machine, THREADS: threads}
            whole = msgspec.structs.replace(head, origin=origin, kind=kind, machine=facts)
            _put_head(path, whole)  # last: now it is a sweep
        except BaseException as error:
            shutil.rmtree(path, ignore_errors=True)
            if isinstance(error, OSError):
                raise save_error(path, error) from error
            raise
        finally:
            lock.release()
        return path

    def __init__(self, path: Path) -> None:
        self.path, self.head = path, read_head(path)
        self._lock = _lock(path)
        self._rows = self._logs = 0
        self._ends: dict[str, int] = {}
        try:
            self.document = _document_bytes(path, self.head)
            for name in (TRIALS, FITS):
                self._ends[name] = _mended(path / name)
            with contextlib.suppress(FileNotFoundError):
                (path / STOP).unlink()
        except OSError as error:
            self.release()
            raise save_error(path, error) from error
        except BaseException:
            self.release()
            raise

    def change(self, **fields: Any) -> None:
        """The head becomes another: more trials, more time, another machine."""
        head = msgspec.structs.replace(self.head, **fields)
        if head != self.head:
            _put_head(self.path, head)
            self.head = head

    def propose(self, proposals: Iterable[Proposal]) -> None:
        """What trials try; before any of them begins."""
        self._append(TRIALS, proposals)

    def fits(self, fits: Iterable[Fit]) -> None:
        """What came of trainings, each once. Their files are written before."""
        self._append(FITS, fits)

    def beside(self, done: Done) -> tuple[bool, bool]:
        """The files of a fit but its weights: what each row came to, and its log; whether they were written."""
        rows = bool(done.rows) and self._rows + len(done.rows) <= MOST_ROWS
        log = bool(done.log) and done.fit.state == "failed" and self._logs < MOST_LOGS
        if rows:
            self._rows += len(done.rows)
            self.put(f"{ROWS}/{done.fit.key}.npy", done.rows)
        if log:
            self._logs += 1
            self.put(f"{LOGS}/{done.fit.key}.txt", done.log.encode("utf-8", "replace"))
        return rows, log

    def put(self, name: str, data: bytes) -> None:
        """A file of it, whole, the old or the new one. The folder is made where it is missing."""
        target = self.path / name
        try:
            target.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise save_error(target.parent, error) from error
        write_atomically(target, data, durable=False)

    def table(self, sweep: KeptSweep) -> None:
        self.put(TABLE, csv_bytes(sweep))

    def end(self, state: str, seconds: float, reason: str = "") -> None:
        """How it stands, or ended, after so many seconds of all sittings."""
        self.put(END, msgspec.json.encode(End(state, time.time(), seconds, reason[:1000])))

    def release(self) -> None:
        """Nobody goes on with it any more."""
        self._lock.release()

    def _append(self, name: str, records: Iterable[Any]) -> None:
        """Lines, in one write; what could be written of them in part only is taken away again."""
        data = b"".join(msgspec.json.encode(record) + b"\n" for record in records)
        if not data:
            return
        path, before = self.path / name, self._ends[name]
        try:
            with open(path, "ab", buffering=0) as file:
                written = file.write(data)
                while written < len(data):  # as far as the disk had room
                    written += file.write(data[written:])
        except OSError as error:
            with contextlib.suppress(OSError):
                os.truncate(path, before)
            raise save_error(path, error) from error
        self._ends[name] = before + len(data)


def threads_of(head: Head) -> int:
    """How many threads BLAS has in each worker."""
    found = head.machine.get(THREADS, 1)
    return found if isinstance(found, int) else 1


def _head(id: str, document: Document, digest: str, begun: Beginning) -> Head:
    sweep = document.sweep
    return Head(
        id,
        time.time(),
        document.name,
        digest,
        sweep_record.fields(sweep),
        {target_text(document, search): space_text(search.space) for search in sweep.searches},
        codec.to_plain(document)["training"],
        begun.metric,
        begun.expected,
        document.training.epochs,
        number=number_of(id),
        machine=machine(),
        graphlab=own_version(),
    )


def _put_head(path: Path, head: Head) -> None:
    write_atomically(path / HEAD, msgspec.json.format(msgspec.json.encode(head), indent=1))


def _lock(path: Path) -> Lock:
    """The lock; who only looks whether somebody holds it, does so for a moment. ExperimentError."""
    until = time.monotonic() + PATIENCE
    while (lock := Lock.take(path / LOCK)) is None:
        if not os.access(path, os.W_OK):
            raise save_error(path / LOCK, PermissionError(13, "Permission denied"))
        if time.monotonic() > until:
            raise ExperimentError(
                f"Another process goes on with the sweep {path.name}.", hint="Stop that one first, or wait."
            )
        time.sleep(0.02)
    return lock


def _document_bytes(path: Path, head: Head) -> bytes:
    """The document's file, which must be what the sweep began with. BrokenFileError, FileError."""
    data = read_bytes(path / DOCUMENT, MOST_WEIGHTS)
    if hashlib.sha256(data).hexdigest() != head.document:
        raise BrokenFileError(
            f"{path / DOCUMENT} is not the document that the sweep began with.", hint="Begin a new sweep."
        )
    return data


def _mended(path: Path) -> int:
    """The size of a file of lines, when a half-written last line is taken away. OSError."""
    if not path.exists():
        return 0
    with open(path, "r+b") as file:
        size = end = file.seek(0, os.SEEK_END)
        while end:
            begin = max(0, end - (1 << 16))
            file.seek(begin)
            found = file.read(end - begin).rfind(b"\n") + 1
            end = begin + found
            if found:
                break
        if end < size:
            file.truncate(end)
    return end
