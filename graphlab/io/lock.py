"""A lock that tells whether whoever writes a file is still alive.

The system lets go of it when the process dies, however it dies. (A process number would not do: numbers are used
again.)
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any


class Lock:
    """A file that one open handle holds; gone with the process."""

    def __init__(self, path: Path, file: Any) -> None:
        self._path, self._file = path, file

    @classmethod
    def take(cls, path: Path) -> Lock | None:
        """The lock, or None when somebody else holds it (or it cannot be had)."""
        try:
            file = open(path, "ab")  # noqa: SIM115  (held for as long as the lock)
        except OSError:
            return None
        try:
            _lock_file(file)
            if os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
                return cls(path, file)
        except OSError:
            pass  # somebody else holds it, or removed it just now
        file.close()
        return None

    def release(self) -> None:
        if self._file.closed:
            return
        if sys.platform == "win32":
            self._file.close()  # an open file cannot be removed there
            with contextlib.suppress(OSError):
                self._path.unlink()
        else:
            with contextlib.suppress(OSError):  # first the name, so that nobody locks a file about to go
                self._path.unlink()
            self._file.close()


if sys.platform == "win32":
    import msvcrt

    def _lock_file(file: Any) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock_file(file: Any) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
