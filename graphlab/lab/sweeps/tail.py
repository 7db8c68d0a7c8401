"""The lines of a file that grows while it is read, as records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from ...errors import FileError

AT_ONCE = 16 << 20  # bytes of a file that are read in one go

T = TypeVar("T")


class Tail:
    """The lines of a growing file, each as a record; broken ones are counted and left out."""

    def __init__(self, path: Path, kind: type[T]) -> None:
        self._path, self._decoder = path, msgspec.json.Decoder(kind)
        self._at = 0
        self.broken = 0

    def news(self) -> Iterator[object]:
        """What came since the last time. A file that became shorter is read anew. FileError."""
        try:
            with open(self._path, "rb") as file:
                if file.seek(0, 2) < self._at:
                    self._at = 0
                file.seek(self._at)
                while data := file.read(AT_ONCE):
                    end = data.rfind(b"\n") + 1
                    if not end:
                        return
                    self._at += end
                    file.seek(self._at)
                    yield from self._records(data[:end])
        except FileNotFoundError:
            return
        except OSError as error:
            raise FileError(f"{self._path} cannot be read: {error.strerror or error}.") from error

    def _records(self, data: bytes) -> Iterator[object]:
        for line in data.splitlines():
            try:
                yield self._decoder.decode(line)
            except (msgspec.DecodeError, msgspec.ValidationError):
                self.broken += bool(line.strip())
