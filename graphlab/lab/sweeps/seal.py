"""How often the sealed test rows of a document were opened: the one place where that is counted.

Test rows tell how good a choice is only as long as nothing was chosen by them. So nothing looks at them unasked, and
whoever does is written down in tests.jsonl, beside the document's sweeps, for all to see: a final evaluation of a
sweep, a training in the terminal that was told to, a look in the window.
"""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import msgspec

from ...errors import ExperimentError, SaveError
from ...io.lock import Lock
from .records import NO_TRIAL, LookedBy, Opening, finite
from .tail import Tail

TESTS = "tests.jsonl"
TEST = "test"  # the part of the rows that is sealed


def read_openings(folder: Path) -> list[Opening]:
    """Each time that the test rows were looked at, of the document whose sweeps lie in a folder, the first first.
    FileError.
    """
    return [one for one in Tail(folder / TESTS, Opening).news() if isinstance(one, Opening)]


class Book:
    """tests.jsonl, open before anything is looked at: where a look cannot be written down, there is none.

    alone: held by one at a time, for what takes long and should not be done twice.

    Raises:
        SaveError: it cannot be written. ExperimentError: it is held.
    """

    def __init__(self, folder: Path, alone: bool = False) -> None:
        self._path, self._alone = folder / TESTS, alone
        self._lock: Lock | None = None

    def __enter__(self) -> Book:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = open(self._path, "a+b", buffering=0)
        except OSError as error:
            raise self._unwritten(error) from error
        if self._alone:
            self._hold()
        return self

    def _hold(self) -> None:
        self._lock = Lock.take(self._path.with_suffix(".lock"))
        if self._lock is None:
            self._file.close()
            raise ExperimentError(
                "Another final evaluation of this document is under way.", hint="Wait until it is done."
            )

    def write(self, opening: Opening) -> None:
        """On a line of its own, whatever an earlier one may have left half-written. SaveError."""
        try:
            data = self._fresh_line() + msgspec.json.encode(opening) + b"\n"
            if self._file.write(data) < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise self._unwritten(error) from error

    def _fresh_line(self) -> bytes:
        if not self._file.seek(0, os.SEEK_END):
            return b""
        self._file.seek(-1, os.SEEK_END)
        return b"" if self._file.read(1) == b"\n" else b"\n"

    def _unwritten(self, error: OSError) -> SaveError:
        why = error.strerror or str(error)
        return SaveError(
            f"The test rows stay sealed: {self._path} cannot be written ({why}).",
            hint="Each opening is counted there.",
        )

    def __exit__(self, *exception: object) -> None:
        self._file.close()
        if self._lock is not None:
            self._lock.release()


def note(folder: Path, *openings: Opening) -> list[Opening]:
    """Writes down openings of the document whose sweeps lie in a folder; all that there are now.

    Raises:
        SaveError: they cannot be written. FileError.
    """
    with Book(folder) as book:
        for opening in openings:
            book.write(opening)
    return read_openings(folder)


def opening_by(
    who: LookedBy, rows: int, metric: str = "", score: float | None = None, sweep: str = ""
) -> Opening:
    """A look now at so many rows that is no final evaluation. score: what it told, if that was a figure."""
    known = finite(score)
    return Opening(time.time(), sweep, NO_TRIAL, metric, rows, [known] if metric else [], known, by=who)
