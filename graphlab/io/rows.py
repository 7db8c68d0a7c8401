"""Rows of people's own files in archives and beside autosaves: float32 by hash, the hash checked on reading.

A document names its rows by their hash alone. Whatever is stored under another hash than its own is refused, so rows
cannot be exchanged behind a document's back.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from ..data import store
from ..errors import BrokenFileError, DataError, FileError, TooLargeError
from ..graph import Document
from ..graph.contents import contents_of
from . import weights as tensors
from .saving import write_atomically

log = logging.getLogger("graphlab.io")

SUFFIX = ".rows"
FRESH = 3600.0  # seconds: rows so young may belong to an autosave that is only just being written
MOST_BYTES = store.MOST * 4 + (1 << 20)


def packed(document: Document) -> bytes:
    """The rows that a document needs, as far as they are here, as safetensors; empty when there are none."""
    found = {content: store.find(content) for content in contents_of(document)}
    there = {content: cells for content, cells in found.items() if cells is not None}
    return tensors.to_bytes(there) if there else b""


def unpack(data: bytes, document: Document) -> None:
    """Keeps the rows of a file that its document needs. BrokenFileError when they are not what it names."""
    stored = tensors.from_bytes(data)
    for content in contents_of(document):
        if content in stored:
            _keep(content, stored[content])


def _keep(content: str, cells: np.ndarray) -> None:
    try:
        store.keep_as(content, cells)
    except TooLargeError:
        raise
    except DataError as error:
        raise BrokenFileError(
            f"The rows {content[:12]}… in the file are not those that its graph names.",
            hint="They were changed or damaged. Try an older copy of the file.",
        ) from error


# Beside autosaves


def write_beside(folder: Path, document: Document) -> None:
    """Writes the rows that a document needs into a folder, each once. SaveError."""
    for content in contents_of(document):
        write_content(folder, content)


def write_content(folder: Path, content: str) -> None:
    """Writes rows that are here into a folder, unless they lie there. SaveError."""
    cells, path = store.find(content), folder / f"{content}{SUFFIX}"
    if cells is not None and not path.exists():
        write_atomically(path, tensors.to_bytes({content: cells}), durable=False)


def read_beside(folder: Path, document: Document) -> None:
    """Keeps the rows that a document needs and that lie in a folder. What cannot be read is left out, and logged."""
    for content in contents_of(document):
        path = folder / f"{content}{SUFFIX}"
        if store.find(content) is None and path.is_file():
            try:
                if path.stat().st_size > MOST_BYTES:
                    raise TooLargeError(f"{path} is larger than any table may be.")
                unpack(path.read_bytes(), document)
            except (OSError, FileError) as error:
                log.warning("The rows %s cannot be read: %s", path, error)


def sweep(folder: Path, documents: Iterable[bytes]) -> None:
    """Takes rows away that none of these documents (as JSON bytes) names any more."""
    named = tuple(documents)
    for path in _old_rows(folder):
        if not any(path.stem.encode() in document for document in named):
            with contextlib.suppress(OSError):
                path.unlink()


def _old_rows(folder: Path) -> Iterator[Path]:
    for path in folder.glob(f"*{SUFFIX}"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > FRESH:
                yield path
