"""Bytes that are at hand, put into a file so that either the old or the new one is there, whole."""

from __future__ import annotations

from pathlib import Path

from ..writing import replacing


def write_atomically(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Puts `data` into a temporary file beside `path`, then gives it that name in one step (see `writing.replacing`).

    Raises:
        SaveError: it could not be written; an old file is untouched and no temporary file is left.
    """
    with replacing(path, durable=durable) as file:
        file.write(data)
